"""A number day by day, with its interval: bars from zero."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from lymer.reports.figures.canvas import ACCENT, FAINT, INK, PALE, Canvas, ticks

_WIDTH = 480.0
_LEFT = 44.0
_RIGHT = 10.0
_TOP = 10.0
_HEIGHT = 120.0
_WIDEST = 64.0


@dataclass(frozen=True, slots=True)
class Day:
    """One day: a count or an estimate, and a second count beside it or none."""

    day: date
    number: float
    beside: float | None = None


def draw_days(days: Sequence[Day], unit: str, beside: str = "") -> str:
    """A bar a day from zero; what is `beside` it as a paler bar behind. Absent days stay empty."""
    canvas = Canvas(_WIDTH, _TOP + _HEIGHT + 44)
    first = min(d.day for d in days)
    count = (max(d.day for d in days) - first).days + 1
    marks = ticks(max(max(d.number, d.beside or 0) for d in days), 4)
    slot = min(_WIDEST, (_WIDTH - _LEFT - _RIGHT) / count)
    bottom = _TOP + _HEIGHT

    def height(number: float) -> float:
        return _HEIGHT * number / marks[-1]

    for mark in marks:
        y = bottom - height(mark)
        canvas.line(_LEFT, y, _WIDTH - _RIGHT, y)
        canvas.text(_LEFT - 4, y + 3, f"{mark:,.0f}", anchor="end", color=FAINT)
    for one in days:
        x = _LEFT + slot * (one.day - first).days
        if one.beside is not None:
            canvas.bar(x + slot * 0.06, bottom, slot * 0.88, height(one.beside), PALE)
        canvas.bar(x + slot * 0.2, bottom, slot * 0.6, height(one.number), ACCENT)
    canvas.line(_LEFT, bottom, _WIDTH - _RIGHT, bottom, color=INK)
    for at in sorted({0, count // 2, count - 1}):
        label = date.fromordinal(first.toordinal() + at).isoformat()
        x = _LEFT + slot * (at + 0.5)
        anchor = "start" if at == 0 and count > 2 else "end" if at == count - 1 and at else "middle"
        canvas.text(x, bottom + 13, label, anchor=anchor, color=FAINT)
    for place, (words, color) in enumerate(((unit, ACCENT), (beside, PALE))):
        if words:
            x = _LEFT + 150 * place
            canvas.bar(x, bottom + 36, 9, 9, color)
            canvas.text(x + 13, bottom + 35, words, color=FAINT)
    return canvas.svg()
