"""Indexing ops: kernel, gradients, tangent."""
