"""The specs: a mail and its rows, as documentation that cannot go stale.

Each `specs/*.md` holds a mail in a fence of `mail` (`mail-latin1`: its bytes are Latin-1), and
the fields that must be read from it in a fence of `json`: `message` (a part of its row in
`messages`), `hops`, `links`, `attachments` (all rows, each a part of the row). A second fence of
`trust` gives the words of `--trust`, a line each; one of `envelope` the mbox From line.
"""

import json
import re
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from message_piles import raw_batch

from lymer.messages import Trust, read_batch, tabulate

SPECS = sorted((Path(__file__).parent / "specs").glob("*.md"))
FENCE = re.compile(r"^```([\w-]+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def part_of(row: dict[str, Any], wanted: dict[str, Any]) -> dict[str, Any]:
    return {name: plain(row[name]) for name in wanted}


@pytest.mark.parametrize("spec", SPECS, ids=lambda path: path.stem)
def test_spec(spec: Path) -> None:
    fences = dict(FENCE.findall(spec.read_text("utf-8")))
    if "mail-latin1" in fences:
        raw = fences["mail-latin1"].encode("latin-1")
    else:
        raw = fences["mail"].encode("utf-8")
    expected = json.loads(fences["json"])
    envelope = fences.get("envelope")
    batch = raw_batch([raw], envelope.strip() if envelope else None)
    trust = Trust.given(fences.get("trust", "").split())
    tables = tabulate(read_batch(batch, trust))
    (message,) = tables["messages"].to_pylist()
    assert part_of(message, expected["message"]) == expected["message"]
    for name in expected.keys() - {"message"}:
        rows = tables[name].to_pylist()
        assert len(rows) == len(expected[name]), rows
        for row, wanted in zip(rows, expected[name], strict=True):
            assert part_of(row, wanted) == wanted


def test_there_are_specs() -> None:
    assert len(SPECS) >= 10
