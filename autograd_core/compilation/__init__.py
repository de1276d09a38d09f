"""``compile``: a function traced once and run as straight-line code over the backend's kernels."""

from .compiled import CompiledFunction, compile

__all__ = ["CompiledFunction", "compile"]
