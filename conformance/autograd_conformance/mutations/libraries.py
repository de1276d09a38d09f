"""Bugs of a whole library: torch itself under another name, with one function replaced."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

from autograd_conformance.mutations.mutation import Mutation
from autograd_conformance.mutations.planting import Mirror

Gradients = Callable[[Any, list[Any], list[Any]], list[Any]]


def _gradients(change: Gradients) -> Mirror:
    """``autograd.grad`` passes the list of its results through ``change(torch, them, inputs)``."""

    def wrong(torch: Any, right: Any) -> Any:
        def grad(outputs: Any, inputs: Any, *args: Any, **kwargs: Any) -> Any:
            found = right(outputs, inputs, *args, **kwargs)
            return tuple(change(torch, list(found), list(inputs)))

        return grad

    return Mirror("autograd.grad", wrong)


def _first(change: Callable[[Any, Any], Any]) -> Mirror:
    """The first gradient of a list is changed."""
    return _gradients(lambda torch, found, inputs: [change(torch, found[0]), *found[1:]])


def _widened(torch: Any, gradients: list[Any], inputs: list[Any]) -> list[Any]:
    shape = torch.broadcast_shapes(*(g.shape for g in gradients))
    return [g.expand(shape) for g in gradients]


def _filled(torch: Any, gradients: list[Any], inputs: list[Any]) -> list[Any]:
    pairs = zip(gradients, inputs, strict=True)
    return [torch.zeros_like(i) if g is None else g for g, i in pairs]


def _copied(torch: Any, right: Any) -> Any:
    def transpose(x: Any, *args: Any) -> Any:
        y = right(x, *args)
        return torch.empty_strided(y.shape, y.stride(), dtype=y.dtype).copy_(y)

    return transpose


def _unpacked(torch: Any, right: Any) -> Any:
    def unpack(tensor: Any, **kwargs: Any) -> Any:
        found = right(tensor, **kwargs)
        return found._replace(tangent=-found.tangent)

    return unpack


def _own_exp(backward: Callable[[Any, Any, Any], Any]) -> Callable[[Any, Any], Any]:
    """An ``exp`` that is a custom function with ``backward(torch, x, grad)``."""

    def wrong(torch: Any, right: Any) -> Any:
        class Exp(torch.autograd.Function):
            @staticmethod
            def forward(ctx: Any, x: Any) -> Any:
                ctx.save_for_backward(x)
                return right(x)

            @staticmethod
            def backward(ctx: Any, grad: Any) -> Any:
                return backward(torch, ctx.saved_tensors[0], grad)

        return Exp.apply

    return wrong


def _uncounted(torch: Any, right: Any) -> Any:
    def leaky_relu(x: Any, *args: Any, inplace: bool = False, **kwargs: Any) -> Any:
        with torch.autograd._unsafe_preserve_version_counter(x):
            return right(x, *args, inplace=inplace, **kwargs)

    return leaky_relu


def _writing(torch: Any, right: Any) -> Any:
    def exp(x: Any) -> Any:
        result = right(x)
        x.detach().mul_(2)
        return result

    return exp


def _warning(torch: Any, right: Any) -> Any:
    def exp(x: Any) -> Any:
        warnings.warn("exp is deprecated", UserWarning, stacklevel=2)
        return right(x)

    return exp


def _drawing(torch: Any, right: Any) -> Any:
    """Draws a number more than the function needs."""

    def wrong(*args: Any, **kwargs: Any) -> Any:
        result = right(*args, **kwargs)
        torch.rand(())
        return result

    return wrong


def _forgetting(torch: Any, right: Any) -> Any:
    def instance_norm(x: Any, **kwargs: Any) -> Any:
        for name in {"running_mean", "running_var"} & kwargs.keys():
            kwargs[name] = None if kwargs[name] is None else kwargs[name].clone()
        return right(x, **kwargs)

    return instance_norm


def _refusing(kind: type[Exception]) -> Callable[[Any, Any], Any]:
    def wrong(torch: Any, right: Any) -> Any:
        def cat(*args: Any, **kwargs: Any) -> Any:
            raise kind("no")

        return cat

    return wrong


def _one_maximum(torch: Any, right: Any) -> Any:
    def amax(x: Any, dim: Any = (), keepdim: bool = False) -> Any:
        if isinstance(dim, int):
            return torch.max(x, dim, keepdim).values
        return right(x, dim, keepdim)

    return amax


_VALUES = "gradient 0: values differ"
_STRUCTURE = "structure of the result differs"
_EXP = ("exp|float64|values",)
_GRADIENT = ("exp|float64|gradients",)
_GRAPH = ("exp|float64|graph",)
_ACCUMULATE = "node torch::autograd::AccumulateGrad(input 0) is "

MUTATIONS = (
    Mutation(
        "library-gradient-negated",
        "The gradient has the wrong sign.",
        _first(lambda torch, g: -g),
        _GRADIENT,
        (_VALUES,),
    ),
    Mutation(
        "library-gradient-slightly-off",
        "The gradient is wrong in the twelfth digit.",
        _first(lambda torch, g: g * (1 + 1e-12)),
        _GRADIENT,
        (_VALUES,),
    ),
    Mutation(
        "library-gradient-constant",
        "The gradient is 1 whatever the input and the cotangent.",
        _first(lambda torch, g: torch.ones_like(g)),
        _GRADIENT,
        (_VALUES,),
    ),
    Mutation(
        "library-gradient-nan",
        "The gradient is NaN everywhere.",
        _first(lambda torch, g: g.new_full(g.shape, float("nan"))),
        _GRADIENT,
        ("gradient 0: nan in other places",),
    ),
    Mutation(
        "library-gradient-none",
        "There is no gradient where torch has one.",
        _first(lambda torch, g: None),
        _GRADIENT,
        ("gradient 0: expected a tensor, got None",),
    ),
    Mutation(
        "library-gradient-in-single-precision",
        "The gradient has another dtype than its input.",
        _first(lambda torch, g: g.float()),
        _GRADIENT,
        ("gradient 0: dtype differs",),
    ),
    Mutation(
        "library-nan-turned-to-0",
        "A NaN of the gradient is turned to 0.",
        _first(lambda torch, g: torch.nan_to_num(g)),
        ("__rpow__|float64|gradients",),
        ("gradient 0: nan in other places",),
    ),
    Mutation(
        "library-gradient-with-another-dim",
        "The gradient has a dim too many.",
        _first(lambda torch, g: g.unsqueeze(0)),
        _GRADIENT,
        ("gradient 0: shape differs",),
    ),
    Mutation(
        "library-broadcast-reduction-dropped",
        "Gradients of operands that were broadcast are not summed.",
        _gradients(_widened),
        ("mul|float64|gradients",),
        ("gradient 0: shape differs", "gradient 1: shape differs"),
    ),
    Mutation(
        "library-gradient-too-many",
        "An input that torch gives no gradient gets zeros.",
        _gradients(_filled),
        ("nn.functional.hinge_embedding_loss|float64|gradients",),
        ("gradient 1: expected None, got a tensor",),
    ),
    Mutation(
        "library-value-slightly-off",
        "The value is wrong in the twelfth digit.",
        Mirror("exp", lambda torch, right: lambda x: right(x) * (1 + 1e-12)),
        _EXP,
        ("output 0: values differ",),
    ),
    Mutation(
        "library-value-in-single-precision",
        "The result has another dtype.",
        Mirror("exp", lambda torch, right: lambda x: right(x).float()),
        _EXP,
        ("output 0: dtype differs",),
    ),
    Mutation(
        "library-result-in-a-tuple",
        "A tuple is returned instead of a tensor.",
        Mirror("exp", lambda torch, right: lambda x: (right(x),)),
        _EXP,
        (_STRUCTURE,),
    ),
    Mutation(
        "library-named-tuple-lost",
        "A plain tuple is returned instead of torch's named one.",
        Mirror("sort", lambda torch, right: lambda *a, **k: tuple(right(*a, **k))),
        ("sort|float64|values",),
        (_STRUCTURE,),
    ),
    Mutation(
        "library-result-detached",
        "The result does not require a gradient.",
        Mirror("exp", lambda torch, right: lambda x: right(x).detach()),
        ("exp|float64|attributes",),
        ("output 0: requires_grad differs",),
    ),
    Mutation(
        "library-another-node",
        "The node has another name.",
        Mirror("exp", lambda torch, right: torch.exp2),
        _GRAPH,
        ("node ExpBackward0 is Exp2Backward0",),
    ),
    Mutation(
        "library-one-node-too-many",
        "A copy stands in the graph that torch does not make.",
        Mirror("exp", lambda torch, right: lambda x: right(x.clone())),
        _GRAPH,
        (_ACCUMULATE + "CloneBackward0",),
    ),
    Mutation(
        "library-edges-swapped",
        "The two edges of a node are swapped.",
        Mirror("dot", lambda torch, right: lambda x, y: right(y, x)),
        ("dot|float64|graph",),
        (_ACCUMULATE + "torch::autograd::AccumulateGrad(input 1)",),
    ),
    Mutation(
        "library-edge-lost",
        "An edge of a node leads nowhere.",
        Mirror("dot", lambda torch, right: lambda x, y: right(x, y.detach())),
        ("dot|float64|graph",),
        ("edges of DotBackward0 differ",),
    ),
    Mutation(
        "library-aliasing-lost",
        "A view is a copy with the view's strides.",
        Mirror("transpose", _copied),
        ("transpose|float64|values",),
        ("output 0: shares memory with other inputs",),
    ),
    Mutation(
        "library-view-unknown-to-autograd",
        "The node of a view is that of a copy.",
        Mirror("transpose", _copied),
        ("transpose|float64|attributes",),
        ("output 0: grad_fn differs",),
    ),
    Mutation(
        "library-strides-off",
        "A transposed tensor is contiguous.",
        Mirror("transpose", lambda torch, right: lambda x, *a: right(x, *a).contiguous()),
        ("transpose|float64|values",),
        ("output 0: strides differ",),
    ),
    Mutation(
        "library-tangent-negated",
        "The tangent has the wrong sign.",
        Mirror("autograd.forward_ad.unpack_dual", _unpacked),
        ("exp|float64|tangents",),
        ("tangent 0: values differ",),
    ),
    Mutation(
        "library-gradient-not-differentiable",
        "The gradient is right and cannot be differentiated again.",
        Mirror("exp", _own_exp(lambda torch, x, grad: (grad * torch.exp(x)).detach())),
        ("exp|float64|second_order",),
        ("requires_grad of the gradients differs",),
    ),
    Mutation(
        "library-second-order-term-dropped",
        "The gradient is right, a term of its own gradient is missing.",
        Mirror("exp", _own_exp(lambda t, x, grad: grad * t.exp(x).detach() * (1 + 0 * x))),
        ("exp|float64|second_order",),
        ("second-order gradient 0: values differ",),
    ),
    Mutation(
        "library-version-bump-missing",
        "A write in place is not counted.",
        Mirror("nn.functional.leaky_relu", _uncounted),
        ("nn.functional.leaky_relu|float64|inplace",),
        ("output 0: version differs",),
    ),
    Mutation(
        "library-input-written-to",
        "A call out of place changes its input.",
        Mirror("exp", _writing),
        _EXP,
        ("input 0 after the call: values differ",),
    ),
    Mutation(
        "library-input-version-moved",
        "A call out of place counts a write to its input.",
        Mirror("exp", _writing),
        ("exp|float64|attributes",),
        ("versions of the inputs differ",),
    ),
    Mutation(
        "library-warning-too-many",
        "A call warns where torch's does not.",
        Mirror("exp", _warning),
        ("exp|float64|warnings",),
        ("forward: number of warnings differs",),
    ),
    Mutation(
        "library-random-stream-moved",
        "A call that is not random draws a number.",
        Mirror("exp", _drawing),
        ("exp|float64|generator",),
        ("the next random numbers differ",),
    ),
    Mutation(
        "library-dropout-draws-once-more",
        "Dropout gives torch's result and leaves the random stream a number further.",
        Mirror("nn.functional.dropout", _drawing),
        ("nn.functional.dropout|float64|generator",),
        ("the next random numbers differ",),
    ),
    Mutation(
        "library-running-statistics-left-alone",
        "A buffer that torch updates keeps its values.",
        Mirror("nn.functional.instance_norm", _forgetting),
        ("nn.functional.instance_norm|float64|values",),
        ("input 1 after the call: values differ",),
    ),
    Mutation(
        "library-running-statistics-not-counted",
        "A buffer that torch updates keeps its version.",
        Mirror("nn.functional.instance_norm", _forgetting),
        ("nn.functional.instance_norm|float64|attributes",),
        ("versions of the inputs differ",),
    ),
    Mutation(
        "library-wrong-error-text",
        "What torch refuses is refused in other words.",
        Mirror("cat", _refusing(RuntimeError)),
        ("cat|any|errors",),
        ("message text differs",),
    ),
    Mutation(
        "library-wrong-error-type",
        "What torch refuses is refused with another type of exception.",
        Mirror("cat", _refusing(LookupError)),
        ("cat|any|errors",),
        ("raises LookupError for RuntimeError", "raises LookupError for TypeError"),
    ),
    Mutation(
        "library-nothing-refused",
        "What torch refuses is accepted.",
        Mirror("cat", lambda torch, right: lambda *args, **kwargs: torch.ones(1)),
        ("cat|any|errors",),
        ("accepts what torch refuses",),
    ),
    Mutation(
        "library-lambda-of-the-database",
        "An op that torch's database calls through a lambda with a closure is off by 1.",
        Mirror("polygamma", lambda torch, right: lambda n, x: right(n, x) + 1),
        ("polygamma.polygamma_n_1|float64|values",),
        ("output 0: values differ",),
    ),
)
