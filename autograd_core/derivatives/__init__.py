"""The derivatives layer; see docs/architecture.md."""
