"""Estimates with their intervals, on one axis from zero."""

from collections.abc import Sequence
from dataclasses import dataclass

from lymer.reports.figures.canvas import ACCENT, FAINT, INK, WARN, Canvas, cut, ticks

_WIDTH = 480.0
_LEFT = 112.0
_RIGHT = 16.0
_ROW = 17.0
_TOP = 6.0


@dataclass(frozen=True, slots=True)
class Interval:
    """One estimate: a lower end, a best value or none, an upper end or none, and a count seen."""

    label: str
    low: float
    point: float | None
    high: float | None
    seen: int | None


def draw_intervals(intervals: Sequence[Interval], unit: str) -> str:
    """The intervals below each other. No upper end: an arrow to the edge of the sheet."""
    bottom = _TOP + _ROW * len(intervals)
    canvas = Canvas(_WIDTH, bottom + 32)
    ends = [n for i in intervals for n in (i.low, i.point, i.high, i.seen) if n is not None]
    marks = ticks(max(ends, default=1))
    # An open interval needs room for its arrow beyond the last mark.
    room = 18 if any(i.high is None for i in intervals) else 0

    def x(number: float) -> float:
        return _LEFT + (_WIDTH - _RIGHT - room - _LEFT) * number / marks[-1]

    for mark in marks:
        canvas.line(x(mark), _TOP, x(mark), bottom + 3)
        canvas.text(x(mark), bottom + 13, f"{mark:,.0f}", anchor="middle", color=FAINT)
    for row, one in enumerate(intervals):
        y = _TOP + _ROW * (row + 0.5)
        canvas.text(_LEFT - 8, y + 3, cut(one.label, 26), anchor="end")
        end = x(one.high) if one.high is not None else _WIDTH - 4
        canvas.line(x(one.low), y, end, y, color=ACCENT, width=2.2)
        canvas.line(x(one.low), y - 4, x(one.low), y + 4, color=ACCENT, width=1.4)
        if one.high is not None:
            canvas.line(end, y - 4, end, y + 4, color=ACCENT, width=1.4)
        else:
            canvas.path(
                f"M{end - 6:.2f} {y - 4:.2f}L{end:.2f} {y:.2f}L{end - 6:.2f} {y + 4:.2f}",
                color=ACCENT,
                width=1.4,
            )
        if one.seen is not None:
            canvas.disc(x(one.seen), y, 2.8, color=WARN, is_hollow=True)
        if one.point is not None:
            canvas.disc(x(one.point), y, 3.4)
    canvas.line(_LEFT, _TOP, _LEFT, bottom, color=INK)
    canvas.line(_LEFT, bottom, _WIDTH - _RIGHT, bottom, color=INK)
    canvas.text((_LEFT + _WIDTH - _RIGHT) / 2, bottom + 27, unit, anchor="middle", color=FAINT)
    return canvas.svg()
