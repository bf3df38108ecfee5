"""Text for a terminal. What came from mail is hostile: no byte of it may steer the terminal."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import datetime

# C0 and C1 controls, and the characters that turn the direction of text around.
_STEERING = re.compile(
    "[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]"
)


def plain(value: object) -> str:
    """A value as one harmless line: controls become visible escapes."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return moment(value)
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, list | tuple):
        return ", ".join(plain(item) for item in value)
    return _STEERING.sub(lambda m: f"\\x{ord(m.group(0)):02x}", str(value))


def moment(value: datetime | None) -> str:
    """A time to the second, UTC."""
    return value.strftime("%Y-%m-%d %H:%M:%SZ") if value else "unknown"


def day(value: datetime | None) -> str:
    """A date, UTC."""
    return value.strftime("%Y-%m-%d") if value else "unknown"


def width_of(text: str) -> int:
    """Columns that `text` takes on a terminal."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1
        for c in text
    )


def fit(text: str, width: int) -> str:
    """`text` cut or filled to `width` columns."""
    if width_of(text) > width:
        while width_of(text) >= width:
            text = text[:-1]
        text += "…"
    return text + " " * (width - width_of(text))


def columns(
    names: Sequence[str], rows: Iterable[Sequence[object]], *, widest: int = 60
) -> list[str]:
    """A table as lines: names, a rule, rows; numbers to the right."""
    cells = [[plain(value) for value in row] for row in rows]
    values = list(rows) if isinstance(rows, list) else []
    right = [
        bool(values) and all(isinstance(row[i], int | float | None) for row in values)
        for i in range(len(names))
    ]
    widths = [
        min(widest, max([width_of(name), *(width_of(row[i]) for row in cells)]))
        for i, name in enumerate(names)
    ]
    lines = ["  ".join(fit(name, width) for name, width in zip(names, widths, strict=True))]
    lines.append("  ".join("-" * width for width in widths))
    for row in cells:
        parts = []
        for text, width, is_right in zip(row, widths, right, strict=True):
            parts.append(text.rjust(width) if is_right else fit(text, width))
        lines.append("  ".join(parts).rstrip())
    return lines
