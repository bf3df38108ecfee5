"""Pages over rows that are as hostile, or as silent, as the tables allow.

A captured server's books, a template, a name: whatever a room took from evidence may hold anything.
"""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from console_server import Served, serve

from lymer.case import TABLES, create_case
from lymer.store import stage
from lymer.tables import Table

NASTY = "\"><script>alert(1)</script>' onload=x {{7*7}} \u202egnp.evil.example\x1b[31m http://a.b/c"
ONE = "x-1"
_AT = datetime(2007, 10, 1, 12, tzinfo=UTC)
# What a page is addressed by, or what a column may hold by its declaration.
_FIXED = {
    "kind": "botnet", "status": "open", "slots": '[{"part": "text", "kind": "<b>", "shown": "?"}]',
    "relation": "ordered", "role": "operator", "stage": "sent", "client_ip": "192.0.2.1",
    "subject": ONE, "object": ONE, "table": "campaigns", "key": ONE, "evidence": ONE,
    "carriage": "direct", "domain": "evil.example", "country": "US",
}  # fmt: skip


def value_of(table: Table, name: str, kind: pa.DataType, is_silent: bool) -> Any:
    if name == "parent_id":
        # No evidence lies in itself.
        return None
    if name == "uri":
        return "/nowhere/pile.mbox"
    is_key = name.endswith("_id") or name in table.key
    if name == "subject" and table.name == "messages":
        is_key = False
    elif pa.types.is_string(kind) and (is_key or (name in _FIXED and not is_silent)):
        return _FIXED.get(name, ONE)
    if is_silent and not (is_key and table.key and name in table.key):
        return None if not name.endswith("_id") else ONE if pa.types.is_string(kind) else None
    if pa.types.is_string(kind):
        return NASTY
    if pa.types.is_list(kind):
        return [] if not pa.types.is_string(kind.value_type) else [NASTY, ONE]
    if pa.types.is_timestamp(kind):
        return _AT
    if pa.types.is_date(kind):
        return date(2007, 10, 1)
    if pa.types.is_boolean(kind):
        return True
    if pa.types.is_binary(kind):
        return b"\0" * 256
    return 0.5 if pa.types.is_floating(kind) else 3


@pytest.fixture(params=["hostile", "silent"])
def odd(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Served]:
    """A case with one row in every table."""
    case = create_case(tmp_path / "case")
    with case.writing():
        staged = []
        for table in TABLES:
            row = [
                value_of(table, column.name, column.type, request.param == "silent")
                for column in table.columns
            ]
            staged.append(stage(case.store.folder, table, table.batch([row])))
        case.store.commit(staged)
    case.close()
    with serve(tmp_path / "case") as served:
        yield served


def test_every_page_stands(odd: Served) -> None:
    pages = [
        "/", "/campaigns", f"/campaigns/{ONE}", "/botnets", f"/botnets/{ONE}", f"/dialects/{ONE}",
        f"/operations/{ONE}", "/servers", f"/servers/artifacts/{ONE}", f"/servers/jobs/{ONE}",
        "/people", f"/people/{ONE}", "/messages", f"/messages/{ONE}", f"/messages/{ONE}/view",
        "/custody", "/search?q=x", "/search?q=script", "/sql", f"/campaigns/{ONE}/compare",
        "/sql?q=SELECT * FROM campaigns, templates, jobs, actors, claims, verdict, accounts",
    ]  # fmt: skip
    for page in pages:
        answer = odd.client.get(page)
        assert answer.status_code == 200, f"{page}: {answer.text[:400]}"
        text = answer.text
        assert "<script>" not in text, page
        assert "onload=x" not in text.replace("&#39; onload=x", ""), page
        assert not set(text) & set("\u202e\x1b"), page
        assert not re.search(r'(?:href|src|action|data-copy)="[^"]*a\.b/c', text), page
        path, _, query = page.partition("?")
        path = "/overview" if path == "/" else path
        if not path.endswith("/view"):
            told = odd.client.get(f"{path}.json?{query}")
            assert told.status_code == 200, f"{page}: {told.text[:400]}"
            assert told.headers["content-type"] == "application/json"
