"""Every measure that is printed is defined in docs/measures.md, with its best value."""

import re
from pathlib import Path

from lymer.lab.score import MEASURES

PAGE = Path(__file__).parents[2] / "docs" / "measures.md"


def test_each_measure_is_defined() -> None:
    text = PAGE.read_text(encoding="utf-8")
    named = set(re.findall(r"`([a-z]+\.[a-z_]+)`", text))
    steps = {name.partition(".")[0] for name in MEASURES}
    measures = {name for name in named if name.partition(".")[0] in steps}
    assert measures == set(MEASURES)


def test_best_values_are_those_of_the_page() -> None:
    text = PAGE.read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([a-z]+\.[a-z_]+)` \| (\S+) \| (.+) \|$", text, re.MULTILINE)
    assert len(rows) > 40
    for name, best, definition in rows:
        assert MEASURES[name] == float(best), name
        assert len(definition) > 10, name
