"""Seeded draws: every choice of a world comes from a named stream of its seed.

A stream is named by a path of words, so adding a draw in one place does not move the draws of
another. Seeds of `UNSEEN_FROM` and above may also draw styles that lower seeds never show: they
are kept for judging rules that were made while looking at low seeds.
"""

import random
from collections.abc import Sequence
from hashlib import sha256
from typing import TypeVar

import numpy as np

T = TypeVar("T")

UNSEEN_FROM = 100
"""The first seed that may draw unseen styles."""

UNSEEN_SHARE = 0.55
"""How often such a seed takes an unseen style where there is one."""


def number_of(seed: int, path: str) -> int:
    """A 128-bit number that depends on the seed and on the whole path."""
    return int.from_bytes(sha256(f"{seed}/{path}".encode()).digest()[:16], "big")


class Draw:
    """One stream of draws. `child` opens another that does not depend on how far this one is."""

    def __init__(self, seed: int, path: str = "world") -> None:
        self.seed = seed
        self.path = path
        self.random = random.Random(number_of(seed, path))
        self.unseen = seed >= UNSEEN_FROM

    def child(self, name: str | int) -> "Draw":
        return Draw(self.seed, f"{self.path}/{name}")

    def numpy(self, name: str) -> np.random.Generator:
        """A numpy generator of its own, for draws by the thousand."""
        return np.random.Generator(np.random.PCG64(number_of(self.seed, f"{self.path}/np/{name}")))

    def pick(self, options: Sequence[T]) -> T:
        return options[int(self.random.random() * len(options))]

    def style(self, common: Sequence[T], unseen: Sequence[T]) -> T:
        """A style: from `unseen` only for seeds that may show unseen styles."""
        if self.unseen and unseen and self.random.random() < UNSEEN_SHARE:
            return self.pick(unseen)
        return self.pick(common)

    def some(self, options: Sequence[T], count: int) -> list[T]:
        """`count` different options (all of them, shuffled, if there are fewer)."""
        return self.random.sample(list(options), min(count, len(options)))

    def chance(self, share: float) -> bool:
        return self.random.random() < share

    def whole(self, low: int, high: int) -> int:
        """A whole number, both ends included."""
        return self.random.randint(low, high)

    def between(self, low: float, high: float) -> float:
        return self.random.uniform(low, high)

    def spread(self, low: float, high: float) -> float:
        """Log-uniform: as often between 1 and 10 as between 10 and 100."""
        return float(low * (high / low) ** self.random.random())

    def letters(self, count: int, alphabet: str = "abcdefghijklmnopqrstuvwxyz") -> str:
        return "".join(self.random.choices(alphabet, k=count))

    def hex(self, count: int) -> str:
        return self.letters(count, "0123456789abcdef")
