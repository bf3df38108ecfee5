"""How often the same address turns up again, within campaigns and between them.

The ground of linking. Two messages of one pool of bots come from the same address at some rate,
which falls as time goes by, since addresses change and bots are cleaned. A campaign's own messages
show that rate; between two campaigns of one pool it is much the same, between separate pools
nothing but chance: a PC with two infections, a gateway, an address that went to another machine.
So pools of any size are compared by what they show of themselves, and time apart counts by itself.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

SLOT_SECONDS = 6 * 3600
# Time between two sightings, in slots: below a day, two, four, eight days, and more.
_LAGS = np.array([4, 8, 16, 32])
LAG_COUNT = len(_LAGS) + 1
# Addresses seen more often are many users' doors, and their pairs would take all the time.
_MOST_SIGHTINGS = 400


@dataclass(frozen=True)
class Sightings:
    """Clients of n pieces of campaigns; all arrays run over sightings, (m,)."""

    piece: Ints
    client: Ints
    """Numbers of addresses."""
    slot: Ints
    """Time, in steps of SLOT_SECONDS."""
    count: int
    """n."""


@dataclass(frozen=True)
class Resightings:
    """What pieces have in common, (n, n, LAG_COUNT); the diagonal is a piece with itself."""

    met: Floats
    """Pairs of sightings of one address."""
    possible: Floats
    """Pairs of sightings in all."""
    clients: csr_array
    """(n, addresses): ones where a piece had a client."""
    repeats: float
    """How often an address that is seen again in a piece is paired with itself, on average."""


def compare(sightings: Sightings) -> Resightings:
    """Count pairs. A client counts once in a slot and piece."""
    seen = np.unique(np.stack((sightings.piece, sightings.client, sightings.slot), axis=1), axis=0)
    piece, client, slot = seen[:, 0], seen[:, 1], seen[:, 2]
    met, repeats = _met(piece, client, slot, sightings.count)
    members = np.unique(seen[:, :2], axis=0)
    width = int(client.max()) + 1 if len(client) else 1
    return Resightings(
        met=met,
        possible=_possible(piece, slot, sightings.count),
        clients=csr_array(
            (np.ones(len(members)), (members[:, 0], members[:, 1])),
            shape=(sightings.count, width),
        ),
        repeats=repeats,
    )


def _possible(piece: Ints, slot: Ints, count: int) -> Floats:
    possible = np.zeros((count, count, LAG_COUNT))
    if len(slot) == 0:
        return possible
    # Only times at which something was seen take room.
    times, at = np.unique(slot, return_inverse=True)
    history = np.zeros((count, len(times)))
    np.add.at(history, (piece, at), 1)
    lag = _lag(times[:, None] - times[None, :])
    for number in range(LAG_COUNT):
        possible[:, :, number] = history @ (lag == number).astype(np.float64) @ history.T
    own = np.arange(count)
    possible[own, own, 0] -= (history**2).sum(axis=1)
    possible[own, own] /= 2
    return possible


def _met(piece: Ints, client: Ints, slot: Ints, count: int) -> tuple[Floats, float]:
    met = np.zeros((count, count, LAG_COUNT))
    order = np.argsort(client, kind="stable")
    piece, client, slot = piece[order], client[order], slot[order]
    ends = [*(np.flatnonzero(np.diff(client)) + 1).tolist(), len(client)]
    pairs, again = 0.0, 0
    for start, end in zip([0, *ends], ends, strict=False):
        if not 1 < end - start <= _MOST_SIGHTINGS:
            continue
        one, other = np.triu_indices(end - start, 1)
        a, b = piece[start:end][one], piece[start:end][other]
        between = slot[start:end][one] - slot[start:end][other]
        # A piece has one sighting of a client in a slot, so there is no pair within one.
        lag = _lag(between)
        np.add.at(met, (a, b, lag), 1)
        apart = a != b
        np.add.at(met, (b[apart], a[apart], lag[apart]), 1)
        own = np.unique(a[~apart], return_counts=True)[1]
        pairs, again = pairs + own.sum(), again + len(own)
    return met, pairs / again if again else 1.0


def _lag(slots: Ints) -> Ints:
    return np.asarray(np.searchsorted(_LAGS, np.abs(slots), side="right"), dtype=np.int64)
