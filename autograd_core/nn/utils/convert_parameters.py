"""Parameters as one vector and back."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ...namespaces.joining import cat
from ...tensor import Tensor
from ...torch_names import typename


def parameters_to_vector(parameters: Iterable[Tensor]) -> Any:
    """Return the elements of all parameters as one vector."""
    return cat([parameter.view(-1) for parameter in parameters])


def vector_to_parameters(vec: Tensor, parameters: Iterable[Any]) -> None:
    """Let the parameters be views of a vector, one after the other.

    Raises:
        TypeError: it is no tensor.
    """
    if not isinstance(vec, Tensor):
        raise TypeError(f"expected torch.Tensor, but got: {typename(vec)}")
    start = 0
    for parameter in parameters:
        count = parameter.numel()
        parameter.data = vec[start : start + count].view_as(parameter).data
        start += count
