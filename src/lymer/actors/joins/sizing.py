"""How many bots are live by logs that have a share of them, and mail that shows how large it is."""

from dataclasses import dataclass

from scipy import stats


@dataclass(frozen=True)
class CalibrationRule:
    """When logs are corrected by mail. Checked by tools/calibration.py: see docs/servers.md."""

    least_known: int = 5
    """Seen clients that the logs have: with fewer the share is anybody's guess, and so is which
    nodes are of a botnet."""
    least_beside: int = 2
    """Known clients of a botnet, for saying that it works at the nodes of another one too. One may
    be of a PC with two infections."""
    least_stayed: int = 10
    """Nodes that reported on two days in a row, for a share of changed addresses."""
    least_chance: float = 0.001
    """Chance that the logs have so few of a campaign's clients when they have as many as of the
    other campaigns of its botnet: with less the campaign, or a part of it, is of machines that are
    not in the logs."""
    most_elsewhere: float = 0.1
    """Share of the seen clients that the server logs on that day under other jobs alone: with more
    the log of these jobs is no even sample of their bots, and is a lower bound. And of nodes that
    may be of a pool, beside those that are: with more no best number is given."""
    missed_of_changes: float = 0.375
    most_missed: float = 0.5
    """Of the changes of an address in a day, those that show a client whose node the log has, under
    another address. Half of the changes fall into the hours that a bot is on (docs/census.md):
    then a client that was seen once is missed in half of the cases, one seen often always."""


@dataclass(frozen=True)
class Size:
    """Live bots on a day, as logs and mail together tell it."""

    logged: float
    """Nodes in the logs on a day, the mean."""
    seen: int
    known: int
    low: float
    live: float | None
    high: float | None


@dataclass(frozen=True)
class Changes:
    """The share of bots whose address changes from one day to the next, and the most it may be."""

    share: float = 0.0
    most: float = 0.0

    @classmethod
    def counted(cls, moved: int, stayed: int) -> "Changes":
        """From so many nodes of two days in a row, and those of them under a new address."""
        most = float(stats.beta.ppf(0.975, moved + 1, stayed - moved)) if moved < stayed else 1.0
        return cls(moved / stayed, most)


def size_of(
    logged: float, known: int, seen: int, clients: int, changes: Changes, rule: CalibrationRule
) -> Size:
    """Live bots on a day from the nodes logged on a day and the share of seen clients they have.

    `seen` and `known` count a client once for each day, `clients` once: a machine that reported on
    one day most often did on the next, so that seeing it again is no second draw.
    """
    if known < rule.least_known:
        # The logs are a lower bound, whatever they lack.
        return Size(logged, seen, known, logged, None, None)
    # Clopper and Pearson 1934, of as many draws as there are clients.
    drawn = known / seen * clients
    low = float(stats.beta.ppf(0.025, drawn, clients - drawn + 1))
    high = float(stats.beta.ppf(0.975, drawn + 1, clients - drawn)) if known < seen else 1.0
    most = min(1.0, high * (1 + rule.most_missed * changes.most))
    middle = min(1.0, known / seen * (1 + rule.missed_of_changes * changes.share))
    return Size(logged, seen, known, logged / most, logged / middle, logged / low)
