"""How often each of M addresses is seen in a day, when they send at very different rates.

Bots of a botnet send at rates that differ by orders of magnitude, and a campaign is served mostly
by a part of them. So a rate is log-normal (Bulmer 1974, the Poisson log-normal of ecology; heavy
tails are also what is published of bots), and a group of the bots may be set back by a factor. For
every such shape this gives the likelihood of a day's counts as a function of M.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt
from scipy.special import gammaln, logsumexp

Reals = npt.NDArray[np.float64]
Counts = npt.NDArray[np.int64]

# Poisson noise is 1/sqrt(k) wide in log terms: up to this count the nodes are dense enough, beyond
# it the noise is narrow beside any spread of rates and is added to that.
_EXACT_COUNT = 60
_NODES = np.linspace(-4.5, 4.5, 61)
_NODE_WEIGHTS = np.exp(-(_NODES**2) / 2) / np.exp(-(_NODES**2) / 2).sum()
# Means of sightings an address, as logarithms; the likelihood is smooth in between.
_STEP = 0.1
_MEANS = np.arange(np.log(1e-6), np.log(1e5), _STEP)


@dataclass(frozen=True)
class Shapes:
    """Ways in which rates may differ: every spread with every group. n of them in all."""

    spreads: tuple[float, ...] = (0.2, 0.5, 0.8, 1.0, 1.2, 1.4, 1.7, 2.1)
    """Standard deviation of the logarithm of a rate."""
    groups: tuple[tuple[float, float], ...] = (
        (1.0, 1.0), (0.5, 0.1), (0.5, 0.3), (0.33, 0.1), (0.33, 0.3),
    )  # fmt: skip
    """The share of the bots that a campaign mostly uses, and the factor on the others' rates."""
    _tables: dict[int, Reals] = field(default_factory=dict, repr=False, compare=False)

    @cached_property
    def all(self) -> list[tuple[float, float, float]]:
        """Spread, share and factor of each shape."""
        return [(spread, *group) for spread in self.spreads for group in self.groups]

    def prior(self, spread: float, doubt: float) -> Reals:
        """(n,): log weight of each shape, spreads being about `spread`, groups all alike."""
        return np.array([-0.5 * ((one - spread) / doubt) ** 2 for one, _, _ in self.all])

    def day(self, counts: Counts, totals: Reals) -> Reals:
        """(totals, n): log-likelihood of the counts of the addresses seen on one day, for each
        number of addresses there may have been; -inf where there were fewer than were seen."""
        seen = len(counts)
        values, times = np.unique(counts, return_counts=True)
        place = (np.log(counts.sum() / totals) - _MEANS[0]) / _STEP
        place = np.clip(place, 0, len(_MEANS) - 2)
        at = place.astype(np.int64)
        part = (place - at)[:, None]
        unseen = np.maximum(totals - seen, 0)
        found = (gammaln(totals + 1) - gammaln(unseen + 1))[:, None] + np.zeros(len(self.all))
        for value, weight in [(0, unseen[:, None]), *zip(values.tolist(), times, strict=True)]:
            table = self._table(value)
            found += weight * (table[at] * (1 - part) + table[at + 1] * part)
        found[totals < seen] = -np.inf
        return np.asarray(found, dtype=np.float64)

    def _table(self, count: int) -> Reals:
        """(means, n): log chance that an address is seen `count` times."""
        if count not in self._tables:
            make = _exact if count <= _EXACT_COUNT else _smooth
            self._tables[count] = np.stack([make(count, *shape) for shape in self.all], axis=1)
        return self._tables[count]


def _exact(count: int, spread: float, share: float, factor: float) -> Reals:
    log_rates, weights = _rates(spread, share, factor)
    log_means = _MEANS[:, None] + log_rates
    terms = count * log_means - np.exp(log_means) - gammaln(count + 1)
    # Far off the chances underflow; none is made impossible.
    return np.asarray(np.maximum(logsumexp(terms, axis=1, b=weights), -700.0), dtype=np.float64)


def _rates(spread: float, share: float, factor: float) -> tuple[Reals, Reals]:
    """Logarithms of rates with mean 1, and their weights."""
    mean = share + (1 - share) * factor
    plain = spread * _NODES - spread**2 / 2 - np.log(mean)
    if share == 1.0:
        return plain, _NODE_WEIGHTS
    return (
        np.concatenate([plain, plain + np.log(factor)]),
        np.concatenate([share * _NODE_WEIGHTS, (1 - share) * _NODE_WEIGHTS]),
    )


def _smooth(count: int, spread: float, share: float, factor: float) -> Reals:
    mean = share + (1 - share) * factor
    variance = spread**2 + 1 / count
    centres = _MEANS - spread**2 / 2 - np.log(mean)
    terms = [
        np.log(part) - (np.log(count) - centres - shift) ** 2 / (2 * variance)
        for part, shift in ((share, 0.0), (1 - share, np.log(factor)))
        if part > 0
    ]
    log_density = logsumexp(terms, axis=0) - 0.5 * np.log(2 * np.pi * variance) - np.log(count)
    return np.asarray(np.maximum(log_density, -700.0), dtype=np.float64)


def total_grid(days: Sequence[Counts], reach: float, size: int) -> Reals:
    """Numbers of addresses from as many as were seen at once to `reach` times that."""
    most = max(len(counts) for counts in days)
    return np.exp(np.linspace(np.log(most), np.log(reach * most + 500), size))
