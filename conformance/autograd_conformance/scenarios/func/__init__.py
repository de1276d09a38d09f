"""What the transforms of ``torch.func`` give, how they nest, and what they refuse."""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Iterator


@contextlib.contextmanager
def unheard() -> Iterator[None]:
    """Without the warnings of torch's tracer, whose graph nobody sees."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
