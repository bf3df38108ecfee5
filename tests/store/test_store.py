"""Tables at one snapshot: what a reader sees, whatever a writer did or died of."""

import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest
from deltalake import DeltaTable

from lymer.engine import answer, connect
from lymer.errors import CaseError, StorageError
from lymer.store import Ledger, Staged, Store, stage
from lymer.tables import INTEGER, STRING, Column, Table

HOUNDS = Table("hounds", "A hound.", ("name",), (Column("name", STRING, "its name"),
                                                Column("legs", INTEGER, "how many")))  # fmt: skip
TRAILS = Table("trails", "A trail.", ("name",), (Column("name", STRING, "its name"),))


def hounds(*names: str) -> pa.RecordBatch:
    return HOUNDS.batch([(name, 4) for name in names])


def trails(*names: str) -> pa.RecordBatch:
    return TRAILS.batch([(name,) for name in names])


class Kennel:
    """A store in a folder, opened as a case opens it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "tables").mkdir(parents=True, exist_ok=True)
        self.ledger = Ledger(folder / "ledger.sqlite")
        self.store = Store(folder / "tables", (HOUNDS, TRAILS), self.ledger)

    def stage(self, *names: str) -> Staged:
        return stage(self.store.folder, HOUNDS, hounds(*names))

    def add(self, *names: str) -> None:
        self.store.commit([self.stage(*names)])

    def names(self, table: Table = HOUNDS) -> list[str]:
        return sorted(self.store.read(table, ["name"]).column("name").to_pylist())

    def files(self) -> set[str]:
        return {path.name for path in (self.store.folder / "hounds").glob("*.parquet")}


@pytest.fixture
def kennel(tmp_path: Path) -> Iterator[Kennel]:
    kennel = Kennel(tmp_path / "case")
    kennel.store.prepare()
    yield kennel
    kennel.ledger.close()


class TestSnapshot:
    def test_empty(self, kennel: Kennel) -> None:
        assert kennel.names() == []
        assert kennel.store.read(HOUNDS).schema.equals(HOUNDS.schema)

    def test_unprepared(self, tmp_path: Path) -> None:
        assert Kennel(tmp_path).names() == []

    def test_staged_files_are_not_seen(self, kennel: Kennel) -> None:
        staged = kennel.stage("Argos")
        assert kennel.names() == []
        kennel.store.commit([staged])
        assert kennel.names() == ["Argos"]

    def test_commits_append(self, kennel: Kennel) -> None:
        kennel.add("Argos")
        kennel.add("Bran", "Cavall")
        assert kennel.names() == ["Argos", "Bran", "Cavall"]
        batches = kennel.store.batches(HOUNDS, ["name", "legs"])
        assert sum(batch.num_rows for batch in batches) == 3

    def test_replaced_tables_lose_their_rows(self, kennel: Kennel) -> None:
        kennel.add("Argos")
        kennel.store.commit([kennel.stage("Bran")], replace=[HOUNDS])
        assert kennel.names() == ["Bran"]
        kennel.store.commit([], replace=[HOUNDS])
        assert kennel.names() == []

    def test_another_schema_is_refused(self, kennel: Kennel) -> None:
        with pytest.raises(ValueError, match="hounds"):
            stage(kennel.store.folder, HOUNDS, trails("x"))
        assert kennel.files() == set()

    def test_a_reader_stays_at_its_snapshot(self, kennel: Kennel) -> None:
        """Beyond what the ledger names, nothing is seen: not by reads, not by SQL."""
        kennel.add("Argos")
        reader = Kennel(kennel.folder)
        files = reader.store.files(HOUNDS)
        beyond_the_ledger(kennel, "Bran")
        assert DeltaTable(kennel.store.folder / "hounds").version() == 2
        assert reader.names() == kennel.names() == ["Argos"]
        assert reader.store.files(HOUNDS) == files
        with connect(reader.store) as connection:
            assert answer(connection, "SELECT name FROM hounds").to_pylist() == [{"name": "Argos"}]
        reader.ledger.close()

    def test_all_tables_move_together(self, kennel: Kennel) -> None:
        class Refused(Exception):
            pass

        def refuse(connection: sqlite3.Connection) -> None:
            raise Refused

        parts = [kennel.stage("Argos"), stage(kennel.store.folder, TRAILS, trails("north"))]
        with pytest.raises(Refused):
            kennel.store.commit(parts, also=refuse)
        assert (kennel.names(), kennel.names(TRAILS)) == ([], [])
        kennel.store.prepare()
        assert (kennel.names(), kennel.names(TRAILS)) == ([], [])

    def test_what_is_noted_with_a_commit_stands_with_it(self, kennel: Kennel) -> None:
        with kennel.ledger.transaction() as connection:
            connection.execute("CREATE TABLE notes (text TEXT)")
        kennel.store.commit(
            [kennel.stage("Argos")], also=lambda c: c.execute("INSERT INTO notes VALUES ('a')")
        )
        assert kennel.ledger.connection.execute("SELECT * FROM notes").fetchall() == [("a",)]

    def test_a_moved_folder_still_opens(self, kennel: Kennel, tmp_path: Path) -> None:
        kennel.add("Argos")
        kennel.add("Bran")
        kennel.ledger.close()
        moved = tmp_path / "elsewhere" / "it's moved"
        moved.parent.mkdir()
        shutil.move(kennel.folder, moved)
        opened = Kennel(moved)
        assert opened.names() == ["Argos", "Bran"]
        opened.store.prepare()
        opened.add("Cavall")
        with connect(opened.store) as connection:
            counted = answer(connection, "SELECT count(*) AS n FROM hounds").to_pylist()
        assert counted == [{"n": 3}]
        opened.ledger.close()


def beyond_the_ledger(kennel: Kennel, name: str, *, mode: str = "append") -> None:
    """Commit to Delta as a run that is killed before it moves the ledger."""
    versions = kennel.ledger.versions()
    replace = [HOUNDS] if mode == "overwrite" else []
    kennel.store.commit([kennel.stage(name)], replace=replace)
    with kennel.ledger.transaction() as connection:
        connection.executemany(
            "UPDATE snapshots SET version = ? WHERE name = ?",
            [(version, table) for table, version in versions.items()],
        )


class TestKilled:
    @pytest.mark.parametrize("mode", ["append", "overwrite"])
    def test_between_the_tables_and_the_ledger(self, kennel: Kennel, mode: str) -> None:
        kennel.add("Argos")
        beyond_the_ledger(kennel, "Bran", mode=mode)
        assert kennel.names() == ["Argos"]
        kennel.store.prepare()
        assert kennel.names() == ["Argos"]
        kennel.add("Cavall")
        assert kennel.names() == ["Argos", "Cavall"]
        # The table itself agrees, for whoever reads it without the ledger.
        delta = DeltaTable(kennel.store.folder / "hounds")
        assert sorted(delta.to_pyarrow_table().column("name").to_pylist()) == ["Argos", "Cavall"]

    def test_several_times_in_a_row(self, kennel: Kennel) -> None:
        kennel.add("Argos")
        for name in ("Bran", "Cavall", "Dormarch"):
            beyond_the_ledger(kennel, name)
            kennel.store.prepare()
            assert kennel.names() == ["Argos"]

    def test_before_the_first_commit(self, kennel: Kennel) -> None:
        beyond_the_ledger(kennel, "Argos")
        kennel.store.prepare()
        assert kennel.names() == []

    def test_orphans_are_swept_and_nothing_else(self, kennel: Kennel) -> None:
        kennel.add("Argos")
        known = kennel.files()
        kennel.stage("Bran")
        half = kennel.store.folder / "hounds" / "part-half.parquet"
        half.write_bytes(b"PAR1")
        assert len(kennel.files()) == len(known) + 2
        kennel.store.prepare()
        assert kennel.files() == known
        assert kennel.names() == ["Argos"]

    def test_former_versions_stay_readable(self, kennel: Kennel) -> None:
        kennel.add("Argos")
        kennel.store.commit([kennel.stage("Bran")], replace=[HOUNDS])
        kennel.store.prepare()
        former = DeltaTable(kennel.store.folder / "hounds", version=1).to_pyarrow_table()
        assert former.column("name").to_pylist() == ["Argos"]

    def test_preparing_twice_changes_nothing(self, kennel: Kennel) -> None:
        kennel.add("Argos")
        before = kennel.ledger.versions()
        kennel.store.prepare()
        kennel.store.prepare()
        assert kennel.ledger.versions() == before


FULL_DISK = """
import sys
from pathlib import Path
sys.path.insert(0, {here!r})
from test_store import HOUNDS, Kennel
from lymer.errors import StorageError
from lymer.store import stage

kennel = Kennel(Path({folder!r}))
kennel.store.prepare()
batch = HOUNDS.batch([(str(number) * 50, 4) for number in range(50_000)])
try:
    for _ in range(1000):
        kennel.store.commit([stage(kennel.store.folder, HOUNDS, batch)])
except StorageError as error:
    print(error)
    kennel.ledger.close()
    sys.exit(3)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="mounts a small disk")
class TestDisk:
    def test_full(self, tmp_path: Path) -> None:
        disk = tmp_path / "disk"
        disk.mkdir()
        mounted = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(disk)], capture_output=True
        )
        if mounted.returncode:
            pytest.skip("may not mount a small disk")
        try:
            program = FULL_DISK.format(here=str(Path(__file__).parent), folder=str(disk / "case"))
            done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
            assert done.returncode == 3, done.stderr
            assert "no space left" in done.stdout
            assert "Free some space and run the same command again" in done.stdout
            # What was committed before is whole, and the refused file is gone or not seen.
            kennel = Kennel(disk / "case")
            rows = len(kennel.names())
            assert rows > 0
            assert rows % 50_000 == 0
            kennel.ledger.close()
        finally:
            subprocess.run(["umount", str(disk)], check=True)


class TestLedger:
    def test_a_transaction_is_all_or_nothing(self, tmp_path: Path) -> None:
        ledger = Ledger(tmp_path / "ledger.sqlite")

        def interrupted() -> None:
            with ledger.transaction() as connection:
                connection.execute("INSERT INTO snapshots VALUES ('hounds', 7)")
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            interrupted()
        assert ledger.versions() == {}
        ledger.close()

    def test_what_is_no_ledger(self, tmp_path: Path) -> None:
        path = tmp_path / "ledger.sqlite"
        path.write_bytes(b"no database at all" * 100)
        with pytest.raises(CaseError, match=r"ledger\.sqlite"):
            Ledger(path)

    def test_in_use(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("lymer.store.ledger.BUSY_SECONDS", 0.05)
        one, other = Ledger(tmp_path / "l.sqlite"), Ledger(tmp_path / "l.sqlite")
        with (
            one.transaction(),
            pytest.raises(StorageError, match="cannot be written"),
            other.transaction(),
        ):
            pass
        one.close()
        other.close()
