"""autograd.functional: products with Jacobians and Hessians, both whole, what strict refuses."""

from __future__ import annotations

from typing import Any

from autograd_conformance.scenarios.recording import Recorder, scenario


def _points(torch: Any, requires_grad: bool = False) -> tuple[Any, Any]:
    x = torch.tensor([0.5, 1.0, 2.0], requires_grad=requires_grad)
    y = torch.tensor([[1.0, -1.0, 0.5], [2.0, 0.25, -0.5]], requires_grad=requires_grad)
    return x, y


@scenario
def public_names(torch: Any, record: Recorder) -> None:
    record("all", sorted(torch.autograd.functional.__all__))


@scenario
def vjp_of_one_input(torch: Any, record: Recorder) -> None:
    x, y = _points(torch)
    functional = torch.autograd.functional
    record("vector output", functional.vjp(lambda a: a.exp(), x, torch.ones(3)))
    record("number", functional.vjp(lambda a: (a * a).sum(), x))
    record("number with v", functional.vjp(lambda a: (a * a).sum(), x, torch.tensor(2.0)))
    record("one element, not 0-d", functional.vjp(lambda a: (a * a).sum().reshape(1, 1), x))
    record("matrix", functional.vjp(lambda a: a @ a.t(), y, torch.ones(2, 2)))


@scenario
def vjp_of_tuples(torch: Any, record: Recorder) -> None:
    x, y = _points(torch)
    functional = torch.autograd.functional
    record("two inputs", functional.vjp(lambda a, b: b @ a, (x, y), torch.ones(2)))
    record("one in a tuple", functional.vjp(lambda a: a.sin(), (x,), torch.ones(3)))
    record(
        "two outputs",
        functional.vjp(lambda a: (a.sin(), a.sum()), x, (torch.ones(3), torch.tensor(2.0))),
    )
    record("one output in a tuple", functional.vjp(lambda a: (a.sin(),), x, (torch.ones(3),)))
    record("v not in a tuple", functional.vjp(lambda a: (a.sin(),), x, torch.ones(3)))


@scenario
def vjp_with_create_graph(torch: Any, record: Recorder) -> None:
    x, y = _points(torch, True)
    v = torch.tensor([1.0, 2.0], requires_grad=True)
    out, product = torch.autograd.functional.vjp(
        lambda a, b: b @ a.exp(), (x, y), v, create_graph=True
    )
    record("output", out)
    record("product", product)
    record("gradients", torch.autograd.grad(product[0].sum(), (x, y, v)))
    record.graph("graph of the output", out)


@scenario
def vjp_without_create_graph(torch: Any, record: Recorder) -> None:
    x, y = _points(torch, True)
    record("results", torch.autograd.functional.vjp(lambda a, b: b @ a, (x, y), torch.ones(2)))
    record("no grads", (x.grad, y.grad))
    with torch.no_grad():
        record("under no_grad", torch.autograd.functional.vjp(lambda a: a.exp(), x, torch.ones(3)))
        record(
            "under no_grad, create_graph",
            torch.autograd.functional.vjp(lambda a: a.exp(), x, torch.ones(3), create_graph=True),
        )


@scenario
def create_graph_of_inputs_without_grad(torch: Any, record: Recorder) -> None:
    x, _ = _points(torch)
    functional = torch.autograd.functional
    one = torch.ones(3)
    record("vjp", functional.vjp(lambda a: a.exp(), x, one, create_graph=True))
    record("jvp", functional.jvp(lambda a: a.exp(), x, one, create_graph=True))
    record("hvp", functional.hvp(lambda a: a.pow(3).sum(), x, one, create_graph=True))
    record("vhp", functional.vhp(lambda a: a.pow(3).sum(), x, one, create_graph=True))
    record("jacobian", functional.jacobian(lambda a: a.exp(), x, create_graph=True))
    record("hessian", functional.hessian(lambda a: a.pow(3).sum(), x, create_graph=True))


@scenario
def inputs_are_replaced(torch: Any, record: Recorder) -> None:
    x, _ = _points(torch, True)
    seen = []

    def function(a: Any) -> Any:
        seen.append((a is x, a.is_leaf, a.requires_grad, a.data_ptr() == x.data_ptr()))
        return (a * x).sum()

    record("captured x is constant", torch.autograd.functional.vjp(function, x))
    record(
        "captured x is constant, create_graph",
        torch.autograd.functional.vjp(function, x, create_graph=True),
    )
    record("seen", seen)


@scenario
def vjp_refuses(torch: Any, record: Recorder) -> None:
    x, _ = _points(torch)
    vjp = torch.autograd.functional.vjp
    with record.raises("no v for a vector"):
        vjp(lambda a: a.exp(), x)
    with record.raises("no v for two outputs"):
        vjp(lambda a: (a.sum(), a.sum()), x)
    with record.raises("v of another size"):
        vjp(lambda a: a.exp(), x, torch.ones(2))
    with record.raises("v that would broadcast"):
        vjp(lambda a: a.exp(), x, torch.ones(1))
    with record.raises("two for one"):
        vjp(lambda a: a.exp(), x, (torch.ones(3), torch.ones(3)))
    with record.raises("one for two"):
        vjp(lambda a: (a.exp(), a), x, torch.ones(3))
    with record.raises("second of another size"):
        vjp(lambda a: (a.exp(), a), x, (torch.ones(3), torch.ones(2)))


@scenario
def what_is_no_tensor_is_refused(torch: Any, record: Recorder) -> None:
    x, _ = _points(torch)
    functional = torch.autograd.functional
    for name in ("vjp", "jvp", "hvp", "vhp", "jacobian", "hessian"):
        function = getattr(functional, name)
        for label, inputs in {
            "a number": 1.0,
            "a list": [x],
            "a tuple with a number": (x, 2),
            "None": None,
        }.items():
            with record.raises(f"{name} of {label}"):
                function(lambda *a: a[0].sum(), inputs)
        for label, output in {
            "a number": 3.0,
            "a list": [x],
            "a tuple with a number": (x, 2),
        }.items():
            with record.raises(f"{name} of a function that returns {label}"):
                function(lambda a, output=output: output, x)
    for name in ("vjp", "jvp", "hvp", "vhp"):
        with record.raises(f"{name} with a list as v"):
            getattr(functional, name)(lambda a: a.exp().sum(), x, [torch.ones(3)])
        with record.raises(f"{name} with a number in a tuple as v"):
            getattr(functional, name)(lambda a: a.exp().sum(), x, (1.0,))


@scenario
def jvp_of_one_input(torch: Any, record: Recorder) -> None:
    x, y = _points(torch)
    jvp = torch.autograd.functional.jvp
    record("vector", jvp(lambda a: a.exp(), x, torch.ones(3)))
    record("number", jvp(lambda a: (a * a).sum(), x, torch.tensor([1.0, 0.0, 2.0])))
    record("from a number", jvp(lambda a: a * y, torch.tensor(2.0)))
    record("from one element", jvp(lambda a: a * y, torch.tensor([[2.0]])))
    record("matrix", jvp(lambda a: a @ a.t(), y, torch.ones(2, 3)))


@scenario
def jvp_of_tuples(torch: Any, record: Recorder) -> None:
    x, y = _points(torch)
    jvp = torch.autograd.functional.jvp
    ones = (torch.ones(3), torch.ones(2, 3))
    record("two inputs", jvp(lambda a, b: b @ a, (x, y), ones))
    record("two outputs", jvp(lambda a, b: (b @ a, a.sum()), (x, y), ones))
    record("one in a tuple", jvp(lambda a: (a.exp(),), (x,), (torch.ones(3),)))


@scenario
def jvp_with_create_graph(torch: Any, record: Recorder) -> None:
    x, y = _points(torch, True)
    v = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
    out, product = torch.autograd.functional.jvp(lambda a: y @ a.exp(), x, v, create_graph=True)
    record("output", out)
    record("product", product)
    record("gradients", torch.autograd.grad(product.sum(), (x, y, v)))
    with torch.no_grad():
        record(
            "under no_grad",
            torch.autograd.functional.jvp(lambda a: a.exp(), x, v, create_graph=True),
        )


@scenario
def jvp_refuses(torch: Any, record: Recorder) -> None:
    x, y = _points(torch)
    jvp = torch.autograd.functional.jvp
    with record.raises("no v for a vector"):
        jvp(lambda a: a.sum(), x)
    with record.raises("no v for two inputs"):
        jvp(lambda a, b: a + b, (torch.tensor(1.0), torch.tensor(2.0)))
    with record.raises("v of another size"):
        jvp(lambda a: a.exp(), x, torch.ones(2))
    with record.raises("one for two"):
        jvp(lambda a, b: b @ a, (x, y), torch.ones(3))
    with record.raises("two for one"):
        jvp(lambda a: a, x, (torch.ones(3), torch.ones(3)))
    with record.raises("second of another size"):
        jvp(lambda a, b: b @ a, (x, y), (torch.ones(3), torch.ones(3)))


@scenario
def products_with_hessians(torch: Any, record: Recorder) -> None:
    x, y = _points(torch)
    functional = torch.autograd.functional
    for name in ("vhp", "hvp"):
        function = getattr(functional, name)
        v = torch.tensor([1.0, 2.0, -1.0])
        record(f"{name}", function(lambda a: a.pow(3).sum(), x, v))
        record(f"{name} in a tuple", function(lambda a: a.pow(3).sum(), (x,), (v,)))
        record(
            f"{name} of two",
            function(lambda a, b: (b @ a).pow(2).sum(), (x, y), (v, torch.ones(2, 3))),
        )
        record(f"{name} of a number", function(lambda a: a.pow(3), torch.tensor(2.0)))
        record(f"{name} of one element", function(lambda a: a.pow(3), torch.tensor([2.0])))
        record(f"{name} of a linear function", function(lambda a: a.sum(), x, v))
        record(f"{name} of a constant", function(lambda a: torch.tensor(1.0), x, v))
        record(
            f"{name} of one used and one unused",
            function(lambda a, b: a.pow(2).sum(), (x, y), (v, torch.ones(2, 3))),
        )


@scenario
def products_with_hessians_keep_the_graph(torch: Any, record: Recorder) -> None:
    x, y = _points(torch, True)
    for name in ("vhp", "hvp"):
        function = getattr(torch.autograd.functional, name)
        v = torch.tensor([1.0, 2.0, -1.0], requires_grad=True)
        out, product = function(lambda a: (y @ a.exp()).pow(2).sum(), x, v, create_graph=True)
        record(f"{name}: output", out)
        record(f"{name}: product", product, ulps=32)
        record(f"{name}: gradients", torch.autograd.grad(product.sum(), (x, y, v)), ulps=32)
        with torch.no_grad():
            record(f"{name}: no_grad", function(lambda a: a.pow(3).sum(), x, v))


@scenario
def products_with_hessians_refuse(torch: Any, record: Recorder) -> None:
    x, y = _points(torch)
    for name in ("vhp", "hvp"):
        function = getattr(torch.autograd.functional, name)
        with record.raises(f"{name}: no v"):
            function(lambda a: a.sum(), x)
        with record.raises(f"{name}: v of another size"):
            function(lambda a: a.sum(), x, torch.ones(2))
        with record.raises(f"{name}: two for one"):
            function(lambda a: a.sum(), x, (torch.ones(3), torch.ones(3)))
        with record.raises(f"{name}: one for two"):
            function(lambda a, b: a.sum(), (x, y), torch.ones(3))
        with record.raises(f"{name}: a vector as output"):
            function(lambda a: a.exp(), x, torch.ones(3))
        with record.raises(f"{name}: a tuple as output"):
            function(lambda a: (a.sum(),), x, torch.ones(3))


@scenario
def jacobians(torch: Any, record: Recorder) -> None:
    x, y = _points(torch)
    jacobian = torch.autograd.functional.jacobian
    record("vector", jacobian(lambda a: a.exp(), x))
    record("number", jacobian(lambda a: a.exp().sum(), x))
    record("matrix", jacobian(lambda b: b @ x, y))
    record("matrix of a vector", jacobian(lambda a: a[:, None] * y[0], x))
    record("two inputs", jacobian(lambda a, b: b @ a, (x, y)))
    record("two outputs", jacobian(lambda a: (a.exp(), a.sum()), x))
    record("two and two", jacobian(lambda a, b: (b @ a, a * 2), (x, y)))
    record("one in a tuple", jacobian(lambda a: a.exp(), (x,)))
    record("one out in a tuple", jacobian(lambda a: (a.exp(),), x))
    record("number of a number", jacobian(lambda a: a.exp(), torch.tensor(1.0)))
    record("transposed", jacobian(lambda b: b.t(), y))


@scenario
def jacobians_of_what_does_not_depend(torch: Any, record: Recorder) -> None:
    x, y = _points(torch)
    jacobian = torch.autograd.functional.jacobian
    record("constant", jacobian(lambda a: torch.ones(2), x))
    record("one of two inputs", jacobian(lambda a, b: a.exp(), (x, y)))
    record("one of two outputs", jacobian(lambda a: (a.exp(), torch.ones(2)), x))
    record("the input itself", jacobian(lambda a: a, x))
    record("integers", jacobian(lambda a: (a.exp(), a.argmax()), x))
    with record.raises("empty"):
        record("it", jacobian(lambda a: a[:0], x))
    with record.raises("empty tuple of outputs"):
        record("it", jacobian(lambda a: (), x))
    with record.raises("empty tuple of inputs"):
        record("it", jacobian(lambda: torch.ones(1), ()))


@scenario
def jacobians_with_create_graph(torch: Any, record: Recorder) -> None:
    x, y = _points(torch, True)
    jacobian = torch.autograd.functional.jacobian
    whole = jacobian(lambda a: y @ a.exp(), x, create_graph=True)
    record("jacobian", whole)
    record("gradients", torch.autograd.grad(whole.sum(), (x, y)))
    record("without", jacobian(lambda a: y @ a.exp(), x))
    record("of two", jacobian(lambda a, b: b @ a, (x, y), create_graph=True))
    with torch.no_grad():
        record("under no_grad", jacobian(lambda a: a.exp(), x))
        record("under no_grad, create_graph", jacobian(lambda a: a.exp(), x, create_graph=True))


@scenario
def unknown_strategies(torch: Any, record: Recorder) -> None:
    x, _ = _points(torch)
    functional = torch.autograd.functional
    with record.raises("jacobian"):
        functional.jacobian(lambda a: a, x, strategy="sideways")
    with record.raises("hessian"):
        functional.hessian(lambda a: a.sum(), x, outer_jacobian_strategy="sideways")
    with record.raises("forward with create_graph"):
        functional.jacobian(lambda a: a, x, create_graph=True, strategy="forward-mode")
    with record.raises("forward with strict"):
        functional.jacobian(lambda a: a, x, strict=True, strategy="forward-mode")
    with record.raises("forward without vectorize"):
        functional.jacobian(lambda a: a, x, strategy="forward-mode")
    with record.raises("forward without vectorize, no tensor"):
        functional.jacobian(lambda a: a, 1.0, strategy="forward-mode")
    with record.raises("hessian forward without vectorize"):
        functional.hessian(lambda a: a.sum(), x, outer_jacobian_strategy="forward-mode")
    with record.raises("vectorize with strict"):
        functional.jacobian(lambda a: a, x, strict=True, vectorize=True)
    with record.raises("hessian vectorize with strict"):
        functional.hessian(lambda a: a.pow(3).sum(), x, strict=True, vectorize=True)


@scenario
def jacobians_vectorized(torch: Any, record: Recorder) -> None:
    x, y = _points(torch)
    jacobian = torch.autograd.functional.jacobian
    for options in ({}, {"strategy": "forward-mode"}):
        for label, function, inputs in [
            ("vector", lambda a: a.exp(), x),
            ("number", lambda a: (a * a).sum(), x),
            ("two inputs", lambda a, b: b @ a, (x, y)),
            ("two outputs", lambda a: (a.sin(), a.sum()), x),
            ("two and two", lambda a, b: (b @ a, a * 2), (x, y)),
            ("one in a tuple", lambda a: a.exp(), (x,)),
            ("one out in a tuple", lambda a: (a.exp(),), x),
            ("one unused", lambda a, b: a.exp(), (x, y)),
        ]:
            record(f"{label} {options}", jacobian(function, inputs, vectorize=True, **options))


@scenario
def jacobians_vectorized_with_create_graph(torch: Any, record: Recorder) -> None:
    x, y = _points(torch, True)
    jacobian = torch.autograd.functional.jacobian
    whole = jacobian(lambda a: y @ a.exp(), x, create_graph=True, vectorize=True)
    record("values", whole.detach())
    record("requires grad", whole.requires_grad)
    record("gradients", torch.autograd.grad(whole.sum(), (x, y)))


@scenario
def hessians(torch: Any, record: Recorder) -> None:
    x, y = _points(torch)
    hessian = torch.autograd.functional.hessian
    record("one input", hessian(lambda a: a.pow(3).sum(), x))
    record("two inputs", hessian(lambda a, b: (b @ a).pow(2).sum(), (x, y)))
    record("one in a tuple", hessian(lambda a: a.pow(3).sum(), (x,)))
    record("one element, not 0-d", hessian(lambda a: a.pow(3).sum().reshape(1, 1), x))
    record("number", hessian(lambda a: a.pow(3), torch.tensor(2.0)))
    record("linear", hessian(lambda a: a.sum(), x))
    record("constant", hessian(lambda a: torch.tensor(1.0), x))
    record("one unused", hessian(lambda a, b: a.pow(2).sum(), (x, y)))


@scenario
def hessians_with_create_graph(torch: Any, record: Recorder) -> None:
    x, y = _points(torch, True)
    hessian = torch.autograd.functional.hessian
    whole = hessian(lambda a: (y @ a).pow(3).sum(), x, create_graph=True)
    record("hessian", whole, ulps=32)
    record("gradients", torch.autograd.grad(whole.sum(), (x, y)), ulps=64)
    record("without", hessian(lambda a: a.pow(3).sum(), x))


@scenario
def hessians_vectorized(torch: Any, record: Recorder) -> None:
    x, y = _points(torch)
    hessian = torch.autograd.functional.hessian
    for strategy in ("reverse-mode", "forward-mode"):
        options = {"vectorize": True, "outer_jacobian_strategy": strategy}
        record(f"{strategy}: one", hessian(lambda a: a.pow(3).sum(), x, **options))
        record(
            f"{strategy}: two",
            hessian(lambda a, b: (b @ a).pow(2).sum(), (x, y), **options),
            ulps=16,
        )


@scenario
def hessians_refuse(torch: Any, record: Recorder) -> None:
    x, _ = _points(torch)
    hessian = torch.autograd.functional.hessian
    with record.raises("vector"):
        hessian(lambda a: a.exp(), x)
    with record.raises("tuple"):
        hessian(lambda a: (a.sum(),), x)
    with record.raises("empty"):
        hessian(lambda a: a[:0], x)


@scenario
def strict_needs_outputs_that_depend(torch: Any, record: Recorder) -> None:
    x, y = _points(torch)
    functional = torch.autograd.functional
    v, one = torch.ones(3), torch.tensor(1.0)
    with record.raises("vjp of a constant"):
        functional.vjp(lambda a: torch.ones(3), x, v, strict=True)
    with record.raises("vjp of two, one constant"):
        functional.vjp(lambda a: (a.exp(), torch.ones(3)), x, (v, v), strict=True)
    with record.raises("vjp of one unused"):
        functional.vjp(lambda a, b: a.sum(), (x, y), one, strict=True)
    with record.raises("vjp of another graph"):
        functional.vjp(lambda a: torch.ones(3, requires_grad=True) * 2, x, v, strict=True)
    with record.raises("jvp of a constant"):
        functional.jvp(lambda a: torch.ones(3), x, v, strict=True)
    with record.raises("jvp of one unused"):
        functional.jvp(lambda a, b: a.sum(), (x, y), (v, torch.ones(2, 3)), strict=True)
    with record.raises("jvp of a linear function"):
        record("it", functional.jvp(lambda a: a * 2, x, v, strict=True))
    with record.raises("jacobian of a constant"):
        functional.jacobian(lambda a: torch.ones(3), x, strict=True)
    with record.raises("jacobian of one unused"):
        functional.jacobian(lambda a, b: a.exp(), (x, y), strict=True)
    with record.raises("jacobian of two outputs, one of each"):
        functional.jacobian(lambda a, b: (a.exp(), b.exp()), (x, y), strict=True)


@scenario
def strict_with_create_graph(torch: Any, record: Recorder) -> None:
    x, _ = _points(torch, True)
    functional = torch.autograd.functional
    v = torch.ones(3)
    with record.raises("vjp of a linear function"):
        functional.vjp(lambda a: a * 2, x, v, create_graph=True, strict=True)
    with record.raises("jvp of a linear function"):
        functional.jvp(lambda a: a * 2, x, v, create_graph=True, strict=True)
    with record.raises("jacobian of a linear function"):
        functional.jacobian(lambda a: a * 2, x, create_graph=True, strict=True)
    with record.raises("vhp of a square"):
        functional.vhp(lambda a: a.pow(2).sum(), x, v, create_graph=True, strict=True)
    with record.raises("hvp of a square"):
        functional.hvp(lambda a: a.pow(2).sum(), x, v, create_graph=True, strict=True)
    with record.raises("hessian of a square"):
        functional.hessian(lambda a: a.pow(2).sum(), x, create_graph=True, strict=True)
    with record.raises("hessian of a cube"):
        record(
            "it", functional.hessian(lambda a: a.pow(3).sum(), x, create_graph=True, strict=True)
        )


@scenario
def strict_second_order(torch: Any, record: Recorder) -> None:
    x, y = _points(torch)
    functional = torch.autograd.functional
    v = torch.ones(3)
    both = (v, torch.ones(2, 3))
    for name in ("vhp", "hvp"):
        function = getattr(functional, name)
        with record.raises(f"{name} of a constant"):
            function(lambda a: torch.tensor(1.0), x, v, strict=True)
        with record.raises(f"{name} of a linear function"):
            function(lambda a: a.sum(), x, v, strict=True)
        with record.raises(f"{name} of one unused"):
            function(lambda a, b: a.pow(2).sum(), (x, y), both, strict=True)
        with record.raises(f"{name} of one linear"):
            function(lambda a, b: a.pow(2).sum() + b.sum(), (x, y), both, strict=True)
        with record.raises(f"{name} of a separable function"):
            record(
                "it",
                function(lambda a, b: a.pow(2).sum() + b.pow(2).sum(), (x, y), both, strict=True),
            )
    with record.raises("hessian of a constant"):
        functional.hessian(lambda a: torch.tensor(1.0), x, strict=True)
    with record.raises("hessian of a linear function"):
        functional.hessian(lambda a: a.sum(), x, strict=True)
    with record.raises("hessian of one unused"):
        functional.hessian(lambda a, b: a.pow(2).sum(), (x, y), strict=True)
    with record.raises("hessian of a separable function"):
        functional.hessian(lambda a, b: a.pow(2).sum() + b.pow(2).sum(), (x, y), strict=True)
    record("hessian", functional.hessian(lambda a: a.pow(3).sum(), x, strict=True))


@scenario
def complex_functions(torch: Any, record: Recorder) -> None:
    functional = torch.autograd.functional
    z = torch.tensor([1.0 + 2.0j, -0.5 + 1.0j])
    v = torch.tensor([1.0 - 1.0j, 2.0 + 0.5j])
    record("vjp", functional.vjp(lambda a: a * a, z, v))
    record("jvp", functional.jvp(lambda a: a * a, z, v))
    record("vjp of abs", functional.vjp(lambda a: a.abs().sum(), z))
    record("jvp of abs", functional.jvp(lambda a: a.abs(), z, v))
    with record.raises("jacobian"):
        record("it", functional.jacobian(lambda a: a * a, z))
    record("jacobian of abs", functional.jacobian(lambda a: a.abs(), z))
    with record.raises("vjp of a complex number without v"):
        functional.vjp(lambda a: a.sum(), z)
    with record.raises("hessian of a real function"):
        record("it", functional.hessian(lambda a: (a * a.conj()).real.sum(), z))


@scenario
def dtypes_of_results(torch: Any, record: Recorder) -> None:
    functional = torch.autograd.functional
    x = torch.tensor([1.0, 2.0], dtype=torch.float64)
    record(
        "vjp in double", functional.vjp(lambda a: a.exp(), x, torch.ones(2, dtype=torch.float64))
    )
    with record.raises("v of another dtype"):
        record("it", functional.vjp(lambda a: a.exp(), x, torch.ones(2)))
    record("to float", functional.jacobian(lambda a: a.to(torch.float32) ** 2, x))
    with record.raises("integers"):
        functional.jacobian(lambda a: a, torch.tensor([1, 2]))
    with record.raises("integers as v"):
        record("it", functional.vjp(lambda a: a.exp(), x, torch.tensor([1, 2])))
    record(
        "half", functional.jacobian(lambda a: a * 2, torch.tensor([1.0, 2.0], dtype=torch.float16))
    )


@scenario
def functions_may_write_and_view(torch: Any, record: Recorder) -> None:
    functional = torch.autograd.functional
    x, y = _points(torch)

    def writes(a: Any) -> Any:
        b = a.clone()
        b[0] = a[1] * a[2]
        b.mul_(2)
        return b

    record("jacobian", functional.jacobian(writes, x))
    record("jvp", functional.jvp(writes, x, torch.ones(3)))
    with record.raises("writes its input"):
        functional.vjp(lambda a: a.mul_(2), x, torch.ones(3))
    record("x", x)
    record("views", functional.jacobian(lambda a: a.t()[1:], y))


@scenario
def functionals_nest(torch: Any, record: Recorder) -> None:
    functional = torch.autograd.functional
    x, _ = _points(torch)

    def gradient(a: Any) -> Any:
        return functional.vjp(lambda b: b.pow(3).sum(), a, create_graph=True)[1]

    record("jacobian of a vjp", functional.jacobian(gradient, x))
    record("jvp of a vjp", functional.jvp(gradient, x, torch.ones(3))[1])
    record(
        "jacobian of a jacobian",
        functional.jacobian(
            lambda a: functional.jacobian(lambda b: b.pow(3).sum(), a, create_graph=True), x
        ),
    )


@scenario
def results_have_no_history(torch: Any, record: Recorder) -> None:
    functional = torch.autograd.functional
    x, _ = _points(torch)
    weight = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
    record("vjp", functional.vjp(lambda a: a * weight, x, torch.ones(3)))
    record("jvp", functional.jvp(lambda a: a * weight, x, torch.ones(3)))
    record("jacobian", functional.jacobian(lambda a: a * weight, x))
    record("weight has no grad", weight.grad)
    record(
        "jvp with create_graph",
        functional.jvp(lambda a: a * weight, x, torch.ones(3), create_graph=True),
    )


@scenario
def grad_mode_inside_the_function(torch: Any, record: Recorder) -> None:
    functional = torch.autograd.functional
    x, _ = _points(torch)
    seen = []

    def function(a: Any) -> Any:
        seen.append((torch.is_grad_enabled(), a.requires_grad))
        return a.exp().sum()

    with torch.no_grad():
        functional.vjp(function, x)
        functional.jvp(function, x, torch.ones(3))
        functional.jacobian(function, x)
        functional.hessian(function, x)
        functional.vhp(function, x, torch.ones(3))
    record("seen", seen)
    with torch.no_grad():
        record("constant inside", functional.jacobian(lambda a: a.exp().detach(), x))
