"""torch's matrix products."""
