"""People and things, with the claims between them."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from lymer.reports.figures.canvas import ACCENT, FAINT, PALE, WARN, Canvas, cut

_WIDTH = 480.0
_BOX = 150.0
_HEIGHT = 26.0
_STEP = 38.0
_TOP = 22.0
_PEOPLE = 12
_OF_ONE = 3
_FILLS = {
    "operator": "#f3d9cf",
    "customer": "#f6ead0",
    "payer": "#e6e8c8",
    "promoted": "#dbe9f1",
    "thing": "#eef0f2",
}


@dataclass(frozen=True, slots=True)
class Node:
    """One person (with a role) or thing (role "thing"). `key` is what edges name."""

    key: str
    label: str
    role: str


@dataclass(frozen=True, slots=True)
class Edge:
    """One claim. `is_denied`: that there is no such link."""

    source: str
    target: str
    label: str
    is_denied: bool = False


def draw_graph(nodes: Sequence[Node], edges: Sequence[Edge]) -> str:
    """People at the left, things at the right; only those that a claim names.

    Of a person the three things that most people share are drawn, and all are counted: "ordered
    (11)". A link between two people runs along the left edge.
    """
    named = {key for edge in edges for key in (edge.source, edge.target)}
    people = [n for n in nodes if n.role != "thing" and n.key in named][:_PEOPLE]
    drawn = _choose(people, edges)
    place = {node.key: row for row, node in enumerate(people)}
    beside: dict[str, list[int]] = {}
    for edge in drawn:
        beside.setdefault(edge.target, []).append(place[edge.source])
    # Things beside the people they belong to, so that few lines cross.
    things = sorted(
        (n for n in nodes if n.role == "thing" and n.key in beside),
        key=lambda node: (sum(beside[node.key]) / len(beside[node.key]), node.key),
    )
    rows = max(len(people), len(things), 1)
    canvas = Canvas(_WIDTH, _TOP + _STEP * rows + 6)
    canvas.text(44, 12, "people", color=FAINT)
    if things:
        canvas.text(_WIDTH - _BOX - 4, 12, "botnets, campaigns, jobs", color=FAINT)
    at: dict[str, tuple[float, float]] = {}
    for column, group in ((44.0, people), (_WIDTH - _BOX - 4, things)):
        for row, node in enumerate(group):
            y = _TOP + _STEP * (row + (rows - len(group)) / 2)
            at[node.key] = (column, y)
    for number, edge in enumerate(drawn):
        if edge.target in at:
            _link(canvas, at[edge.source], at[edge.target], edge, number)
    # One label for all that a person does: beside each other they would not be read.
    for node in people:
        label = _label([e for e in edges if e.source == node.key])
        x, y = at[node.key][0] + _BOX + 4, at[node.key][1] + _HEIGHT / 2
        if label:
            canvas.box(x, y - 11, 3.4 * len(label) + 4, 9.5, fill="#ffffff")
            canvas.text(x + 2, y - 3.5, label, size=7.5)
    for node in (*people, *things):
        x, y = at[node.key]
        canvas.box(x, y, _BOX, _HEIGHT, fill=_FILLS.get(node.role, "#ffffff"), edge=PALE)
        is_thing = node.role == "thing"
        canvas.text(x + 6, y + (16 if is_thing else 11), cut(node.label, 32), size=8.5)
        if not is_thing:
            canvas.text(x + 6, y + 21, node.role, size=7.5, color=FAINT)
    return canvas.svg()


def _choose(people: Sequence[Node], edges: Sequence[Edge]) -> list[Edge]:
    """For each person the edges to draw."""
    shared = Counter(edge.target for edge in edges)
    chosen: list[Edge] = []
    for node in people:
        mine = [edge for edge in edges if edge.source == node.key]
        chosen += sorted(mine, key=lambda edge: (not edge.is_denied, -shared[edge.target]))[
            :_OF_ONE
        ]
    return chosen


def _label(edges: Sequence[Edge]) -> str:
    """What a person does, each with its number where there are several."""
    counted = Counter(edge.label for edge in edges)
    return cut(", ".join(f"{w} ({n})" if n > 1 else w for w, n in counted.items()), 36)


def _link(
    canvas: Canvas,
    start: tuple[float, float],
    end: tuple[float, float],
    edge: Edge,
    number: int,
) -> None:
    color = WARN if edge.is_denied else ACCENT
    dash = "3 2.5" if edge.is_denied else ""
    y1, y2 = start[1] + _HEIGHT / 2, end[1] + _HEIGHT / 2
    if start[0] == end[0]:
        # Each its own distance from the boxes, so that two do not lie on each other.
        x = start[0]
        bend = x - 10 - 7 * (number % 4)
        d = f"M{x:.1f} {y1:.1f}C{bend:.1f} {y1:.1f} {bend:.1f} {y2:.1f} {x:.1f} {y2:.1f}"
        canvas.path(d, color=color, width=1.1, dash=dash)
        return
    x1, x2 = start[0] + _BOX, end[0]
    middle = (x1 + x2) / 2
    d = f"M{x1:.1f} {y1:.1f}C{middle:.1f} {y1:.1f} {middle:.1f} {y2:.1f} {x2:.1f} {y2:.1f}"
    canvas.path(d, color=color, width=1.1, dash=dash)
