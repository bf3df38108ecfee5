"""A map of the world in dots, with a disc for each country."""

from collections.abc import Sequence
from math import sqrt

from lymer.reports.figures.canvas import ACCENT, FAINT, INK, Canvas, short
from lymer.reports.figures.world import COUNTRIES, LAND, LAND_LEFT, LAND_STEP, LAND_TOP

_WIDTH = 480.0
_SCALE = _WIDTH / 360
_TOP_LATITUDE = 83.0
_BOTTOM_LATITUDE = -56.0
_LARGEST = 21.0
_LABELLED = 12
_DOT = "#d3dae0"


def country_name(code: str) -> str:
    """The name of a country by its code; a code that nobody knows stays as it is."""
    known = COUNTRIES.get(code.upper())
    return known[0] if known else code


def draw_map(counts: Sequence[tuple[str, int]]) -> str:
    """A disc at each country, its area the count; plate carrée, no part of the world left out.

    Codes without a place on the map are named below it, so that nothing is lost.
    """
    height = (_TOP_LATITUDE - _BOTTOM_LATITUDE) * _SCALE
    canvas = Canvas(_WIDTH, height + 34)
    canvas.path(_land(), color=_DOT, width=2.1)
    placed = [(code.upper(), n) for code, n in counts if code.upper() in COUNTRIES and n > 0]
    highest = max((n for _, n in placed), default=1)
    # Large ones first, so that small ones lie on them.
    drawn = []
    for code, number in sorted(placed, key=lambda p: (-p[1], p[0])):
        _, latitude, longitude = COUNTRIES[code]
        radius = max(0.8, _LARGEST * sqrt(number / highest))
        drawn.append((code, _x(longitude), _y(latitude), radius))
        canvas.disc(*drawn[-1][1:], opacity=0.6)
    # Names last, so that no disc lies on one.
    for code, x, y, radius in drawn[:_LABELLED]:
        is_inside = radius > 9
        canvas.text(
            x,
            y + 3 if is_inside else y - radius - 1.5,
            code,
            anchor="middle",
            size=8,
            color="#ffffff" if is_inside else INK,
            is_bold=True,
        )
    _legend(canvas, height + 20, highest)
    lost = [f"{code} {n:,}" for code, n in counts if code.upper() not in COUNTRIES]
    if lost:
        canvas.text(_WIDTH, height + 23, f"not on the map: {', '.join(lost[:8])}", anchor="end")
    return canvas.svg()


def _legend(canvas: Canvas, y: float, highest: int) -> None:
    x = 4.0
    for number in sorted({max(1, highest // 10), highest}):
        radius = max(0.8, _LARGEST * sqrt(number / highest)) / 2
        # Drawn at half of the size: the largest would not fit.
        canvas.disc(x + radius, y, radius, color=ACCENT, opacity=0.6)
        canvas.text(x + 2 * radius + 4, y + 3, f"{number:,}", color=FAINT)
        x += 2 * radius + 48
    canvas.text(x, y + 3, "(discs at half their width)", color=FAINT)


def _x(longitude: float) -> float:
    return (longitude + 180) * _SCALE


def _y(latitude: float) -> float:
    return (_TOP_LATITUDE - latitude) * _SCALE


def _land() -> str:
    """One short stroke for each dot: two thousand circles would be thirty times as long."""
    parts = []
    for row, fields in enumerate(LAND):
        y = short(_y(LAND_TOP - row * LAND_STEP))
        for run in fields.split():
            first, _, last = run.partition("-")
            for field in range(int(first), int(last or first) + 1):
                x = _x(LAND_LEFT + field * LAND_STEP)
                parts.append(f"M{short(x - 1.05)} {y}h2.1")
    return "".join(parts)
