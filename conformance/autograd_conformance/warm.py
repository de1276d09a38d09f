"""Importing this makes torch's first dual tensor, a second's work that workers then inherit."""

from autograd_conformance.execution import torch_subject

torch_subject()
