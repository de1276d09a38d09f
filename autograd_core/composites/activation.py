"""What torch composes of other activation ops: the same calls in the same order."""
