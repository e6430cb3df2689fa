"""Random choices that are reproducible on every machine and Python version."""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from itertools import accumulate
from random import Random
from typing import Generic, TypeVar

T = TypeVar("T")
_ROOT_OF_THREE = 1.7320508075688772


class SeededRandom:
    """A seeded random generator.

    Python guarantees a stable sequence for `random()` only, so every choice is derived from it.
    Functions of libm are avoided because their last digit differs between platforms.
    """

    def __init__(self, seed: int) -> None:
        self.unit: Callable[[], float] = Random(seed).random  # noqa: S311 - sample data, no secret

    def below(self, stop: int) -> int:
        """A whole number from 0 to `stop` - 1."""
        return int(self.unit() * stop)

    def between(self, low: int, high: int) -> int:
        """A whole number from `low` to `high`, both inclusive."""
        return low + int(self.unit() * (high - low + 1))

    def happens(self, probability: float) -> bool:
        """True with this probability."""
        return self.unit() < probability

    def pick(self, items: Sequence[T]) -> T:
        """One of the items, each equally likely."""
        return items[int(self.unit() * len(items))]

    def bell(self, mean: float, spread: float) -> float:
        """A bell-shaped value with this mean and standard deviation, at most 3.5 of them away."""
        unit = self.unit
        return mean + (unit() + unit() + unit() + unit() - 2.0) * _ROOT_OF_THREE * spread

    def shuffled(self, items: Iterable[T]) -> list[T]:
        """The items in random order."""
        shuffled = list(items)
        for last in range(len(shuffled) - 1, 0, -1):
            other = int(self.unit() * (last + 1))
            shuffled[last], shuffled[other] = shuffled[other], shuffled[last]
        return shuffled


class WeightedChoice(Generic[T]):
    """Items drawn with a probability proportional to their weight."""

    def __init__(self, weights: Iterable[tuple[T, int]]) -> None:
        pairs = list(weights)
        self._items = [item for item, _ in pairs]
        self._bounds = list(accumulate(weight for _, weight in pairs))

    def pick(self, rng: SeededRandom) -> T:
        """Draw one item."""
        return self._items[bisect_right(self._bounds, int(rng.unit() * self._bounds[-1]))]
