"""Activation ops: kernel, gradients, tangent."""
