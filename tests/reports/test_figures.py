"""Drawings are honest: areas and lengths are the numbers, from zero, and nothing is left out."""

import re
from datetime import date
from itertools import pairwise
from math import pi, sqrt
from xml.etree import ElementTree

import pytest

from lymer.reports.figures import (
    Day,
    Edge,
    Interval,
    Node,
    Span,
    country_name,
    draw_days,
    draw_graph,
    draw_intervals,
    draw_map,
    draw_timeline,
    is_drawable,
)
from lymer.reports.figures.canvas import ticks
from lymer.reports.figures.world import COUNTRIES, LAND

NAME = "{http://www.w3.org/2000/svg}"


def parts(svg: str, tag: str) -> list[dict[str, str]]:
    return [dict(e.attrib) for e in ElementTree.fromstring(svg).iter(NAME + tag)]


def texts(svg: str) -> dict[str, dict[str, str]]:
    return {e.text or "": dict(e.attrib) for e in ElementTree.fromstring(svg).iter(NAME + "text")}


def test_discs_of_the_timeline_have_the_area_of_their_number() -> None:
    days = {date(2007, 10, 1): 100, date(2007, 10, 3): 25, date(2007, 10, 9): 1}
    svg = draw_timeline([Span("a", days, 126), Span("b", {date(2007, 10, 5): 50}, 50)])
    rows: dict[str, list[dict[str, str]]] = {}
    for disc in parts(svg, "circle"):
        rows.setdefault(disc["cy"], []).append(disc)
    first, second, legend = rows.values()
    areas = [pi * float(d["r"]) ** 2 for d in (*first, *second)]
    for area, number in zip(areas, (100, 25, 1, 50), strict=True):
        assert area / areas[0] == pytest.approx(number / 100, rel=0.02)
    # A day is everywhere as wide as another.
    x = [float(d["cx"]) for d in (*first, *second)]
    assert (x[1] - x[0]) / 2 == pytest.approx((x[2] - x[0]) / 8)
    assert (x[3] - x[0]) / 4 == pytest.approx((x[2] - x[0]) / 8)
    assert [t for t in texts(svg) if "on a day" in t] == [
        "1 on a day", "10 on a day", "100 on a day",
    ]  # fmt: skip
    assert [float(d["r"]) for d in legend] == sorted(float(d["r"]) for d in legend)


def test_a_timeline_of_nothing_says_so() -> None:
    assert "no message has a readable time" in texts(draw_timeline([Span("a", {}, 3)]))


def test_intervals_stand_on_one_axis_from_zero() -> None:
    svg = draw_intervals(
        [Interval("closed", 100, 200, 400, 50), Interval("open", 300, None, None, None)], "bots"
    )
    at = texts(svg)
    zero, top = float(at["0"]["x"]), float(at["400"]["x"])
    assert "bots" in at

    def x(number: float) -> float:
        return zero + (top - zero) * number / 400

    bars = [line for line in parts(svg, "line") if line["stroke-width"] == "2.2"]
    assert float(bars[0]["x1"]) == pytest.approx(x(100), abs=0.1)
    assert float(bars[0]["x2"]) == pytest.approx(x(400), abs=0.1)
    assert float(bars[1]["x1"]) == pytest.approx(x(300), abs=0.1)
    # No upper end: beyond the last mark, with a head on it.
    assert float(bars[1]["x2"]) > top
    assert len(parts(svg, "path")) == 1
    discs = {d.get("fill"): float(d["cx"]) for d in parts(svg, "circle")}
    assert discs == {
        "#0b5c8a": pytest.approx(x(200), abs=0.1),
        "#ffffff": pytest.approx(x(50), abs=0.1),
    }


@pytest.mark.parametrize("highest", [0, 0.4, 1, 3, 7, 99, 100, 101, 12_345, 2e8])
def test_marks_are_round_and_reach_over_the_highest(highest: float) -> None:
    marks = ticks(highest)
    assert marks[0] == 0
    assert marks[-1] >= highest
    steps = {b - a for a, b in pairwise(marks)}
    assert len(steps) == 1
    assert 2 <= len(marks) <= 8


def test_discs_of_the_map_have_the_area_of_their_number_at_their_country() -> None:
    svg = draw_map([("DE", 400), ("nz", 100), ("US", 25), ("QQ", 7)])
    discs = parts(svg, "circle")[:3]
    areas = [float(d["r"]) ** 2 for d in discs]
    assert [a / areas[0] for a in areas] == pytest.approx([1, 0.25, 0.0625], rel=0.02)
    germany, zealand, states = ((float(d["cx"]), float(d["cy"])) for d in discs)
    assert states[0] < germany[0] < zealand[0]
    assert germany[1] < zealand[1]
    assert "not on the map: QQ 7" in texts(svg)
    assert {"DE", "NZ", "US"} <= set(texts(svg))


def test_the_world_is_where_it_should_be() -> None:
    assert country_name("fr") == "France"
    assert country_name("XX") == "XX"
    assert len(COUNTRIES) > 235
    assert all(-90 <= la <= 90 and -180 <= lo <= 180 for _, la, lo in COUNTRIES.values())

    def is_land(latitude: float, longitude: float) -> bool:
        row = LAND[round((81.25 - latitude) / 2.5)]
        field = round((longitude + 178.75) / 2.5)
        runs = (run.partition("-") for run in row.split())
        return any(int(first) <= field <= int(last or first) for first, _, last in runs)

    for latitude, longitude in ((52, 10), (40, -100), (-25, 135), (0, 25), (60, 100)):
        assert is_land(latitude, longitude), (latitude, longitude)
    for latitude, longitude in ((0, -30), (30, -45), (-40, 80), (20, -150)):
        assert not is_land(latitude, longitude), (latitude, longitude)


def test_bars_of_days_stand_on_zero_and_absent_days_stay_empty() -> None:
    svg = draw_days(
        [Day(date(2007, 10, 1), 50, 100), Day(date(2007, 10, 2), 0), Day(date(2007, 10, 5), 25)],
        "machines",
        "addresses",
    )
    bars = [bar for bar in parts(svg, "rect") if bar["height"] != "9"]
    feet = {round(float(b["y"]) + float(b["height"]), 1) for b in bars}
    assert len(feet) == 1
    heights = [float(b["height"]) for b in bars]
    assert [h / heights[0] for h in heights] == pytest.approx([1, 0.5, 0, 0.25], abs=0.01)
    x = [float(b["x"]) for b in bars[1:]]
    assert (x[2] - x[0]) / (x[1] - x[0]) == pytest.approx(4, rel=0.01)
    assert {"0", "100", "machines", "addresses", "2007-10-01", "2007-10-05"} <= set(texts(svg))
    draw_days([Day(date(2007, 10, 1), 0)], "machines")


def test_a_denied_link_is_dashed_and_in_another_colour() -> None:
    nodes = [Node("a", "Ida Moll", "promoted"), Node("b", "b-1", "thing"), Node("c", "x", "thing")]
    svg = draw_graph(
        nodes, [Edge("a", "b", "is not linked to", is_denied=True), Edge("a", "c", "ordered")]
    )
    denied, ordered = parts(svg, "path")
    assert "stroke-dasharray" in denied
    assert "stroke-dasharray" not in ordered
    assert denied["stroke"] != ordered["stroke"]
    assert {"Ida Moll", "promoted", "b-1", "is not linked to, ordered"} <= set(texts(svg))


def test_nobody_is_drawn_without_a_line_and_all_links_are_counted() -> None:
    people = [Node(f"p{n}", f"person {n}", "customer") for n in range(5)]
    things = [Node(f"t{n}", f"thing {n}", "thing") for n in range(60)]
    edges = [Edge(f"p{n % 5}", f"t{n}", "ordered") for n in range(60)]
    edges.append(Edge("p0", "t1", "ordered"))
    svg = draw_graph([*people, *things], edges)
    assert len(parts(svg, "path")) == 15
    told = [text for text in texts(svg) if text.startswith("ordered")]
    assert told == ["ordered (13)", "ordered (12)"]
    # What two people share is drawn before what is one's own.
    assert "thing 1" in texts(svg)


@pytest.mark.parametrize(
    "words", ["<script>&\"'", "\x1b[31m\x00", "\u202eabc", "Z" + "\u0301" * 50, "हिन्दी", "x" * 5000]
)
def test_labels_are_text_and_short(words: str) -> None:
    for svg in (
        draw_timeline([Span(words, {date(2007, 10, 1): 1}, 1)]),
        draw_intervals([Interval(words, 1, 2, 3, 4)], words),
        draw_graph([Node("a", words, "operator"), Node("b", words, "thing")],
                   [Edge("a", "b", words[:40])]),
    ):  # fmt: skip
        ElementTree.fromstring(svg)
        assert not re.search("[\x00-\x1f\u202a-\u202e\u0301]", svg)
        assert set(re.findall(r"<([a-z]+)", svg)) <= {
            "svg",
            "line",
            "circle",
            "rect",
            "path",
            "text",
        }


def test_what_marks_make_up_is_not_drawn() -> None:
    assert is_drawable("Überraschung e\u0301")
    assert not is_drawable("हिन्दी")


def test_the_same_data_give_the_same_drawing() -> None:
    counts = [(code, int(sqrt(at + 1) * 10)) for at, code in enumerate(sorted(COUNTRIES))]
    assert draw_map(counts) == draw_map(list(counts))
    assert len(draw_map(counts)) < 90_000
