"""Workloads measured side by side: this project, torch eager, and other tapes for Python."""
