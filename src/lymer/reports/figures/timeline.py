"""When campaigns came: a line each, a disc for each day."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import sqrt

from lymer.reports.figures.canvas import FAINT, INK, RULE, SMALL, Canvas, cut

_WIDTH = 480.0
_LEFT = 172.0
_RIGHT = 46.0
_ROW = 15.0
_TOP = 8.0
_LARGEST = 8.5
_LABEL = 42


@dataclass(frozen=True, slots=True)
class Span:
    """One line: its label, messages by day, and their number in all."""

    label: str
    days: Mapping[date, int]
    total: int


def draw_timeline(spans: Sequence[Span]) -> str:
    """The spans below each other, over one axis of days (UTC)."""
    days = sorted({day for span in spans for day in span.days})
    height = _TOP + _ROW * len(spans) + 40
    canvas = Canvas(_WIDTH, height)
    if not days:
        canvas.text(_LEFT, _TOP + 10, "no message has a readable time", color=FAINT)
        return canvas.svg()
    first, last = days[0], days[-1]
    length = max(1, (last - first).days)
    highest = max(n for span in spans for n in span.days.values())
    bottom = _TOP + _ROW * len(spans)

    def x(day: date) -> float:
        return _LEFT + 8 + (_WIDTH - _RIGHT - _LEFT - 16) * (day - first).days / length

    for day, label in _marks(first, last):
        canvas.line(x(day), _TOP, x(day), bottom + 3)
        canvas.text(x(day), bottom + 13, label, anchor="middle", color=FAINT)
    canvas.text(_WIDTH - 2, _TOP - 0.5, "messages", anchor="end", size=7.5, color=FAINT)
    for row, span in enumerate(spans):
        y = _TOP + _ROW * (row + 0.5)
        canvas.text(_LEFT - 4, y + 3, cut(span.label, _LABEL), anchor="end", size=8)
        if span.days:
            canvas.line(x(min(span.days)), y, x(max(span.days)), y, color=RULE, width=1)
        for day, number in sorted(span.days.items()):
            canvas.disc(x(day), y, _radius(number, highest), opacity=0.75)
        canvas.text(_WIDTH - 2, y + 3, f"{span.total:,}", anchor="end")
    canvas.line(_LEFT, bottom, _WIDTH - _RIGHT, bottom, color=INK)
    _legend(canvas, bottom + 28, highest)
    return canvas.svg()


def _radius(number: int, highest: int) -> float:
    """The area is the number; nothing is made larger than it is."""
    return _LARGEST * sqrt(number / highest)


def _legend(canvas: Canvas, y: float, highest: int) -> None:
    x = _LEFT + 8
    for number in sorted({1, max(1, highest // 10), highest}):
        radius = _radius(number, highest)
        canvas.disc(x + radius, y, radius, opacity=0.75)
        canvas.text(x + 2 * radius + 4, y + 3, f"{number:,} on a day", color=FAINT, size=SMALL)
        x += 2 * radius + 78


def _marks(first: date, last: date) -> list[tuple[date, str]]:
    """Days to be written on the axis: about six, never so close that they touch."""
    length = (last - first).days
    if length <= 1:
        return [(day, day.isoformat()) for day in sorted({first, last})]
    step = next((s for s in (1, 2, 7, 14, 30, 91, 182, 365) if length / s <= 6), length // 5)
    found = [first + timedelta(days=n) for n in range(0, length + 1, step)]
    return [(day, day.isoformat()) for day in found]
