"""Every form of flows gives the same contacts, and no line of a hostile file gives another."""

import gzip
import random
from datetime import date
from pathlib import Path

import pytest
from flow_files import (
    FLOWS,
    MIDNIGHT,
    PLAIN,
    binetflow,
    nfdump,
    plain,
    read_all,
    zeek,
    zeek_json,
)

from lymer.errors import UsageError
from lymer.flows import parse_mapping

FORMS = {"zeek": zeek, "zeek_json": zeek_json, "nfdump": nfdump, "binetflow": binetflow}
SUMS = [
    (date(2008, 1, 1), "192.0.2.10", "198.51.100.1", 6667, "tcp", 4, 460, 3606),
    (date(2008, 1, 1), "192.0.2.11", "203.0.113.5", 53, "udp", 2, 120, 240),
    (date(2008, 1, 2), "192.0.2.11", "203.0.113.5", 53, "udp", 1, 60, 120),
]


def sums(table) -> list[tuple]:
    names = ("day", "source_ip", "ip", "port", "protocol", "flow_count", "sent_bytes")
    return [tuple(row[n] for n in (*names, "received_bytes")) for row in table.to_pylist()]


@pytest.mark.parametrize("form", FORMS)
def test_each_form_gives_the_same_contacts(form: str, tmp_path: Path) -> None:
    file = tmp_path / "any.name"
    file.write_text(FORMS[form](FLOWS))
    table, [reading], rows = read_all(tmp_path, file)
    assert sums(table) == SUMS
    assert reading.form == form
    assert reading.flow_count == len(FLOWS) * (2 if form == "nfdump" else 1)
    assert reading.refused_count == 0
    assert reading.first_at == MIDNIGHT
    assert reading.last_at == MIDNIGHT + 86_400
    assert rows[0][2] == "flows"
    assert rows[0][8] == []


def test_rhythm_and_sizes_are_of_the_right_numbers(tmp_path: Path) -> None:
    file = tmp_path / "conn.log"
    file.write_text(zeek(FLOWS))
    row = read_all(tmp_path, file)[0].to_pylist()[0]
    # Gaps 600, 600, 700; sizes 100, 110, 120, 130.
    assert row["interval_seconds"] == 600
    assert row["interval_spread_seconds"] == pytest.approx(50)
    assert row["size_bytes"] == 115
    assert row["size_spread_bytes"] == pytest.approx(15)
    assert row["first_at"].timestamp() == MIDNIGHT
    assert row["last_at"].timestamp() == MIDNIGHT + 1900


def test_a_mapping_reads_csv_of_any_make(tmp_path: Path) -> None:
    file = tmp_path / "own.csv"
    file.write_text(plain(FLOWS))
    assert sums(read_all(tmp_path, file, mapping=PLAIN)[0]) == SUMS
    table, _, [row] = read_all(tmp_path, file)
    assert table.num_rows == 0
    assert row[8] == ["not_flows"]


def test_a_mapping_that_is_none_is_refused() -> None:
    assert parse_mapping(["started_at=When", "source_ip=a", "ip=b"]) == {
        "when": "started_at", "a": "source_ip", "b": "ip",
    }  # fmt: skip
    for words in (["ip"], ["nothing=a"], ["ip=a"]):
        with pytest.raises(UsageError):
            parse_mapping(words)


def test_files_of_one_day_are_summed_together_and_archives_opened(tmp_path: Path) -> None:
    pile = tmp_path / "pile"
    pile.mkdir()
    (pile / "a.log").write_text(zeek(FLOWS[:2]))
    (pile / "b.log.gz").write_bytes(gzip.compress(zeek(FLOWS[2:5]).encode()))
    (pile / "c.json").write_text(zeek_json(FLOWS[5:]))
    table, readings, rows = read_all(tmp_path, pile)
    assert sums(table) == SUMS
    assert len(readings) == 3
    kinds = sorted(str(row[2]) for row in rows)
    assert kinds == ["flows", "flows", "flows", "folder", "gz"]
    assert all(row[8] == [] for row in rows)


def test_joined_files_and_their_headers_are_no_bad_lines(tmp_path: Path) -> None:
    other = zeek(FLOWS[4:]).replace("uid\tid.orig_h\tid.orig_p", "id.orig_p\tid.orig_h\tuid")
    swapped = "".join(
        "\t".join([p[0], p[3], p[2], p[1], *p[4:]]) if p[0].startswith("1") else "\t".join(p)
        for p in (line.split("\t") for line in other.splitlines(keepends=True))
    )
    for name, text in (
        ("joined.log", zeek(FLOWS[:4]) + swapped),
        ("joined.csv", nfdump(FLOWS[:4]) + nfdump(FLOWS[4:])),
    ):
        file = tmp_path / name
        file.write_text(text)
        table, [reading], _ = read_all(tmp_path, file)
        assert sums(table) == SUMS
        assert reading.refused_count == 0


def test_bad_lines_are_counted_and_the_good_ones_kept(tmp_path: Path) -> None:
    good = zeek(FLOWS).splitlines(keepends=True)
    head, lines = good[:4], good[4:-1]
    bad = [
        "not a line\n",
        "\t\t\t\t\t\t\t\t\n",
        f"{MIDNIGHT}\tC\t999.0.2.1\t1\t198.51.100.1\t80\ttcp\t1\t1\n",
        f"{MIDNIGHT}\tC\t192.0.2.1\t1\texample.test\t80\ttcp\t1\t1\n",
        "nan\tC\t192.0.2.1\t1\t198.51.100.1\t80\ttcp\t1\t1\n",
        "1e400\tC\t192.0.2.1\t1\t198.51.100.1\t80\ttcp\t1\t1\n",
        "-5\tC\t192.0.2.1\t1\t198.51.100.1\t80\ttcp\t1\t1\n",
        "x" * 1_000_000 + "\n",
        "\x00\x00\x00\n",
    ]
    mixed = [line for pair in zip(lines, bad, strict=False) for line in pair] + bad[len(lines) :]
    file = tmp_path / "conn.log"
    file.write_bytes(
        "".join([*head, *mixed]).encode() + b"\xff\xfe\xfa\n" + lines[-1][:40].encode()
    )
    table, [reading], [row] = read_all(tmp_path, file)
    assert sums(table) == SUMS
    assert reading.flow_count == len(FLOWS)
    assert reading.refused_count == len(bad) + 2
    assert row[8] == ["line_too_long", "bad_lines"]


def test_bad_numbers_are_null_and_not_invented(tmp_path: Path) -> None:
    file = tmp_path / "conn.log"
    text = zeek([FLOWS[0]])
    file.write_text(text.replace("6667", "66670").replace("\t100\t900", "\t-4\t9e99"))
    [row] = read_all(tmp_path, file)[0].to_pylist()
    assert row["port"] is None
    assert row["sent_bytes"] is None
    assert row["received_bytes"] is None
    assert row["size_bytes"] is None
    assert row["interval_seconds"] is None


def test_truncated_and_foreign_files_are_rows_with_their_defect(tmp_path: Path) -> None:
    pile = tmp_path / "pile"
    pile.mkdir()
    many = [(n, "192.0.2.10", 1000 + n, "198.51.100.1", 80, "tcp", n, n) for n in range(3000)]
    whole = gzip.compress(zeek(many).encode())
    (pile / "cut.log.gz").write_bytes(whole[: len(whole) // 2])
    (pile / "empty.csv").write_bytes(b"")
    (pile / "noise.bin").write_bytes(random.Random(1).randbytes(100_000))
    (pile / "letter.txt").write_text("Dear all,\nno flows here.\n")
    (pile / "quote.csv").write_text(nfdump(FLOWS[:1]) + '"' + "a,b\n" * 50)
    table, _, rows = read_all(tmp_path, pile)
    defects = {str(row[3]).rpartition("/")[2]: row[8] for row in rows}
    assert 0 < sum(row["flow_count"] for row in table.to_pylist()) < 3001
    assert "truncated" in defects["cut.log.gz"]
    assert defects["empty.csv"] == ["empty"]
    assert defects["noise.bin"] == ["not_flows"]
    assert defects["letter.txt"] == ["not_flows"]
    assert all(row[4] for row in rows if row[2] != "folder")


def test_answers_seen_alone_do_not_become_contacts_of_the_server(tmp_path: Path) -> None:
    # A capture of one direction: only what the web server answered.
    file = tmp_path / "half.csv"
    lines = nfdump([(0, "192.0.2.10", 50001, "198.51.100.1", 80, "tcp", 100, 900)]).splitlines()
    file.write_text("\n".join([lines[0], lines[2]]) + "\n")
    assert read_all(tmp_path, file)[0].num_rows == 0


def test_reading_in_pieces_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = random.Random(3)
    flows = [
        (rng.random() * 86_000, f"192.0.2.{rng.randrange(9)}", rng.randrange(1024, 65_000),
         f"198.51.100.{rng.randrange(4)}", rng.choice((53, 80, 443)), "tcp",
         rng.randrange(5000), rng.randrange(5000))
        for _ in range(4000)
    ]  # fmt: skip
    flows.sort()
    file = tmp_path / "conn.log"
    file.write_text(zeek(flows))
    whole = read_all(tmp_path, file)[0]
    monkeypatch.setattr("lymer.flows.chunks.CHUNK_BYTES", 4096)
    monkeypatch.setattr("lymer.flows.contacts._FLOWS_AT_ONCE", 500)
    pieces = read_all(tmp_path, file)[0]
    order = [
        ("day", "ascending"),
        ("source_ip", "ascending"),
        ("ip", "ascending"),
        ("port", "ascending"),
    ]
    assert pieces.sort_by(order).equals(whole.sort_by(order))
    assert sum(whole["flow_count"].to_pylist()) == 4000
