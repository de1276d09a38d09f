"""What torch composes of other shape ops: the same calls in the same order."""
