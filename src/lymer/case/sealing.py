"""What was sealed, in the custody chain: each file, and the evidence table as a whole."""

import hashlib
import json
import sqlite3
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from lymer.case.case import Case
from lymer.evidence import ARCHIVES, EVIDENCE, add_custody, read_custody

ACTION = "evidence"
"""What such a row of the custody chain is called."""


def note_sealed(connection: sqlite3.Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write down that `rows` of EVIDENCE were sealed, within the caller's transaction."""
    for row in rows:
        detail = {key: row[key] for key in ("kind", "uri", "sha256", "size_bytes")}
        add_custody(connection, "sealed", row["evidence_id"], detail)


def standing_alone(rows: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The rows of EVIDENCE that lie in none of the others: what is in an archive or on a disk
    stands and falls with it."""
    holders = {row["evidence_id"] for row in rows if row["kind"] in (*ARCHIVES, "disk")}
    return [row for row in rows if row["parent_id"] not in holders]


def note_evidence(case: Case) -> None:
    """Write down in the custody chain what the evidence table says now, if that is new."""
    rows = case.store.read(EVIDENCE)
    until = pc.max(rows["sealed_at"]).as_py()
    if until is None:
        return
    detail = {"files": rows.num_rows, "sha256": _digest(rows), "until": until.isoformat()}
    with case.ledger.transaction() as connection:
        if _noted(case) != detail:
            add_custody(connection, ACTION, case.settings.name, detail)


def evidence_stands(case: Case) -> bool | None:
    """Whether the table says what was last written down; None where nothing was.

    What was sealed since, by a trace that was killed, the next one writes down.
    """
    detail = _noted(case)
    if detail is None:
        return None
    rows = case.store.read(EVIDENCE)
    until = pa.scalar(datetime.fromisoformat(detail["until"]), rows["sealed_at"].type)
    return bool(_digest(rows.filter(pc.less_equal(rows["sealed_at"], until))) == detail["sha256"])


def _noted(case: Case) -> dict[str, Any] | None:
    """The last such row's detail."""
    last = next(read_custody(case.ledger.connection, ACTION, is_newest_first=True), None)
    return last.detail if last else None


def _digest(rows: pa.Table) -> str:
    columns = [rows[name].to_pylist() for name in ("evidence_id", "uri", "sha256", "size_bytes")]
    lines = sorted(json.dumps(row) for row in zip(*columns, strict=True))
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
