"""`lymer trace --flows`: flows are evidence like any other."""

import subprocess
import sys
from pathlib import Path

from flow_files import FLOWS, plain, zeek

from lymer.case import check_case, create_case, digest, open_case, trace
from lymer.engine import LocalEngine
from spam_pile import write_pile

LYMER = Path(sys.executable).with_name("lymer")


def run(*words: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run([LYMER, *map(str, words)], capture_output=True, text=True, timeout=120)


def test_flows_are_sealed_summed_and_never_read_twice(tmp_path: Path) -> None:
    pile = write_pile(tmp_path / "pile.mbox")
    flows = tmp_path / "flows"
    flows.mkdir()
    (flows / "conn.0.log").write_text(zeek(FLOWS[:3]))
    (flows / "conn.1.log").write_text(zeek(FLOWS[3:]) + "torn\tline\n")
    (flows / "notes.txt").write_text("nothing of that kind\n")
    case = create_case(tmp_path / "case")
    with LocalEngine() as engine:
        trace(case, [pile], engine=engine, flows=[flows])
        first = digest(case)
        trace(case, [pile], engine=engine, flows=[flows])
    assert digest(case) == first
    contacts = case.table("contacts").to_pylist()
    # Two files of one day are one day.
    assert sorted(row["flow_count"] for row in contacts) == [1, 2, 4]
    evidence = case.sql("SELECT * FROM evidence WHERE kind = 'flows' ORDER BY uri").to_pylist()
    assert [row["defects"] for row in evidence] == [[], ["bad_lines"], ["not_flows"]]
    assert all(len(row["sha256"]) == 64 for row in evidence)
    captures = case.table("captures").to_pylist()
    assert {row["evidence_id"] for row in captures} == {row["evidence_id"] for row in evidence}
    assert sum(row["flow_count"] for row in captures) == len(FLOWS)
    assert all(check.is_sound for check in check_case(case))
    noted = case.ledger.connection.execute("SELECT subject FROM custody").fetchall()
    assert {row["evidence_id"] for row in evidence} <= {subject for (subject,) in noted}
    (flows / "conn.0.log").write_text(zeek(FLOWS[:2]))
    assert not all(check.is_sound for check in check_case(open_case(tmp_path / "case")))
    assert not list((tmp_path / "case").glob(".spill/flows*"))


def test_columns_of_another_make_are_named_on_the_command_line(tmp_path: Path) -> None:
    pile = write_pile(tmp_path / "pile.mbox")
    (tmp_path / "own.csv").write_text(plain(FLOWS))
    words = ["trace", pile, "--flows", tmp_path / "own.csv", "--case", tmp_path / "case"]
    for word in ("started_at=when", "source_ip=who", "ip=whom", "port=where"):
        words += ["--flow-column", word]
    assert run(*words).returncode == 0
    told = run("sql", tmp_path / "case", "SELECT sum(flow_count) AS n FROM contacts").stdout
    assert told.split()[-1] == str(len(FLOWS))


def test_a_wrong_path_or_mapping_is_told_before_anything_is_made(tmp_path: Path) -> None:
    pile = write_pile(tmp_path / "pile.mbox")
    for wrong in (["--flows", tmp_path / "none"], ["--flow-column", "what=ever"]):
        done = run("trace", pile, *wrong, "--case", tmp_path / "case")
        assert done.returncode != 0
        assert "Traceback" not in done.stderr
        assert not (tmp_path / "case").exists()
