"""Draws programs: a few bytes a leaf and a step, which Hypothesis draws fast and shrinks well.

Every step names what it reads and writes by itself, so that steps can be left out without turning
the others into other programs: the names are those of a small machine of registers.
"""

from __future__ import annotations

from functools import cache

from hypothesis import strategies as st

from autograd_conformance.fuzzing.menu import Kind, kinds
from autograd_conformance.fuzzing.programs import LEAVE, REGION, Leaf, Program, Step

LEAVES = ("x", "y", "z")
NAMES = ("a", "b", "c", "d", "e")
_SHAPES: tuple[tuple[int, ...], ...] = (
    (3,), (2, 3), (2, 3), (2, 3), (), (1, 3), (2, 1), (3, 3), (2, 2, 3), (0,), (1,), (2,),
)  # fmt: skip
_MAIN_DTYPES = ("float64",) * 10 + ("float32",) * 4 + ("complex128",)
_OTHER_DTYPES = ("float64", "float32", "int64", "complex64", "bfloat16", "float16", "bool")
_LAYOUTS = ("contiguous",) * 5 + ("transposed", "gaps", "shifted")
#: Numbers that are drawn from: some without ties or zeros, some with.
_NUMBERS = (
    (0.5, -1.25, 2.0, -0.75, 1.5, 0.3125, -2.25, 0.875, 1.125, -0.625, 0.7, -1.1),
    (0.5, 1.25, 2.0, 0.75, 1.5, 0.3125, 2.25, 0.875, 1.125, 0.625, 0.7, 1.1),
    (0.1, 0.9, -0.3, 0.7, -0.45, 0.21, 0.33, -0.87, 0.64, -0.05, 0.55, -0.77),
    (1.0, 2.0, 1.0, 0.0, 2.0, 0.0, -1.0, 1.0, 2.0, 2.0, 0.0, -1.0),
    (0.0,) * 12,
    (1.0,) * 12,
)  # fmt: skip
#: Bytes of a leaf (dtype, shape, layout, numbers, flag) and of a step (kind, entry, spelling, three
#: that are read, two that are named).
_LEAF, _STEP = 5, 8


def _number(number: float, place: int, dtype: str) -> float | complex | int | bool:
    if dtype.startswith("complex"):
        return complex(number, number / 2 + place / 8)
    if dtype == "int64":
        return int(2 * number)
    return number > 0 if dtype == "bool" else number


def _leaf(name: str, main: str, data: bytes) -> Leaf:
    kind, shape, layout, numbers, flag = data
    dtype = main if kind < 200 else _OTHER_DTYPES[kind % len(_OTHER_DTYPES)]
    sizes = _SHAPES[shape % len(_SHAPES)]
    count = 1
    for size in sizes:
        count *= size
    values = _NUMBERS[numbers % len(_NUMBERS)]
    chosen = tuple(_number(values[k], k, dtype) for k in range(count))
    inexact = dtype.startswith(("float", "bfloat", "complex"))
    return Leaf(
        name, sizes, dtype, chosen, inexact and flag < 200, _LAYOUTS[layout % len(_LAYOUTS)]
    )


@cache
def _kinds() -> list[Kind]:
    """256 kinds in the proportions of their weights."""
    total = sum(kind.weight for kind in kinds())
    chosen: list[Kind] = []
    reached = 0
    for kind in kinds():
        reached += kind.weight
        chosen += [kind] * (round(256 * reached / total) - len(chosen))
    return chosen


def build(leaves: list[bytes], steps: list[bytes]) -> Program:
    """The program that the bytes spell: every sequence of bytes spells one."""
    main = _MAIN_DTYPES[leaves[0][0] % len(_MAIN_DTYPES)]
    made = tuple(_leaf(name, main, data) for name, data in zip(LEAVES, leaves))
    defined = {leaf.name for leaf in made}
    last, opened = made[0].name, 0
    done: list[Step] = []

    def name(byte: int) -> str:
        if byte >= 144:
            return last
        found = (*LEAVES, *NAMES)[byte % (len(LEAVES) + len(NAMES))]
        return found if found in defined else LEAVES[byte % len(made)]

    for kind, entry, spelling, *reads, to, other in steps:
        entries = _kinds()[kind].entries
        row = entries[entry % len(entries)]
        text = row.spellings[spelling % len(row.spellings)]
        if text == LEAVE:
            if opened:
                done.append(Step(LEAVE))
                opened -= 1
            continue
        holes = sum(hole in text for hole in ("{0}", "{1}", "{2}"))
        named = tuple(name(byte) for byte in reads[:holes])
        names: tuple[str, ...] = ()
        if text.startswith(REGION):
            opened += 1
        elif row.results == 2:
            first, second = to % len(NAMES), other % len(NAMES)
            names = (NAMES[first], NAMES[second if second != first else (first + 1) % len(NAMES)])
        else:
            names = (NAMES[to % len(NAMES)],)
        done.append(Step(text, named, names))
        if names:
            defined.update(names)
            last = names[0]
    return Program(made, tuple(done))


def programs(longest: int = 20) -> st.SearchStrategy[Program]:
    """Programs of up to `longest` steps; most have between five and fifteen."""
    step = st.binary(min_size=_STEP, max_size=_STEP)
    leaf = st.binary(min_size=_LEAF, max_size=_LEAF)
    steps = st.one_of(
        st.lists(step, min_size=1, max_size=min(8, longest)),
        st.lists(step, min_size=min(6, longest), max_size=longest),
    )
    return st.builds(build, st.lists(leaf, min_size=len(LEAVES), max_size=len(LEAVES)), steps)
