"""What torch composes of other normalization ops: the same calls in the same order."""
