"""Writes and views that carry tangents; modes and threads."""

from __future__ import annotations

import copy
import pickle
import threading
from collections.abc import Callable
from typing import Any

from autograd_conformance.scenarios.recording import Recorder, scenario


@scenario
def a_write_reaches_the_tangent_given(torch: Any, record: Recorder) -> None:
    forward = torch.autograd.forward_ad
    x, t = torch.tensor([1.0, 2.0]), torch.tensor([3.0, 4.0])
    with forward.dual_level():
        dual = forward.make_dual(x, t)
        dual.mul_(2)
        record("primal", x)
        record("tangent", t)
        dual.add_(1)
        record("after add_", forward.unpack_dual(dual))
        dual.mul_(dual)
        record("after mul_ by itself", forward.unpack_dual(dual))
        record("x has no tangent", forward.unpack_dual(x).tangent)
        record("versions", (x._version, t._version, dual._version))


@scenario
def a_write_with_a_leaf_tangent(torch: Any, record: Recorder) -> None:
    forward = torch.autograd.forward_ad
    x, t = torch.tensor([1.0, 2.0]), torch.tensor([3.0, 4.0], requires_grad=True)
    with forward.dual_level():
        dual = forward.make_dual(x, t)
        with record.raises("mul_"):
            dual.mul_(2)
        record("primal afterwards", x)
        record("tangent afterwards", t)


@scenario
def a_write_gives_a_tangent(torch: Any, record: Recorder) -> None:
    forward = torch.autograd.forward_ad
    with forward.dual_level():
        dual = forward.make_dual(torch.tensor([1.0, 2.0]), torch.tensor([3.0, 4.0]))
        plain = torch.ones(2)
        plain.mul_(dual)
        record("mul_", forward.unpack_dual(plain))
        plain = torch.ones(2)
        plain.copy_(dual)
        record("copy_", forward.unpack_dual(plain))
        record(
            "copied, not shared",
            forward.unpack_dual(plain).tangent is forward.unpack_dual(dual).tangent,
        )
        plain.zero_()
        record("zero_", forward.unpack_dual(plain))
        plain = torch.ones(3, 2)
        plain.add_(dual)
        record("add_ broadcast", forward.unpack_dual(plain))
        plain = torch.ones(2, dtype=torch.float64)
        plain.add_(dual)
        record("add_ of another dtype", forward.unpack_dual(plain))
        whole = torch.tensor([1, 2])
        whole.copy_(dual)
        record("integers", forward.unpack_dual(whole))
        plain = torch.ones(2)
        plain.fill_(dual[0])
        record("fill_", forward.unpack_dual(plain))


@scenario
def a_plain_write_into_a_dual(torch: Any, record: Recorder) -> None:
    forward = torch.autograd.forward_ad
    with forward.dual_level():
        writes: dict[str, Callable[[Any], Any]] = {
            "zero_": lambda x: x.zero_(),
            "fill_": lambda x: x.fill_(7.0),
            "copy_": lambda x: x.copy_(torch.tensor([5.0, 6.0])),
            "mul_": lambda x: x.mul_(torch.tensor([5.0, 6.0])),
            "index": lambda x: x.__setitem__(0, 9.0),
            "masked_fill_": lambda x: x.masked_fill_(torch.tensor([True, False]), 1.0),
        }
        for name, write in writes.items():
            dual = forward.make_dual(torch.tensor([1.0, 2.0]), torch.tensor([3.0, 4.0]))
            held = forward.unpack_dual(dual).tangent
            write(dual)
            record(name, forward.unpack_dual(dual))
            record(f"{name}: tangent kept", forward.unpack_dual(dual).tangent is held)


@scenario
def views_carry_views_of_the_tangent(torch: Any, record: Recorder) -> None:
    forward = torch.autograd.forward_ad
    x, t = torch.arange(6.0).reshape(2, 3), torch.arange(6.0, 12.0).reshape(2, 3)
    with forward.dual_level():
        dual = forward.make_dual(x, t)
        for name, view in {
            "select": dual[1],
            "slice": dual[:, 1:],
            "transpose": dual.t(),
            "view": dual.view(6),
            "expand": dual[0:1].expand(4, 3),
            "diagonal": dual.diagonal(),
            "unsqueeze": dual.unsqueeze(0),
            "narrow": dual.narrow(1, 0, 2),
            "as_strided": dual.as_strided((2, 2), (1, 2), 1),
            "movedim": dual.movedim(0, 1),
            "unfold": dual.unfold(1, 2, 1),
            "view_as": dual.view_as(dual),
            "reshape": dual.reshape(3, 2),
            "flatten": dual.flatten(),
        }.items():
            tangent = forward.unpack_dual(view).tangent
            record(name, tangent)
            record(f"{name}: the base is the given tangent", tangent._base is t)
            record(f"{name}: offset", tangent.storage_offset())


@scenario
def several_views_carry_tangents(torch: Any, record: Recorder) -> None:
    forward = torch.autograd.forward_ad
    with forward.dual_level():
        dual = forward.make_dual(
            torch.arange(6.0).reshape(2, 3), torch.arange(6.0, 12.0).reshape(2, 3)
        )
        for name, parts in {
            "unbind": dual.unbind(),
            "split": dual.split(2, 1),
            "chunk": dual.chunk(2),
            "split with sizes": dual.split([1, 2], 1),
            "unbind of dim 1": dual.unbind(1),
        }.items():
            record(name, [forward.unpack_dual(part) for part in parts])
        with record.raises("write into one of them"):
            dual.unbind()[0].mul_(2)
        record("after it", forward.unpack_dual(dual))


@scenario
def a_write_through_a_view_reaches_the_dual(torch: Any, record: Recorder) -> None:
    forward = torch.autograd.forward_ad
    x, t = torch.arange(6.0).reshape(2, 3), torch.arange(6.0, 12.0).reshape(2, 3)
    with forward.dual_level():
        dual = forward.make_dual(x, t)
        view = dual[0]
        view.mul_(10)
        record("dual", forward.unpack_dual(dual))
        record("view", forward.unpack_dual(view))
        record("given", (x, t))
        dual.mul_(2)
        record("view after a write to the dual", forward.unpack_dual(view))
        dual[1] = torch.zeros(3)
        record("part replaced by zeros", forward.unpack_dual(dual))
        record("x has no tangent", forward.unpack_dual(x).tangent)


@scenario
def a_write_through_a_view_gives_the_base_a_tangent(torch: Any, record: Recorder) -> None:
    forward = torch.autograd.forward_ad
    with forward.dual_level():
        dual = forward.make_dual(torch.tensor([1.0, 2.0]), torch.tensor([3.0, 4.0]))
        base = torch.ones(3, 2)
        before = base[2]
        view = base[1]
        view.mul_(dual)
        record("view", forward.unpack_dual(view))
        record("base", forward.unpack_dual(base))
        record("a view cut before", forward.unpack_dual(before))
        record("a view cut after", forward.unpack_dual(base[:, 0]))
        record("view's tangent has a base", forward.unpack_dual(view).tangent._is_view())


@scenario
def a_write_through_a_whole_view(torch: Any, record: Recorder) -> None:
    forward = torch.autograd.forward_ad
    with forward.dual_level():
        dual = forward.make_dual(torch.tensor([1.0, 2.0]), torch.tensor([3.0, 4.0]))
        base = torch.ones(2)
        view = base.view_as(base)
        view.mul_(dual)
        record("view", forward.unpack_dual(view))
        record("base", forward.unpack_dual(base))
        base.mul_(2)
        record("view after a write to the base", forward.unpack_dual(view))
        columns = torch.ones(2, 2)
        columns.t().mul_(dual)
        record("transposed", forward.unpack_dual(columns))
        strided = torch.ones(4)
        strided[::2].copy_(dual)
        record("every second", forward.unpack_dual(strided))


@scenario
def a_write_to_the_base_reaches_its_views(torch: Any, record: Recorder) -> None:
    forward = torch.autograd.forward_ad
    base = torch.ones(3, 2)
    outside = base[0]
    with forward.dual_level():
        dual = forward.make_dual(torch.tensor([1.0, 2.0]), torch.tensor([3.0, 4.0]))
        view = base.t()
        base.mul_(dual)
        record("base", forward.unpack_dual(base))
        record("view", forward.unpack_dual(view))
        record("view cut outside the level", forward.unpack_dual(outside))
        view.mul_(2)
        record("base after a write to the view", forward.unpack_dual(base))
        record("view cut outside after it", forward.unpack_dual(outside))


@scenario
def writes_do_not_cross_to_the_primal(torch: Any, record: Recorder) -> None:
    forward = torch.autograd.forward_ad
    x = torch.ones(2)
    with forward.dual_level():
        dual = forward.make_dual(x, torch.full((2,), 5.0))
        x.mul_(forward.make_dual(torch.full((2,), 3.0), torch.ones(2)))
        record("x", forward.unpack_dual(x))
        record("dual", forward.unpack_dual(dual))
        primal = forward.unpack_dual(dual).primal
        primal.mul_(2)
        record("dual after a write to its primal", forward.unpack_dual(dual))
        record("primal", forward.unpack_dual(primal))
        primal.mul_(dual)
        record("primal has a tangent of its own", forward.unpack_dual(primal))
        record("dual keeps its", forward.unpack_dual(dual))


@scenario
def detach_drops_the_tangent(torch: Any, record: Recorder) -> None:
    forward = torch.autograd.forward_ad
    with forward.dual_level():
        dual = forward.make_dual(torch.tensor([1.0, 2.0], requires_grad=True), torch.ones(2))
        record("detach", forward.unpack_dual(dual.detach()))
        record("data", forward.unpack_dual(dual.data))
        result = dual * 2
        result.detach_()
        record("detach_", forward.unpack_dual(result))
        plain = torch.ones(2)
        detached = plain.detach()
        plain.mul_(forward.make_dual(torch.ones(2), torch.ones(2)))
        record("detached before a write", forward.unpack_dual(detached))
        detached = plain.detach()
        detached.mul_(forward.make_dual(torch.full((2,), 2.0), torch.ones(2)))
        record("written after detach", forward.unpack_dual(detached))
        record("its source", forward.unpack_dual(plain))


@scenario
def assigning_data_and_tangents(torch: Any, record: Recorder) -> None:
    forward = torch.autograd.forward_ad
    with forward.dual_level():
        dual = forward.make_dual(torch.tensor([1.0, 2.0]), torch.ones(2))
        plain = torch.zeros(2)
        plain.data = dual
        record("data given a dual", forward.unpack_dual(plain))
        with record.raises("data of a dual assigned"):
            dual.data = torch.zeros(2)
            record("dual", forward.unpack_dual(dual))


@scenario
def metadata_ops_keep_tangents(torch: Any, record: Recorder) -> None:
    forward = torch.autograd.forward_ad
    with forward.dual_level():
        x, t = torch.arange(6.0).reshape(2, 3), torch.arange(6.0, 12.0).reshape(2, 3)
        changes: dict[str, Callable[[Any], Any]] = {
            "t_": lambda d: d.t_(),
            "transpose_": lambda d: d.transpose_(0, 1),
            "unsqueeze_": lambda d: d.unsqueeze_(1),
            "squeeze_": lambda d: d.squeeze_(),
        }
        for name, change in changes.items():
            with record.raises(name):
                dual = forward.make_dual(x.clone(), t.clone()) * 1
                change(dual)
                record(f"{name}: dual", forward.unpack_dual(dual))
        record("contiguous", forward.unpack_dual(forward.make_dual(x, t).t().contiguous()))
        dual = forward.make_dual(x, t)
        record("contiguous already", forward.unpack_dual(dual.contiguous()))
        record("clone", forward.unpack_dual(dual.clone()))
        record("double", forward.unpack_dual(dual.double()))
        record("to the same", forward.unpack_dual(dual.to(torch.float32)).tangent is t)
        record("to int", forward.unpack_dual(dual.to(torch.int64)).tangent)


@scenario
def modes_and_tangents(torch: Any, record: Recorder) -> None:
    forward = torch.autograd.forward_ad
    with forward.dual_level():
        dual = forward.make_dual(torch.tensor([1.0, 2.0], requires_grad=True), torch.ones(2))
        with torch.no_grad():
            record("no_grad", forward.unpack_dual(dual.exp()))
        with torch.set_grad_enabled(False):
            record("set_grad_enabled", forward.unpack_dual(dual.exp()).tangent)
        with forward._set_fwd_grad_enabled(False):
            record("forward off", forward.unpack_dual(dual))
            off = dual.exp()
            record("result", forward.unpack_dual(off))
            record("printed", repr(dual))
        record("result afterwards", forward.unpack_dual(off).tangent)
        record("dual afterwards", forward.unpack_dual(dual).tangent)


@scenario
def inference_mode_sees_no_tangents(torch: Any, record: Recorder) -> None:
    forward = torch.autograd.forward_ad
    with forward.dual_level():
        dual = forward.make_dual(torch.tensor([1.0, 2.0]), torch.tensor([3.0, 4.0]))
        with torch.inference_mode():
            record("enabled inside", forward._is_fwd_grad_enabled())
            record("result", forward.unpack_dual(dual.exp()).tangent)
            record("view", forward.unpack_dual(dual[0]).tangent)
            made = forward.make_dual(torch.ones(2), torch.ones(2))
            record("made inside", forward.unpack_dual(made * 3).tangent)
            dual.mul_(2)
            plain, direction = torch.ones(2), torch.ones(2)
            with torch.inference_mode(False):
                record("left again", forward.unpack_dual(dual * 1).tangent)
        record("written inside", forward.unpack_dual(dual).tangent)
        record("made inside, seen outside", forward.unpack_dual(made).tangent)
        record(
            "of an inference tensor",
            forward.unpack_dual(forward.make_dual(plain, torch.ones(2)) * 2).tangent,
        )
        record(
            "along an inference tensor",
            forward.unpack_dual(forward.make_dual(torch.ones(2), direction) * 2).tangent,
        )
        with record.raises("write to the tangent"):
            forward.make_dual(torch.ones(2), direction).mul_(2)


@scenario
def forward_mode_can_be_switched(torch: Any, record: Recorder) -> None:
    forward = torch.autograd.forward_ad
    record("enabled", forward._is_fwd_grad_enabled())
    with forward._set_fwd_grad_enabled(False) as entered:
        record("as", entered)
        record("inside", forward._is_fwd_grad_enabled())
        with forward.dual_level(), record.raises("make_dual"):
            dual = forward.make_dual(torch.ones(1), torch.ones(1))
            record("dual", forward.unpack_dual(dual))
            with forward._set_fwd_grad_enabled(True):
                record("on again", forward.unpack_dual(dual))
    record("outside", forward._is_fwd_grad_enabled())
    switch = forward._set_fwd_grad_enabled(False)
    record("at once", forward._is_fwd_grad_enabled())
    with switch:
        pass
    record("restored", forward._is_fwd_grad_enabled())


@scenario
def switch_of_forward_mode_is_of_a_thread(torch: Any, record: Recorder) -> None:
    forward = torch.autograd.forward_ad
    seen: list[Any] = []
    with forward.dual_level(), forward._set_fwd_grad_enabled(False):

        def run() -> None:
            seen.append(forward._is_fwd_grad_enabled())
            dual = forward.make_dual(torch.ones(1), torch.ones(1))
            seen.append(forward.unpack_dual(dual * 2))

        thread = threading.Thread(target=run)
        thread.start()
        thread.join()
    record("in another thread", seen)


@scenario
def the_level_is_open_in_all_threads(torch: Any, record: Recorder) -> None:
    forward = torch.autograd.forward_ad
    results: list[Any] = []
    with forward.dual_level():
        dual = forward.make_dual(torch.ones(1), torch.ones(1))

        def run() -> None:
            results.append(forward.unpack_dual(dual * 3))
            try:
                forward.enter_dual_level()
            except RuntimeError as error:
                results.append(error)

        thread = threading.Thread(target=run)
        thread.start()
        thread.join()
        record("in another thread", results)


@scenario
def copies_of_duals(torch: Any, record: Recorder) -> None:
    forward = torch.autograd.forward_ad
    with forward.dual_level():
        dual = forward.make_dual(torch.tensor([1.0, 2.0]), torch.ones(2))
        with record.raises("deepcopy"):
            copied = copy.deepcopy(dual)
            record("deepcopy: unpacked", forward.unpack_dual(copied))
        with record.raises("copy"):
            record("copy: unpacked", forward.unpack_dual(copy.copy(dual)))
        with record.raises("pickle"):
            loaded = pickle.loads(pickle.dumps(dual))
            record("pickle: unpacked", forward.unpack_dual(loaded))
