"""Numbers, intervals and times as words. Nothing is shown more exactly than it is known."""

from collections.abc import Iterable
from datetime import date, datetime

NOT_KNOWN = "not established"


def count(number: float | None) -> str:
    """A number of things."""
    return NOT_KNOWN if number is None else f"{number:,.0f}"


def share(number: float | None) -> str:
    """0..1 as per cent."""
    if number is None:
        return NOT_KNOWN
    return f"{number * 100:.0f} %" if number == 0 or number >= 0.0995 else f"{number * 100:.1f} %"


def interval(low: float | None, point: float | None, high: float | None) -> str:
    """An estimate with its 95 % interval; a bound alone as the bound that it is."""
    if low is None and point is None:
        return NOT_KNOWN
    if low is not None and point is not None and low == point == high:
        return count(point)
    if point is not None and low is not None and high is not None:
        return f"{rounded(point)} (95 % interval {rounded(low)} to {rounded(high)})"
    if low is not None and high is not None:
        return f"between {rounded(low)} and {rounded(high)} (95 % interval, no single best value)"
    if low is not None:
        return f"at least {rounded(low)} (95 %; no upper end can be given)"
    return f"about {rounded(point)} (no interval)"


def rounded(number: float | None) -> str:
    """An estimate to three digits: more would be made up."""
    if number is None:
        return NOT_KNOWN
    if number >= 1000:
        number = float(f"{number:.3g}")
    return f"{number:,.0f}"


def small(number: float | None) -> str:
    """A probability or a score."""
    if number is None:
        return "–"
    return f"{number:.2g}" if abs(number) < 100 else f"{number:,.0f}"


def day(at: datetime | date | None) -> str:
    """A date, UTC."""
    return at.strftime("%Y-%m-%d") if at else "unknown"


def moment(at: datetime | None) -> str:
    """A time, UTC."""
    return at.strftime("%Y-%m-%d %H:%M:%S UTC") if at else "unknown"


def period(first: datetime | date | None, last: datetime | date | None) -> str:
    """From one day to another."""
    one, other = day(first), day(last)
    return one if one == other else f"{one} to {other}"


def several(number: int, one: str, many: str | None = None) -> str:
    """ "1 botnet", "3 botnets"."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def listed(words: Iterable[str]) -> str:
    """ "a, b and c"."""
    found = list(words)
    return " and ".join(filter(None, (", ".join(found[:-1]), found[-1]))) if found else ""
