"""Files made to do harm: nothing runs, hangs, leaves the folder or fills memory."""

import io
import os
import resource
import sqlite3
import subprocess
import sys
import tarfile
import time
import zipfile
from pathlib import Path

from server_files import artifacts, read_server, rows_of

from lymer.case import open_case

LYMER = Path(sys.executable).with_name("lymer")
BELL, ESCAPE = "\x07", "\x1b]0;owned\x07\x1b[2J"


def test_what_is_no_file_is_reported_and_never_waited_for(tmp_path: Path) -> None:
    outside = tmp_path / "secret.txt"
    outside.write_text("the examiner's own, with alice@home.example\n")
    server = tmp_path / "seized"
    server.mkdir()
    (server / "out").symlink_to(outside)
    (server / "loop").symlink_to(server / "loop")
    (server / "up").symlink_to(tmp_path)
    os.mkfifo(server / "pipe")
    (server / "nothing").touch()
    case = read_server(server, tmp_path / "case")
    found = artifacts(case)
    assert {path: row["kind"] for path, row in found.items() if path != "seized"} == {
        "out": "refused",
        "loop": "refused",
        "up": "refused",
        "pipe": "refused",
        "nothing": "empty",
    }
    assert all(found[path]["defects"] for path in ("out", "loop", "up", "pipe", "nothing"))
    assert case.table("entities").num_rows == case.table("texts").num_rows == 0


def test_bombs_and_names_that_escape_do_no_harm(tmp_path: Path) -> None:
    server = tmp_path / "seized"
    server.mkdir()
    with zipfile.ZipFile(server / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        with archive.open("zeros", "w", force_zip64=True) as member:
            for _ in range(400):
                member.write(b"0 " * (1 << 19))
        archive.writestr("after", "x")
    with tarfile.open(server / "escape.tar", "w") as tar:
        for name in ("../../evil", "/tmp/evil-absolute", "fine"):
            info = tarfile.TarInfo(name)
            info.size = 6
            tar.addfile(info, io.BytesIO(b"hello\n"))
        link = tarfile.TarInfo("link")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        tar.addfile(link)
    before = sorted(tmp_path.rglob("*"))
    case = read_server(server, tmp_path / "case")
    fresh = set(tmp_path.rglob("*")) - set(before)
    assert all((tmp_path / "case") in (one, *one.parents) for one in fresh)
    assert not Path("/tmp/evil-absolute").exists()
    found = artifacts(case)
    assert "bomb_refused" in found["bomb.zip"]["defects"]
    assert found["escape.tar!fine"]["kind"] == "notes"
    odd = [row for path, row in found.items() if "evil" in path or path.endswith("!link")]
    assert len(odd) == 3
    assert all(row["defects"] for row in odd)
    assert not list((tmp_path / "case" / ".spill").iterdir())


def _hostile_database(path: Path) -> None:
    base = sqlite3.connect(path)
    base.executescript(
        """
        CREATE TABLE plain(id INTEGER, "na""me" TEXT, data BLOB);
        INSERT INTO plain VALUES (1, 'one', x'00ff'), (2, 'two', NULL);
        CREATE TABLE log(x);
        CREATE TRIGGER t AFTER INSERT ON plain BEGIN INSERT INTO log VALUES (1); END;
        CREATE VIEW endless AS WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r)
            SELECT n FROM r;
        CREATE VIEW big AS SELECT zeroblob(1000000000) AS z;
        CREATE TABLE computed(a INTEGER, b TEXT AS (upper(a)) VIRTUAL);
        INSERT INTO computed(a) VALUES (7);
        CREATE TABLE broken(a);
        CREATE TABLE "plain; DROP TABLE plain --"(a TEXT);
        INSERT INTO "plain; DROP TABLE plain --" VALUES ('kept');
        """
    )
    base.commit()
    base.execute("PRAGMA writable_schema = ON")
    base.execute(
        "UPDATE sqlite_master SET sql = 'CREATE VIRTUAL TABLE broken USING fts5(a)', rootpage = 0 "
        "WHERE name = 'broken'"
    )
    base.commit()
    base.close()


def test_a_hostile_schema_gives_its_plain_rows_and_runs_nothing(tmp_path: Path) -> None:
    server = tmp_path / "seized"
    server.mkdir()
    _hostile_database(server / "x")
    before = (server / "x").read_bytes()
    began = time.monotonic()
    case = read_server(server, tmp_path / "case")
    assert time.monotonic() - began < 30
    assert rows_of(case, "plain") == [["1", "one", "x'00ff'"], ["2", "two", None]]
    assert rows_of(case, "computed") == [["7"]]
    assert rows_of(case, "plain; DROP TABLE plain --") == [["kept"]]
    row = artifacts(case)["x"]
    assert row["kind"] == "database"
    for named in ("view endless", "view big", "trigger t"):
        assert named in str(row["why"])
    assert (server / "x").read_bytes() == before
    assert sorted(path.name for path in server.iterdir()) == ["x"]


def test_a_damaged_or_lying_database_is_a_defect(tmp_path: Path) -> None:
    base = sqlite3.connect(tmp_path / "whole")
    base.execute("CREATE TABLE t(a INTEGER, b TEXT)")
    base.executemany("INSERT INTO t VALUES (?, ?)", [(n, f"row {n} " * 20) for n in range(2000)])
    base.commit()
    base.close()
    whole = (tmp_path / "whole").read_bytes()
    server = tmp_path / "seized"
    server.mkdir()
    (server / "cut").write_bytes(whole[: len(whole) // 2])
    lying = bytearray(whole)
    lying[28:32] = (0xFFFFFFF0).to_bytes(4, "big")
    (server / "lying").write_bytes(lying)
    spoilt = bytearray(whole)
    for at in range(4096, len(spoilt), 4096):
        spoilt[at : at + 12] = b"\xff" * 12
    (server / "spoilt").write_bytes(spoilt)
    (server / "header only").write_bytes(whole[:100])
    case = read_server(server, tmp_path / "case")
    found = artifacts(case)
    assert all(found[name]["kind"] == "database" for name in ("cut", "lying", "spoilt"))
    assert "database_damaged" in found["cut"]["defects"]
    assert "database_damaged" in found["spoilt"]["defects"]
    assert "database_damaged" in found["header only"]["defects"]


def _read_in_little_memory(server: Path, case: Path, limit: int) -> None:
    program = (
        "import sys\nfrom pathlib import Path\nsys.path.insert(0, sys.argv[1])\n"
        "from server_files import read_server\n"
        "case = read_server(Path(sys.argv[2]), Path(sys.argv[3]))\n"
    )
    here = str(Path(__file__).parent)
    done = subprocess.run(
        [sys.executable, "-c", program, here, str(server), str(case)],
        capture_output=True,
        text=True,
        timeout=120,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_DATA, (limit, limit)),
    )
    assert done.returncode == 0, done.stderr


def test_a_file_that_begins_small_is_not_held_whole(tmp_path: Path) -> None:
    server = tmp_path / "seized"
    server.mkdir()
    block = 1 << 20
    for name, begin, filling in (
        ("settings", "name = one\nmail = two@example.org\nport = 25\n" * 2_000, "x = y\n"),
        ("json", '[{"a": 1},\n', '{"a": 1},\n'),
        ("accounts", "root:x:0:0:root:/root:/bin/sh\n", "u:x:500:500::/home/u:/bin/sh\n"),
    ):
        with (server / name).open("w") as out:
            out.write(begin)
            for _ in range(400):
                out.write((filling * block)[:block])
                out.write("\n")
    _read_in_little_memory(server, tmp_path / "case", 1_200 << 20)
    case = open_case(tmp_path / "case")
    found = artifacts(case)
    assert "text_cut" in found["settings"]["defects"]
    assert "text_cut" in found["json"]["defects"]
    assert "too_many_rows" in found["accounts"]["defects"]
    assert found["accounts"]["kind"] == "accounts"
    case.close()


def test_one_endless_line_is_cut_and_what_follows_is_read(tmp_path: Path) -> None:
    server = tmp_path / "seized"
    server.mkdir()
    line = "2007-10-0{} 10:00:0{} node n{} from 198.18.0.{} ok=12\n"
    with (server / "log").open("w") as out:
        out.writelines(line.format(1 + n % 9, n % 10, n, n) for n in range(200))
        for _ in range(40):
            out.write("A" * (1 << 20))
        out.write("\n")
        out.writelines(line.format(1 + n % 9, n % 10, n, n % 200) for n in range(200, 400))
    _read_in_little_memory(server, tmp_path / "case", 2 << 30)
    told = subprocess.run(
        [LYMER, "sql", tmp_path / "case", "--format", "csv",
         "SELECT kind, defects, (SELECT count(*) FROM sheet_rows) AS n FROM artifacts "
         "WHERE path = 'log'"],
        capture_output=True, text=True, timeout=60,
    ).stdout  # fmt: skip
    assert "line_too_long" in told
    assert told.rstrip().endswith("400")


def test_a_dump_without_an_end_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    server = tmp_path / "seized"
    server.mkdir()
    (server / "dump").write_text(
        "CREATE TABLE a (x int, y text);\nINSERT INTO a VALUES (1,'one'),(2,'it''s; (two)');\n"
        "INSERT INTO a VALUES (3,'" + "z" * 3_000_000
    )
    (server / "deep").write_text("[" * 200_000 + '"')
    (server / "wide").write_text("INSERT INTO b VALUES (" + "1," * 5_000 + "1);\n" * 3)
    began = time.monotonic()
    case = read_server(server, tmp_path / "case")
    assert time.monotonic() - began < 60
    found = artifacts(case)
    assert rows_of(case, "a")[:2] == [["1", "one"], ["2", "it's; (two)"]]
    assert "bad_statement" in found["dump"]["defects"]
    assert "too_many_columns" in found["wide"]["defects"]
    assert "deep" in found


def test_hostile_names_and_words_are_safe_on_a_terminal(tmp_path: Path) -> None:
    server = tmp_path / "seized"
    server.mkdir()
    names = ["\x1b]0;owned\x07.txt", "bad\udcff\udcfe", "right\u202eto\u202cleft", "-rf", " "]
    for name in names:
        (server / name).write_text(f"Dear {ESCAPE} friend, mail boss{BELL}@evil.example\n" * 3)
    case = read_server(server, tmp_path / "case")
    assert len(artifacts(case)) == len(names) + 1
    case.close()
    query = (
        "SELECT path AS a, kind AS b, why AS c FROM artifacts UNION ALL SELECT text, place, '' "
        "FROM texts UNION ALL SELECT value, kind, where_found FROM entities"
    )
    told = subprocess.run(
        [LYMER, "sql", tmp_path / "case", query], capture_output=True, timeout=60
    )  # fmt: skip
    assert told.returncode == 0, told.stderr
    assert not set(told.stdout) & {0x1B, 0x07}
    assert "\u202e".encode() not in told.stdout
