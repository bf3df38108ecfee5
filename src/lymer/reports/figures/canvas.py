"""A sheet to draw on: SVG elements with short numbers, text escaped."""

import unicodedata
from collections.abc import Sequence
from html import escape
from math import floor, log10

from lymer.reports.harmless import steerless

INK = "#1d2733"
FAINT = "#6b7683"
RULE = "#d5dae0"
ACCENT = "#0b5c8a"
PALE = "#b7cfdd"
WARN = "#a3401c"
SMALL = 8.5
# Carried by typst; a browser takes a serif of its own where it has none of this name.
_FONTS = "Libertinus Serif, Georgia, serif"


class Canvas:
    """Draws in points, from the upper left corner."""

    def __init__(self, width: float, height: float) -> None:
        self.width = width
        self.height = height
        self._parts: list[str] = []

    def line(
        self, x1: float, y1: float, x2: float, y2: float, *, color: str = RULE,
        width: float = 0.6, dash: str = "",
    ) -> None:  # fmt: skip
        """A straight line."""
        dashed = f' stroke-dasharray="{dash}"' if dash else ""
        self._parts.append(
            f'<line x1="{short(x1)}" y1="{short(y1)}" x2="{short(x2)}" y2="{short(y2)}" '
            f'stroke="{color}" stroke-width="{short(width)}"{dashed}/>'
        )

    def disc(
        self, x: float, y: float, radius: float, *, color: str = ACCENT, opacity: float = 1,
        is_hollow: bool = False,
    ) -> None:  # fmt: skip
        """A circle, filled or as a ring."""
        paint = (
            f'fill="#ffffff" stroke="{color}" stroke-width="1"'
            if is_hollow
            else f'fill="{color}"' + (f' fill-opacity="{short(opacity)}"' if opacity < 1 else "")
        )
        self._parts.append(f'<circle cx="{short(x)}" cy="{short(y)}" r="{short(radius)}" {paint}/>')

    def box(
        self, x: float, y: float, width: float, height: float, *, fill: str, edge: str = "none"
    ) -> None:
        """A rectangle with rounded corners."""
        self._parts.append(
            f'<rect x="{short(x)}" y="{short(y)}" width="{short(width)}" '
            f'height="{short(height)}" rx="2.5" fill="{fill}" stroke="{edge}" stroke-width="0.8"/>'
        )

    def bar(self, x: float, bottom: float, width: float, height: float, fill: str) -> None:
        """A bar that stands on `bottom`."""
        self._parts.append(
            f'<rect x="{short(x)}" y="{short(bottom - height)}" width="{short(width)}" '
            f'height="{short(height)}" fill="{fill}"/>'
        )

    def path(
        self, d: str, *, color: str = RULE, width: float = 0.8, dash: str = "", fill: str = "none"
    ) -> None:
        """A path of our own making."""
        dashed = f' stroke-dasharray="{dash}"' if dash else ""
        self._parts.append(
            f'<path d="{d}" fill="{fill}" stroke="{color}" stroke-width="{short(width)}"{dashed}/>'
        )

    def text(
        self, x: float, y: float, words: str, *, size: float = SMALL, anchor: str = "start",
        color: str = INK, is_bold: bool = False,
    ) -> None:  # fmt: skip
        """A line of text on the base line `y`."""
        weight = ' font-weight="bold"' if is_bold else ""
        self._parts.append(
            f'<text x="{short(x)}" y="{short(y)}" font-family="{_FONTS}" '
            f'font-size="{short(size)}" text-anchor="{anchor}" fill="{color}"{weight}>'
            f"{escape(drawable(words))}</text>"
        )

    def svg(self) -> str:
        """The whole drawing."""
        size = f"{short(self.width)} {short(self.height)}"
        width, height = size.split(" ")
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size}" width="{width}" '
            f'height="{height}">{"".join(self._parts)}</svg>'
        )


def drawable(words: str) -> str:
    """Text as a drawing can hold it: marks that no letter of its own has are left out.

    Scripts that are put together from marks can therefore not be drawn: see `is_drawable`.
    """
    return "".join(c for c in _composed(words) if not unicodedata.category(c).startswith("M"))


def is_drawable(words: str) -> bool:
    """Is nothing of it lost in a drawing?"""
    return drawable(words) == _composed(words)


def _composed(words: str) -> str:
    return unicodedata.normalize("NFC", steerless(words))


def short(number: float) -> str:
    """A coordinate with two decimals at most."""
    return f"{number:.2f}".rstrip("0").rstrip(".") or "0"


def ticks(highest: float, about: int = 5) -> Sequence[float]:
    """Round numbers from 0 to `highest` or just above, about so many."""
    if highest <= 0:
        return (0, 1)
    rough = highest / about
    power = 10.0 ** floor(log10(rough))
    step = power * next(f for f in (1, 2, 2.5, 5, 10) if power * f >= rough)
    step = max(step, 1.0)
    count = int(-(-highest // step))
    return tuple(step * i for i in range(count + 1))


def cut(words: str, length: int) -> str:
    """At most so many characters."""
    return words if len(words) <= length else words[: length - 1].rstrip() + "…"
