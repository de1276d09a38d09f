"""``x[...]`` and ``x[...] = v`` held against torch: values, layout, graph, views and error texts.

A row is a subscript, evaluated once with torch's tensors and once with those of each backend.
"""

from __future__ import annotations

import warnings
from typing import Any

import pytest

import autograd_core

real_torch = pytest.importorskip("torch")

BACKENDS = ["numpy", "python"]

READS = """
0
-1
5
-4
None
...
()
True
False
0, 0
0, 0, 0
0, 1
1:
:1
::2
-2:
10:2
-100:100:2
::0
::-1
slice(None)
:, :
:, 0
..., 0
0, ...
..., ...
..., 0, ...
..., 0, 0, 0
None, None
:, None
..., None
None, ..., None
1:, None, 0
True, True
None, True
1, True
True, 1
False, 0
T([5])
T([-5])
T([0, 2])
T([-1, 0])
T([0, 1], dtype=int32)
T([0, 1], dtype=int16)
T([1.5])
T([])
T([], dtype=int64)
T([], dtype=boolean)
T([True, False, True])
T([True, False])
T([[True, False]])
T(True)
T(False)
T(1)
T(5)
T(1.5)
T(1):T(2)
T([0]):
1.0:
1.5
'a':
{}
3j
[0, 1]
[5]
[]
[1.5]
[True, False, True]
[True, False]
range(2)
[[0, 1]]
[[0, 1], [1, 0]]
([0, 1], [1, 0])
([0, 1],)
(0, [1, 0])
([1, 0], 0)
[slice(0, 1), 1]
[None, 1]
[..., 1]
:, T([0, 1])
0:3, T([0])
0:2, T([0])
-3:, T([0])
T([0, 1]), 0
0, T([0, 1])
T([0, 1]), T(0)
T(0), T(0)
:, T(0)
T([0, 1]), T([0, 1, 2])
T([0, 1]), T([[0], [1]])
T([0, 1]), None, T([0, 1])
T([[0, 1], [1, 0], [1, 1]]).t()
m
m[:, 0]
m[:, 0], 1
m[:, 0], m[0]
m[:2]
9223372036854775808
""".strip().split("\n")

DEEP_READS = """
T([0, 1]), :, T([0, 1])
:, T([0, 1]), T([0, 1])
:, T([0, 1]), :, T([0, 1])
T([[0, 1]]).t()
..., T([0, 1])
:, T([[0, 1], [1, 0]])
T([0, 1]), ..., T([0, 1])
0, :, T([1])
:, 0, T([1])
T([0]), 1, :, T([1])
m[0, 0]
:, :, m[0, 0]
m
1, ..., None, 0
::2, 1:, :-1
""".strip().split("\n")

WRITES = """
0 = 1.0
0 = v
0 = v4
0 = v114
0 = f32
0, 0 = f32[0]
0:2 = v4
... = v4
... = 1
: = v
None = v
True = v
False = v
T([0, 1]) = v
T([0, 1]) = 1.0
T([0, 1]) = v4
T([0, 1]) = v114
T([0, 1]) = f32
T([0]) = True
T([], dtype=int64) = v
0, T([0, 1]) = 1
:, T([0, -1]) = v
m = 0.0
m = v
m = v4
m[:, 0], 1 = 3
T(True) = v
T(0) = v
1, True = v
0 = 'a'
0 = [1, 2, 3, 4]
0 = None
0 = 1j
T([0]) = 1j
0 = v4[:3]
T([0]) = v4[:3]
0 = v[None]
... = v114
0 = y[:2]
5 = 1
T([5]) = 1
m[:2] = 1
T([0]) = 10 ** 30
() = v
[0, 1] = v
[0, 1], [1, 0] = v
""".strip().split("\n")


def names_of(torch: Any) -> dict[str, Any]:
    return {
        "T": torch.tensor,
        "int16": torch.int16,
        "int32": torch.int32,
        "int64": torch.int64,
        "boolean": torch.bool,
    }


def leaf(torch: Any, shape: tuple[int, ...], start: float = -3.0) -> Any:
    count = 1
    for length in shape:
        count *= length
    values = [start + 0.5 * k * (-1) ** k for k in range(count)]
    flat = torch.tensor(values, dtype=torch.float64)
    return flat.view(shape).detach().requires_grad_()


def positive(torch: Any, x: Any) -> Any:
    """Where elements are positive, as a row-major mask."""
    return torch.tensor(_positive(x.tolist()))


def _positive(values: Any) -> Any:
    return [_positive(v) for v in values] if isinstance(values, list) else values > 0


def graph(node: Any) -> Any:
    """The node's name and those it leads to."""
    if node is None:
        return None
    return (node.name(), [graph(edge) for edge, _ in node.next_functions])


def observed(run: Any) -> Any:
    """What a call gives, or the type and text of what it raises."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return run()
        except (RuntimeError, LookupError, TypeError, ValueError, AssertionError) as error:
            return type(error).__name__, str(error).split("\nException raised")[0]


class Subscript:
    """Turns the text between brackets into the object."""

    def __getitem__(self, index: Any) -> Any:
        return index


def read(torch: Any, text: str, shape: tuple[int, ...], transposed: bool) -> Any:
    x = leaf(torch, shape)
    source = x.permute(*range(len(shape) - 1, -1, -1)) if transposed else x
    names = {**names_of(torch), "m": positive(torch, source), "S": Subscript()}

    def run() -> Any:
        y = source[eval(f"S[{text}]", names)]
        z = (y * 2.0).sum()
        z.backward()
        return (
            y.tolist(),
            tuple(y.shape),
            y.stride(),
            y.storage_offset() if y._is_view() else 0,
            y._is_view(),
            graph(y.grad_fn),
            x.grad.tolist(),
        )

    return observed(run)


def write(torch: Any, text: str) -> Any:
    x = leaf(torch, (3, 4))
    index, value = text.split(" = ")
    v = leaf(torch, ())
    v4 = leaf(torch, (4,), 5.0)
    v114 = leaf(torch, (1, 1, 4), 7.0)
    f32 = torch.tensor([1.5, 2.5, 3.5, 4.5], dtype=torch.float32, requires_grad=True)
    y = x.clone()
    names = {
        **names_of(torch),
        "m": positive(torch, x),
        "y": y,
        "v": v,
        "v4": v4,
        "v114": v114,
        "f32": f32,
        "S": Subscript(),
    }

    def run() -> Any:
        index_object = eval(f"S[{index}]", names)
        y[index_object] = eval(value, names)
        (y * y).sum().backward()
        grads = [None if t.grad is None else t.grad.tolist() for t in (x, v, v4, v114, f32)]
        return y.tolist(), y._version, graph(y.grad_fn), grads

    return observed(run)


def under(backend: str) -> Any:
    if backend == "numpy":
        pytest.importorskip("numpy")
    return autograd_core.use_backend(backend)


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("text", READS)
def test_read(text: str, backend: str) -> None:
    with under(backend):
        ours = read(autograd_core, text, (3, 4), False)
    assert ours == read(real_torch, text, (3, 4), False)


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("transposed", [False, True])
@pytest.mark.parametrize("text", DEEP_READS)
def test_read_of_many_dims(text: str, transposed: bool, backend: str) -> None:
    with under(backend):
        ours = read(autograd_core, text, (2, 3, 2, 3), transposed)
    assert ours == read(real_torch, text, (2, 3, 2, 3), transposed)


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize(
    "text", ["0", "...", "None", "True", "()", "T(0)", "T([0])", ":", "T(True)"]
)
def test_read_of_no_dims(text: str, backend: str) -> None:
    with under(backend):
        ours = read(autograd_core, text, (), False)
    assert ours == read(real_torch, text, (), False)


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("text", WRITES)
def test_write(text: str, backend: str) -> None:
    with under(backend):
        ours = write(autograd_core, text)
    assert ours == write(real_torch, text)


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("index", ["0", "T([0])", "T([True, False, True])"])
def test_write_into_leaf_is_refused(index: str, backend: str) -> None:
    def run(torch: Any) -> Any:
        x = leaf(torch, (3, 4))
        names = names_of(torch)

        def assign() -> None:
            x[eval(index, names)] = 1

        return observed(assign)

    with under(backend):
        assert run(autograd_core) == run(real_torch)
