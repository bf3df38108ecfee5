"""Colours that can be read: WCAG 2.2, success criterion 1.4.3, in light and dark."""

import re

import pytest

from lymer.console.pages import HOME

CSS = (HOME / "static" / "lymer.css").read_text("utf-8")
_PAIRS = [
    (text, ground)
    for text in ("--ink", "--soft", "--accent")
    for ground in ("--ground", "--panel", "--raised")
]
_PAIRS += [("--ink", "--mark"), ("--good", "--good-soft"), ("--bad", "--bad-soft")]
_PAIRS += [("--accent", "--accent-soft")]
_PAIRS += [("--ink", f"--s-{slot}") for slot in ("dictionary", "noise", "number", "link",
                                                 "recipient", "phrase", "other")]  # fmt: skip


def colours(scheme: str) -> dict[str, str]:
    light, dark = re.findall(r":root \{(.*?)\}", CSS, re.DOTALL)[:2]
    found = dict(re.findall(r"(--[\w-]+): (#[0-9a-f]{6})", light))
    if scheme == "dark":
        found |= dict(re.findall(r"(--[\w-]+): (#[0-9a-f]{6})", dark))
    return found


def luminance(colour: str) -> float:
    parts = [int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_from_its_ground(scheme: str) -> None:
    known = colours(scheme)
    for text, ground in _PAIRS:
        one, other = sorted((luminance(known[text]), luminance(known[ground])))
        assert (other + 0.05) / (one + 0.05) >= 4.5, f"{scheme}: {text} on {ground}"
