"""The namespaces layer; see docs/architecture.md."""
