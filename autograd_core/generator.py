"""The CPU random number generator: MT19937 with torch's seeding, state layout and cached normals.

Words come from the standard library's own MT19937, so a block of them costs a C loop.
"""

from __future__ import annotations

import random
import struct
import sys
from array import array
from typing import Final

DEFAULT_SEED: Final = 67280421310721
STATE_SIZE: Final = 5056
TWISTER_WORDS: Final = 624

# initial seed, draws left, seeded, next index, state words, an unused normal, the cached double
# normal, an unused radius, whether the double is valid; then the cached float and whether it is.
_STATE: Final = struct.Struct("<QiiQ624Q3di4xf?3x")
_WORDS_PER_DRAW: Final = 1 << 18  # getrandbits counts bits in a C int; this stays far below


def _seeded_words(seed: int) -> list[int]:
    """Return MT19937's 624 initial words for the low 32 bits of `seed` (`init_genrand`)."""
    word = seed & 0xFFFFFFFF
    words = [word]
    for index in range(1, TWISTER_WORDS):
        word = (1812433253 * (word ^ (word >> 30)) + index) & 0xFFFFFFFF
        words.append(word)
    return words


class Generator:
    """A stream of random words that reproduces `torch.Generator(device="cpu")`.

    The state is `STATE_SIZE` bytes, laid out as torch lays out its ByteTensor, so a state saved by
    either can be restored by the other.
    """

    def __init__(self, device: str = "cpu") -> None:
        """Start at torch's default seed; raise RuntimeError for a device other than the CPU."""
        if str(device) != "cpu":
            raise RuntimeError(f"a Generator lives on the cpu, but got device {device}")
        self._twister = random.Random()
        self.next_normal: float | None = None
        self.next_float_normal: float | None = None
        self.manual_seed(DEFAULT_SEED)

    @property
    def device(self) -> str:
        """The device of the generator, always "cpu"."""
        return "cpu"

    def manual_seed(self, seed: int) -> Generator:
        """Seed the stream and return self; negative seeds wrap around at 2**64.

        Raises RuntimeError when `seed` is not an int, ValueError outside [-2**63, 2**64 - 1].
        """
        if isinstance(seed, bool) or not isinstance(seed, int):
            raise RuntimeError(  # the type torch raises
                f"manual_seed expected a long, but got {type(seed).__name__}"
            )
        if not -(2**63) <= seed < 2**64:
            raise ValueError("Overflow when unpacking long long")
        self._seed = seed % 2**64
        self._place(_seeded_words(self._seed), TWISTER_WORDS)
        self._untouched = True  # torch's state tells a fresh seed from the end of a block
        self.next_normal = None
        self.next_float_normal = None
        return self

    def initial_seed(self) -> int:
        """Return the seed the stream started from, in [0, 2**64)."""
        return self._seed

    def seed(self) -> int:
        """Seed the stream from the operating system's entropy and return the seed."""
        from secrets import randbits  # which is slow to import

        self.manual_seed(randbits(64))
        return self._seed

    def words(self, count: int) -> array[int]:
        """Draw the next `count` 32-bit words."""
        block = array("I")
        for start in range(0, count, _WORDS_PER_DRAW):
            size = min(_WORDS_PER_DRAW, count - start)
            block.frombytes(self._twister.getrandbits(32 * size).to_bytes(4 * size, "little"))
        if sys.byteorder == "big":
            block.byteswap()
        if count:
            self._untouched = False
        return block

    def engine_state(self) -> tuple[tuple[int, ...], int]:
        """Return the 624 words and the index of the next one (624: twist first).

        With `advance_to`, the door for a backend that draws large blocks with its own MT19937.
        """
        internal = self._twister.getstate()[1]
        return internal[:-1], internal[-1]

    def advance_to(self, words: tuple[int, ...] | list[int], index: int) -> None:
        """Move to an engine state that a backend reached by drawing at least one word."""
        self._place(words, index)
        self._untouched = False

    def _place(self, words: tuple[int, ...] | list[int], index: int) -> None:
        self._twister.setstate((3, (*words, index), None))

    def get_state(self) -> bytes:
        """Return the state as `STATE_SIZE` bytes in torch's layout."""
        words, index = self.engine_state()
        left = 1 if index == TWISTER_WORDS else TWISTER_WORDS + 1 - index
        normal, float_normal = self.next_normal, self.next_float_normal
        return _STATE.pack(
            self._seed, left, 1, 0 if self._untouched else index, *words,
            0.0, normal or 0.0, 0.0, normal is not None,
            float_normal or 0.0, float_normal is not None,
        )  # fmt: skip

    def set_state(self, new_state: bytes | bytearray | memoryview | list[int]) -> None:
        """Restore a state of `STATE_SIZE` bytes (or a list of byte values).

        Raises TypeError for anything else, RuntimeError for a wrong size or an impossible engine.
        """
        if not isinstance(new_state, bytes | bytearray | memoryview | list):
            raise TypeError(f"expected a torch.ByteTensor, but got {type(new_state).__name__}")
        state = bytes(new_state)
        if len(state) != STATE_SIZE:
            raise RuntimeError(
                f"Expected a CPUGeneratorImplState of size {STATE_SIZE} "
                f"but found the input RNG state size to be {len(state)}"
            )
        seed, left, seeded, index, *rest = _STATE.unpack(state)
        words = rest[:TWISTER_WORDS]
        untouched = (left, index) == (1, 0)
        within_block = 1 <= index <= TWISTER_WORDS and left + index == TWISTER_WORDS + 1
        if not seeded or not (untouched or within_block):
            raise RuntimeError("Invalid mt19937 state")
        _, normal, _, has_normal, float_normal, has_float_normal = rest[TWISTER_WORDS:]
        self._seed = seed
        self._place(words, TWISTER_WORDS if untouched else index)
        self._untouched = untouched
        self.next_normal = normal if has_normal else None
        self.next_float_normal = float_normal if has_float_normal else None

    def clone_state(self) -> Generator:
        """Return a new generator in the same state."""
        clone = Generator()
        clone.set_state(self.get_state())
        return clone

    def get_offset(self) -> int:
        """Raise: a CPU stream is not counter based."""
        raise RuntimeError("CPU Generator does not use offset")

    def set_offset(self, offset: int) -> None:
        """Raise: a CPU stream is not counter based."""
        raise RuntimeError("CPU Generator does not use offset")

    def __reduce__(self) -> tuple[object, ...]:
        return Generator, (), self.get_state()

    def __setstate__(self, state: bytes) -> None:
        self.set_state(state)


default_generator: Final = Generator()
