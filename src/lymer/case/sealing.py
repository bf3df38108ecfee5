"""The evidence table under the custody chain: its hashes cannot be changed unseen either."""

import hashlib
import json
from datetime import datetime

import pyarrow as pa
import pyarrow.compute as pc

from lymer.case.case import Case
from lymer.evidence import EVIDENCE, add_custody

ACTION = "evidence"
"""What such a row of the custody chain is called."""


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


def _noted(case: Case) -> dict[str, str] | None:
    """The last such row's detail."""
    connection = case.ledger.connection
    if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'custody'").fetchone():
        return None
    row = connection.execute(
        "SELECT detail FROM custody WHERE action = ? ORDER BY seq DESC LIMIT 1", (ACTION,)
    ).fetchone()
    return dict(json.loads(row[0])) if row else None


def _digest(rows: pa.Table) -> str:
    columns = [rows[name].to_pylist() for name in ("evidence_id", "uri", "sha256", "size_bytes")]
    lines = sorted(json.dumps(row) for row in zip(*columns, strict=True))
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
