"""Recurrent layers and cells as modules, along sequences of one length or packed ones."""

from __future__ import annotations

import math
import warnings
from typing import Any

from ...namespaces import NAMESPACES
from ...namespaces.creation import empty, zeros
from ...tensor import Tensor
from .. import init
from ..parameter import Parameter
from ..utils.rnn import PackedSequence
from .module import Module

_GATES = {"LSTM": 4, "GRU": 3, "RNN_TANH": 1, "RNN_RELU": 1}


def _reset(module: Module, hidden_size: int) -> None:
    bound = 1.0 / math.sqrt(hidden_size) if hidden_size > 0 else 0
    for weight in module.parameters():
        init.uniform_(weight, -bound, bound)


class RNNBase(Module):
    """What the recurrent layers share: parameters, their names, checks."""

    __constants__ = (
        "mode", "input_size", "hidden_size", "num_layers", "bias", "batch_first", "dropout",
        "bidirectional", "proj_size",
    )  # fmt: skip

    def __init__(
        self,
        mode: str,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        proj_size: int = 0,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        self.mode = mode
        self.input_size = input_size
        self.hidden_size = hidden_size
        self.num_layers = num_layers
        self.bias = bias
        self.batch_first = batch_first
        self.dropout = float(dropout)
        self.bidirectional = bidirectional
        self.proj_size = proj_size
        self._check(dropout)
        factory = {"device": device, "dtype": dtype}
        gates = _GATES[mode] * hidden_size
        state = proj_size or hidden_size
        self._names: list[str] = []
        for layer in range(num_layers):
            for suffix in ("", "_reverse")[: 1 + bidirectional]:
                width = state * (1 + bidirectional) if layer else input_size
                shapes: dict[str, tuple[int, ...]] = {
                    "weight_ih": (gates, width),
                    "weight_hh": (gates, state),
                }
                if bias:
                    shapes.update(bias_ih=(gates,), bias_hh=(gates,))
                if proj_size:
                    shapes["weight_hr"] = (proj_size, hidden_size)
                for name, shape in shapes.items():
                    self._names.append(f"{name}_l{layer}{suffix}")
                    self.register_parameter(self._names[-1], Parameter(empty(shape, **factory)))
        self.reset_parameters()

    def _check(self, dropout: Any) -> None:
        """Refuse arguments that a layer cannot have (torch's texts)."""
        number = isinstance(dropout, (int, float)) and not isinstance(dropout, bool)
        if not number or not 0 <= dropout <= 1:
            raise ValueError(
                "dropout should be a number in range [0, 1] representing the probability of an "
                "element being zeroed"
            )
        if dropout > 0 and self.num_layers == 1:
            warnings.warn(
                "dropout option adds dropout after all but last recurrent layer, so non-zero "
                f"dropout expects num_layers greater than 1, but got dropout={dropout} and "
                f"num_layers={self.num_layers}",
                stacklevel=3,
            )
        for name, kind in (("bias", bool), ("batch_first", bool), ("input_size", int)):
            self._check_type(name, kind)
        if self.input_size <= 0:
            raise ValueError("input_size must be greater than zero")
        self._check_type("hidden_size", int)
        for name in ("hidden_size", "num_layers"):
            if getattr(self, name) <= 0:
                raise ValueError(f"{name} must be greater than zero")
        if self.proj_size < 0:
            raise ValueError(
                "proj_size should be a positive integer or zero to disable projections"
            )
        if self.proj_size >= self.hidden_size:
            raise ValueError("proj_size has to be smaller than hidden_size")
        if self.mode not in _GATES:
            raise ValueError(f"Unrecognized RNN mode: {self.mode}")

    def _check_type(self, name: str, kind: type) -> None:
        value = getattr(self, name)
        if not isinstance(value, kind):
            raise TypeError(
                f"{name} should be of type {kind.__name__}, got: {type(value).__name__}"
            )

    def reset_parameters(self) -> None:
        _reset(self, self.hidden_size)

    def flatten_parameters(self) -> None:
        """Do nothing: weights lie in memory as they are."""

    @property
    def _flat_weights(self) -> list[Any]:
        return [getattr(self, name) for name in self._names]

    def extra_repr(self) -> str:
        shown = f"{self.input_size}, {self.hidden_size}"
        for name, usual in (
            ("proj_size", 0), ("num_layers", 1), ("bias", True), ("batch_first", False),
            ("dropout", 0), ("bidirectional", False),
        ):  # fmt: skip
            if getattr(self, name) != usual:
                shown += f", {name}={getattr(self, name)}"
        return shown

    def _batched(self, input: Any) -> Any:
        """Return an input with a batch dim.

        Raises:
            ValueError: it has another number of dims (torch's text).
        """
        if input.ndim not in (2, 3):
            kind = "RNN" if self.mode.startswith("RNN") else self.mode
            end = " tensor instead" if kind == "RNN" else " instead"
            raise ValueError(f"{kind}: Expected input to be 2D or 3D, got {input.ndim}D{end}")
        return input if input.ndim == 3 else input.unsqueeze(0 if self.batch_first else 1)

    def _zeros(self, input: Any, width: int) -> Any:
        dtype = (input.data if isinstance(input, PackedSequence) else input).dtype
        return zeros(self._state_shape(input, width), dtype=dtype)

    def _state_shape(self, input: Any, width: int) -> tuple[int, int, int]:
        if isinstance(input, PackedSequence):
            batch = int(input.batch_sizes[0])
        else:
            batch = input.shape[0 if self.batch_first else 1]
        return (self.num_layers * (1 + self.bidirectional), batch, width)

    def _check_input(self, input: Any) -> None:
        weight = self._flat_weights[0]
        if input.dtype != weight.dtype:
            raise ValueError(
                f"RNN input dtype ({input.dtype}) does not match weight dtype ({weight.dtype}). "
                f"Convert input: input.to({weight.dtype}), or convert model: "
                f"model.to({input.dtype})"
            )
        if self.input_size != input.shape[-1]:
            raise RuntimeError(
                "input.size(-1) must be equal to input_size. Expected "
                f"{self.input_size}, got {input.shape[-1]}"
            )

    def _check_state(self, input: Any, state: Any, width: int, name: str = "hidden") -> None:
        expected = self._state_shape(input, width)
        if tuple(state.shape) != expected:
            raise RuntimeError(f"Expected {name} size {expected}, got {list(state.shape)}")

    def _options(self) -> tuple[Any, ...]:
        return (self.bias, self.num_layers, self.dropout, self.training, self.bidirectional)


class _OfOneState(RNNBase):
    """A layer whose state is one tensor."""

    def forward(self, input: Any, hx: Any = None) -> Any:
        if isinstance(input, PackedSequence):
            return self._packed(input, hx)
        batched = input.ndim == 3
        input, given = self._batched(input), hx
        if given is None:
            hx = self._zeros(input, self.hidden_size)
        elif given.ndim != (3 if batched else 2):
            kind, rank = ("batched 3-D", 3) if batched else ("unbatched 2-D", 2)
            raise RuntimeError(
                f"For {kind} input, hx should also be {rank}-D but got {given.ndim}-D tensor"
            )
        elif not batched:
            hx = given.unsqueeze(1)
        self._check_input(input)
        self._check_state(input, hx, self.hidden_size)
        run = NAMESPACES[""][self.mode.lower()]
        output, state = run(input, hx, self._flat_weights, *self._options(), self.batch_first)
        if batched:
            return output, state
        return output.squeeze(0 if self.batch_first else 1), state.squeeze(1)

    def _packed(self, input: PackedSequence, hx: Any) -> Any:
        data, sizes, order, back = input
        hx = self._zeros(input, self.hidden_size) if hx is None else _in_order(hx, order)
        self._check_input(data)
        self._check_state(input, hx, self.hidden_size)
        run = NAMESPACES[""][self.mode.lower()]
        output, state = run(data, sizes, hx, self._flat_weights, *self._options())
        return PackedSequence(output, sizes, order, back), _in_order(state, back)


def _in_order(state: Any, order: Any) -> Any:
    """Return a state (layers, N, H) with its sequences in another order."""
    return state if order is None else state.index_select(1, order)


def _refuse_projection(options: dict[str, Any]) -> None:
    if "proj_size" in options:
        raise ValueError("proj_size argument is only supported for LSTM, not RNN or GRU")


class RNN(_OfOneState):
    """Layers of h = tanh(W x + b + U h + c), or of its positive part."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        _refuse_projection(kwargs)
        if len(args) > 3:
            nonlinearity, args = args[3], args[:3] + args[4:]
        else:
            nonlinearity = kwargs.pop("nonlinearity", "tanh")
        if nonlinearity not in ("tanh", "relu"):
            raise ValueError(
                f"Unknown nonlinearity '{nonlinearity}'. Select from 'tanh' or 'relu'."
            )
        super().__init__(f"RNN_{nonlinearity.upper()}", *args, **kwargs)
        self.nonlinearity = nonlinearity


class GRU(_OfOneState):
    """Layers of gated recurrent units."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        _refuse_projection(kwargs)
        super().__init__("GRU", *args, **kwargs)


class LSTM(RNNBase):
    """Layers of cells with a memory."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__("LSTM", *args, **kwargs)

    def forward(self, input: Any, hx: Any = None) -> Any:
        widths = (self.proj_size or self.hidden_size, self.hidden_size)
        if isinstance(input, PackedSequence):
            return self._packed(input, hx, widths)
        batched = input.ndim == 3
        input = self._batched(input)
        if hx is None:
            hx = tuple(self._zeros(input, width) for width in widths)
        else:
            ranks = (hx[0].ndim, hx[1].ndim)
            if ranks != ((3, 3) if batched else (2, 2)):
                kind, rank = ("batched 3-D", 3) if batched else ("unbatched 2-D", 2)
                raise RuntimeError(
                    f"For {kind} input, hx and cx should also be {rank}-D but got "
                    f"({ranks[0]}-D, {ranks[1]}-D) tensors"
                )
            if not batched:
                hx = tuple(state.unsqueeze(1) for state in hx)
        self._check_input(input)
        for k, width in enumerate(widths):
            self._check_state(input, hx[k], width, f"hidden[{k}]")
        lstm = NAMESPACES[""]["lstm"]
        output, *states = lstm(input, hx, self._flat_weights, *self._options(), self.batch_first)
        if not batched:
            output = output.squeeze(0 if self.batch_first else 1)
            states = [state.squeeze(1) for state in states]
        return output, tuple(states)

    def _packed(self, input: PackedSequence, hx: Any, widths: tuple[int, int]) -> Any:
        data, sizes, order, back = input
        if hx is None:
            hx = tuple(self._zeros(input, width) for width in widths)
        else:
            hx = tuple(_in_order(state, order) for state in hx)
        self._check_input(data)
        for k, width in enumerate(widths):
            self._check_state(input, hx[k], width, f"hidden[{k}]")
        lstm = NAMESPACES[""]["lstm"]
        output, *states = lstm(data, sizes, hx, self._flat_weights, *self._options())
        packed = PackedSequence(output, sizes, order, back)
        return packed, tuple(_in_order(state, back) for state in states)


class RNNCellBase(Module):
    """What the cells share."""

    __constants__: tuple[str, ...] = ("input_size", "hidden_size", "bias")

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool,
        num_chunks: int,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        self.input_size = input_size
        self.hidden_size = hidden_size
        self.bias = bias
        factory = {"device": device, "dtype": dtype}
        gates = num_chunks * hidden_size
        self.weight_ih = Parameter(empty((gates, input_size), **factory))
        self.weight_hh = Parameter(empty((gates, hidden_size), **factory))
        for name in ("bias_ih", "bias_hh"):
            self.register_parameter(name, Parameter(empty(gates, **factory)) if bias else None)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        _reset(self, self.hidden_size)

    def extra_repr(self) -> str:
        shown = f"{self.input_size}, {self.hidden_size}"
        if self.bias is not True:
            shown += f", bias={self.bias}"
        nonlinearity = getattr(self, "nonlinearity", "tanh")
        return shown if nonlinearity == "tanh" else f"{shown}, nonlinearity={nonlinearity}"

    def _check(self, tensor: Any, name: str) -> None:
        if tensor.ndim not in (1, 2):
            raise ValueError(
                f"{type(self).__name__}: Expected {name} to be 1D or 2D, got {tensor.ndim}D instead"
            )

    def _run(self, name: str, input: Any, hx: Any, count: int) -> tuple[Any, ...]:
        """Run one step with ``count`` tensors of state, None for zeros; all may lack the batch."""
        self._check(input, "input")
        for k, state in enumerate(hx or ()):
            self._check(state, "hidden" if count == 1 else f"hx[{k}]")
        batched = input.ndim == 2
        if not batched:
            input = input.unsqueeze(0)
            hx = hx and tuple(state.unsqueeze(0) for state in hx)
        if hx is None:
            hx = (zeros((input.shape[0], self.hidden_size), dtype=input.dtype),) * count
        weights = (self.weight_ih, self.weight_hh, self.bias_ih, self.bias_hh)
        made = NAMESPACES[""][name](input, hx[0] if count == 1 else hx, *weights)
        states = made if isinstance(made, tuple) else (made,)
        return states if batched else tuple(state.squeeze(0) for state in states)


class RNNCell(RNNCellBase):
    """h = tanh(W x + b + U h + c), or its positive part."""

    __constants__ = ("input_size", "hidden_size", "bias", "nonlinearity")

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        nonlinearity: str = "tanh",
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(input_size, hidden_size, bias, 1, device, dtype)
        self.nonlinearity = nonlinearity

    def forward(self, input: Tensor, hx: Tensor | None = None) -> Any:
        if self.nonlinearity not in ("tanh", "relu"):
            raise RuntimeError(f"Unknown nonlinearity: {self.nonlinearity}")
        states = None if hx is None else (hx,)
        return self._run(f"rnn_{self.nonlinearity}_cell", input, states, 1)[0]


class LSTMCell(RNNCellBase):
    """A cell with a memory."""

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(input_size, hidden_size, bias, 4, device, dtype)

    def forward(self, input: Tensor, hx: tuple[Tensor, Tensor] | None = None) -> Any:
        return self._run("lstm_cell", input, None if hx is None else tuple(hx), 2)


class GRUCell(RNNCellBase):
    """A gated recurrent unit."""

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(input_size, hidden_size, bias, 3, device, dtype)

    def forward(self, input: Tensor, hx: Tensor | None = None) -> Any:
        return self._run("gru_cell", input, None if hx is None else (hx,), 1)[0]
