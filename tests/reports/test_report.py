"""A report says what the case says, where each number comes from, and what is not known."""

import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from report_cases import copied, inflated, put
from selectolax.lexbor import LexborHTMLParser

from lymer.case import Case, digest, dismiss, note
from lymer.errors import UsageError
from lymer.reports import write_report
from lymer.reports.compose import MARKINGS, compose
from lymer.reports.document import (
    Block,
    Code,
    Document,
    Figure,
    Finding,
    Grid,
    Points,
    Section,
    Text,
)
from lymer.reports.harmless import defanged
from lymer.reports.html import to_html
from lymer.reports.pdf import to_pdf


def sections(document: Document) -> Iterator[Section]:
    for section in document.sections:
        yield section
        yield from section.sections


def blocks(document: Document) -> Iterator[Block]:
    for section in sections(document):
        yield from section.blocks


def words(document: Document, anchor: str) -> str:
    found = [s for s in sections(document) if s.anchor == anchor]
    parts = [b.text for s in found for b in s.blocks if isinstance(b, Text)]
    return " ".join(
        parts + [b.statement for s in found for b in s.blocks if isinstance(b, Finding)]
    )


@pytest.mark.parametrize("ending", ["pdf", "html"])
def test_the_same_case_gives_the_same_bytes(plain_case: Case, tmp_path: Path, ending: str) -> None:
    first = tmp_path / f"first.{ending}"
    write_report(plain_case, first)
    again = tmp_path / f"again.{ending}"
    # Another process, with another hash seed, as on another day.
    done = subprocess.run(
        [sys.executable, "-c", "from lymer.cli import main; main()", "report",
         str(plain_case.folder), "-o", str(again)],
        env={"PYTHONHASHSEED": "4711", "PATH": "/usr/bin", "PYTHONPATH": ":".join(sys.path)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert again.read_bytes() == first.read_bytes()
    assert not list(tmp_path.glob(".*"))


def test_a_case_that_was_moved_gives_the_same_bytes(
    plain_case: Case, plain_document: Document, tmp_path: Path
) -> None:
    case = copied(plain_case, tmp_path)
    moved = compose(case)
    case.close()
    assert moved == plain_document
    assert to_pdf(moved) == to_pdf(plain_document)


def test_every_number_is_that_of_its_query(plain_case: Case, plain_document: Document) -> None:
    codes = {b.anchor: b for b in blocks(plain_document) if isinstance(b, Code) and b.anchor}
    cited = {s for b in blocks(plain_document) for s in getattr(b, "sources", ())}
    assert cited <= set(codes)
    for unused in set(codes) - cited - {"Q1"}:
        assert codes[unused].title.endswith("(0 rows)"), codes[unused].title
    for code in codes.values():
        rows = plain_case.sql(code.text).num_rows
        assert re.search(rf"\({rows:,} rows?\)$", code.title), code.title
    grid = next(b for b in blocks(plain_document) if isinstance(b, Grid) and "largest" in b.caption)
    answer = plain_case.sql(codes[grid.sources[0]].text).to_pylist()
    assert [row[0] for row in grid.rows] == [r["campaign_id"] for r in answer]
    assert [row[3] for row in grid.rows] == [str(r["message_count"]) for r in answer] == ["4"] * 3


def test_tables_and_figures_name_their_queries(plain_document: Document) -> None:
    for section in sections(plain_document):
        for block in section.blocks:
            if isinstance(block, Grid | Figure) and section.anchor not in ("custody", "decisions"):
                assert block.sources, block.caption
            if isinstance(block, Figure):
                assert len(block.alt) > 10


def test_what_nothing_tells_is_said_to_be_not_established(plain_document: Document) -> None:
    page = next(s for s in plain_document.sections if s.anchor == "verdict")
    found = {b.topic: b for b in page.blocks if isinstance(b, Finding) and b.topic}
    assert "What was sent" in found
    for topic in ("Run by whom", "Ordered by whom", "Steered from where"):
        assert found[topic].statement.startswith(("Not established", "Unknown"))
        assert not found[topic].is_established
    for anchor in ("controllers", "volume"):
        assert words(plain_document, anchor).startswith("Not established")
    limits = next(s for s in plain_document.sections if s.anchor == "limits")
    told = " ".join(i for b in limits.blocks if isinstance(b, Points) for i in b.items)
    assert "No network flows" in told
    assert "No captured server" in told
    assert "who ordered the mail is not established" in told


def test_the_verdict_of_the_case_stands_first_word_for_word(
    plain_case: Case, plain_document: Document
) -> None:
    rows = plain_case.table("verdict").to_pylist()
    page = plain_document.sections[0]
    assert [b.statement for b in page.blocks if isinstance(b, Finding)] == [
        defanged(row["statement"]) for row in sorted(rows, key=lambda row: row["position"])
    ]
    assert not any(isinstance(b, Text) for b in page.blocks)


def test_likelihood_and_confidence_are_two_statements(plain_document: Document) -> None:
    finding = Finding(
        "Run by whom", "Run by Hugo Lind.", "almost certain", "high", "root", ("a:1",)
    )
    page = Section("verdict", "Verdict", (finding,))
    document = replace(plain_document, sections=(page, *plain_document.sections[1:]))
    html = to_html(document).decode()
    # Never in one sentence (ICD 203).
    for paragraph in re.findall(r"<p[ >].*?</p>", html):
        assert not ("Likelihood:" in paragraph and "Confidence:" in paragraph)
    assert html.count("Likelihood: <b>almost certain</b>.") == 1
    assert html.count("Confidence: <b>high</b>.") == 1
    to_pdf(document)


def test_a_decision_since_the_last_trace_changes_the_verdict_at_once(
    plain_case: Case, tmp_path: Path
) -> None:
    case = copied(plain_case, tmp_path)
    told = case.table("verdict").to_pylist()[0]["statement"]
    campaigns = case.sql("SELECT campaign_id FROM campaigns ORDER BY 1")["campaign_id"]
    (first,) = (c for c in campaigns.to_pylist() if c in told)
    dismiss(case, first)
    page = compose(case).sections[0]
    statements = [b.statement for b in page.blocks if isinstance(b, Finding)]
    assert statements
    assert not any(first in statement for statement in statements)
    case.close()


def test_a_case_without_campaigns_has_nothing_to_say(plain_case: Case, tmp_path: Path) -> None:
    case = copied(plain_case, tmp_path)
    put(case, {"campaigns": [], "campaign_messages": [], "templates": [], "verdict": []})
    document = compose(case)
    assert "Nothing to say: 12 messages" in words(document, "verdict")
    assert "No campaign was found" in words(document, "campaigns")
    assert to_pdf(document)
    case.close()


def test_custody_names_every_file_with_its_hash_and_the_chain(
    plain_case: Case, plain_document: Document
) -> None:
    html = to_html(plain_document).decode()
    for row in plain_case.table("evidence").to_pylist():
        assert row["sha256"] in html
    marks = [m for (m,) in plain_case.ledger.connection.execute("SELECT hash FROM custody")]
    assert marks
    assert all(mark in html for mark in marks)
    assert plain_document.head == marks[-1]
    assert plain_document.digest == digest(plain_case)
    assert digest(plain_case) in html
    assert "whole: every row holds the hash" in html


def test_a_broken_chain_is_shouted(plain_case: Case, tmp_path: Path) -> None:
    case = copied(plain_case, tmp_path)
    case.ledger.connection.execute("UPDATE custody SET subject = 'other' WHERE seq = 1")
    assert "IT IS BROKEN: row 1" in words(compose(case), "custody")
    case.close()


@pytest.mark.parametrize("marking", MARKINGS)
def test_the_marking_is_on_every_page(plain_document: Document, marking: str) -> None:
    document = replace(plain_document, tlp=marking)
    pdf = inflated(to_pdf(document))
    pages = len(re.findall(rb"/Type\s*/Page\b", pdf))
    assert pages >= 6
    # Header and footer are the same drawing on each page: twice in black, and once per colour.
    html = LexborHTMLParser(to_html(document).decode())
    assert [n.text() for n in html.css(".tlp")] == [f"TLP:{marking}"] * 2
    assert f"TLP:{marking}".encode() in pdf.replace(b"\x00", b"")


def test_a_marking_that_is_none_is_refused(plain_case: Case, tmp_path: Path) -> None:
    case = replace(plain_case, settings=replace(plain_case.settings, tlp="PINK"))
    with pytest.raises(UsageError, match=r"TLP 2\.0"):
        write_report(case, tmp_path / "r.pdf")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("name", "says"), [("r.docx", "ends in"), ("none/r.pdf", "no folder"), ("dir.pdf", "a folder")]
)
def test_a_place_that_cannot_be_is_said(
    plain_case: Case, tmp_path: Path, name: str, says: str
) -> None:
    (tmp_path / "dir.pdf").mkdir()
    with pytest.raises(UsageError, match=says):
        write_report(plain_case, tmp_path / name)


def test_dismissed_campaigns_are_not_findings(plain_case: Case, tmp_path: Path) -> None:
    case = copied(plain_case, tmp_path)
    gone = case.sql("SELECT campaign_id, name FROM campaigns ORDER BY name").to_pylist()[0]
    dismiss(case, gone["campaign_id"])
    document = compose(case)
    assert "The analyst dismissed 1 campaign." in words(document, "campaigns")
    grid = next(b for b in blocks(document) if isinstance(b, Grid) and "largest" in b.caption)
    assert gone["campaign_id"] not in {row[0] for row in grid.rows}
    kept = grid.rows[0][0]
    note(case, kept, "seen before")
    document = compose(case)
    grid = next(b for b in blocks(document) if isinstance(b, Grid) and "largest" in b.caption)
    assert "(analyst: " in grid.rows[0][1]
    assert "seen before" in grid.rows[0][1]
    decided = next(s for s in sections(document) if s.anchor == "decisions")
    assert isinstance(decided.blocks[0], Grid)
    assert decided.blocks[0].rows[0][3] == "dismiss"
    case.close()


def test_names_from_right_to_left_are_isolated_once(plain_case: Case, tmp_path: Path) -> None:
    case = copied(plain_case, tmp_path)
    rows = case.table("campaigns").to_pylist()
    put(case, {"campaigns": [row | {"name": "שלום עולם"} for row in rows]})
    document = compose(case)
    grid = next(b for b in blocks(document) if isinstance(b, Grid) and "largest" in b.caption)
    assert {row[1] for row in grid.rows} == {"\u2068שלום עולם\u2069"}
    assert to_pdf(document)
    case.close()
