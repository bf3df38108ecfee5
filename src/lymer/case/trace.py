"""The main job: a pile of evidence in, a case with campaigns out."""

import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from lymer.botnets import NetworkData
from lymer.campaigns import (
    GROUPED_MESSAGES,
    LINEAGE,
    GroupingRule,
    group,
)
from lymer.case.applying import CONCLUSIONS, apply_decisions, draw_conclusions
from lymer.case.case import Case
from lymer.case.decisions import list_decisions
from lymer.case.flows import take_in_flows
from lymer.case.following import follow
from lymer.case.sealing import note_evidence, note_sealed
from lymer.case.servers import take_in_servers
from lymer.case.work import ReadAndDescribe, Rescue
from lymer.engine import Engine, answer
from lymer.errors import UsageError
from lymer.evidence import (
    EVIDENCE,
    ORIGINS,
    REPORTS,
    Lot,
    Resume,
    SeenMessages,
    Source,
    read,
    sample,
    seal,
    survey_size,
)
from lymer.messages import (
    MESSAGES,
    RELAYS,
    SENSORS,
    RelayRule,
    SensorRule,
    Trust,
    learn,
    learn_sensors,
    sight,
)
from lymer.store import Staged, stage
from lymer.tables import Table

# A commit costs some 50 ms; a kill loses at most this much work.
_COMMIT_SECONDS = 5.0
# Mails looked at to learn the trap's own relays, however large the pile.
_SURVEY_MESSAGES = 20_000


@dataclass(frozen=True)
class Progress:
    """How far a trace has come."""

    stage: str
    done_bytes: int = 0
    total_bytes: int = 0
    message_count: int = 0


Report = Callable[[Progress], None]


def trace(
    case: Case,
    paths: Sequence[Path],
    *,
    engine: Engine,
    trust: Sequence[str] = (),
    flows: Sequence[Path] = (),
    flow_columns: Mapping[str, str] | None = None,
    networks: Path | None = None,
    servers: Sequence[Path] = (),
    report: Report = lambda _: None,
) -> int:
    """Read `paths` into `case` and group all of its messages anew.

    `flows` are files and folders of network flows; `flow_columns` says which column is what in
    CSV of a make that is not known (header name, lower case, to a name of `lymer.flows.MAPPED`).
    `networks` is a file as `lymer.botnets.NetworkData` reads it. `servers` are captured servers:
    folders, archives or disk images. Without `paths` these are added to a case that has mail.
    Returns the number of messages that were new. Interrupted, it leaves a usable case, and the
    same call completes it.
    """
    network_data = NetworkData(networks) if networks is not None else None
    with case.writing():
        sources = seal(paths)
        seal(servers)
        case.add_trust(trust)
        report(Progress("survey"))
        engine.prepare(ReadAndDescribe)
        knowing = _learn_trust(case, sources)
        fresh = _take_in(case, sources, survey_size(paths), engine, knowing, report)
        if not case.store.files(MESSAGES):
            if not paths:
                raise UsageError("the case has no mail yet: name some beside --server.")
            raise UsageError(
                "no message was found in "
                + ", ".join(str(path) for path in paths)
                + ". Lymer reads mbox, maildir, MH, .eml and .msg files, trees of them, and "
                "tar, zip, gz, bz2, xz and zst archives."
            )
        if flows:
            take_in_flows(case, flows, flow_columns or {}, _counting("flows", flows, report))
        if servers:
            take_in_servers(case, servers, _counting("servers", servers, report))
        note_evidence(case)
        report(Progress("campaigns"))
        _group(case)
        follow(case, engine, lambda stage: report(Progress(stage)), networks=network_data)
    return fresh


def _learn_trust(case: Case, sources: Sequence[Source]) -> Trust:
    """What the case knows of relays and sensors, and what a survey of the new evidence adds."""
    trust = case.trust()
    sightings = [sight(raw) for raw in sample(sources, _SURVEY_MESSAGES)]
    relays = learn(sightings, trust, RelayRule())
    sensors = learn_sensors(((s.noted, bool(s.hops)) for s in sightings), SensorRule())
    batches = (
        (RELAYS, RELAYS.batch([(r.ip, r.name, r.message_count, r.why) for r in relays])),
        (SENSORS, SENSORS.batch([(s.name, s.stands, s.message_count, s.why) for s in sensors])),
    )
    staged = [stage(case.store.folder, table, rows) for table, rows in batches if rows.num_rows]
    if staged:
        case.store.commit(staged)
    return trust.with_relays(relays).with_sensors((s.name, s.stands) for s in sensors)


def _take_in(
    case: Case,
    sources: Sequence[Source],
    total_bytes: int,
    engine: Engine,
    trust: Trust,
    report: Report,
) -> int:
    """Rooms 1 to 3 over the new evidence, as a stream; returns the new messages."""
    store = case.store
    seen = SeenMessages(
        batch.column("message_id") for batch in store.batches(MESSAGES, ["message_id"])
    )
    lots: deque[Lot] = deque()

    def batches() -> Iterator[pa.RecordBatch]:
        for lot in read(sources, seen, _resume(case)):
            lots.append(lot)
            yield lot.raw

    ready: list[Staged] = []
    sealed: list[pa.RecordBatch] = []
    fresh = 0
    last_commit = time.monotonic()

    def commit() -> None:
        nonlocal ready, sealed, last_commit
        # A tree of mail may have millions of files: they are in the evidence table, which is
        # noted as a whole.
        rows = [row for batch in sealed for row in batch.to_pylist() if row["parent_id"] is None]
        store.commit(ready, also=lambda connection: note_sealed(connection, rows))
        ready, sealed, last_commit = [], [], time.monotonic()

    work = ReadAndDescribe(store.folder, trust)
    rescue = Rescue(store.folder, trust)
    try:
        for results in engine.map(work, batches(), rescue=rescue):
            lot = lots.popleft()
            for staged in results:
                ready += staged
            ready += _stage_lot(store.folder, lot)
            sealed.append(lot.evidence)
            fresh += lot.raw.num_rows
            report(Progress("reading", lot.read_bytes, total_bytes, fresh))
            if time.monotonic() - last_commit >= _COMMIT_SECONDS:
                commit()
    finally:
        # Also on Ctrl-C: what was read so far is whole.
        commit()
    return fresh


def _counting(stage: str, paths: Sequence[Path], report: Report) -> Callable[[int], None]:
    """Reports a stage, with the bytes of `paths` that are done so far."""
    total_bytes = survey_size(paths)
    done = 0

    def progress(read_bytes: int) -> None:
        nonlocal done
        done += read_bytes
        report(Progress(stage, done, total_bytes))

    progress(0)
    return progress


def _resume(case: Case) -> Resume:
    """What of the evidence the case already holds."""
    with case.connect() as connection:
        finished = answer(connection, "SELECT evidence_id FROM evidence")
        begun = answer(
            connection,
            """
            SELECT evidence_id, CAST(count(*) AS BIGINT) AS messages FROM origins
            WHERE evidence_id NOT IN (SELECT evidence_id FROM evidence)
            GROUP BY evidence_id
            """,
        )
    counts = zip(begun["evidence_id"].to_pylist(), begun["messages"].to_pylist(), strict=True)
    return Resume(frozenset(finished["evidence_id"].to_pylist()), dict(counts))


def _stage_lot(folder: Path, lot: Lot) -> list[Staged]:
    parts: tuple[tuple[Table, pa.RecordBatch], ...] = (
        (ORIGINS, lot.origins),
        (REPORTS, lot.reports),
        (EVIDENCE, lot.evidence),
    )
    return [stage(folder, table, batch) for table, batch in parts if batch.num_rows]


def _group(case: Case) -> None:
    """Room 4 over the whole case, and what the analyst decided about it."""
    store = case.store
    with case.connect() as connection:
        grouping = group(connection, GroupingRule())
        members, remarks = apply_decisions(connection, grouping.members, list_decisions(case))
        staged = [
            stage(store.folder, GROUPED_MESSAGES, grouping.members),
            stage(store.folder, LINEAGE, grouping.lineage),
            *draw_conclusions(case, connection, members, remarks),
        ]
    store.commit(staged, replace=(GROUPED_MESSAGES, *CONCLUSIONS))
