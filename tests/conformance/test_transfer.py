"""Values cross to a subject and back bit for bit, with their strides, offsets and aliasing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

torch = pytest.importorskip("torch")

from autograd_conformance.arrays import Array, unrounded
from autograd_conformance.budgets import tensor_of
from autograd_conformance.cases import Mismatch, Unsupported
from autograd_conformance.freezing import freeze
from autograd_conformance.subjects import MissingInSubject, Subject, SubjectSpec
from autograd_conformance.transfer import Builder, read

DTYPES = (
    "bool", "uint8", "int8", "int16", "int32", "int64",
    "float16", "bfloat16", "float32", "float64", "complex64", "complex128",
)  # fmt: skip


class Listed:
    """A tensor of a subject without buffers: `tolist` is all it offers."""

    def __init__(self, tensor: Any) -> None:
        self.dtype, self.shape, self.layout = tensor.dtype, tensor.shape, tensor.layout
        self._tensor = tensor

    def detach(self) -> Listed:
        return self

    def tolist(self) -> Any:
        return self._tensor.tolist()


@pytest.fixture
def subject(plant: Callable[..., str]) -> Subject:
    return Subject(SubjectSpec(plant()))


def awkward(dtype: Any) -> Any:
    """Numbers that a careless conversion loses: signed zeros, subnormals, extremes, nan."""
    if dtype is torch.bool:
        return torch.tensor([[True, False, True], [False, False, True]])
    if not (dtype.is_floating_point or dtype.is_complex):
        info = torch.iinfo(dtype)
        return torch.tensor([[info.min, info.max, 0], [1, 2, 3]], dtype=dtype)
    info = torch.finfo(dtype)
    reals = [0.0, -0.0, info.max, info.smallest_normal / 2, float("nan"), float("-inf")]
    real = torch.tensor(reals, dtype=torch.float64)
    if dtype.is_complex:
        real = torch.complex(real, real.flip(0))
    return real.to(dtype).reshape(2, 3)


def same_bits(first: Any, second: Any) -> bool:
    def raw(tensor: Any) -> bytes:
        parts = torch.view_as_real(tensor) if tensor.is_complex() else tensor
        parts = torch.where(parts.isnan(), torch.full_like(parts, 7), parts)  # nan is nan
        return bytes(parts.contiguous().view(torch.uint8).flatten().tolist())

    return first.dtype == second.dtype and first.shape == second.shape and raw(first) == raw(second)


@pytest.mark.parametrize("name", DTYPES)
@pytest.mark.parametrize("window", ["whole", "transposed", "strided", "expanded", "empty"])
def test_there_and_back(name: str, window: str, subject: Subject) -> None:
    base = awkward(getattr(torch, name))
    tensor = {
        "whole": base,
        "transposed": base.T,
        "strided": base[:, 1::2],
        "expanded": base[:1, :1].expand(3, 2),
        "empty": base[:, :0],
    }[window]
    built = Builder(subject).build(freeze(tensor))
    assert built is not tensor
    assert built.stride() == tensor.stride()
    assert built.storage_offset() == tensor.storage_offset()
    assert same_bits(built.clone(), tensor.clone())
    for wrapped in (built, Listed(built)):
        assert same_bits(tensor_of(read(wrapped, subject)), tensor.clone())


def test_a_conjugate_view_stays_one(subject: Subject) -> None:
    tensor = awkward(torch.complex128).conj()
    built = Builder(subject).build(freeze(tensor))
    assert built.is_conj()
    assert same_bits(tensor_of(read(built, subject)), tensor.resolve_conj())


def test_aliases_and_repeated_objects_stay_so(subject: Subject) -> None:
    base = torch.arange(6.0)
    whole, part, again, other = Builder(subject).build(
        freeze([base, base[2:4], base, base.clone()])
    )
    assert again is whole
    with torch.no_grad():
        whole[2] = 9
    assert part.tolist() == [9, 3]
    assert other.tolist() == [0, 1, 2, 3, 4, 5]


def test_leaves_are_those_that_require_a_gradient(subject: Subject) -> None:
    leaf = torch.ones(2, requires_grad=True)
    builder = Builder(subject)
    built = builder.build(freeze((leaf, [torch.ones(1)], {"x": leaf})))
    assert len(builder.leaves) == 1
    assert built[0].requires_grad
    assert built[0].is_leaf
    assert not Builder(subject, requires_grad=False).build(freeze(leaf)).requires_grad


def test_constants_sizes_and_slices_cross(subject: Subject) -> None:
    value = (torch.float64, torch.channels_last, torch.Size([1, 2]), slice(1, None, 2), ..., 3j)
    assert Builder(subject).build(freeze(value)) == value


def test_what_cannot_cross_says_so(subject: Subject) -> None:
    with pytest.raises(Unsupported, match="strided tensors only"):
        freeze(torch.eye(2).to_sparse())
    with pytest.raises(Unsupported, match="CPU tensors only"):
        freeze(torch.empty(2, device="meta"))
    normal = torch.distributions.MultivariateNormal(torch.zeros(2), torch.eye(2))
    with pytest.raises(MissingInSubject, match="MultivariateNormal"):
        Builder(subject).build(freeze(normal))


def test_objects_of_torch_nn_are_built_anew(subject: Subject) -> None:
    distance = Builder(subject).build(freeze(torch.nn.PairwiseDistance(p=1.0, keepdim=True)))
    assert isinstance(distance, subject.resolve("nn.PairwiseDistance"))
    assert (distance.norm, distance.eps, distance.keepdim) == (1.0, 1e-6, True)
    options = torch.nn.LinearCrossEntropyOptions(batch_chunk_size=2, acc_dtype=torch.float32)
    built = Builder(subject).build(freeze(options))
    assert repr(built) == repr(options)


@pytest.mark.parametrize(
    "dtype, foreign",
    [
        ("float16", [0.1, 65520.0, 2.0**-25]),
        ("bfloat16", [0.1, 257.0]),
        ("float32", [0.1, 1e300]),
        ("complex64", [0.1j]),
    ],
)
def test_numbers_that_a_dtype_does_not_have_are_seen(dtype: str, foreign: list[Any]) -> None:
    inf, nan = float("inf"), float("nan")
    own = tensor_of(Array(dtype, (7,), [0.1, -0.5, 3.0, inf, -inf, nan, 2.0**-20])).tolist()
    assert unrounded(Array(dtype, (7,), own)) == []
    found = unrounded(Array(dtype, (7 + len(foreign),), [*own, *foreign]))
    assert found == [abs(number) for number in foreign]


def test_a_subject_whose_gradient_is_wider_than_it_says_fails(subject: Subject) -> None:
    tensor = Listed(torch.tensor([0.1, 0.5]))
    assert read(tensor, subject).values == torch.tensor([0.1, 0.5]).tolist()
    tensor.dtype = torch.bfloat16
    with pytest.raises(Mismatch, match="numbers that bfloat16 does not have"):
        read(tensor, subject)
