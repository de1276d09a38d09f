"""The autograd layer; see docs/architecture.md."""
