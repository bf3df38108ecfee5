"""Charts as SVG, drawn here: they need no script, and only attributes that a strict policy allows.

Every function takes numbers and gives markup; the only text in it is dates, numbers and names that
are escaped. Colours are classes of the style sheet, so that light and dark both fit.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from markupsafe import Markup, escape

from lymer.console.showing import about, number

KINDS = ("botnet", "unknown", "snowshoe", "bulk", "single")
"""In the order in which bars are stacked."""

_MOST_BARS = 120
# Days beyond which a month and its year tell more than a day.
_MONTHS_FROM = 200


def _svg(label: str, width: float, height: float, inner: str, kind: str) -> Markup:
    return Markup(  # noqa: S704
        f'<svg class="chart {kind}" role="img" viewBox="0 0 {width:g} {height:g}" '
        f'preserveAspectRatio="none" aria-label="{escape(label)}">{inner}</svg>'
    )


def spark(points: Sequence[tuple[date, int]], first: date | None, last: date | None) -> Markup:
    """A small chart of messages a day over the time of the whole case."""
    if not points or first is None or last is None:
        return Markup()
    days = max(1, (last - first).days + 1)
    step = max(1, -(-days // 60))
    bars = [0] * (-(-days // step))
    for at, count in points:
        bars[(at - first).days // step] += count
    most = max(bars) or 1
    wide = 120 / len(bars)
    inner = "".join(
        f'<rect x="{i * wide:.2f}" y="{22 - 20 * count / most - 1.5:.2f}" '
        f'width="{max(wide - 0.6, 0.8):.2f}" height="{20 * count / most + 1.5:.2f}"/>'
        for i, count in enumerate(bars)
        if count
    )
    label = f"{sum(bars):,} messages, {first} to {last}"
    return _svg(label, 120, 22, f"<title>{label}</title>{inner}", "spark")


def timeline(counts: dict[date, dict[str, int]], height: int = 150) -> Markup:
    """Messages a day, stacked by kind; with many days a bar is a week or more."""
    if not counts:
        return Markup()
    first, last = min(counts), max(counts)
    days = (last - first).days + 1
    step = max(1, -(-days // _MOST_BARS))
    bars: list[dict[str, int]] = [{} for _ in range(-(-days // step))]
    for at, kinds in counts.items():
        bar = bars[(at - first).days // step]
        for kind, count in kinds.items():
            bar[kind] = bar.get(kind, 0) + count
    most = max(sum(bar.values()) for bar in bars) or 1
    top = _round_up(most)
    width, left, low = 900, 66, height - 26
    wide = (width - left) / len(bars)
    parts = _grid(top, left, width, low)
    for i, bar in enumerate(bars):
        at = first + timedelta(days=i * step)
        y = float(low)
        told = [f"{at}" + (f" and {step - 1} more days" if step > 1 else "")]
        rects = []
        for kind in (*KINDS, *sorted(set(bar) - set(KINDS))):
            count = bar.get(kind, 0)
            if not count:
                continue
            tall = (low - 10) * count / top
            y -= tall
            told.append(f"{kind} {count:,}")
            rects.append(
                f'<rect class="k-{escape(kind)}" x="{left + i * wide + 0.75:.2f}" y="{y:.2f}" '
                f'width="{max(wide - 1.5, 0.7):.2f}" height="{tall:.2f}"/>'
            )
        if rects:
            title = escape("; ".join(told))
            parts.append(f"<g><title>{title}</title>{''.join(rects)}</g>")
    form = "%b %Y" if days > _MONTHS_FROM else "%d %b"
    every = max(1, -(-len(bars) // 8))
    parts += [
        f'<text class="tick" x="{left + (i + 0.5) * wide:.1f}" '
        f'y="{height - 5}" text-anchor="middle">{first + timedelta(days=i * step):{form}}</text>'
        for i in range(every // 2, len(bars), every)
    ]
    label = f"messages a day, {first} to {last}, at most {most:,}"
    drawn = _svg(label, width, height, "".join(parts), "timeline")
    return Markup('<div class="scroll">{}</div>').format(drawn)


def hours(counts: Sequence[int]) -> Markup:
    """Messages by hour of the day, UTC."""
    if not any(counts):
        return Markup()
    most = max(counts)
    parts = [
        f'<rect x="{i * 15 + 1}" y="{68 - 60 * count / most:.1f}" width="13" '
        f'height="{60 * count / most:.1f}"><title>{i:02}:00 {count:,}</title></rect>'
        for i, count in enumerate(counts)
    ]
    parts += [
        f'<text class="tick" x="{i * 15 + 7.5}" y="82" text-anchor="middle">{i:02}</text>'
        for i in range(0, 24, 3)
    ]
    return _svg("messages by hour of the day, UTC", 360, 86, "".join(parts), "hours")


def population(rows: Sequence[dict[str, Any]]) -> Markup:
    """Live bots by day: the interval as a band, the estimate as a dot."""
    rows = [row for row in rows if row["live_low"] is not None]
    if not rows:
        return Markup()
    first, last = rows[0]["day"], rows[-1]["day"]
    ends = [row["live_high"] or row["live_low"] for row in rows]
    top = _round_up(max(ends))
    width, left, height = 600, 56, 180
    low = height - 22
    days = (last - first).days + 1
    wide = (width - left) / days
    parts = _grid(top, left, width, low)
    for row in rows:
        x = left + ((row["day"] - first).days + 0.5) * wide
        bottom = low - (low - 10) * row["live_low"] / top
        told = f"{row['day']}: {_ends(row)}; {row['client_count']} addresses seen"
        drawn = f"<title>{told}</title>"
        if row["live_high"] is None:
            drawn += f'<path class="bound" d="M{x - 4:.1f} {bottom:.1f}h8m-4 0v-14m-4 5l4 -5l4 5"/>'
        else:
            high = low - (low - 10) * row["live_high"] / top
            drawn += (
                f'<rect class="band" x="{x - min(wide, 26) / 2 + 1:.1f}" y="{high:.1f}" rx="2" '
                f'width="{min(wide, 26) - 2:.1f}" height="{max(bottom - high, 1.5):.1f}"/>'
            )
        if row["live"] is not None:
            y = low - (low - 10) * row["live"] / top
            drawn += f'<circle class="point" cx="{x:.1f}" cy="{y:.1f}" r="3"/>'
        parts.append(f"<g>{drawn}</g>")
    every = max(1, -(-days // 6))
    parts += [
        f'<text class="tick" x="{left + (i + 0.5) * wide:.1f}" y="{height - 5}" '
        f'text-anchor="middle">{first + timedelta(days=i):%d %b}</text>'
        for i in range(every // 2, days, every)
    ]
    return _svg("live bots by day, with their interval", width, height, "".join(parts), "live")


@dataclass(frozen=True)
class Spot:
    """Something in a graph: which column it stands in, how it is called, where it leads."""

    id: str
    column: int
    name: str
    mark: str
    """Class of the style sheet."""
    address: str | None


@dataclass(frozen=True)
class Tie:
    """A line between two spots, by their ids."""

    start: str
    end: str
    mark: str
    told: str
    address: str


_ROW = 30
_GRAPH_WIDTH = 1120
_NAME_CHARACTERS = 34
_LETTER = 6.6


def graph(spots: Sequence[Spot], ties: Sequence[Tie]) -> Markup:
    """Spots in columns and the ties between them, in an order with few crossings."""
    if not spots:
        return Markup()
    places = _stand(spots, ties)
    rows = max(row for _, row in places.values()) + 1
    columns = max(spot.column for spot in spots)
    gap = (_GRAPH_WIDTH - 470) / max(1, columns)
    at = {
        one: (235 + gap * column, 20 + _ROW * (row + 0.5)) for one, (column, row) in places.items()
    }
    # A line to the right begins behind the name that it would cross.
    behind = {
        spot.id: _LETTER * min(len(spot.name), _NAME_CHARACTERS) + 20 if spot.column else 0.0
        for spot in spots
    }
    parts = []
    for tie in ties:
        ends = sorted((tie.start, tie.end), key=lambda one: at[one][0])
        (x, y), (to_x, to_y) = at[ends[0]], at[ends[1]]
        x += behind[ends[0]]
        half = (x + to_x) / 2 if x != to_x else x + 90
        parts.append(
            f'<a href="{escape(tie.address)}"><title>{escape(tie.told)}</title>'
            f'<path class="tie {escape(tie.mark)}" '
            f'd="M{x:.0f} {y:.0f}C{half:.0f} {y:.0f} {half:.0f} {to_y:.0f} {to_x:.0f} {to_y:.0f}"/>'
            "</a>"
        )
    for spot in spots:
        x, y = at[spot.id]
        name = spot.name
        if len(name) > _NAME_CHARACTERS:
            name = name[: _NAME_CHARACTERS - 1] + "…"
        side, anchor = (-14, "end") if spot.column == 0 else (14, "start")
        drawn = (
            f"<title>{escape(spot.name)}</title>"
            f'<circle class="spot {escape(spot.mark)}" cx="{x:.0f}" cy="{y:.0f}" r="7"/>'
            f'<text x="{x + side:.0f}" y="{y + 4:.0f}" text-anchor="{anchor}">{escape(name)}</text>'
        )
        link = (
            f'<a href="{escape(spot.address)}">{drawn}</a>' if spot.address else f"<g>{drawn}</g>"
        )
        parts.append(link)
    return _svg("who, and what is claimed", _GRAPH_WIDTH, 40 + _ROW * rows, "".join(parts), "graph")


def _stand(spots: Sequence[Spot], ties: Sequence[Tie]) -> dict[str, tuple[int, float]]:
    """Column and row of each spot: a few rounds of standing at the middle of one's neighbours."""
    near: dict[str, list[str]] = {spot.id: [] for spot in spots}
    for tie in ties:
        near[tie.start].append(tie.end)
        near[tie.end].append(tie.start)
    columns: dict[int, list[str]] = {}
    for spot in spots:
        columns.setdefault(spot.column, []).append(spot.id)
    tallest = max(map(len, columns.values()))
    rows: dict[str, float] = {}

    def settle(column: list[str]) -> None:
        room = tallest / len(column)
        rows.update({one: (k + 0.5) * room - 0.5 for k, one in enumerate(column)})

    for column in columns.values():
        settle(column)
    for _ in range(8):
        for _, column in sorted(columns.items()):
            middle = {
                one: sum(rows[other] for other in near[one]) / len(near[one])
                if near[one]
                else rows[one]
                for one in column
            }
            column.sort(key=lambda one: (middle[one], one))
            settle(column)
    return {spot.id: (spot.column, rows[spot.id]) for spot in spots}


def share_bar(share: float | None) -> Markup:
    """A share as a bar within a table."""
    if share is None:
        return Markup()
    wide = max(0.0, min(1.0, share)) * 100
    return _svg(
        f"{wide:.0f} %", 100, 6,
        f'<rect class="rail" width="100" height="6" rx="3"/>'
        f'<rect width="{wide:.1f}" height="6" rx="3"/>',
        "share",
    )  # fmt: skip


def _ends(row: dict[str, Any]) -> str:
    if row["live_high"] is None:
        return f"at least {about(row['live_low'])}"
    return f"{about(row['live_low'])} to {about(row['live_high'])}"


def _grid(top: float, left: int, width: int, low: int) -> list[str]:
    """Lines for nothing, the half and the whole of `top`, with their numbers."""
    parts = []
    for share in (0, 0.5, 1):
        y = low - (low - 10) * share
        parts.append(
            f'<line class="grid" x1="{left}" x2="{width}" y1="{y:.1f}" y2="{y:.1f}"/>'
            f'<text class="tick" x="{left - 8}" y="{y + 4:.1f}" text-anchor="end">'
            f"{number(int(top * share))}</text>"
        )
    return parts


def _round_up(value: float) -> float:
    """The next number that a scale may well end at."""
    scale = 1.0
    while value > 10 * scale:
        scale *= 10
    for step in (1, 2, 4, 5, 8, 10):
        if value <= step * scale:
            return max(2.0, step * scale)
    return 10 * scale
