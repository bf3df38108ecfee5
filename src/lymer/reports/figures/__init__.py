"""Drawings for a report, as SVG: small functions of their data, the same bytes for the same data.

Every text in them is plain and escaped here. Axes are labelled and begin at zero; intervals are
drawn; nothing is animated, linked or fetched.
"""

from lymer.reports.figures.canvas import is_drawable
from lymer.reports.figures.days import Day, draw_days
from lymer.reports.figures.graph import Edge, Node, draw_graph
from lymer.reports.figures.intervals import Interval, draw_intervals
from lymer.reports.figures.map import country_name, draw_map
from lymer.reports.figures.timeline import Span, draw_timeline

__all__ = [
    "Day",
    "Edge",
    "Interval",
    "Node",
    "Span",
    "country_name",
    "draw_days",
    "draw_graph",
    "draw_intervals",
    "draw_map",
    "draw_timeline",
    "is_drawable",
]
