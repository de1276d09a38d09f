"""Importing this makes torch's first dual tensor, a second's work that workers then inherit."""

from autograd_conformance import live_torch
from autograd_conformance.execution import torch_subject

__all__ = ["live_torch"]

torch_subject()
