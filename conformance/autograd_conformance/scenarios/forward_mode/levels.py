"""Levels, duals and tangents."""

from __future__ import annotations

from typing import Any

from autograd_conformance.scenarios.recording import Recorder, scenario


@scenario
def levels_open_one_at_a_time(torch: Any, record: Recorder) -> None:
    forward = torch.autograd.forward_ad
    level = forward.enter_dual_level()
    record("level", level)
    with record.raises("nested by call"):
        forward.enter_dual_level()
    with record.raises("nested by context"), forward.dual_level():
        pass
    forward.exit_dual_level()
    with record.raises("exit without a level"):
        forward.exit_dual_level()
    with forward.dual_level() as again:
        record("level again", again)


@scenario
def exit_names_the_level(torch: Any, record: Recorder) -> None:
    forward = torch.autograd.forward_ad
    level = forward.enter_dual_level()
    with record.raises("another level"):
        forward.exit_dual_level(level=level + 1)
    with record.raises("a negative level"):
        forward.exit_dual_level(level=-1)
    x = forward.make_dual(torch.ones(1), torch.ones(1))
    record("still open", forward.unpack_dual(x))
    record("exit", forward.exit_dual_level(level=level))
    with record.raises("exit once more"):
        forward.exit_dual_level(level=0)
    with record.raises("level is a keyword"):
        forward.exit_dual_level(0)


@scenario
def exit_without_any_level(torch: Any, record: Recorder) -> None:
    with record.raises("exit"):
        torch.autograd.forward_ad.exit_dual_level()
    with record.raises("exit of level -1"):
        torch.autograd.forward_ad.exit_dual_level(level=-1)
    with record.raises("exit of level 0"):
        torch.autograd.forward_ad.exit_dual_level(level=0)


@scenario
def dual_level_decorates(torch: Any, record: Recorder) -> None:
    forward = torch.autograd.forward_ad

    @forward.dual_level()
    def tangent_of_square(x: Any, t: Any) -> Any:
        """Documented."""
        return forward.unpack_dual(forward.make_dual(x, t) ** 2).tangent

    record("tangent", tangent_of_square(torch.tensor([3.0]), torch.tensor([1.0])))
    record("name", (tangent_of_square.__name__, tangent_of_square.__doc__))

    @forward.dual_level()
    def generator() -> Any:
        x = forward.make_dual(torch.tensor([3.0]), torch.tensor([1.0]))
        yield forward.unpack_dual(x).tangent
        yield forward.unpack_dual(x).tangent

    record("generator", list(generator()))


@scenario
def level_is_closed_by_an_error(torch: Any, record: Recorder) -> None:
    forward = torch.autograd.forward_ad
    with record.raises("inside"), forward.dual_level():
        raise ValueError("out")
    with record.raises("no level"):
        forward.make_dual(torch.ones(1), torch.ones(1))


@scenario
def public_names(torch: Any, record: Recorder) -> None:
    forward = torch.autograd.forward_ad
    record("all", sorted(forward.__all__))
    record("fields", forward.UnpackedDualTensor._fields)
    pair = forward.UnpackedDualTensor(torch.ones(1), None)
    record("repr", repr(pair))
    record("unpacks", list(pair))
    record("is a tuple", isinstance(pair, tuple))


@scenario
def make_dual_needs_a_level(torch: Any, record: Recorder) -> None:
    forward = torch.autograd.forward_ad
    with record.raises("no level"):
        forward.make_dual(torch.ones(1), torch.ones(1))
    with record.raises("no level, integers"):
        forward.make_dual(torch.tensor([1]), torch.tensor([1]))
    with record.raises("negative level"):
        forward.make_dual(torch.ones(1), torch.ones(1), level=-1)
    with record.raises("level named"):
        forward.make_dual(torch.ones(1), torch.ones(1), level=0)
    with forward.dual_level():
        with record.raises("level 1"):
            forward.make_dual(torch.ones(1), torch.ones(1), level=1)
        record("level 0", forward.make_dual(torch.ones(1), torch.ones(1), level=0))
        with record.raises("level -1 inside"):
            forward.make_dual(torch.ones(1), torch.ones(1), level=-1)


@scenario
def make_dual_checks_dtypes(torch: Any, record: Recorder) -> None:
    forward = torch.autograd.forward_ad
    with forward.dual_level():
        with record.raises("integer primal"):
            forward.make_dual(torch.tensor([1]), torch.ones(1))
        with record.raises("integer tangent"):
            forward.make_dual(torch.ones(1), torch.tensor([1]))
        with record.raises("bool tangent"):
            forward.make_dual(torch.ones(1), torch.tensor([True]))
        with record.raises("number as tangent"):
            forward.make_dual(torch.ones(1), 1.0)
        with record.raises("number as primal"):
            forward.make_dual(1.0, torch.ones(1))
        with record.raises("None"):
            forward.make_dual(torch.ones(1), None)


@scenario
def make_dual_checks_sizes(torch: Any, record: Recorder) -> None:
    forward = torch.autograd.forward_ad
    with forward.dual_level():
        for shape in ((3,), (1,), (2, 1), ()):
            with record.raises(f"tangent of shape {shape}"):
                forward.make_dual(torch.ones(2), torch.ones(shape))
        with record.raises("empty"):
            record("tangent", forward.make_dual(torch.ones(0), torch.ones(0)))
        with record.raises("empty of another shape"):
            forward.make_dual(torch.ones(0, 2), torch.ones(0))


@scenario
def tangent_of_another_float_dtype(torch: Any, record: Recorder) -> None:
    forward = torch.autograd.forward_ad
    with forward.dual_level():
        for one in (torch.float32, torch.float64, torch.complex64):
            for other in (torch.float32, torch.float64, torch.float16, torch.complex64):
                with record.raises(f"{one} with {other}"):
                    x = forward.make_dual(torch.ones(2, dtype=one), torch.ones(2, dtype=other))
                    record("dual", x)
                    record("tangent", forward.unpack_dual(x).tangent)
                    record("product", forward.unpack_dual(x * x).tangent)


@scenario
def tangent_is_kept_as_it_is(torch: Any, record: Recorder) -> None:
    forward = torch.autograd.forward_ad
    x, t = torch.ones(2, 3), torch.full((2, 3), 2.0)
    with forward.dual_level():
        dual = forward.make_dual(x, t)
        unpacked = forward.unpack_dual(dual)
        record("tangent is the given one", unpacked.tangent is t)
        record("tangent is the same each time", forward.unpack_dual(dual).tangent is t)
        record("primal is a new tensor", unpacked.primal is x or unpacked.primal is dual)
        record(
            "primal shares memory",
            unpacked.primal.data_ptr() == x.data_ptr() == dual.data_ptr(),
        )
        t.mul_(5)
        record("tangent written", forward.unpack_dual(dual).tangent)


@scenario
def tangent_of_another_layout_is_copied(torch: Any, record: Recorder) -> None:
    forward = torch.autograd.forward_ad
    values = torch.arange(6.0)
    layouts = {
        "transposed": values.reshape(3, 2).t(),
        "expanded": torch.ones(3).expand(2, 3),
        "part of a longer one": torch.arange(12.0)[:6].reshape(2, 3),
        "with an offset": torch.arange(7.0)[1:].reshape(2, 3),
        "with gaps": torch.arange(12.0).reshape(2, 6)[:, ::2],
        "alike": values.reshape(2, 3),
    }
    with forward.dual_level():
        for name, t in layouts.items():
            dual = forward.make_dual(torch.zeros(2, 3), t)
            tangent = forward.unpack_dual(dual).tangent
            record(name, tangent)
            record(f"{name}: the given one", tangent is t)
            record(f"{name}: offset", tangent.storage_offset())
            turned = forward.make_dual(torch.zeros(3, 2).t(), t)
            record(f"{name}: of a transposed primal", forward.unpack_dual(turned).tangent)
            sliced = forward.make_dual(torch.zeros(2, 6)[:, 1::2], t)
            tangent = forward.unpack_dual(sliced).tangent
            record(f"{name}: of a sliced primal", tangent)
            record(f"{name}: offset there", tangent.storage_offset())


@scenario
def dual_of_every_kind_of_leaf(torch: Any, record: Recorder) -> None:
    forward = torch.autograd.forward_ad
    with forward.dual_level():
        for primal_leaf in (False, True):
            for tangent_leaf in (False, True):
                x = torch.tensor([1.0, 2.0], requires_grad=primal_leaf)
                t = torch.tensor([3.0, 4.0], requires_grad=tangent_leaf)
                dual = forward.make_dual(x, t)
                record("dual", dual)
                record("its base", dual._base is x)
                primal, tangent = forward.unpack_dual(dual)
                record("primal", primal)
                record("base of the primal", primal._base is x)
                record("tangent", tangent)
                record("printed", repr(dual))
                record("unpacked, printed", repr(forward.unpack_dual(dual)))
                result = forward.unpack_dual(dual * dual)
                record("primal of the square", result.primal)
                record("requires grad", result.tangent.requires_grad)


@scenario
def dual_of_a_result(torch: Any, record: Recorder) -> None:
    forward = torch.autograd.forward_ad
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    with forward.dual_level():
        y = x.exp()
        dual = forward.make_dual(y, torch.ones(2))
        record("dual", dual)
        record.graph("graph of the dual", dual)
        record("primal", forward.unpack_dual(dual).primal)
        record.graph("graph of the primal", forward.unpack_dual(dual).primal)
        record("the result has no tangent", forward.unpack_dual(y).tangent)


@scenario
def dual_under_no_grad(torch: Any, record: Recorder) -> None:
    forward = torch.autograd.forward_ad
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    with forward.dual_level():
        with torch.no_grad():
            dual = forward.make_dual(x, torch.ones(2))
            record("dual", dual)
            record("unpacked", forward.unpack_dual(dual))
            record("square", forward.unpack_dual(dual * dual))
        record("outside", forward.unpack_dual(dual * dual))


@scenario
def a_second_tangent_is_refused(torch: Any, record: Recorder) -> None:
    forward = torch.autograd.forward_ad
    with forward.dual_level():
        dual = forward.make_dual(torch.ones(2), torch.ones(2))
        with record.raises("dual of a dual"):
            forward.make_dual(dual, torch.ones(2))
        with record.raises("dual of a result of a dual"):
            forward.make_dual(dual * 2, torch.ones(2))
        with record.raises("dual of a view of a dual"):
            forward.make_dual(dual[:1], torch.ones(1))
        with record.raises("dual tangent"):
            forward.make_dual(torch.ones(2), dual)
        record(
            "primal can have a new one",
            forward.make_dual(forward.unpack_dual(dual).primal, torch.zeros(2)),
        )
        record("and so can a detached", forward.make_dual(dual.detach(), torch.zeros(2)))
        record("first", forward.unpack_dual(dual))


@scenario
def unpack_outside_a_level(torch: Any, record: Recorder) -> None:
    forward = torch.autograd.forward_ad
    x = torch.ones(2, requires_grad=True)
    unpacked = forward.unpack_dual(x)
    record("unpacked", unpacked)
    record("primal is the tensor", unpacked.primal is x)
    record("printed", repr(unpacked))
    record("anything goes", forward.unpack_dual("text"))
    record("a number", forward.unpack_dual(3))
    record("level -1", forward.unpack_dual(x, level=-1))
    with record.raises("level 0"):
        record("it", forward.unpack_dual(x, level=0))


@scenario
def unpack_what_is_no_dual(torch: Any, record: Recorder) -> None:
    forward = torch.autograd.forward_ad
    with forward.dual_level():
        x = torch.ones(2)
        unpacked = forward.unpack_dual(x)
        record("plain", unpacked)
        record("primal is the tensor", unpacked.primal is x)
        record("primal's base", unpacked.primal._base is x)
        record("leaf", forward.unpack_dual(torch.ones(2, requires_grad=True)))
        record("integer", forward.unpack_dual(torch.tensor([1, 2])))
        with record.raises("text"):
            forward.unpack_dual("text")
        with record.raises("number"):
            forward.unpack_dual(1.5)
        with record.raises("None"):
            forward.unpack_dual(None)
        with record.raises("level 1"):
            forward.unpack_dual(x, level=1)


@scenario
def tangents_end_with_their_level(torch: Any, record: Recorder) -> None:
    forward = torch.autograd.forward_ad
    with forward.dual_level():
        x = forward.make_dual(torch.ones(2), torch.ones(2))
        y = x * 2
        view = y[:1]
    record("outside", [forward.unpack_dual(t).tangent for t in (x, y, view)])
    record("printed", repr(y))
    with forward.dual_level():
        record("next level", [forward.unpack_dual(t).tangent for t in (x, y, view, y * 3)])
        record("a new tangent", forward.unpack_dual(forward.make_dual(x, torch.zeros(2))).tangent)


@scenario
def tangents_are_freed_with_their_level(torch: Any, record: Recorder) -> None:
    forward = torch.autograd.forward_ad
    t = torch.ones(2)
    with forward.dual_level():
        x = forward.make_dual(torch.ones(2), t)
        y = x.exp()
        kept = forward.unpack_dual(y).tangent
    record("kept", kept)
    record("given", t)
    record("dual", y)
