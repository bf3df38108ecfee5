"""Network flows into a case: sealed like any evidence, and kept as contacts."""

import hashlib
import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from lymer.case.case import Case
from lymer.case.sealing import note_sealed, standing_alone
from lymer.engine import answer
from lymer.evidence import EVIDENCE, OpenFile, open_files, seal
from lymer.flows import CAPTURES, CONTACTS, Contacts, Reading, read_flows
from lymer.store import stage


def take_in_flows(
    case: Case,
    paths: Sequence[Path],
    mapping: Mapping[str, str],
    progress: Callable[[int], None],
) -> None:
    """Read the flow files at `paths` that the case does not hold yet, in one commit.

    They are summed up together: a day cut into files by the hour is one day. `progress` is called
    with the bytes of each chunk read.
    """
    sources = seal(paths)
    with case.connect() as connection:
        held = answer(connection, "SELECT evidence_id FROM evidence")["evidence_id"].to_pylist()
    store = case.store
    readings: list[tuple[str, Reading]] = []
    rows = []
    with Contacts(case.folder / ".spill") as contacts:
        for event in open_files(sources, "flows", frozenset(held)):
            if isinstance(event, OpenFile):
                reading = read_flows(event, contacts, mapping, progress)
                readings.append((event.evidence_id, reading))
            else:
                rows.append(event.row)
        capture_id = _name(evidence_id for evidence_id, _ in readings)
        staged = [stage(store.folder, CONTACTS, table) for table in contacts.summed(capture_id)]
    captures = CAPTURES.batch(
        (
            evidence_id, capture_id, reading.form, reading.flow_count, reading.refused_count,
            _time(reading.first_at), _time(reading.last_at),
        )
        for evidence_id, reading in readings
    )  # fmt: skip
    evidence = EVIDENCE.batch(rows)
    staged += [
        stage(store.folder, table, batch)
        for table, batch in ((CAPTURES, captures), (EVIDENCE, evidence))
        if batch.num_rows
    ]

    def note(connection: sqlite3.Connection) -> None:
        note_sealed(connection, standing_alone(evidence.to_pylist()))

    store.commit(staged, also=note)


def _name(evidence_ids: Iterable[str]) -> str:
    return hashlib.sha256("\0".join(sorted(evidence_ids)).encode()).hexdigest()[:32]


def _time(seconds: float | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
