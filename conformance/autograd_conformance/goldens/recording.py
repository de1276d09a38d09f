"""Records torch's answers: every case of a plan, with the error budgets that torch's runs give."""

from __future__ import annotations

import signal
import warnings
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import torch

from autograd_conformance import fork_server
from autograd_conformance.arrays import Array, finite, isfinite, ulps
from autograd_conformance.budgets import Oracle
from autograd_conformance.cases import (
    ANY_DTYPE,
    CHECKS,
    FORMS,
    OracleError,
    Token,
    Unsupported,
)
from autograd_conformance.checks.gradients import uninformative
from autograd_conformance.checks.warnings import ASKED as WARNED
from autograd_conformance.execution import Chunk, sample_seed
from autograd_conformance.goldens import archive
from autograd_conformance.goldens.encoding import (
    Encoder,
    Store,
    in_units,
    out_of_units,
    pack,
    pack_levels,
    pack_signed,
    put_facts,
    unpack_signed,
)
from autograd_conformance.goldens.reading import ERRORS
from autograd_conformance.live_torch import LiveTorch
from autograd_conformance.opinfo_cases import UNARY_OPERATORS, entries
from autograd_conformance.oracles import QUANTITIES
from autograd_conformance.samples import BrokenSample, Entry, Sample
from autograd_conformance.saved_values import Attributes
from autograd_conformance.scenarios import PREFIX, programs
from autograd_conformance.spellings import has_callback
from autograd_conformance.transfer import FrozenTensor

#: A sample that takes more bytes than this, before compression, is not recorded.
LARGEST = 16_000
#: The first samples, which are those of the smoke tier, may take more.
FIRST = 2
LARGEST_FIRST = 60_000
#: Programs whose answers depend on the version of Python, or on what torch ran before.
UNSTEADY = (
    "scenario.functions.attributes_of_the_context_are_kept",
    "scenario.graph_api.every_node_is_a_node",
    "scenario.serialization.load_refuses_builtins",
    "scenario.serialization.local_functions_cannot_be_saved",
    "scenario.vmap.aliases_in_place_loop",
)
#: What a traceback in an answer holds: the names of files of this machine.
_TRACEBACK = 'File "'
#: What each check of the function form asks for.
_ASKED = {
    "values": ("forward", "values", "inputs_after"),
    "attributes": ("forward",),
    "graph": ("graph",),
    "gradients": ("gradients",),
    "second_order": ("second_gradients",),
    "tangents": ("tangents",),
    "warnings": ("warned",),
    "generator": ("next_numbers",),
}
#: The quantity that a zero derivative is the derivative of.
_MOVING = {"gradients": "values", "tangents": "values", "second_gradients": "gradients"}


def record(
    chunks: list[Chunk],
    path: Path,
    seed: int,
    jobs: int,
    done: Callable[[str], None],
    *,
    checks: Sequence[str] = CHECKS,
) -> None:
    """Writes the goldens of the chunks to `path`; `done` hears of each as it is finished.

    The file says that it has no answers to other checks than `checks`. What a file of that name
    holds already is kept, and what there is when it ends early is written.
    """
    unanswered = [check for check in CHECKS if check not in checks]
    header = {"torch": str(torch.__version__), "seed": seed, "unanswered": unanswered}
    members = _kept(path, header) | {"catalogue.json": archive.compact(catalogue())}
    wanted = {chunk.entry for chunk in chunks}
    areas: dict[str, dict[str, Any]] = {}
    for program in programs().values():
        if program.name in wanted:
            observed = LiveTorch().scenario(program)
            if program.name not in UNSTEADY and _TRACEBACK not in repr(observed):
                held = areas.setdefault(program.area, {})
                held[program.name] = Encoder(Store()).encode(observed)
            done(program.name)
    for area, observations in areas.items():
        members[f"scenarios/{area}.json"] = archive.compact(observations)
    cases = [chunk for chunk in chunks if not chunk.entry.startswith(PREFIX)]
    work = [(chunk, seed) for chunk in cases if f"cases/{_name(chunk)}.json" not in members]
    context = fork_server.start(also=(__name__,))
    try:
        with context.Pool(jobs, _start) as pool:
            for name, text, data in pool.imap_unordered(_recorded, work):
                members[f"cases/{name}.json"] = text
                members[f"cases/{name}.bin"] = data
                done(name)
    finally:
        archive.write(path, header, members)


def _kept(path: Path, header: dict[str, Any]) -> dict[str, bytes]:
    """The members of the file that is there; ValueError where it is of another torch or seed."""
    if not path.exists():
        return {}
    found = archive.Archive(path)
    if {name: found.header.get(name) for name in header} != header:
        raise ValueError(f"{path} holds goldens of another torch or seed, or of other checks")
    return {name: found.read(name) for name in found.members()}


def _name(chunk: Chunk) -> str:
    return f"{chunk.entry}/{ERRORS if chunk.dtype == ANY_DTYPE else chunk.dtype}"


def catalogue() -> list[dict[str, Any]]:
    """What torch's database says of every entry, held in the file or not."""
    return [
        {
            "name": entry.name,
            "short_name": entry.info.name,
            "checks": {dtype: list(entry.checks(dtype)) for dtype in entry.dtypes},
            "has_error_inputs": entry.has_error_inputs,
            "supports_inplace_autograd": entry.supports_inplace_autograd,
            "spellings": {
                form: entry.spelling(form)
                for form in ("function", *FORMS)
                if entry.variant(form) is not None
            },
            "arity": {
                form: 0 if entry.variant(form) in UNARY_OPERATORS else 1
                for form in ("operator", "inplace_operator")
                if entry.variant(form) is not None
            },
        }
        for entry in entries().values()
    ]


def _start() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the process that writes ends the others
    torch.set_num_threads(1)


def _recorded(work: tuple[Chunk, int]) -> tuple[str, bytes, bytes]:
    """The name, the text and the numbers of a chunk's member."""
    chunk, seed = work
    entry = entries()[chunk.entry]
    store = Store()
    rows, complete = [], True
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for sample in drawn(chunk, seed):
            if chunk.stop is not None and sample.index >= chunk.stop:
                complete = False
                break
            rows.append(SampleRecord(entry, sample, chunk, seed, store).as_json())
    text = archive.compact({"samples": rows, "complete": complete})
    return _name(chunk), text, bytes(store.data)


def drawn(chunk: Chunk, seed: int) -> Iterator[Sample | BrokenSample]:
    """The chunk's samples, and one more where there is one."""
    entry = entries()[chunk.entry]
    if chunk.dtype == ANY_DTYPE:
        return LiveTorch().error_samples(entry, seed)
    stop = None if chunk.stop is None else chunk.stop + 1
    return LiveTorch().samples(entry, chunk.dtype, seed, 0, stop)


class SampleRecord:
    """One sample with torch's answers, as JSON and numbers in a store."""

    def __init__(
        self,
        entry: Entry,
        sample: Sample | BrokenSample,
        chunk: Chunk,
        seed: int,
        store: Store,
    ) -> None:
        self._entry = entry
        self._sample = sample
        self._chunk = chunk
        token = Token(entry.name, chunk.dtype, sample.index, chunk.checks[0])
        self._seed = sample_seed(seed, token)
        self._store = store
        self._oracles: dict[str, Oracle] = {}
        self._budgets: dict[tuple[Any, ...], Any] = {}

    def as_json(self) -> dict[str, Any]:
        sample = self._sample
        if isinstance(sample, BrokenSample):
            kind = "Unsupported" if sample.unsupported else type(sample.error).__name__
            return {"index": sample.index, "broken": [kind, str(sample.error)]}
        largest = LARGEST_FIRST if sample.index < FIRST else LARGEST
        if (size := 8 * _numbers(sample.call)) > largest:
            return {"index": sample.index, "too_large": size}
        mark = self._store.mark()
        process = sample.process_output
        encoder = Encoder(self._store)
        try:
            if process is not None and not has_callback(process.name):
                raise Unsupported(f"the kit does not spell {process.name}")
            call = encoder.encode(sample.call)
        except Unsupported as error:
            return {"index": sample.index, "broken": ["Unsupported", str(error)]}
        made: dict[str, Any] = {
            "index": sample.index,
            "call": call,
            "storages": encoder.storages,
            "tensors": encoder.tensors,
            "callback": None if process is None else process.name,
            "broadcasts_input": sample.broadcasts_input,
            "forms": {form: self._form(form, sample) for form in self._forms(sample)},
        }
        if (size := self._store.since(mark)) > largest:
            self._store.forget(mark)
            return {"index": sample.index, "too_large": size}
        function = made["forms"].get("function", {})
        if "saved" in self._chunk.checks and "is" in function.get("forward", {}):
            self._add_saved(function, largest)
        return made

    def _add_saved(self, function: dict[str, Any], largest: int) -> None:
        """Adds what the nodes have saved to the answers to a call, unless it takes too much."""
        mark = self._store.mark()
        oracle = self._oracles["function"]
        quantities = ["saved", "saved_tensors", "freed"]
        held = {q: self._held(lambda: self._quantity(oracle, q)) for q in quantities}  # noqa: B023
        limits = self._limits(oracle, "saved_tensors") if "is" in held["saved_tensors"] else []
        if (size := self._store.since(mark)) > largest:
            self._store.forget(mark)
            held = {quantity: {"too_large": size} for quantity in quantities}
        else:
            function["budgets"]["saved_tensors"] = limits
        function.update(held)

    def _forms(self, sample: Sample) -> list[str]:
        checks = set(self._chunk.checks)
        forms = [f for f in FORMS if f in checks and self._entry.applies(f, sample)]
        return ["function", *forms] if checks - set(FORMS) else forms

    def _form(self, form: str, sample: Sample) -> dict[str, Any]:
        oracle = Oracle(LiveTorch().subject, self._entry, sample, form, self._seed)
        self._oracles[form] = oracle
        made: dict[str, Any] = {"forward": self._held(lambda: self._forward(oracle))}
        if self._chunk.dtype == ANY_DTYPE or "is" not in made["forward"]:
            return made
        asked = self._asked(form, oracle)
        for quantity in asked:
            made[quantity] = self._held(lambda: self._quantity(oracle, quantity))  # noqa: B023
        if "second_gradients" in asked:
            made["first_requires_grad"] = self._held(
                lambda: oracle.expected.second_order().first_requires_grad
            )
        if "gradients" in asked and "is" in made["gradients"]:
            made["constant_gradients"] = oracle.has_constant_gradients()
        made["flat"] = self._flat(oracle, made)
        made["budgets"] = {
            quantity: self._limits(oracle, quantity)
            for quantity in QUANTITIES
            if "is" in made.get(quantity, {})
        }
        return made

    def _asked(self, form: str, oracle: Oracle) -> list[str]:
        if form == "function":
            checks = [c for c in self._chunk.checks if c in _ASKED]
            return [q for c in checks for q in _ASKED[c] if q != "forward"]
        asked = ["values", "inputs_after"]
        if any(fact.requires_grad for fact in oracle.expected.forward().facts):
            asked += ["graph", "gradients"]
        return asked

    def _held(self, answer: Callable[[], Any]) -> dict[str, Any]:
        try:
            return {"is": answer()}
        except OracleError as refused:
            return {"raised": [refused.kind, refused.text]}
        except Unsupported as error:
            return {"unsupported": str(error)}

    def _forward(self, oracle: Oracle) -> dict[str, Any]:
        forward = oracle.expected.forward()
        return {
            "structure": forward.structure,
            "plain": Encoder(self._store).encode(forward.plain),
            "facts": [put_facts(fact) for fact in forward.facts],
            "input_versions": forward.input_versions,
            "returned_self": forward.returned_self,
        }

    def _quantity(self, oracle: Oracle, quantity: str) -> Any:
        if quantity == "graph":
            graph = oracle.expected.graph()
            return {"roots": graph.roots, "nodes": [[n.name, n.edges] for n in graph.nodes]}
        if quantity == "saved":
            return self._attributes(oracle.expected.saved().nodes)
        if quantity == "freed":
            return self._freed(oracle.expected.saved().nodes, oracle.expected.freed())
        if quantity == "warned":
            return self._warned(oracle)
        if quantity == "next_numbers":
            return oracle.expected.next_numbers()
        return [self._store.array(found) for found in getattr(oracle.expected, quantity)()]

    def _attributes(self, nodes: Attributes) -> list[Any]:
        encode = Encoder(self._store).encode
        return [[name, {key: encode(value) for key, value in held.items()}] for name, held in nodes]

    def _freed(self, saved: Attributes, freed: Attributes) -> dict[str, Any]:
        """What is left of each attribute, in order: None where it is as it was, or one of a few."""
        if [(name, [*held]) for name, held in saved] != [(name, [*held]) for name, held in freed]:
            raise Unsupported("the nodes of the freed graph have saved something else")
        answers: list[Any] = []

        def place(before: Any, after: Any) -> int | None:
            if before == after:
                return None
            if after not in answers:
                answers.append(after)
            return answers.index(after)

        pairs = zip(saved, freed, strict=True)
        nodes = [[place(old[key], new[key]) for key in old] for (_, old), (_, new) in pairs]
        return {"answers": Encoder(self._store).encode(answers), "nodes": nodes}

    def _warned(self, oracle: Oracle) -> dict[str, Any]:
        """What each derivative that the entry has warns of, though it be nothing."""
        has = self._entry.checks(self._chunk.dtype)
        quantities = [quantity for quantity, check in WARNED.items() if check in has]
        return {q: self._held(lambda: oracle.expected.warned(q)) for q in quantities}  # noqa: B023

    def _flat(self, oracle: Oracle, made: dict[str, Any]) -> dict[str, bool]:
        """Whether what a zero derivative belongs to does not move."""
        return {
            moving: oracle.is_flat(moving)
            for quantity, moving in _MOVING.items()
            if "is" in made.get(quantity, {})
            and uninformative(getattr(oracle.expected, quantity)()) == "zero"
        }

    def _limits(self, oracle: Oracle, quantity: str) -> list[Any]:
        return [
            self._limit(oracle, quantity, index, own)
            for index, own in enumerate(getattr(oracle.expected, quantity)())
        ]

    def _limit(self, oracle: Oracle, quantity: str, index: int, own: Array | None) -> Any:
        """The budget of one array; another form with the same numbers has the same."""
        if own is None or not own.is_inexact or not own.numel():
            return None
        if quantity == "saved_tensors":
            return self._saved_limit(oracle, index, own)
        return self._limit_of(oracle, quantity, index, own)

    def _saved_limit(self, oracle: Oracle, index: int, own: Array) -> Any:
        """Of an input, none of whose numbers is computed, nothing; of an output what that has."""
        if any(map(partial(_alike, own), oracle.expected.inputs_after())):
            return {}
        for place, output in enumerate(oracle.expected.values()):
            if _alike(own, output):
                return self._limit_of(oracle, "values", place, output)
        return self._limit_of(oracle, "saved_tensors", index, own)

    def _limit_of(self, oracle: Oracle, quantity: str, index: int, own: Array) -> Any:
        key = (quantity, index, own.dtype, own.shape, pack(own))
        if key not in self._budgets:
            self._budgets[key] = self._measured(oracle, quantity, index, own)
        return self._budgets[key]

    def _measured(self, oracle: Oracle, quantity: str, index: int, own: Array) -> dict[str, Any]:
        *_, budget = oracle.budgets(quantity, index)
        units = ulps(own)
        spread = oracle.spread(quantity, index)
        made, moved = self._reference(budget.reference, own, units)
        wide = map(sum, zip(budget.allowed, moved, strict=True))
        made["allowed"] = self._amounts(list(wide), units)
        made["spread"] = self._amounts(spread, units)
        if not all(map(isfinite, own.values)) or oracle.loses_finiteness(quantity, index):
            switches = oracle.switches(quantity, index)
            if any(switches):
                made["switches"] = self._store.array(Array("bool", own.shape, switches))
        return made

    def _reference(
        self, reference: list[Any], own: Array, units: list[float]
    ) -> tuple[dict[str, Any], list[float]]:
        """The numbers at high precision, and how far each is from what the record makes of it.

        They are held by their distance from torch's, or as they are.
        """
        exact = [0.0] * len(reference)
        if [isfinite(r) for r in reference] == [isfinite(o) for o in own.values]:
            pairs = zip(reference, own.values, strict=True)
            low = [r - o if isfinite(o) else 0.0 for r, o in pairs]
            if not any(low):
                return {}, exact
            packed = pack_signed(in_units(low, units, own.is_complex))
            if packed is not None:
                held = out_of_units(unpack_signed(*packed), units, own.is_complex)
                moved = [abs(a - b) for a, b in zip(low, held, strict=True)]
                return {"low": list(map(self._store.put, packed))}, moved
        wide = "complex128" if own.is_complex else "float64"
        return {"reference": self._store.array(Array(wide, own.shape, reference))}, exact

    def _amounts(self, amounts: list[float], units: list[float]) -> Any:
        """The place of amounts as levels of their units, or they as numbers if one is too large."""
        sound = [finite(amount) for amount in amounts]
        packed = pack_levels([amount / unit for amount, unit in zip(sound, units, strict=True)])
        if packed is not None:
            return self._store.put(packed)
        return {"numbers": self._store.array(Array("float64", (len(sound),), sound))}


def _alike(one: Array, other: Array) -> bool:
    """Whether two arrays hold the same numbers, bit for bit."""
    return (one.dtype, one.shape) == (other.dtype, other.shape) and pack(one) == pack(other)


def _numbers(value: Any) -> int:
    """How many numbers the tensors of a call hold together."""
    if isinstance(value, FrozenTensor):
        return value.storage.values.numel()
    if isinstance(value, dict):
        return sum(map(_numbers, value.values()))
    return sum(map(_numbers, value)) if isinstance(value, list | tuple) else 0
