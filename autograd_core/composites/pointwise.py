"""What torch composes of other pointwise ops: the same calls in the same order."""
