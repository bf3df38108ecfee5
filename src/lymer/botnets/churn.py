"""How fast the addresses of a botnet change, from addresses that are seen again.

Two sightings show the same address when they are of the same bot and it kept its address. At a lag
of k days the chance of that is B (1 - c)^k, with c the chance that an address changes in a day: B
falls out of the ratios between lags. Within a day most keep theirs.
"""

import numpy as np
import numpy.typing as npt

Reals = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

CHANGES = np.array([0.01, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9])
"""Chances of a change in a day that are weighed against each other, all alike before."""

# Share of the bots that are live again on another day, whatever it is.
_LIVE_AGAIN = np.arange(0.2, 1.01, 0.1)
_LAGS = 6
# Pairs that share a bot are not independent; so many count as one.
_PAIRS_AS_ONE = 3.0


def weigh_changes(day: Ints, address: Ints, mails: Ints) -> Reals:
    """Weights of CHANGES, which sum to 1: all alike where nothing was seen again.

    `day` (days since some day), `address` (numbers) and `mails` run over what each address sent
    on each day.
    """
    met, possible = _pairs(day, address, mails)
    lag = np.arange(_LAGS + 1)
    change = CHANGES[:, None, None]
    # With a change at some time of the day a third of the pairs around it are parted, and half of
    # the changes fall into the day (docs/census.md).
    chance = np.where(lag == 0, 1 - change / 6, _LIVE_AGAIN[None, :, None] * (1 - change) ** lag)
    expected = np.maximum(chance * possible, 1e-12)
    shares = expected / expected.sum(axis=-1, keepdims=True)
    log_weight = (met * np.log(shares)).sum(axis=-1) / _PAIRS_AS_ONE
    weight = np.exp(log_weight - log_weight.max()).sum(axis=1)
    return np.asarray(weight / weight.sum(), dtype=np.float64)


def _pairs(day: Ints, address: Ints, mails: Ints) -> tuple[Reals, Reals]:
    """By lag: pairs of sightings with one address, and all pairs."""
    met, possible = np.zeros(_LAGS + 1), np.zeros(_LAGS + 1)
    of_day = {
        int(one): dict(zip(address[day == one].tolist(), mails[day == one].tolist(), strict=True))
        for one in np.unique(day)
    }
    sums = {one: sum(sent.values()) for one, sent in of_day.items()}
    for one, sent in of_day.items():
        met[0] += sum(count * (count - 1) / 2 for count in sent.values())
        possible[0] += sums[one] * (sums[one] - 1) / 2
        for lag in range(1, _LAGS + 1):
            later = of_day.get(one + lag)
            if later is not None:
                met[lag] += sum(count * later.get(ip, 0) for ip, count in sent.items())
                possible[lag] += sums[one] * sums[one + lag]
    return met, possible
