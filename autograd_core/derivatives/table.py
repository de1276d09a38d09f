"""``op()`` makes an entry, its node class and the function that calls it."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from ..engine.modes import forward_level
from ..engine.tangents import refuse_unsupported
from ..sizes import Layout
from ..tensor import Tensor
from .call import call, history
from .entry import PROMOTE, Entry, Formula, Marker, Refusal, Unread
from .fast_calls import specialised, specialised_inplace
from .op_node import OpNode

TABLE: dict[str, list[Entry]] = {}
"""All entries by node name."""


class Op:
    """What ``op()`` returns the type of: a function with its entry and its in-place form."""

    entry: Entry
    check: Callable[..., None] | None
    inplace: Callable[..., Tensor]
    operator: Callable[..., Any]
    history: Callable[[list[Any], Tensor], OpNode]
    """The node that the op would give an output, without computing it."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Run the op on Tensors."""


def op(
    name: str,
    signature: str,
    *,
    kernel: Callable[..., Any] | None = None,
    promote: Marker = PROMOTE,
    outputs: str = "result",
    fixed_outputs: str = "",
    lists: str = "",
    joint: Formula | None = None,
    tangent: Formula | Marker | None = None,
    view: bool = False,
    multi_view: bool = False,
    elementwise: bool = True,
    layout: Layout | None = None,
    refuses: dict[str, Refusal] | None = None,
    check: Callable[..., None] | None = None,
    aten: str = "",
    complex_gradient: bool = True,
    gives_real_parts: bool = True,
    shown: dict[str, Any] | None = None,
    writes: dict[str, int] | None = None,
    **roles: Any,
) -> Any:
    """Add an entry to the table and return its function.

    Args:
        name: torch's node name, ``""`` for an op that has no gradient.
        signature: kernel name and arguments, ``"gather(self, dim, index)"``.
        kernel: ``(xp, *arguments)`` where the backend has no function of the signature's name.
        promote: PROMOTE, INT_TO_FLOAT or AS_GIVEN.
        outputs: names of the outputs, in order; those in ``fixed_outputs`` have no gradient.
            One name also stands for a list of outputs, whose formula takes ``grads``.
        lists: names of the arguments that are lists of tensors.
        joint: one formula for the inputs marked JOINT; returns their gradients in order.
        tangent: LINEAR, POINTWISE, or a formula; None where torch has no forward AD.
        view: the output shares memory with the first argument; multi_view: all outputs do.
        elementwise: promoted operands are read element by element; False says otherwise.
        layout: the strides of the result, if not those of pointwise ops or the kernel's.
        refuses: kinds of dtype that torch refuses to compute in ("bi" is bool and integers).
        shown: options that torch's node shows and this form of the op does not take, with the
            values that they have for it; HIDDEN for what formulas name and the node does not show.
        check: called with the arguments first; raises of operands that do not fit, as torch does.
        aten: what torch's messages call the function, where the kernel has another name.
        complex_gradient: False where torch refuses to record a complex result.
        gives_real_parts: False where torch gives a complex gradient to a real input, and refuses
            it.
        writes: by input, how often torch's formula writes its gradient in place: the version tells.
        roles: per tensor argument its gradient formula or NON_DIFFERENTIABLE, OPERAND, JOINT; per
            Python number that takes part in promotion, NUMBER.

    The entry is read when it is first used; one that names what does not exist fails then.
    """
    entry = Unread(
        name,
        signature,
        roles,
        kernel=kernel,
        promote=promote,
        outputs=outputs,
        fixed_outputs=fixed_outputs,
        lists=lists,
        joint=joint,
        tangent=tangent,
        view=view,
        multi_view=multi_view,
        elementwise=elementwise,
        layout=layout,
        refuses=refuses or {},
        aten=aten,
        shown=shown or {},
        writes=writes or {},
        gives_real_parts=gives_real_parts,
    )
    if name:
        TABLE.setdefault(name, []).append(entry)
    kernel_name = signature.partition("(")[0]
    function = specialised(entry, kernel_name)
    if not complex_gradient:
        function = _real_only(function, entry)
    function = _checked(function, entry, check)
    function.__name__ = function.__qualname__ = kernel_name
    function.__doc__ = f"{signature} -> {outputs.replace(' ', ', ')}"
    function.entry = entry
    function.check = check
    function.inplace = _checked(specialised_inplace(entry, f"{kernel_name}_"), entry, check, True)
    function.history = functools.partial(history, entry)
    function.operator = specialised(entry, kernel_name, _operator_call)
    entry.function = function
    return function


def _real_only(run: Any, entry: Entry) -> Any:
    """Return the function with torch's refusal of complex results that would be differentiated."""

    def checked(*args: Any, **kwargs: Any) -> Any:
        made = run(*args, **kwargs)
        first = made[0] if isinstance(made, tuple) else made
        if first.requires_grad and first.is_complex():
            raise RuntimeError(
                f"{entry.aten} does not support automatic differentiation for outputs with complex "
                "dtype."
            )
        return made

    return checked


def _checked(
    run: Any, entry: Entry, check: Callable[..., None] | None, inplace: bool = False
) -> Any:
    if check is None:
        return run

    def checked(*args: Any, **kwargs: Any) -> Any:
        if forward_level.current is not None:
            refuse_unsupported(entry, entry.bind(*args, **kwargs), inplace)
        check(*args, **kwargs)
        return run(*args, **kwargs)

    checked.__name__ = run.__name__
    return checked


def _operator_call(entry: Entry, values: list[Any]) -> Any:
    """Run the op, or leave operands that torch does not know to their own operators."""
    for i in entry.inputs:
        if not isinstance(values[i], (Tensor, int, float, complex)):
            return NotImplemented
    return call(entry, values)
