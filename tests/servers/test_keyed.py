"""Key-value stores that were written out, and what only looks like one."""

from pathlib import Path

import pytest
from server_files import artifacts, read_server, rows_of

from lymer.servers.keyed import Cell, group_cells, read_cell, tells_keys
from lymer.servers.limits import ReadingLimits


@pytest.mark.parametrize(
    ("line", "cell"),
    [
        ("job:7:owner=rook", Cell("job", "7", "owner", "rook")),
        ('"job:7:owner" "rook b"', Cell("job", "7", "owner", "rook b")),
        ("app/job/7/owner = x=y", Cell("app", "job/7", "owner", "x=y")),
        ("job.7.owner=rook", Cell("job", "7", "owner", "rook")),
        ("log4j.appender.file=out", None),
        ("job:7=rook", None),
        ("2009-03-02 10:00:01 job=7", None),
        ("http://www.example/a/b x", None),
        ("fd00::1:2 x", None),
        ("", None),
    ],
)
def test_a_line_is_a_cell_or_none(line: str, cell: Cell | None) -> None:
    assert read_cell(line) == cell


def test_a_store_becomes_tables(tmp_path: Path) -> None:
    (tmp_path / "s").mkdir()
    lines = [f"job:{n}:{name}={value}{n}" for n in (3, 1, 2) for name, value in
             (("owner", "rook"), ("list", "big"))]  # fmt: skip
    del lines[-1]
    lines += ["stats:all:boots=3", "# contact rook@den.example"]
    (tmp_path / "s" / "keys").write_text("\n".join(lines))
    case = read_server(tmp_path / "s", tmp_path / "case")
    assert artifacts(case)["keys"]["kind"] == "table"
    assert rows_of(case, "job") == [["3", "rook3", "big3"], ["1", "rook1", "big1"],
                                    ["2", "rook2", None]]  # fmt: skip
    addresses = case.sql("SELECT value FROM entities WHERE kind = 'address'").to_pylist()
    assert [row["value"] for row in addresses] == ["rook@den.example"]
    case.close()


def test_settings_and_accounts_are_no_store() -> None:
    assert not tells_keys([f"server.port.{name}={name}" for name in ("web", "mail", "news")])
    assert not tells_keys(["root:x:0:0:root:/root:/bin/sh", "rook:x:1:1::/home/rook:/bin/sh"] * 9)
    assert not tells_keys(["[2009-03-02 10:00] a:b:c"] * 9)


def test_a_store_without_end_is_cut() -> None:
    limits = ReadingLimits(keyed_cells=10, columns=4, sheets=2)
    endless = ((n, f"job:{n // 3}:c{n % 3}=x") for n in range(10**9))
    groups, is_whole = group_cells(endless, limits, [])
    assert not is_whole
    assert sum(len(cells) for cells in groups["job"].rows.values()) == 10
    wide = [(n, f"job:1:c{n}=x") for n in range(10)]
    groups, is_whole = group_cells(wide, limits, [])
    assert (groups["job"].columns, is_whole) == (["c0", "c1", "c2"], True)
