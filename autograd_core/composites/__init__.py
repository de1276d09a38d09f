"""The composites layer; see docs/architecture.md."""
