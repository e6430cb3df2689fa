"""Chance that falls the same way on every machine and every Python version."""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from itertools import accumulate
from random import Random
from typing import Generic, TypeVar

T = TypeVar("T")
_ROOT_OF_THREE = 1.7320508075688772


class Dice:
    """A seeded source of choices.

    Python promises a stable sequence for `random()` alone, so every choice is derived from it
    here; libm functions are avoided, because their last digit differs between platforms.
    """

    def __init__(self, seed: int) -> None:
        self.unit: Callable[[], float] = Random(seed).random  # noqa: S311 - sample data, no secret

    def below(self, stop: int) -> int:
        """A whole number from 0 up to but excluding `stop`."""
        return int(self.unit() * stop)

    def between(self, low: int, high: int) -> int:
        """A whole number from `low` to `high`, both possible."""
        return low + int(self.unit() * (high - low + 1))

    def happens(self, probability: float) -> bool:
        """Whether something of this probability happens now."""
        return self.unit() < probability

    def pick(self, items: Sequence[T]) -> T:
        """One of the items, all equally likely."""
        return items[int(self.unit() * len(items))]

    def bell(self, mean: float, spread: float) -> float:
        """A value around `mean` with standard deviation `spread`, never beyond 3.5 of them."""
        unit = self.unit
        return mean + (unit() + unit() + unit() + unit() - 2.0) * _ROOT_OF_THREE * spread

    def shuffled(self, items: Iterable[T]) -> list[T]:
        """The items in a new order."""
        deck = list(items)
        for last in range(len(deck) - 1, 0, -1):
            other = int(self.unit() * (last + 1))
            deck[last], deck[other] = deck[other], deck[last]
        return deck


class Weighted(Generic[T]):
    """A set of items, each drawn as often as its weight says."""

    def __init__(self, weights: Iterable[tuple[T, int]]) -> None:
        pairs = list(weights)
        self._items = [item for item, _ in pairs]
        self._bounds = list(accumulate(weight for _, weight in pairs))

    def pick(self, dice: Dice) -> T:
        """One item."""
        return self._items[bisect_right(self._bounds, int(dice.unit() * self._bounds[-1]))]
