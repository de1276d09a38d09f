"""What torch composes of other reduction ops: the same calls in the same order."""
