"""The case on one page."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from actor_cases import (
    BEGIN,
    CANDIDATE,
    SERVER,
    Row,
    build_case,
    mail,
    together,
    usual_books,
    usual_mail,
)

from lymer.actors import TIMELINE, find_actors
from lymer.case import dismiss, open_case, read_verdict, rename
from lymer.case.following import find_people

LYMER = Path(sys.executable).with_name("lymer")
_TOPICS = [
    "sent", "botnet", "steered", "run_by", "ordered_by", "benefit", "not_linked", "sureness",
    "missing",
]  # fmt: skip


def run(*words: object, columns: int = 80) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [LYMER, *map(str, words)],
        capture_output=True,
        text=True,
        timeout=60,
        env=os.environ | {"COLUMNS": str(columns)},
    )


def made(folder: Path, *parts: dict[str, list[Row]]) -> Path:
    case = build_case(folder / "case", together(*parts))
    with case.writing():
        find_people(case)
    case.close()
    return folder / "case"


def _machinery() -> dict[str, list[Row]]:
    return {
        "botnets": [
            {"botnet_id": "b-1", "name": "Mogi b1", "is_separable": True, "footprint": 20,
             "live_low": 2800.0, "live": 3000.0, "live_high": 3200.0, "message_count": 20,
             "why": "shared clients"}
        ],
        "botnet_campaigns": [{"botnet_id": "b-1", "campaign_id": "c-aa01"}],
        "controllers": [
            {"ip": "203.0.113.9", "port": 6667, "botnet_id": "b-1", "score": 9.0}
        ],
        "node_counts": [
            {"server": SERVER, "day": BEGIN.date(), "live_nodes": 1, "addresses": 1},
            {"server": SERVER, "day": BEGIN.date().replace(day=21), "live_nodes": 2990,
             "addresses": 4000},
        ],
    }  # fmt: skip


def test_the_page_answers_every_question_in_order(tmp_path: Path) -> None:
    case = made(tmp_path, usual_mail(), usual_books(), _machinery())
    done = run("verdict", case, "--format", "json")
    assert done.returncode == 0, done.stderr
    page = json.loads(done.stdout)
    topics = [line["topic"] for line in page["lines"]]
    assert list(dict.fromkeys(topics)) == _TOPICS
    told = {line["topic"]: line["statement"] for line in reversed(page["lines"])}
    assert "20 mails seen here" in told["sent"]
    assert "50.0 million targeted" in told["sent"]
    assert "one of 3 campaigns in 44 messages" in told["sent"]
    assert "2,800 to 3,200 machines" in told["botnet"]
    # The log's day within the order, not the day before it.
    assert any("2,990 are live" in line["statement"] for line in page["lines"])
    assert "203.0.113.9:6667" in told["steered"]
    assert "boss7" in told["run_by"]
    assert "nim77 (1 order of this mail, and 1 other order)" in told["ordered_by"]
    assert CANDIDATE in told["benefit"]
    assert "no evidence of who ordered it" in told["benefit"]
    assert f"{CANDIDATE} is not linked" in told["not_linked"]
    assert "B2" in told["sureness"]
    assert len(page["answers"]) == 4
    assert [answer["rank"] for answer in page["answers"]] == [1, 2, 3, 4]


def test_nodes_of_several_botnets_are_said_to_be_between_two_numbers(tmp_path: Path) -> None:
    parts = _machinery() | {
        "calibrations": [
            {"server": SERVER, "botnet_id": "b-1", "live_low": 12.0, "live_high": 900.0,
             "open_because": "the server's nodes serve more than one botnet of this case",
             "known_clients": 20, "seen_clients": 22},
        ]
    }  # fmt: skip
    case = made(tmp_path, usual_mail(), usual_books(), parts)
    told = " ".join(run("verdict", case, columns=300).stdout.split())
    assert (
        "between 12 and 900 machines of botnet b-1 live on a day; the server's nodes serve more "
        "than one botnet of this case."
    ) in told


@pytest.mark.parametrize("columns", [30, 80, 300])
def test_the_page_fits_the_terminal(tmp_path: Path, columns: int) -> None:
    case = made(tmp_path, usual_mail(), usual_books("from Max Tallowby"), _machinery())
    done = run("verdict", case, columns=columns)
    assert done.returncode == 0
    lines = done.stdout.splitlines()
    assert max(map(len, lines)) <= max(40, min(columns, 100))
    if columns == 80:
        # A page.
        assert len(lines) < 66
    assert "Paid for by Max Tallowby" in " ".join(done.stdout.split())


def test_likelihood_and_confidence_never_share_a_sentence(tmp_path: Path) -> None:
    likely = r"\b(un)?likely\b|\bchance\b|\bcertain\b"
    for number, note in enumerate(("wire", "from Dora Quillfeather")):
        case = made(tmp_path / str(number), usual_mail(), usual_books(note), _machinery())
        for sentence in re.split(r"\.\s", " ".join(run("verdict", case).stdout.split())):
            assert not (re.search(likely, sentence) and "onfidence" in sentence), sentence


def test_nothing_of_the_evidence_steers_the_terminal(tmp_path: Path) -> None:
    evil = "\x1b]0;owned\x07\x1b[2J\u202e"
    tables = together(usual_mail(), usual_books(f"from Max{evil} Tallowby {evil}"), _machinery())
    for row in tables["campaigns"]:
        row["name"] = f"{evil} http://evil.example/x"
    for table in ("accounts", "jobs", "payments"):
        for row in tables[table]:
            if row["account"] == "nim77":
                row["account"] = f"nim{evil}77@evil.example"
    tables["botnets"][0]["name"] = evil
    case = made(tmp_path, tables)
    for form in ("text", "json"):
        done = run("verdict", case, "--format", form)
        assert done.returncode == 0, done.stderr
        assert not set(done.stdout) & {"\x1b", "\x07", "\u202e"}
    shown = run("verdict", case).stdout
    assert "x1b" in shown
    assert "evil.example" not in shown


def test_decisions_count_at_once(tmp_path: Path) -> None:
    """Dismissed after the trace: the verdict does not wait for the next one."""
    tables = together(usual_mail(), usual_books())
    tables["grouped_messages"] = [
        row | {"why": "same text", "certainty": 1.0} for row in tables["campaign_messages"]
    ]
    folder = made(tmp_path, tables)
    case = open_case(folder)
    try:
        rename(case, "c-aa01", "the mayor mail")
        before = read_verdict(case)
        assert "the mayor mail" in before.lines[0].statement
        dismiss(case, "c-aa01")
        after = read_verdict(case)
    finally:
        case.close()
    assert CANDIDATE in str(before)
    assert CANDIDATE not in str(after)
    assert "one of 2 campaigns" in after.lines[0].statement


def test_a_case_without_campaigns_says_so(tmp_path: Path) -> None:
    case = made(tmp_path, mail({}))
    done = run("verdict", case)
    assert done.returncode == 0
    assert "holds no campaign" in done.stdout


def test_wrong_words_are_errors(tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    none = run("verdict", tmp_path / "full")
    assert (none.returncode, none.stdout) == (1, "")
    assert "is no case" in none.stderr
    assert run("verdict").returncode == 2
    assert run("verdict", tmp_path, "--format", "pdf").returncode == 2


def test_the_timeline_is_in_order_and_points_at_rows(tmp_path: Path) -> None:
    case = open_case(made(tmp_path, usual_mail(), usual_books("from Max Tallowby"), _machinery()))
    try:
        with case.connect() as connection:
            rows = find_actors(connection)[TIMELINE].to_pylist()
    finally:
        case.close()
    assert [row["happened_at"] for row in rows] == sorted(row["happened_at"] for row in rows)
    kinds = {(row["kind"], row["table_name"]) for row in rows}
    assert kinds == {
        ("mail", "campaigns"), ("order", "jobs"), ("payment", "payments"),
        ("nodes", "node_counts"),
    }  # fmt: skip
    (paid,) = [row for row in rows if row["row_key"] == "s-pay/1"]
    assert "nim77 pays 900.00 (from Max Tallowby)" in paid["what"]
