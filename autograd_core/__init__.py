"""Torch's autograd semantics without torch: the public names."""
