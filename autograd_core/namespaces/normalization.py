"""torch's normalization functions."""
