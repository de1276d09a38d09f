"""torch's activation functions."""
