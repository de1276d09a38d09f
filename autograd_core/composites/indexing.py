"""What torch composes of other indexing ops: the same calls in the same order."""
