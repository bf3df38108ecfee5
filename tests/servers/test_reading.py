"""What files are, told by content, and the rows that are in them."""

import gzip
import hashlib
import sqlite3
from pathlib import Path

import pytest
from server_files import artifacts, read_server, rows_of

from lymer.case import Case, check_case
from lymer.servers import address_hash, parse_count, parse_money, parse_time

TEMPLATE = (
    "Subject: %CHOICE(Hello|Hi|Good day)% from the {river|lake} club\n\nDear friend,\n"
    "our boats leave %DAY% at %HOUR% and the {first|second} tour is free for new guests.\n"
    "Look at http://%HOST%/boats and bring the whole family along.\n"
)
SOURCE = (
    "package queue;\n# written by tasso\nuse strict;\nsub next_job {\n    my ($db) = @_;\n"
    '    my $row = $db->query("SELECT * FROM jobs LIMIT 1");\n    return $row;\n}\n1;\n'
)
HISTORY = "ls -la\ncd /srv\nvi hub.conf\nps aux\ntail -f hub.log\nssh 198.51.100.7\nexit\n"
CONFIG = "listen = 8080\nadmin: tasso\nhome = /srv/hub\nmail = tasso@hub.example\n"
KEY = "-----BEGIN RSA PRIVATE KEY-----\nMIIEow\n-----END RSA PRIVATE KEY-----\n"
ACCESS = (
    '203.0.113.9 - tasso [02/Mar/2009:10:00:0{} +0000] "GET /job?id={} HTTP/1.1" 200 51{}0 "-" '
    '"Opera/9.64 (Windows NT 5.1; U; en)"\n'
)
PASSWD = "root:x:0:0:root:/root:/bin/sh\ntasso:x:500:500::/home/tasso:/bin/sh\n"
NOTES = "tasso: the new box is slow\nmirko: ok\ntasso: pay on friday\nmirko: done, see you\n"


@pytest.fixture
def read(tmp_path: Path) -> Case:
    server = tmp_path / "seized"
    (server / "a").mkdir(parents=True)
    files = {
        "1": TEMPLATE, "2": SOURCE, "3": HISTORY, "4": CONFIG, "5": KEY, "6": PASSWD, "7": NOTES,
        "8": "".join(ACCESS.format(n, n * 3, n) for n in range(9)),
        "9": "".join(f"guest{n}@place{n % 7}.test\n" for n in range(50)),
        "10": "".join(f"0x{n:06x} {1200000000 + n * 60} 198.18.0.{n} ok\n" for n in range(1, 60)),
    }  # fmt: skip
    for name, text in files.items():
        (server / "a" / name).write_text(text)
    (server / "a" / "11").write_bytes(gzip.compress(files["9"].encode(), mtime=0))
    (server / "a" / "12").write_bytes(
        "id;who;sum\r\n1;tasso;9,50\r\n2;mirko;7,25\r\n".encode("utf-16")
    )
    (server / "a" / "13").write_bytes(bytes(range(256)) * 40)
    return read_server(server, tmp_path / "case")


def test_kinds_are_told_by_content(read: Case) -> None:
    kinds = {path: row["kind"] for path, row in artifacts(read).items()}
    assert kinds == {
        "seized": "folder", "a/1": "template", "a/2": "source", "a/3": "history", "a/4": "config",
        "a/5": "key", "a/6": "accounts", "a/7": "notes", "a/8": "access log", "a/9": "list",
        "a/10": "log", "a/11": "archive", "a/11!11": "list", "a/12": "table", "a/13": "binary",
    }  # fmt: skip
    assert all(row["why"] for row in artifacts(read).values())


def test_every_file_is_hashed_and_in_custody(read: Case, tmp_path: Path) -> None:
    found = artifacts(read)
    for path in ("a/1", "a/8", "a/13"):
        data = (tmp_path / "seized" / path).read_bytes()
        assert found[path]["sha256"] == hashlib.sha256(data).hexdigest()
        assert found[path]["size_bytes"] == len(data)
    noted = read.ledger.connection.execute("SELECT subject FROM custody").fetchall()
    outer = {row["evidence_id"] for path, row in found.items() if "!" not in path}
    assert outer <= {subject for (subject,) in noted}
    assert all(check.is_sound for check in check_case(read))


def test_addresses_of_a_list_are_kept_as_hashes(read: Case) -> None:
    [plain, packed] = [artifacts(read)[path]["artifact_id"] for path in ("a/9", "a/11!11")]
    listed: dict[object, set[int]] = {}
    for row in read.table("listed").to_pylist():
        listed.setdefault(row["artifact_id"], set()).add(row["address_hash"])
    assert listed[plain] == listed[packed]
    assert listed[plain] == {address_hash(f"GUEST{n}@place{n % 7}.test") for n in range(50)}
    # Nor do they stand anywhere else.
    for table in ("entities", "texts", "sheet_rows"):
        assert "guest1" not in str(read.table(table).to_pylist())


def test_entities_say_where_they_stand(read: Case) -> None:
    paths = {row["artifact_id"]: path for path, row in artifacts(read).items()}
    found = {
        (paths[row["artifact_id"]], row["kind"], row["value"], row["where_found"])
        for row in read.table("entities").to_pylist()
    }
    assert found >= {
        ("a/4", "handle", "tasso", "admin"),
        ("a/4", "address", "tasso@hub.example", "mail"),
        ("a/2", "handle", "tasso", "comment"),
        ("a/3", "ip", "198.51.100.7", "ssh"),
        ("a/6", "handle", "root", "account"),
        ("a/7", "handle", "tasso", "text"),
    }


def test_utf16_and_its_columns(read: Case) -> None:
    assert rows_of(read, "named columns") == [["1", "tasso", "9,50"], ["2", "mirko", "7,25"]]


def test_a_log_in_a_form_of_its_own_is_rows(read: Case) -> None:
    [sheet] = [
        row for row in read.table("sheets").to_pylist()
        if row["artifact_id"] == artifacts(read)["a/10"]["artifact_id"]
    ]  # fmt: skip
    assert sheet["row_count"] == 59
    rows = read.sql(
        "SELECT values FROM sheet_rows WHERE sheet_id = $s AND position = 7",
        {"s": sheet["sheet_id"]},
    ).to_pylist()
    assert rows == [{"values": ["0x000007", "1200000420", "198.18.0.7", "ok"]}]


def test_names_of_files_decide_nothing(tmp_path: Path) -> None:
    server = tmp_path / "seized"
    server.mkdir()
    (server / "index.php").write_text("".join(f"g{n}@p.test\n" for n in range(20)))
    (server / "list.txt").write_text(SOURCE)
    base = sqlite3.connect(server / "photo.jpg")
    base.execute("CREATE TABLE jobs(a)")
    base.commit()
    base.close()
    found = artifacts(read_server(server, tmp_path / "case"))
    assert [found[name]["kind"] for name in ("index.php", "list.txt", "photo.jpg")] == [
        "list", "source", "database",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "written",
    [
        "2009-03-02 11:22:33", "2009-03-02T11:22:33Z", "2009-03-02T12:22:33+01:00",
        "02/Mar/2009:11:22:33 +0000", "02.03.2009 11:22:33", "20090302112233", "1235992953",
        "1235992953000", "Mon, 02 Mar 2009 11:22:33 GMT", "Mar  2 11:22:33",
        "2009-03-02 11:22:33+00",
        "Mon Mar  2 11:22:33 2009", "[02/Mar/2009:06:22:33 -0500]",
    ],
)  # fmt: skip
def test_times_as_they_are_written(written: str) -> None:
    found = parse_time(written, year=2009)
    assert found is not None
    assert found.isoformat() == "2009-03-02T11:22:33+00:00"


@pytest.mark.parametrize("written", ["205000000", "4101", "31.02.2009", "hello", "", "99/99/2009"])
def test_what_is_no_time_is_none(written: str) -> None:
    assert parse_time(written) is None


def test_counts_and_sums() -> None:
    assert [parse_count(text) for text in ("1250000", "1,250,000", "1.250.000", "12.5", "x")] == [
        1250000, 1250000, 1250000, None, None,
    ]  # fmt: skip
    assert [parse_money(text) for text in ("79.17", "79,17 EUR", "$1,250.50", "1.250,50", "x")] == [
        79.17, 79.17, 1250.5, 1250.5, None,
    ]  # fmt: skip
