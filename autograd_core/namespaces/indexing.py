"""torch's indexing functions."""
