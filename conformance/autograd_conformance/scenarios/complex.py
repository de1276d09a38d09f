"""Complex tensors: lazy conjugates and negatives, parts as views, conjugate gradients, edges."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from typing import Any

from autograd_conformance.scenarios.recording import Recorder, scenario


def _leaf(torch: Any) -> Any:
    return torch.tensor([[1 + 2j, 3 - 1j], [0.5j, 2 + 0j]], requires_grad=True)


def _data(torch: Any) -> Any:
    return torch.tensor([1 + 2j, 3 - 1j])


def _bits(tensor: Any) -> list[bool]:
    return [tensor.is_conj(), tensor.is_neg(), tensor._is_view()]


# Conjugates ---------------------------------------------------------------------------------------


@scenario
def conj_is_a_view_with_a_bit(torch: Any, record: Recorder) -> None:
    y = _leaf(torch) * 1
    c = y.conj()
    record("view", [c, _bits(c), c._base is y, c.data_ptr() == y.data_ptr()])
    record.graph("graph", c)
    record("twice", [c.conj(), _bits(c.conj())])
    record.graph("graph of twice", c.conj())
    record("function", [torch.conj(y), torch.is_conj(c), torch.is_conj(y)])


@scenario
def conj_of_real_tensors_is_the_tensor(torch: Any, record: Recorder) -> None:
    for x in (torch.tensor([1.0]), torch.tensor([1]), torch.tensor([True])):
        record("same", [x.conj() is x, x.resolve_conj() is x, x.resolve_neg() is x, _bits(x)])
        record("physical", torch.conj_physical(x))
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    record("real", [x.real is x, x.conj() is x])
    with record.raises("imag"):
        record("imag", x.imag)


@scenario
def resolving_makes_a_copy(torch: Any, record: Recorder) -> None:
    y = _leaf(torch) * 1
    c = y.conj()
    record("resolved", [c.resolve_conj(), _bits(c.resolve_conj())])
    record.graph("graph", c.resolve_conj())
    record("nothing to do", [y.resolve_conj() is y, c.resolve_neg() is c])
    record("functions", [torch.resolve_conj(c), torch.resolve_neg(c).is_conj()])
    i = c.imag
    record("negative", [i.resolve_neg(), _bits(i.resolve_neg()), i.resolve_conj() is i])
    record.graph("graph of negative", i.resolve_neg())


@scenario
def hermitian_transposes_are_lazy(torch: Any, record: Recorder) -> None:
    y = _leaf(torch) * 1
    for name, turned in {"H": y.H, "mH": y.mH, "adjoint": y.adjoint()}.items():
        record(name, [turned, _bits(turned), turned._base is y])
        record.graph(f"{name} graph", turned)
    (y.H @ y).abs().sum().backward()
    x = _leaf(torch)
    (x.H * x.mT.conj()).real.sum().backward()
    record("grad", x.grad + 0)


@scenario
def views_of_conjugates_keep_the_bit(torch: Any, record: Recorder) -> None:
    c = (_leaf(torch) * 1).conj()
    views: dict[str, Callable[[], Any]] = {
        "index": lambda: c[0],
        "t": lambda: c.t(),
        "view": lambda: c.view(4),
        "reshape": lambda: c.reshape(4),
        "expand": lambda: c.expand(2, 2, 2),
        "diagonal": lambda: c.diagonal(),
        "unbind": lambda: c.unbind(0)[1],
        "split": lambda: c.split(1)[0],
        "as_strided": lambda: c.as_strided((2,), (1,)),
        "unsqueeze": lambda: c.unsqueeze(0),
        "detach": lambda: c.detach(),
        "data": lambda: c.data,
        "contiguous": lambda: c.contiguous(),
        "positive": lambda: +c,
        "to": lambda: c.to(torch.complex64),
        "unfold": lambda: c.unfold(0, 1, 1),
    }
    for name, view in views.items():
        record(name, [view(), _bits(view())])
    record("same", [c.contiguous() is c, c.to(torch.complex64) is c])


@scenario
def results_of_conjugates_have_no_bit(torch: Any, record: Recorder) -> None:
    c = (_leaf(torch) * 1).conj()
    results: dict[str, Callable[[], Any]] = {
        "mul": lambda: c * 2,
        "neg": lambda: -c,
        "sum": lambda: c.sum(),
        "clone": lambda: c.clone(),
        "reshape": lambda: c.t().reshape(4),
        "index": lambda: c[torch.tensor([0])],
        "mask": lambda: c[c.real > 0],
        "cat": lambda: torch.cat([c, c]),
        "stack": lambda: torch.stack([c, c]),
        "to double": lambda: c.to(torch.complex128),
        "to copy": lambda: c.to(torch.complex64, copy=True),
        "empty_like": lambda: torch.zeros_like(c),
        "matmul": lambda: c @ c,
        "where": lambda: torch.where(c.real > 0, c, c.t()),
        "conj_physical": lambda: torch.conj_physical(c),
        "abs": lambda: c.abs(),
        "angle": lambda: c.angle(),
        "exp": lambda: c.exp(),
        "flip": lambda: c.flip(0),
        "roll": lambda: c.roll(1, 0),
        "tril": lambda: c.tril(),
        "eq": lambda: c == c,
        "repeat": lambda: c.repeat(1, 2),
        "sgn": lambda: c.sgn(),
    }
    for name, result in results.items():
        record(name, [result(), _bits(result())])


@scenario
def conjugates_print_and_convert_as_what_they_are(torch: Any, record: Recorder) -> None:
    c = _leaf(torch).detach().conj()
    record("text", [str(c), repr(c.imag), str(c[0, 0])])
    record("numbers", [c.tolist(), c[0, 0].item(), complex(c[0, 0]), c.imag.tolist()])
    record("truth", [bool(c[0, 0]), c[0, 0] == 1 - 2j, (c != c.resolve_conj()).any()])
    with record.raises("numpy"):
        c.numpy()
    with record.raises("numpy of a negative"):
        c.imag.numpy()


@scenario
def conjugates_are_copied_and_pickled(torch: Any, record: Recorder) -> None:
    c = _data(torch).conj()
    deep, again = copy.deepcopy(c), pickle.loads(pickle.dumps(c))
    record("deep", [deep, _bits(deep)])
    record("pickled", [again, _bits(again)])
    shallow = copy.copy(c)
    record("shallow", [shallow.tolist(), _bits(shallow)])
    shallow.zero_()
    record("after a write", c.tolist())


@scenario
def other_dtypes_of_lazy_tensors(torch: Any, record: Recorder) -> None:
    c = _data(torch).conj()
    with record.raises("view_as_real"):
        torch.view_as_real(c)
    with record.raises("view dtype"):
        c.view(torch.float32)
    with record.raises("view dtype of a negative"):
        c.imag.view(torch.int32)
    with record.raises("same dtype"):
        record("same", _bits(c.view(torch.complex64)))
    record("resolved", torch.view_as_real(c.resolve_conj()))


# In place -----------------------------------------------------------------------------------------


@scenario
def writes_through_a_conjugate(torch: Any, record: Recorder) -> None:
    writes: dict[str, Callable[[Any], Any]] = {
        "mul_": lambda c: c.mul_(1j),
        "add_": lambda c: c.add_(2 + 1j),
        "copy_": lambda c: c.copy_(torch.tensor([5 + 5j, 6j])),
        "zero_": lambda c: c.zero_(),
        "fill_": lambda c: c.fill_(1 + 1j),
        "setitem": lambda c: c.__setitem__(0, 4j),
        "setitem index": lambda c: c.__setitem__(torch.tensor([1]), 4j),
        "conj_physical_": lambda c: c.conj_physical_(),
        "exp_": lambda c: c.exp_(),
        "masked_fill_": lambda c: c.masked_fill_(torch.tensor([True, False]), 3j),
        "resize_": lambda c: c.resize_(1),
        "out": lambda c: torch.add(torch.ones(2), torch.tensor([1j, 2j]), out=c),
        "unsqueeze_": lambda c: c.unsqueeze_(0),
    }
    for name, write in writes.items():
        z = _data(torch)
        c = z.conj()
        write(c)
        record(name, [z, c, _bits(c)], ulps=8)


@scenario
def graphs_of_writes_through_a_conjugate(torch: Any, record: Recorder) -> None:
    x = _data(torch).requires_grad_()
    y = x * 1
    c = y.conj()
    c.mul_(1j)
    record("both", [y, c, c.is_conj()])
    record.graph("base graph", y)
    record.graph("view graph", c)
    (y.abs() ** 2 + c.real).sum().backward()
    record("grad", x.grad + 0, ulps=16)
    x.grad = None
    y = x * 1
    c = y.conj()
    c[0] = 5j
    record("part", [y, c])
    record.graph("part graph", c)
    (c * c).real.sum().backward()
    record("part grad", x.grad + 0)


@scenario
def a_written_base_and_its_conjugates(torch: Any, record: Recorder) -> None:
    x = _data(torch).requires_grad_()
    z = x * 2
    views = {
        "conj": z.conj(),
        "part of conj": z.conj()[0:1],
        "conj of part": z[0:1].conj(),
        "imag of conj": z.conj().imag,
        "real": z.real,
        "pairs": torch.view_as_real(z),
        "twice": z.conj().conj(),
        "part of part": z.conj()[0:2][1:],
    }
    z.mul_(1j)
    for name, view in views.items():
        record(name, [view, _bits(view)])
        record.graph(f"{name} graph", view)
        (grad,) = torch.autograd.grad(view.sum(), x, torch.ones((), dtype=view.dtype), True)
        record(f"{name} grad", grad + 0)


@scenario
def second_derivatives_through_a_written_conjugate(torch: Any, record: Recorder) -> None:
    x = _data(torch).requires_grad_()
    z = x * x
    z.conj().mul_(x)
    z.conj().imag.mul_(2)
    y = (z * z.conj()).real.sum()
    (first,) = torch.autograd.grad(y, x, create_graph=True)
    (second,) = torch.autograd.grad((first * first.conj()).real.sum(), x)
    record("first", first.detach() + 0, ulps=64)
    record("second", second + 0, ulps=256)


@scenario
def a_conjugate_of_a_leaf_is_not_written(torch: Any, record: Recorder) -> None:
    x = _data(torch).requires_grad_()
    with record.raises("conj"):
        x.conj().mul_(2)
    with record.raises("imag"):
        x.conj().imag.zero_()
    with torch.no_grad():
        quiet = (x * 1).conj()
        x.conj().mul_(1j)
    record("x", x)
    with record.raises("made in no_grad"):
        record("quiet", quiet.mul_(x))


@scenario
def data_and_set_of_conjugates(torch: Any, record: Recorder) -> None:
    z, c = _data(torch), _data(torch).conj()
    z.data = c
    record("data", [z, _bits(z)])
    z.data = _data(torch)
    record("data again", [z, _bits(z)])
    w = _data(torch)
    w.set_(c)
    record("set_", [w, _bits(w)])


@scenario
def versions_are_shared_with_conjugates(torch: Any, record: Recorder) -> None:
    z = _data(torch)
    c, i = z.conj(), z.conj().imag
    i.add_(1)
    c.mul_(2)
    record("versions", [z._version, c._version, i._version])
    x = _data(torch).requires_grad_()
    y = (x * z).sum()
    c.zero_()
    with record.raises("backward"):
        y.backward(torch.tensor(1 + 0j))


# Parts --------------------------------------------------------------------------------------------


@scenario
def parts_are_views(torch: Any, record: Recorder) -> None:
    y = _leaf(torch) * 1
    for name, part in {"real": y.real, "imag": y.imag, "pairs": torch.view_as_real(y)}.items():
        record(name, [part, _bits(part), part._base is y])
        record.graph(f"{name} graph", part)


@scenario
def parts_of_conjugates(torch: Any, record: Recorder) -> None:
    c = (_leaf(torch) * 1).conj()
    record("real", [c.real, _bits(c.real)])
    record("imag", [c.imag, _bits(c.imag)])
    record.graph("real graph", c.real)
    record.graph("imag graph", c.imag)
    record("computed", [c.imag * 2, c.imag + c.imag, -c.imag, c.imag.abs(), c.imag.sum()])


@scenario
def parts_are_set(torch: Any, record: Recorder) -> None:
    z = _data(torch)
    z.real = torch.tensor([7.0, 8.0])
    z.imag = torch.tensor([1.0, 2.0])
    record("z", z)
    z.imag.neg_()
    z.conj().imag.add_(1)
    record("through views", z)
    c = _data(torch).conj()
    c.imag = torch.tensor([5.0, 6.0])
    record("conjugate", [c, c._base])
    with record.raises("number"):
        z.real = 3
    with record.raises("shape"):
        z.real = torch.ones(3)
    x = _data(torch).requires_grad_()
    with record.raises("leaf"):
        x.real = torch.ones(2)


@scenario
def gradients_through_set_parts(torch: Any, record: Recorder) -> None:
    x, r = _data(torch).requires_grad_(), torch.tensor([3.0, 4.0], requires_grad=True)
    y = x * 1
    y.real = r
    y.imag.mul_(2)
    record("y", y)
    record.graph("graph", y)
    (y * y).real.sum().backward()
    record("grads", [x.grad + 0, r.grad + 0])


@scenario
def view_as_complex_is_a_view(torch: Any, record: Recorder) -> None:
    pairs = torch.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
    y = pairs * 1
    z = torch.view_as_complex(y)
    record("z", [z, z._base is y])
    z.mul_(1j)
    record("y", y)
    record.graph("graph", y)
    record.graph("view graph", z)
    (z * z).real.sum().backward()
    record("grad", pairs.grad + 0)
    bad: dict[str, Callable[[], Any]] = {
        "last dim": lambda: torch.view_as_complex(torch.ones(3)),
        "no dim": lambda: torch.view_as_complex(torch.ones(())),
        "dtype": lambda: torch.view_as_complex(torch.ones(2, dtype=torch.int64)),
        "stride": lambda: torch.view_as_complex(torch.ones(2, 2).t()),
        "pairs of real": lambda: torch.view_as_real(torch.ones(2)),
    }
    for name, case in bad.items():
        with record.raises(name):
            case()


@scenario
def negative_views(torch: Any, record: Recorder) -> None:
    y = _leaf(torch) * 1
    n = torch._neg_view(y)
    record("complex", [n, _bits(n)])
    record.graph("graph", n)
    record("real", [torch._neg_view(y.real), _bits(torch._neg_view(y.real))])
    record("twice", _bits(torch._neg_view(torch._neg_view(y.real))))
    record("conj", [n.conj(), _bits(n.conj())])
    record.graph("resolved graph", n.conj().resolve_neg().resolve_conj())
    record("parts", [n.real, _bits(n.real), n.imag, _bits(n.imag)])
    record("part of conj", [n.conj().imag, _bits(n.conj().imag)])
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    v = x * 1
    torch._neg_view(v).add_(torch.tensor([10.0, 20.0]))
    record("written", v)
    (v * v).sum().backward()
    record("grad", x.grad + 0)


@scenario
def negative_views_in_real_arithmetic(torch: Any, record: Recorder) -> None:
    x = torch.tensor([[1.0 + 2j, 3 - 1j], [0.5j, 2 + 0j]], requires_grad=True)
    n = x.conj().imag
    results: dict[str, Callable[[], Any]] = {
        "add": lambda: n + 1,
        "reversed": lambda: 1 - n,
        "mul": lambda: n * n,
        "exp": lambda: n.exp(),
        "matmul": lambda: n @ n,
        "relu": lambda: n.relu(),
        "max": lambda: n.max(),
        "sort": lambda: n.sort()[0],
        "cat": lambda: torch.cat([n, n]),
        "index": lambda: n[torch.tensor([1])],
        "compare": lambda: n > 0,
        "sum": lambda: n.sum(0),
        "std": lambda: n.std(),
        "softmax": lambda: n.softmax(0),
        "where": lambda: torch.where(n > 0, n, n * 0),
        "to": lambda: n.double(),
        "clamp": lambda: n.clamp(-1, 1),
        "pow": lambda: n**2,
        "linear": lambda: torch.nn.functional.linear(n, n),
        "number": lambda: n[0, 0].item(),
    }
    for name, result in results.items():
        record(name, result(), ulps=16)
    (n * n).sum().backward()
    record("grad", x.grad + 0)


# Gradients ----------------------------------------------------------------------------------------


@scenario
def gradients_are_conjugate(torch: Any, record: Recorder) -> None:
    functions: dict[str, Callable[[Any], Any]] = {
        "abs": lambda x: x.abs(),
        "square": lambda x: (x * x).real,
        "conj": lambda x: (x * x.conj()).real,
        "imag": lambda x: x.imag,
        "conj imag": lambda x: x.conj().imag,
        "angle": lambda x: x.angle(),
        "exp": lambda x: x.exp().real,
        "sin": lambda x: x.sin().imag,
        "reciprocal": lambda x: (1 / x).real,
        "sqrt": lambda x: x.sqrt().real,
        "sgn": lambda x: x.sgn().real,
        "H": lambda x: (x.H @ x).real,
        "matmul": lambda x: (x @ x.conj()).imag,
        "pairs": lambda x: torch.view_as_real(x) ** 2,
        "conj_physical": lambda x: torch.conj_physical(x).imag * x.real,
        "cumprod": lambda x: x.cumprod(0).real,
        "prod": lambda x: x.prod().real,
        "norm": lambda x: torch.linalg.vector_norm(x),
        "pow": lambda x: (x**3).real,
        "vdot": lambda x: torch.vdot(x[0], x[1]).real,
    }
    for name, function in functions.items():
        x = torch.tensor([[1 + 2j, 3 - 1j], [0.5j, 2 + 1j]], requires_grad=True)
        function(x).sum().backward()
        record(name, x.grad + 0, ulps=64)


@scenario
def roots_that_are_complex(torch: Any, record: Recorder) -> None:
    x = _data(torch).requires_grad_()
    with record.raises("backward"):
        (x * x).sum().backward()
    with record.raises("grad"):
        torch.autograd.grad((x * x).sum(), x)
    (x * x).sum().backward(torch.tensor(1j))
    record("given", x.grad + 0)
    with record.raises("real gradient"):
        (x * x).sum().backward(torch.tensor(1.0))
    with record.raises("complex gradient of a real root"):
        x.abs().sum().backward(torch.tensor(1j))


@scenario
def lazy_gradients_are_given(torch: Any, record: Recorder) -> None:
    x = _data(torch).requires_grad_()
    given = torch.tensor([1 + 1j, 2j]).conj()
    (x * 2).backward(given)
    record("grad", x.grad + 0)
    (x * 1j).backward(given)
    record("sum", x.grad + 0)
    x.grad = torch.tensor([1j, 2j]).conj()
    (x * 3).backward(torch.ones(2, dtype=torch.complex64))
    record("lazy grad", [x.grad + 0, x.grad.is_conj()])


@scenario
def gradients_of_real_operands_are_real(torch: Any, record: Recorder) -> None:
    r, z = torch.tensor([1.0, 2.0], requires_grad=True), _data(torch).requires_grad_()
    y = r * z + r
    record("y", y)
    record.graph("graph", y)
    y.abs().sum().backward()
    record("grads", [r.grad + 0, z.grad + 0], ulps=16)
    n = torch.tensor(2.0, requires_grad=True)
    (n * z.detach()).imag.sum().backward()
    record("number", n.grad + 0)
    w = torch.zeros(2, dtype=torch.complex64)
    r.grad = None
    w.copy_(r)
    w.mul_(1j)
    w.imag.sum().backward()
    record("copied", r.grad + 0)


@scenario
def casts_between_real_and_complex(torch: Any, record: Recorder) -> None:
    r = torch.tensor([1.0, 2.0], requires_grad=True)
    z = r.to(torch.complex128)
    record("to complex", z)
    (z * (1 + 2j)).imag.sum().backward()
    record("grad", r.grad + 0)
    x = _data(torch).requires_grad_()
    y = x.to(torch.float32)
    record("to real", y)
    y.sum().backward()
    record("complex grad", x.grad + 0)
    record("complex()", torch.complex(r.detach(), r.detach()))
    t = torch.zeros(2)
    with record.raises("copy_ into real"):
        t.copy_(_data(torch).conj())
    record("t", t)


@scenario
def second_derivatives(torch: Any, record: Recorder) -> None:
    functions: dict[str, Callable[[Any], Any]] = {
        "conj": lambda x: (x.conj() ** 2 * x).real,
        "abs": lambda x: x.abs() ** 2,
        "imag of conj": lambda x: x.conj().imag ** 3,
        "H": lambda x: (x.view(1, 2).H @ x.view(1, 2)).abs() ** 2,
        "pairs": lambda x: torch.view_as_real(x) ** 3,
    }
    for name, function in functions.items():
        x = _data(torch).requires_grad_()
        (first,) = torch.autograd.grad(function(x).sum(), x, create_graph=True)
        (second,) = torch.autograd.grad((first * first.conj()).real.sum(), x)
        record(name, [first.detach() + 0, second + 0], ulps=256)


@scenario
def recorded_gradients_are_lazy(torch: Any, record: Recorder) -> None:
    x = _data(torch).requires_grad_()
    (grad,) = torch.autograd.grad((x.conj() ** 2).sum(), x, torch.tensor(1 + 1j), create_graph=True)
    record("grad", [grad, _bits(grad)])
    record.graph("graph", grad)


@scenario
def saved_conjugates(torch: Any, record: Recorder) -> None:
    x, w = _data(torch).requires_grad_(), torch.tensor([2 + 1j, 1j])
    y = x * w.conj()
    record("saved", [y.grad_fn._saved_other, y.grad_fn._saved_other.is_conj()])
    y.sum().backward(torch.tensor(1 + 0j))
    record("grad", x.grad + 0)
    y = x * w.conj()
    w.add_(1)
    with record.raises("written"):
        y.sum().backward(torch.tensor(1 + 0j))


@scenario
def hooks_on_conjugates(torch: Any, record: Recorder) -> None:
    x = _data(torch).requires_grad_()
    c = x.conj()
    c.register_hook(lambda grad: record("hook", grad + 0))
    c.retain_grad()
    (c * 1j).real.sum().backward()
    record("grads", [x.grad + 0, c.grad + 0])


@scenario
def conjugates_in_transforms(torch: Any, record: Recorder) -> None:
    z = torch.tensor([[1 + 2j, 3 - 1j], [0.5j, 2 + 0j]])
    record("vmap", torch.func.vmap(lambda row: row.conj() * row)(z))
    record("vmap of conj", torch.func.vmap(lambda row: row * 1j)(z.conj()))
    record("imag", torch.func.vmap(lambda row: row.imag + 1)(z))
    record("grad", torch.func.grad(lambda t: (t.conj() * t).real.sum())(z) + 0)


@scenario
def overlaps_with_conjugates(torch: Any, record: Recorder) -> None:
    z = _data(torch)
    with record.raises("itself conjugated"):
        z.mul_(z.conj())
    record("z", z)
    with record.raises("copy_"):
        z.copy_(z.conj())
    record("copied", z)
    with record.raises("shifted"):
        z[1:].copy_(z[:1].conj())
    record("shifted z", z)


@scenario
def conj_physical_in_place(torch: Any, record: Recorder) -> None:
    x = _data(torch).requires_grad_()
    y = x * 1
    y.conj_physical_()
    record("y", y)
    record.graph("graph", y)
    y.imag.sum().backward()
    record("grad", x.grad + 0)
    record("real", torch.tensor([1.0]).conj_physical_())
    record("out", torch.conj_physical(_data(torch), out=torch.zeros(2, dtype=torch.complex64)))


@scenario
def gradients_stay_lazy_on_their_way(torch: Any, record: Recorder) -> None:
    """A conjugate's gradient is one, and so are its views, up to a leaf that takes it over."""
    programs: dict[str, Any] = {
        "conj": lambda x: x.conj(),
        "twice": lambda x: x.conj().conj(),
        "adjoint": lambda x: x.mH,
        "of a part": lambda x: x.conj()[0],
        "of another shape": lambda x: x.conj().view(4),
        "expanded": lambda x: x.conj().expand(2, 2, 2),
        "times a number": lambda x: x.conj() * (2 + 1j),
        "a sum of two": lambda x: x.conj() + x.conj(),
        "imaginary part": lambda x: x.conj().imag,
        "kept": lambda x: (x * 1).conj(),
    }
    for label, program in programs.items():
        x = torch.tensor([[1 + 2j, 3 - 1j], [0.5j, -2.0]], requires_grad=True)
        seen: list[Any] = []
        x.register_hook(lambda gradient, seen=seen: seen.append(gradient.is_conj()))
        y = program(x)
        y.backward(torch.full_like(y, 2 + 1j if y.is_complex() else 2))
        record(label, [seen, x.grad.is_conj(), x.grad.is_neg(), x.grad.resolve_conj()])
        record(f"{label}, version", x.grad._version)
        (x * 2).sum().backward(torch.tensor(1j))
        record(f"{label}, added to", [x.grad.is_conj(), x.grad.resolve_conj()])
