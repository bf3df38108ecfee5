"""The main job as a library: the same evidence gives the same case, whatever happens between."""

import errno
import hashlib
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

import lymer
from lymer.case import TABLES, check_case, create_case, digest, open_case, trace
from lymer.engine import BatchFunction, LocalEngine
from lymer.errors import CaseError, StorageError, UsageError
from lymer.store import stage
from spam_pile import write_pile


@pytest.fixture(scope="module")
def engine() -> Iterator[LocalEngine]:
    with LocalEngine() as engine:
        yield engine


@pytest.fixture
def pile(tmp_path: Path) -> Path:
    return write_pile(tmp_path / "pile.mbox")


def traced(folder: Path, paths: list[Path], engine: LocalEngine) -> str:
    case = create_case(folder)
    trace(case, paths, engine=engine)
    return digest(case)


def test_finds_the_campaigns_and_leaves_one_off_mail_single(
    tmp_path: Path, pile: Path, engine: LocalEngine
) -> None:
    case = create_case(tmp_path / "case")
    assert trace(case, [pile], engine=engine) == 70
    members = case.sql(
        """
        SELECT c.campaign_id, l.domain, count(*) AS messages, min(length(c.why)) AS least_why
        FROM campaign_messages c JOIN links l ON l.message_id = c.message_id
        GROUP BY 1, 2 ORDER BY 2
        """
    ).to_pylist()
    assert [(m["domain"], m["messages"]) for m in members] == [
        ("pills.example", 30),
        ("watches.test", 30),
    ]
    assert members[0]["campaign_id"] != members[1]["campaign_id"]
    assert all(m["least_why"] > 10 for m in members)
    assert case.table("campaign_messages").num_rows == 60
    campaigns = case.table("campaigns").to_pylist()
    assert [c["message_count"] for c in campaigns] == [30, 30]
    assert all(c["first_seen_at"] < c["last_seen_at"] for c in campaigns)
    assert case.table("messages")["client_ip"].null_count == 0


def test_every_table_has_the_declared_columns(
    tmp_path: Path, pile: Path, engine: LocalEngine
) -> None:
    traced(tmp_path / "case", [pile], engine)
    case = lymer.open_case(str(tmp_path / "case"))
    for table in TABLES:
        assert case.table(table.name).schema.equals(table.schema), table.name
        assert case.sql(f'SELECT * FROM "{table.name}" LIMIT 0').column_names == (
            table.schema.names
        )


def test_every_key_is_unique(tmp_path: Path, pile: Path, engine: LocalEngine) -> None:
    traced(tmp_path / "case", [pile, pile.parent], engine)
    case = open_case(tmp_path / "case")
    for table in TABLES:
        key = ", ".join(table.key)
        doubled = case.sql(f'SELECT {key} FROM "{table.name}" GROUP BY {key} HAVING count(*) > 1')
        assert doubled.num_rows == 0, table.name


def test_two_runs_agree_and_again_adds_nothing(
    tmp_path: Path, pile: Path, engine: LocalEngine
) -> None:
    one = traced(tmp_path / "one", [pile], engine)
    assert one == traced(tmp_path / "other", [pile], engine)
    case = open_case(tmp_path / "one")
    assert trace(case, [pile], engine=engine) == 0
    assert digest(case) == one


def test_the_digest_sees_one_changed_byte(tmp_path: Path, pile: Path, engine: LocalEngine) -> None:
    one = traced(tmp_path / "one", [pile], engine)
    pile.write_bytes(pile.read_bytes().replace(b"Ann Example", b"Ann Exampl3", 1))
    assert one != traced(tmp_path / "other", [pile], engine)


def test_one_process_and_two_agree(tmp_path: Path, pile: Path) -> None:
    with LocalEngine(1) as alone, LocalEngine(2) as pair:
        assert traced(tmp_path / "one", [pile], alone) == traced(tmp_path / "two", [pile], pair)


def test_added_evidence_keeps_campaign_ids(tmp_path: Path, pile: Path, engine: LocalEngine) -> None:
    case = create_case(tmp_path / "case")
    trace(case, [pile], engine=engine)
    before = {
        row["message_id"]: row["campaign_id"] for row in case.table("campaign_messages").to_pylist()
    }
    more = write_pile(tmp_path / "more.mbox", each=50, singles=5, seed=2)
    assert trace(case, [more], engine=engine) == 105
    after = {
        row["message_id"]: row["campaign_id"] for row in case.table("campaign_messages").to_pylist()
    }
    assert {m: after[m] for m in before} == before
    assert len(after) == 160
    assert set(after.values()) == set(before.values())


def test_the_same_bytes_in_two_places_are_one_message(
    tmp_path: Path, pile: Path, engine: LocalEngine
) -> None:
    copy = tmp_path / "copy.mbox"
    copy.write_bytes(pile.read_bytes())
    case = create_case(tmp_path / "case")
    assert trace(case, [pile, copy], engine=engine) == 70
    assert case.table("origins").num_rows == 140
    assert case.table("campaign_messages").num_rows == 60


def test_a_moved_case_opens_and_goes_on(tmp_path: Path, pile: Path, engine: LocalEngine) -> None:
    before = traced(tmp_path / "here", [pile], engine)
    (tmp_path / "archive").mkdir()
    moved = (tmp_path / "here").rename(tmp_path / "archive" / "there")
    case = open_case(moved)
    assert digest(case) == before
    assert trace(case, [pile], engine=engine) == 0
    assert digest(case) == before


class _Interrupting(LocalEngine):
    """Ctrl-C while the second batch is worked on."""

    def _submit(self, function: BatchFunction[object], batch: pa.RecordBatch) -> object:
        self.batches = getattr(self, "batches", 0) + 1
        if self.batches == 4:
            raise KeyboardInterrupt
        return super()._submit(function, batch)


def test_interrupted_it_is_usable_and_is_completed(tmp_path: Path, engine: LocalEngine) -> None:
    pile = write_pile(tmp_path / "pile.mbox", each=8_000, singles=10)
    whole = traced(tmp_path / "whole", [pile], engine)
    case = create_case(tmp_path / "case")
    with _Interrupting() as interrupting, pytest.raises(KeyboardInterrupt):
        trace(case, [pile], engine=interrupting)
    kept = case.table("messages").num_rows
    assert 0 < kept < 16_010
    assert (
        case.sql("SELECT count(*) AS n FROM messages WHERE subject IS NOT NULL")[0][0].as_py()
        == kept
    )
    assert trace(case, [pile], engine=engine) == 16_010 - kept
    assert digest(case) == whole


_CHILD = """
import sys
from pathlib import Path
from lymer.case import open_case, trace
from lymer.engine import LocalEngine
sys.modules["lymer.case.trace"]._COMMIT_SECONDS = 0.0
with LocalEngine() as engine:
    trace(open_case(sys.argv[1]), [Path(sys.argv[2])], engine=engine)
"""


def _status(pid: int) -> tuple[str, int] | None:
    """State and parent of a process, from /proc (proc(5))."""
    try:
        words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return words[0], int(words[1])


def _is_alive(pid: int) -> bool:
    status = _status(pid)
    return status is not None and status[0] not in "ZX"


def _below(pid: int) -> list[int]:
    """All processes that descend from one."""
    parents = {
        int(entry.name): status[1]
        for entry in Path("/proc").iterdir()
        if entry.name.isdigit() and (status := _status(int(entry.name))) is not None
    }
    found = [pid]
    for one in found:
        found += [child for child, parent in parents.items() if parent == one]
    return found[1:]


def test_killed_it_loses_nothing_that_was_committed(tmp_path: Path, engine: LocalEngine) -> None:
    pile = write_pile(tmp_path / "pile.mbox", each=8_000, singles=10)
    whole = traced(tmp_path / "whole", [pile], engine)
    folder = tmp_path / "case"
    create_case(folder).close()
    child = subprocess.Popen([sys.executable, "-c", _CHILD, str(folder), str(pile)])
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        case = open_case(folder)
        kept = case.table("messages").num_rows
        case.close()
        if kept or child.poll() is not None:
            break
        time.sleep(0.01)
    workers = _below(child.pid)
    child.kill()
    assert child.wait() == -9, "it ended before it could be killed"
    assert workers
    deadline = time.monotonic() + 20
    while any(_is_alive(pid) for pid in workers) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not [pid for pid in workers if _is_alive(pid)], "workers outlive the trace"
    case = open_case(folder)
    assert 0 < case.table("messages").num_rows <= 16_010
    trace(case, [pile], engine=engine)
    assert digest(case) == whole
    assert all(check.is_sound for check in check_case(case))


def test_what_a_killed_writer_left_on_disk_is_cleared(
    tmp_path: Path, pile: Path, engine: LocalEngine
) -> None:
    case = create_case(tmp_path / "case")
    trace(case, [pile], engine=engine)
    left = case.folder / ".spill" / "tmpq7r_left"
    left.mkdir(parents=True)
    (left / "texts").write_bytes(b"x" * 100)
    readers = case.folder / ".spill" / "duckdb_temp_storage-0.tmp"
    readers.write_bytes(b"y")
    with case.writing():
        assert not left.exists()
    assert readers.exists()


@pytest.mark.parametrize(
    "error",
    [
        OSError(errno.ENOSPC, "No space left on device"),
        duckdb.IOException("IO Error: Could not write file: No space left on device"),
        sqlite3.OperationalError("database or disk is full"),
    ],
)
def test_a_full_disk_is_said_whoever_meets_it(tmp_path: Path, error: Exception) -> None:
    case = create_case(tmp_path / "case")
    with pytest.raises(StorageError, match=r"no space left for .*case"), case.writing():
        raise error


def test_one_writer_at_a_time(tmp_path: Path, pile: Path, engine: LocalEngine) -> None:
    case = create_case(tmp_path / "case")
    with case.writing(), pytest.raises(CaseError, match="in use"):
        trace(open_case(tmp_path / "case"), [pile], engine=engine)


def test_trust_is_kept_for_later_evidence(tmp_path: Path, pile: Path, engine: LocalEngine) -> None:
    case = create_case(tmp_path / "case")
    trace(case, [pile], engine=engine, trust=["relay.example"])
    case.close()
    assert open_case(tmp_path / "case").settings.trust == ("relay.example",)


def test_trust_that_is_none_is_an_error(tmp_path: Path, pile: Path, engine: LocalEngine) -> None:
    case = create_case(tmp_path / "case")
    with pytest.raises(UsageError, match="neither a host name nor an address"):
        trace(case, [pile], engine=engine, trust=["192.0.2.0/99"])


def test_sql_reads_only_the_tables(tmp_path: Path, pile: Path, engine: LocalEngine) -> None:
    traced(tmp_path / "case", [pile], engine)
    case = open_case(tmp_path / "case")
    secret = tmp_path / "secret.csv"
    secret.write_text("a\n1\n")
    for query in (
        f"SELECT * FROM read_csv('{secret}')",
        f"SELECT * FROM '{secret}'",
        f"COPY (SELECT 1) TO '{tmp_path / 'out.csv'}'",
        "DROP VIEW messages",
        "SET enable_external_access = true",
        "INSTALL httpfs",
        "SELECT 1; SELECT 2",
        "SELECT nothing FROM messages",
        "",
    ):
        with pytest.raises(UsageError):
            case.sql(query)
    assert not (tmp_path / "out.csv").exists()
    with pytest.raises(UsageError, match="campaign_messages"):
        case.table("nothing")


def test_a_hash_that_was_changed_in_the_evidence_table_is_seen(
    tmp_path: Path, engine: LocalEngine
) -> None:
    folder = tmp_path / "mails"
    folder.mkdir()
    pile = write_pile(tmp_path / "pile.mbox", each=2).read_bytes()
    for number, part in enumerate(pile.split(b"From ")[1:4]):
        (folder / f"{number}.eml").write_bytes(part.partition(b"\n")[2])
    case = create_case(tmp_path / "case")
    trace(case, [folder], engine=engine)
    assert [c.state for c in check_case(case) if c.subject == "evidence table"] == ["intact"]
    # Whoever swaps a file needs its hash in the table too.
    (folder / "1.eml").write_bytes(b"Subject: swapped\n\nanother\n")
    fresh = hashlib.sha256((folder / "1.eml").read_bytes()).hexdigest()
    rows = case.table("evidence").to_pylist()
    for row in rows:
        if row["uri"].endswith("1.eml"):
            row["sha256"], row["size_bytes"] = fresh, (folder / "1.eml").stat().st_size
    table = case.store.tables["evidence"]
    forged = pa.Table.from_pylist(rows, schema=table.schema)
    case.store.commit([stage(case.store.folder, table, forged)], replace=(table,))
    states = {check.subject: check.state for check in check_case(case)}
    assert states["evidence table"] == "changed"
    assert states["custody chain"] == "intact"
    case.close()
