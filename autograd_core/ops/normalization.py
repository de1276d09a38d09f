"""Normalization ops: kernel, gradients, tangent."""
