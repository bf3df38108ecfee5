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
    """What n pieces have in common."""

    times: Ints
    """Slots with sightings, rising, (t,)."""
    history: Floats
    """Sightings of a piece at a time, (n, t)."""
    met_within: Floats
    """Pairs of sightings of one address in a piece, (n, LAG_COUNT)."""
    met: dict[tuple[int, int], Floats]
    """The same between two pieces, (LAG_COUNT,), by their numbers, the lower first; no entry for
    none."""
    clients: csr_array
    """(n, addresses): ones where a piece had a client."""
    repeats: float
    """How often an address that is seen again in a piece is paired with itself, on average."""

    def around(self, history: Floats) -> Floats:
        """Sightings at each lag from each time, (LAG_COUNT, k, t), of `history` (k, t)."""
        before = np.zeros((len(history), len(self.times) + 1))
        np.cumsum(history, axis=1, out=before[:, 1:])
        near = [
            before[:, np.searchsorted(self.times, self.times + lag, side="left")]
            - before[:, np.searchsorted(self.times, self.times - lag, side="right")]
            for lag in _LAGS
        ]
        whole = np.broadcast_to(before[:, -1:], history.shape)
        return np.diff(np.stack([np.zeros(history.shape), *near, whole]), axis=0)


def compare(sightings: Sightings) -> Resightings:
    """Count pairs. A client counts once in a slot and piece."""
    seen = np.unique(np.stack((sightings.piece, sightings.client, sightings.slot), axis=1), axis=0)
    piece, client, slot = seen[:, 0], seen[:, 1], seen[:, 2]
    # Only times at which something was seen take room.
    times, at = np.unique(slot, return_inverse=True)
    history = np.zeros((sightings.count, len(times)))
    np.add.at(history, (piece, at), 1)
    met_within, met, repeats = _met(piece, client, slot, sightings.count)
    members = np.unique(seen[:, :2], axis=0)
    width = int(client.max()) + 1 if len(client) else 1
    return Resightings(
        times=times,
        history=history,
        met_within=met_within,
        met=met,
        clients=csr_array(
            (np.ones(len(members)), (members[:, 0], members[:, 1])),
            shape=(sightings.count, width),
        ),
        repeats=repeats,
    )


def _met(
    piece: Ints, client: Ints, slot: Ints, count: int
) -> tuple[Floats, dict[tuple[int, int], Floats], float]:
    within = np.zeros((count, LAG_COUNT))
    order = np.argsort(client, kind="stable")
    piece, client, slot = piece[order], client[order], slot[order]
    ends = [*(np.flatnonzero(np.diff(client)) + 1).tolist(), len(client)]
    pairs, again = 0.0, 0
    between = [np.zeros(0, dtype=np.int64)]
    for start, end in zip([0, *ends], ends, strict=False):
        if not 1 < end - start <= _MOST_SIGHTINGS:
            continue
        one, other = np.triu_indices(end - start, 1)
        a, b = piece[start:end][one], piece[start:end][other]
        # A piece has one sighting of a client in a slot, so there is no pair within one.
        lag = _lag(slot[start:end][one] - slot[start:end][other])
        apart = a != b
        np.add.at(within, (a[~apart], lag[~apart]), 1)
        low, high = np.minimum(a, b)[apart], np.maximum(a, b)[apart]
        between.append((low * count + high) * LAG_COUNT + lag[apart])
        own = np.unique(a[~apart], return_counts=True)[1]
        pairs, again = pairs + own.sum(), again + len(own)
    met: dict[tuple[int, int], Floats] = {}
    for key, found in zip(*(v.tolist() for v in _counted(np.concatenate(between))), strict=True):
        ends_of, at = divmod(key, LAG_COUNT)
        met.setdefault(divmod(ends_of, count), np.zeros(LAG_COUNT))[at] = found
    return within, met, pairs / again if again else 1.0


def _counted(values: Ints) -> tuple[Ints, Ints]:
    return np.unique(values, return_counts=True)


def _lag(slots: Ints) -> Ints:
    return np.asarray(np.searchsorted(_LAGS, np.abs(slots), side="right"), dtype=np.int64)
