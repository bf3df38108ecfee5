"""People and things, with the claims between them."""

from collections.abc import Sequence
from dataclasses import dataclass

from lymer.reports.figures.canvas import ACCENT, FAINT, INK, PALE, WARN, Canvas, cut

_WIDTH = 480.0
_BOX = 150.0
_HEIGHT = 26.0
_STEP = 38.0
_TOP = 22.0
_MOST = 14
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
    """People at the left, things at the right; only those that a claim names, 14 of each at most.

    A link between two people runs along the left edge.
    """
    named = {key for edge in edges for key in (edge.source, edge.target)}
    people = [n for n in nodes if n.role != "thing" and n.key in named][:_MOST]
    place = {node.key: row for row, node in enumerate(people)}
    beside = {
        n.key: [place[e.source] for e in edges if e.target == n.key and e.source in place]
        for n in nodes
    }
    # Things beside the people they belong to, so that few lines cross.
    things = sorted(
        (n for n in nodes if n.role == "thing" and n.key in named and beside[n.key]),
        key=lambda node: (sum(beside[node.key]) / len(beside[node.key]), node.key),
    )[:_MOST]
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
    said: set[tuple[str, str]] = set()
    for number, edge in enumerate(edges):
        if edge.source in at and edge.target in at:
            # One label for all that a person does alike.
            is_new = (edge.source, edge.label) not in said
            said.add((edge.source, edge.label))
            label = edge.label if is_new else ""
            _link(canvas, at[edge.source], at[edge.target], edge, label, number)
    for node in (*people, *things):
        x, y = at[node.key]
        canvas.box(x, y, _BOX, _HEIGHT, fill=_FILLS.get(node.role, "#ffffff"), edge=PALE)
        is_thing = node.role == "thing"
        canvas.text(x + 6, y + (16 if is_thing else 11), cut(node.label, 32), size=8.5)
        if not is_thing:
            canvas.text(x + 6, y + 21, node.role, size=7.5, color=FAINT)
    return canvas.svg()


def _link(
    canvas: Canvas,
    start: tuple[float, float],
    end: tuple[float, float],
    edge: Edge,
    label: str,
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
    if label:
        canvas.text(x1 + 5, y1 - 3, label, size=7.5, color=INK)
