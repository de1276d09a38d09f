"""torch.autograd.functional: products with Jacobians and Hessians of functions, and those whole."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ..batching.level import over_batch
from ..engine.backward import run_rows
from ..engine.modes import enable_grad, is_grad_enabled, modes, set_grad_enabled
from ..engine.node import gradient_edge
from ..engine.views import differentiable_xp
from ..namespaces.joining import cat, stack
from ..tensor import Tensor, wrap
from . import forward_ad
from .differentiation import grad

__all__ = ["hessian", "hvp", "jacobian", "jvp", "vhp", "vjp"]

Tensors = tuple[Tensor, ...]

_OUTPUTS = "outputs of the user-provided function"


def vjp(
    func: Callable[..., Any],
    inputs: Any,
    v: Any = None,
    create_graph: bool = False,
    strict: bool = False,
) -> tuple[Any, Any]:
    """Return the outputs, and the vector ``v`` times their Jacobian at ``inputs``.

    Args:
        func: takes the inputs, returns a Tensor or a tuple of them.
        inputs: a Tensor or a tuple of them.
        v: shaped as the outputs; may be left out for one output of one element.
        create_graph: the results can be differentiated with respect to ``inputs`` and ``v``.
        strict: an input that the outputs do not depend on is an error, not zeros.

    Raises:
        TypeError: something is no Tensor.
        RuntimeError: ``v`` does not fit, or what ``strict`` forbids.
    """
    with enable_grad():
        nested, points = _tensors(inputs, "inputs", "vjp")
        points = _prepared(points, create_graph, True)
        many, outputs = _tensors(func(*points), _OUTPUTS, "vjp")
        _check_outputs(outputs, strict)
        if v is None:
            if len(outputs) != 1 or outputs[0].nelement() != 1:
                raise RuntimeError(
                    "The vector v can only be None if the user-provided function returns a single "
                    "Tensor with a single element."
                )
            cotangents: Tensors | None = None
        else:
            cotangents = _vector(v, outputs, many, "vjp", create_graph)
    with set_grad_enabled(create_graph or is_grad_enabled()):
        found = _gradients(outputs, points, cotangents, create_graph=create_graph)
        product = _filled(found, points, strict, create_graph, _BACK)
    return (
        _packed(_finished(outputs, create_graph), many),
        _packed(_finished(product, create_graph), nested),
    )


def jvp(
    func: Callable[..., Any],
    inputs: Any,
    v: Any = None,
    create_graph: bool = False,
    strict: bool = False,
) -> tuple[Any, Any]:
    """Return the outputs, and their Jacobian at ``inputs`` times the vector ``v``.

    This is the derivative, by a second backward, of ``vjp`` in its vector; forward mode
    (``forward_ad``) does the same in one pass. Arguments and errors are those of ``vjp``, but for
    ``v``, which is shaped as the inputs.
    """
    with enable_grad():
        nested, points = _tensors(inputs, "inputs", "jvp")
        points = _prepared(points, create_graph, True)
        vector = _vector_at_inputs(v, points, nested, "jvp", create_graph)
        many, outputs = _tensors(func(*points), _OUTPUTS, "jvp")
        _check_outputs(outputs, strict)
        cotangents = _zeros(outputs)
        grads = _gradients(outputs, points, cotangents, create_graph=True)
        if strict:
            _check_gradients(grads, _GRADIENT_IS_CONSTANT)
    with set_grad_enabled(create_graph or is_grad_enabled()):
        found = _gradients(grads, cotangents, vector, create_graph=create_graph)
        product = _filled(found, outputs, strict, create_graph, _BACK_TRICK)
    return (
        _packed(_finished(outputs, create_graph), many),
        _packed(_finished(product, create_graph), many),
    )


def vhp(
    func: Callable[..., Any],
    inputs: Any,
    v: Any = None,
    create_graph: bool = False,
    strict: bool = False,
) -> tuple[Any, Any]:
    """Return the output of one element, and the vector ``v`` times its Hessian at ``inputs``.

    Arguments and errors are those of ``vjp``, but for ``v``, which is shaped as the inputs.
    """
    with enable_grad():
        nested, points, vector, outputs, jacobian_row = _first_order(
            func, inputs, v, "vhp", create_graph, strict
        )
    with set_grad_enabled(create_graph or is_grad_enabled()):
        found = _gradients(jacobian_row, points, vector, create_graph=create_graph)
        product = _filled(found, points, strict, create_graph, _DOUBLE_BACK)
    return (
        _packed(_finished(outputs, create_graph), False),
        _packed(_finished(product, create_graph), nested),
    )


def hvp(
    func: Callable[..., Any],
    inputs: Any,
    v: Any = None,
    create_graph: bool = False,
    strict: bool = False,
) -> tuple[Any, Any]:
    """Return the output of one element, and its Hessian at ``inputs`` times the vector ``v``.

    Where second derivatives are continuous this is ``vhp``, which needs one backward less.
    Arguments and errors are those of ``vhp``.
    """
    with enable_grad():
        nested, points, vector, outputs, jacobian_row = _first_order(
            func, inputs, v, "hvp", create_graph, strict
        )
        cotangents = _zeros(points)
        twice = _gradients(jacobian_row, points, cotangents, create_graph=True)
        if strict:
            _check_gradients(jacobian_row, _HESSIAN_IS_CONSTANT)
    with set_grad_enabled(create_graph or is_grad_enabled()):
        found = _gradients(twice, cotangents, vector, create_graph=create_graph)
        product = _filled(found, points, strict, create_graph, _DOUBLE_BACK_TRICK)
    return (
        _packed(_finished(outputs, create_graph), False),
        _packed(_finished(product, create_graph), nested),
    )


def _first_order(
    func: Callable[..., Any], inputs: Any, v: Any, name: str, create_graph: bool, strict: bool
) -> tuple[bool, Tensors, Tensors | None, Tensors, Sequence[Any]]:
    """Return what both products with a Hessian start from, its last the gradients of the output."""
    nested, points = _tensors(inputs, "inputs", name)
    points = _prepared(points, create_graph, True)
    vector = _vector_at_inputs(v, points, nested, name, create_graph)
    many, outputs = _tensors(func(*points), _OUTPUTS, name)
    _check_outputs(outputs, strict)
    _check_one_number(name, many, outputs)
    jacobian_row = _gradients(outputs, points, create_graph=True)
    if strict:
        _check_gradients(jacobian_row, _JACOBIAN_IS_CONSTANT)
    return nested, points, vector, outputs, jacobian_row


def jacobian(
    func: Callable[..., Any],
    inputs: Any,
    create_graph: bool = False,
    strict: bool = False,
    vectorize: bool = False,
    strategy: str = "reverse-mode",
) -> Any:
    """Return the derivatives of each output with respect to each input.

    Args:
        func: takes the inputs, returns a Tensor or a tuple of them.
        inputs: a Tensor or a tuple of them.
        create_graph: the result can be differentiated; in reverse mode only.
        strict: an output that does not depend on an input is an error, not zeros.
        vectorize: all rows (in forward mode, columns) at once, as a batch.
        strategy: ``"reverse-mode"``, a backward per element of the outputs, or ``"forward-mode"``.

    Returns:
        for one output and one input a Tensor of the output's shape followed by the input's; a
        tuple of outputs, or of inputs, makes (nested) tuples of such, outputs outermost.

    Raises:
        TypeError: something is no Tensor.
        RuntimeError: what ``strict`` forbids; ``strict`` with ``vectorize`` or forward mode.
        NotImplementedError: forward mode without ``vectorize`` or with ``create_graph``.
        AssertionError: an unknown strategy.
    """
    if strategy not in _STRATEGIES:
        raise AssertionError(
            'Expected strategy to be either "forward-mode" or "reverse-mode". Hint: If your '
            'function has more outputs than inputs, "forward-mode" tends to be more performant. '
            'Otherwise, prefer to use "reverse-mode".'
        )
    if strategy == "forward-mode":
        if create_graph:
            raise NotImplementedError(
                "torch.autograd.functional.jacobian: `create_graph=True` and "
                '`strategy="forward-mode"` are not supported together (yet). Please either set '
                '`create_graph=False` or `strategy="reverse-mode"`.'
            )
        return _forward_jacobian(func, inputs, strict, vectorize)
    with enable_grad():
        nested, points = _tensors(inputs, "inputs", "jacobian")
        points = _prepared(points, create_graph, True)
        many, outputs = _tensors(func(*points), _OUTPUTS, "jacobian")
        _check_outputs(outputs, strict)
        if vectorize:
            if strict:
                raise RuntimeError(
                    "torch.autograd.functional.jacobian: `strict=True` and `vectorized=True` are "
                    "not supported together. Please either set `strict=False` or "
                    "`vectorize=False`."
                )
            blocks = _rows_at_once(outputs, points, create_graph)
        else:
            blocks = tuple(
                _rows_one_by_one(k, output, points, create_graph, strict)
                for k, output in enumerate(outputs)
            )
        _refuse_empty(blocks)
        blocks = tuple(_finished(row, create_graph) for row in blocks)
    return _unpacked(blocks, many, nested)


_STRATEGIES = ("forward-mode", "reverse-mode")


def _rows_one_by_one(
    number: int, output: Tensor, inputs: Tensors, create_graph: bool, strict: bool
) -> Tensors:
    """Return the derivatives of one output, by one backward per element."""
    if not (create_graph or strict):
        blocks = _rows_in_pieces(output, inputs)
        if blocks is not None:
            return blocks
    rows: list[list[Tensor]] = [[] for _ in inputs]
    for j in range(output.nelement()):
        grads = _gradients(
            (output.reshape(-1)[j],), inputs, retain_graph=True, create_graph=create_graph
        )
        for k, found in enumerate(grads):
            if found is None:
                if strict:
                    raise RuntimeError(
                        f"Output {number} of the user-provided function is independent of input "
                        f"{k}. This is not allowed in strict mode."
                    )
                found = differentiable_xp().zeros_like(inputs[k])
            elif strict and create_graph and not found.requires_grad:
                raise RuntimeError(
                    "The jacobian of the user-provided function is independent of input "
                    f"{number}. This is not allowed in strict mode when create_graph=True."
                )
            rows[k].append(found)
    return tuple(
        stack(row, 0).view(output.size() + point.size())
        for row, point in zip(rows, inputs, strict=True)
    )


def _rows_in_pieces(output: Tensor, inputs: Tensors) -> Tensors | None:
    """Return the same of several backwards at a time, None where that could be seen."""
    edges: list[Any] = [gradient_edge(tensor) for tensor in (output, *inputs)]
    if None in edges or not output._dtype.is_floating_point or output.nelement() < 2:
        return None
    pieces = run_rows(edges[0], edges[1:])
    if pieces is None:
        return None
    # Each row starts from an element of its own, as the numbers of later nodes tell.
    before = modes.next_sequence_nr()
    taken = output.reshape(-1)[0].grad_fn.sequence_nr - before
    for _ in range(taken * (output.nelement() - 1) - 1):
        modes.next_sequence_nr()
    blocks = []
    for point, rows in zip(inputs, zip(*pieces), strict=True):
        if rows[0] is None:
            block = point.new_zeros((output.nelement(), *point.shape))
        else:
            block = cat([wrap(row, point._backend.dtype(row), point._backend) for row in rows], 0)
        blocks.append(block.view(output.size() + point.size()))
    return tuple(blocks)


def _rows_at_once(outputs: Tensors, inputs: Tensors, create_graph: bool) -> tuple[Tensors, ...]:
    """Return the derivatives of all outputs, by one backward of a batch of unit vectors."""
    lengths = [output.numel() for output in outputs]
    batches = list(
        _gradients(
            tuple(output.reshape(-1) for output in outputs),
            inputs,
            _unit_vectors(outputs),
            create_graph=create_graph,
            is_grads_batched=True,
        )
    )
    for k, point in enumerate(inputs):
        if batches[k] is None:
            zeros = differentiable_xp().zeros_like(point)
            batches[k] = zeros.expand((sum(lengths), *point.shape))
    columns = [
        [
            part.view(output.shape + point.shape)
            for part, output in zip(batch.split(lengths, 0), outputs, strict=True)
        ]
        for batch, point in zip(batches, inputs, strict=True)
    ]
    return tuple(zip(*columns, strict=True))


def _forward_jacobian(func: Callable[..., Any], inputs: Any, strict: bool, vectorize: bool) -> Any:
    """Return the Jacobian, by one forward pass of a batch of dual tensors."""
    if strict:
        raise RuntimeError(
            'torch.autograd.functional.jacobian: `strict=True` and `strategy="forward-mode"` are '
            "not supported together (yet). Please either set `strict=False` or "
            '`strategy="reverse-mode"`.'
        )
    nested, points = _tensors(inputs, "inputs", "jacobian")
    if not vectorize:
        raise NotImplementedError(
            "Computing Jacobian using forward-AD or forward-over-reverse Hessian isonly "
            "implemented for `vectorize=True`."
        )
    many = False
    primals: list[Tensor] = []

    def columns(tangents: Sequence[Tensor]) -> Tensors:
        nonlocal many
        with forward_ad.dual_level():
            duals = [
                forward_ad.make_dual(point, tangent.view_as(point))
                for point, tangent in zip(points, tangents, strict=True)
            ]
            many, outputs = _tensors(func(*duals), "outputs", None)
            found = []
            for output in outputs:
                primal, tangent = forward_ad.unpack_dual(output)
                primals.append(primal)
                found.append(differentiable_xp().zeros_like(primal) if tangent is None else tangent)
            return tuple(found)

    batches = over_batch(columns, _unit_vectors(points))
    lengths = [point.numel() for point in points]
    # Lists, where a tuple of outputs or of inputs was given: torch's own.
    blocks = [
        [
            part.permute(*range(1, part.ndim), 0).reshape((*output.shape, *point.shape))
            for part, point in zip(batch.split(lengths, 0), points, strict=True)
        ]
        for batch, output in zip(batches, primals, strict=True)
    ]
    return _unpacked(blocks, many, nested)


def hessian(
    func: Callable[..., Any],
    inputs: Any,
    create_graph: bool = False,
    strict: bool = False,
    vectorize: bool = False,
    outer_jacobian_strategy: str = "reverse-mode",
) -> Any:
    """Return the second derivatives of an output of one element: the Jacobian of its Jacobian.

    Arguments and errors are those of ``jacobian``; the strategy is that of the outer one.

    Returns:
        for one input a Tensor of its shape twice over, for a tuple a tuple of tuples of them.
    """
    nested, points = _tensors(inputs, "inputs", "hessian")
    if outer_jacobian_strategy not in _STRATEGIES:
        raise AssertionError('Expected strategy to be either "forward-mode" or "reverse-mode".')

    def number(*values: Tensor) -> Tensor:
        many, outputs = _tensors(func(*values), _OUTPUTS, "hessian")
        _check_outputs(outputs, strict)
        _check_one_number("hessian", many, outputs)
        return outputs[0].squeeze()  # type: ignore[no-any-return]

    def gradient(*values: Tensor) -> Any:
        if outer_jacobian_strategy == "forward-mode":
            values = tuple(value.requires_grad_(True) for value in values)
        row = jacobian(number, values, create_graph=True)
        if strict:
            _check_gradients(row, _JACOBIAN_IS_CONSTANT)
        return row

    blocks = jacobian(
        gradient, points, create_graph, strict, vectorize, strategy=outer_jacobian_strategy
    )
    return _unpacked(blocks, nested, nested)


# Tuples in and out --------------------------------------------------------------------------------


def _tensors(value: Any, what: str, function: str | None) -> tuple[bool, Tensors]:
    """Return whether a tuple was given, and it or the one Tensor as a tuple."""
    nested = isinstance(value, tuple)
    values = value if nested else (value,)
    for k, member in enumerate(values):
        if not isinstance(member, Tensor):
            found = f"value at index {k}" if nested else f"given {what}"
            raise TypeError(
                f"The {what} given to {function} must be either a Tensor or a tuple of Tensors but "
                f"the {found} has type {type(member)}."
            )
    return nested, values


def _packed(values: tuple[Any, ...], nested: bool) -> Any:
    """Return a tuple as it is where one was given, else its only member."""
    return values if nested else values[0]


def _unpacked(blocks: Sequence[Any], many: bool, nested: bool) -> Any:
    """Return the derivatives of each output in each input as deeply nested as those were given."""
    rows = blocks if nested else tuple(row[0] for row in blocks)
    return rows if many else rows[0]


def _refuse_empty(tensors: Sequence[Any]) -> None:
    """Refuse to return nothing, as torch does."""
    if not tensors:
        raise IndexError("tuple index out of range")


def _prepared(tensors: Tensors, create_graph: bool, requires_grad: bool) -> Tensors:
    """Return new Tensors in the place of those given, so that a captured one is told apart."""
    return tuple(
        tensor.view_as(tensor)
        if create_graph and tensor.requires_grad
        else tensor.detach().requires_grad_(requires_grad)
        for tensor in tensors
    )


def _finished(tensors: Sequence[Tensor], create_graph: bool) -> Tensors:
    """Return results without history unless it was asked for."""
    _refuse_empty(tensors)
    return tuple(tensor if create_graph else tensor.detach() for tensor in tensors)


def _zeros(tensors: Tensors) -> Tensors:
    """Return zeros that the products of double backward are linear in."""
    zeros_like = differentiable_xp().zeros_like
    return tuple(zeros_like(tensor).requires_grad_() for tensor in tensors)


def _unit_vectors(tensors: Tensors) -> Tensors:
    """Return the unit vectors of all elements together, a row each, split by tensor."""
    lengths = [tensor.numel() for tensor in tensors]
    parts = []
    before = 0
    for tensor, length in zip(tensors, lengths, strict=True):
        part = tensor.new_zeros(sum(lengths), length)
        part.diagonal(-before).fill_(1)
        parts.append(part)
        before += length
    return tuple(parts)


def _vector(v: Any, like: Tensors, nested: bool, function: str, create_graph: bool) -> Tensors:
    """Return the given vector as a tuple that fits; a new Tensor each, without a leaf's history.

    Raises:
        RuntimeError: it does not fit (torch's text).
    """
    vector = _prepared(_tensors(v, "v", function)[1], create_graph, False)
    if len(vector) != len(like):
        raise RuntimeError(
            f"v is a tuple of invalid length: should be {len(like)} but got {len(vector)}."
            if nested
            else "The given v should contain a single Tensor."
        )
    for k, (part, other) in enumerate(zip(vector, like, strict=True)):
        if part.size() != other.size():
            raise RuntimeError(
                f"{f'Entry {k} in ' if nested else ''}v has invalid size: should be "
                f"{other.size()} but got {part.size()}."
            )
    return vector


def _vector_at_inputs(
    v: Any, inputs: Tensors, nested: bool, function: str, create_graph: bool
) -> Tensors | None:
    """Return the given vector, checked; None when it may be and was left out."""
    if v is not None:
        return _vector(v, inputs, nested, function, create_graph)
    if len(inputs) != 1 or inputs[0].nelement() != 1:
        raise RuntimeError(
            "The vector v can only be None if the input to the user-provided function is a single "
            "Tensor with a single element."
        )
    return None


# Gradients, and what is asked of them -------------------------------------------------------------


def _gradients(
    outputs: Sequence[Tensor | None],
    inputs: Tensors,
    grad_outputs: Tensors | None = None,
    **options: bool,
) -> Sequence[Any]:
    """Return ``grad`` of those outputs that require a gradient; None for inputs not reached."""
    chosen = [k for k, output in enumerate(outputs) if output is not None and output.requires_grad]
    if not chosen:
        return (None,) * len(inputs)
    found: Sequence[Any] = grad(
        tuple(outputs[k] for k in chosen),
        inputs,
        None if grad_outputs is None else tuple(grad_outputs[k] for k in chosen),
        allow_unused=True,
        **options,
    )
    return found


def _check_outputs(outputs: Tensors, strict: bool) -> None:
    """Refuse, in strict mode, outputs that do not require a gradient."""
    for k, output in enumerate(outputs if strict else ()):
        if not output.requires_grad:
            raise RuntimeError(
                f"Output {k} of the user-provided function does not require gradients. The outputs "
                "must be computed in a differentiable manner from the input when running in strict "
                "mode."
            )


def _check_one_number(function: str, many: bool, outputs: Tensors) -> None:
    """Refuse anything but one output of one element."""
    if many:
        raise RuntimeError(f"The function given to {function} should return a single Tensor")
    if outputs[0].nelement() != 1:
        raise RuntimeError(
            f"The Tensor returned by the function given to {function} should contain a single "
            "element"
        )


def _check_gradients(grads: Sequence[Any], constant: str) -> None:
    """Refuse gradients that are not there, or (``constant`` says how) depend on no input."""
    for k, found in enumerate(grads):
        if found is None:
            raise RuntimeError(_BACK[0].format(k))
        if not found.requires_grad:
            raise RuntimeError(constant.format(k))


_GRADIENT_IS_CONSTANT = (
    "The gradient with respect to input {} is independent of the inputs of the user-provided "
    "function. This is not allowed in strict mode."
)
_JACOBIAN_IS_CONSTANT = (
    "While computing the hessian, found that the jacobian of the user-provided function with "
    "respect to input {} is independent of the input. This is not allowed in strict mode. You "
    "should ensure that your function is twice differentiable and that the jacobian depends on the "
    "inputs (this would be violated by a linear function for example)."
)
_HESSIAN_IS_CONSTANT = (
    "The hessian of the user-provided function with respect to input {} is independent of the "
    "input. This is not allowed in strict mode. You should ensure that your function is thrice "
    "differentiable and that the hessian depends on the inputs."
)

_BACK = (
    "The output of the user-provided function is independent of input {}. This is not allowed in "
    "strict mode.",
    "The jacobian of the user-provided function is independent of input {}. This is not allowed in "
    "strict mode when create_graph=True.",
)
_BACK_TRICK = (
    "The gradient with respect to the input is independent of entry {} in the grad_outputs when "
    "using the double backward trick to compute forward mode gradients. This is not allowed in "
    "strict mode.",
    _BACK[1],
)
_DOUBLE_BACK = (
    "The jacobian of the user-provided function is independent of input {}. This is not allowed in "
    "strict mode.",
    "The hessian of the user-provided function is independent of input {}. This is not allowed in "
    "strict mode when create_graph=True.",
)
_DOUBLE_BACK_TRICK = (
    "The hessian of the user-provided function is independent of entry {} in the grad_jacobian. "
    "This is not allowed in strict mode as it prevents from using the double backward trick to "
    "replace forward mode AD.",
    _DOUBLE_BACK[1],
)


def _filled(
    grads: Sequence[Any],
    like: Tensors,
    strict: bool,
    create_graph: bool,
    texts: tuple[str, str],
) -> Tensors:
    """Return gradients with zeros for those not reached.

    Args:
        texts: what strict mode says where one is not reached, and where one that is to be
            differentiated does not depend on anything.
    """
    filled: list[Tensor] = []
    for k, found in enumerate(grads):
        if found is None:
            if strict:
                raise RuntimeError(texts[0].format(k))
            found = differentiable_xp().zeros_like(like[k])
        elif strict and create_graph and not found.requires_grad:
            raise RuntimeError(texts[1].format(k))
        filled.append(found)
    return tuple(filled)
