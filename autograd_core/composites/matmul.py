"""What torch composes of other matmul ops: the same calls in the same order."""
