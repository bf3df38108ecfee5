"""A botnet's population: who is infected, live, and under which address, day by day.

Each bot sits at an access provider (a /18 of class E). It is infected on some day and cleaned on
a later one, is live on a share of the days between, and its address changes with the churn of its
provider. Some bots share one address (NAT), some PCs carry a bot of a second botnet as well.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from lymer.lab.addresses import Blocks, dotted
from lymer.lab.draws import Draw

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

DAY_SECONDS = 86400


@dataclass
class PoolDay:
    """The live bots of one day. Arrays run over bots that are live."""

    bots: Ints
    """Bot numbers."""
    first: Ints
    """Address at midnight, as 32-bit number."""
    second: Ints
    """Address after `switch`; equal to `first` where it did not change."""
    switch: Ints
    """Second of the day at which the address changes."""
    weight: Floats
    """How much a bot sends, relative to the others."""


class Pool:
    """The population of one botnet. Call `advance` once for every day, in order."""

    def __init__(
        self,
        draw: Draw,
        botnet_id: str,
        blocks: Blocks,
        *,
        size: int,
        days: int,
        churn: float,
        duty: float,
        turnover: float,
        nat_share: float = 0.05,
        local_block: int | None = None,
        local_share: float = 0.0,
    ) -> None:
        """`churn`: chance that an address has changed from one day to the next. `duty`: share of
        days a bot is live. `turnover`: share of the population replaced over `days`."""
        self.botnet_id = botnet_id
        self.size = size
        self.churn = churn
        self._rng = rng = draw.numpy("pool")
        providers = max(3, min(40, size // 25))
        self._bases = np.array([blocks.access() for _ in range(providers)], dtype=np.int64)
        shares = rng.dirichlet(np.full(providers, 0.6))
        self._provider = rng.choice(providers, size=size, p=shares)
        base = self._bases[self._provider]
        if local_block is not None:
            local = rng.random(size) < local_share
            base = np.where(local, local_block, base)
        self._base: Ints = base.astype(np.int64)
        born = rng.integers(0, max(1, days), size=size)
        lifetime = rng.exponential(days * 0.5, size=size).astype(np.int64) + 2
        passing = rng.random(size) < turnover
        self._born = np.where(passing, born, 0)
        self._dies = np.where(passing, born + lifetime, days + 1)
        self._duty = np.clip(rng.beta(duty * 4, (1 - duty) * 4 + 0.01, size=size), 0.02, 1.0)
        self._weight = rng.lognormal(0.0, 1.0, size=size)
        self._now = self._fresh(np.arange(size, dtype=np.int64))
        # A gateway: these bots always have the address of their leader.
        self._leader = np.arange(size, dtype=np.int64)
        followers = np.flatnonzero(rng.random(size) < nat_share)
        if size > 1:
            self._leader[followers] = rng.integers(0, size, size=len(followers))
        self._twin_of: Pool | None = None
        self._twins: tuple[Ints, Ints] | None = None
        self.today: PoolDay = self._empty()

    def _empty(self) -> PoolDay:
        none = np.zeros(0, dtype=np.int64)
        return PoolDay(none, none, none, none, np.zeros(0))

    def _fresh(self, bots: Ints) -> Ints:
        return self._base[bots] + self._rng.integers(1, (1 << 14) - 1, size=len(bots))

    def share_machines(self, other: "Pool", share: float) -> None:
        """The PCs of some bots carry a bot of `other` too: the same address on the same day.

        `other` has to be advanced first every day.
        """
        count = min(int(self.size * share), other.size)
        if count:
            mine = self._rng.choice(self.size, size=count, replace=False).astype(np.int64)
            theirs = self._rng.choice(other.size, size=count, replace=False).astype(np.int64)
            self._twin_of, self._twins = other, (mine, theirs)

    def advance(self, day: int) -> PoolDay:
        """Move to `day` (0, 1, 2 ...) and give its live bots."""
        rng = self._rng
        everyone = np.arange(self.size, dtype=np.int64)
        before = self._now.copy()
        if day:
            moved = everyone[rng.random(self.size) < self.churn]
            self._now[moved] = self._fresh(moved)
        if self._twin_of is not None and self._twins is not None:
            mine, theirs = self._twins
            self._now[mine] = self._twin_of._now[theirs]
            before[mine] = self._now[mine]
        infected = (self._born <= day) & (day < self._dies)
        live = everyone[infected & (rng.random(self.size) < self._duty)]
        leader = self._leader[live]
        # A changed address changes in the middle of the day, for half of those that change.
        within = rng.random(self.size) < 0.5
        early = np.where(within, before, self._now)
        self.today = PoolDay(
            bots=live,
            first=early[leader],
            second=self._now[leader],
            switch=rng.integers(0, DAY_SECONDS, size=self.size)[leader],
            weight=self._weight[live],
        )
        return self.today

    def pick(self, rng: np.random.Generator, count: int, loyal_to: int, loyalty: float) -> Ints:
        """Positions in `today` for `count` messages of one campaign.

        A campaign is served mostly by its own third of the bots (`loyal_to` picks the third).
        """
        today = self.today
        if not len(today.bots) or not count:
            return np.zeros(0, dtype=np.int64)
        weight = today.weight.copy()
        strangers = (today.bots * 2654435761 + loyal_to) % 3 != 0
        weight[strangers] *= 1 - loyalty
        total = weight.sum()
        if total <= 0:
            weight, total = np.ones(len(weight)), float(len(weight))
        return rng.choice(len(weight), size=count, p=weight / total).astype(np.int64)

    def address(self, position: int, second: int) -> int:
        """The address of a live bot at a second of the day."""
        today = self.today
        late = second >= today.switch[position]
        return int(today.second[position] if late else today.first[position])

    def bot_id(self, number: int) -> str:
        return f"{self.botnet_id}.{number:05d}"


def address_lists(today: PoolDay) -> list[list[str]]:
    """The addresses of each live bot of the day, in the order of use."""
    lists: list[list[str]] = []
    pairs = zip(today.first.tolist(), today.second.tolist(), strict=True)
    for first, second in pairs:
        lists.append([dotted(first)] if first == second else [dotted(first), dotted(second)])
    return lists
