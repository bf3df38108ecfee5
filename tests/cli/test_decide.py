"""`lymer decide` and `lymer why` as a user runs them."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from spam_pile import write_pile

LYMER = Path(sys.executable).with_name("lymer")


def run(*words: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [LYMER, *map(str, words)], capture_output=True, text=True, timeout=120, check=False
    )


@pytest.fixture
def case(tmp_path: Path) -> Path:
    pile = write_pile(tmp_path / "pile.mbox", each=12, singles=4)
    done = run("trace", pile, "--case", tmp_path / "case", "--quiet")
    assert done.returncode == 0, done.stderr
    toml = tmp_path / "case" / "case.toml"
    toml.write_text(toml.read_text().replace('analyst = ""', 'analyst = "A. Example"'))
    return tmp_path / "case"


def rows(case: Path, query: str) -> list[dict[str, object]]:
    done = run("sql", case, query, "--format", "json")
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_decisions_from_merge_to_undo(case: Path) -> None:
    assert "nothing was decided" in run("decide", case, "list").stdout
    one, other = (row["campaign_id"] for row in rows(case, "select * from campaigns order by 1"))
    done = run("decide", case, "merge", one, other)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"decided 1: merge {one} {other}")
    assert run("decide", case, "rename", one, "Pills \x1b[31mand watches").returncode == 0
    shown = run("show", case).stdout
    assert "1 campaigns; 4 messages in none" in shown
    assert "and watches" in shown
    assert "\x1b" not in shown
    assert "by decision 1 of A. Example at 20" in run("show", case, "campaign", one).stdout
    messages = [str(row["message_id"]) for row in rows(
        case, "select message_id from campaign_messages order by 1 limit 3")]  # fmt: skip
    done = run("decide", case, "split", one, "--messages", *(m[:20] for m in messages))
    assert done.returncode == 0, done.stderr
    sizes = rows(case, "select message_count as n from campaigns order by n")
    assert sizes == [{"n": 3}, {"n": 21}]
    assert run("decide", case, "dismiss", one).returncode == 0
    assert "(1 dismissed)" in run("show", case).stdout
    assert run("decide", case, "undo", 1).returncode == 0
    listed = run("decide", case, "list").stdout.splitlines()
    assert [line.split()[0] for line in listed[2:]] == ["1", "2", "3", "4"]
    assert [word for line in listed for word in line.split() if word in ("undone", "stands")] == [
        "undone", "stands", "stands", "stands",
    ]  # fmt: skip
    assert run("verify", case).returncode == 0


def test_errors_of_decide_are_for_people(case: Path) -> None:
    for words, told in (
        (("merge", "c-zz", "c-yy"), "lymer show"),
        (("undo",), "nothing to undo"),
        (("split", "c-"), "Give more of it"),
    ):
        done = run("decide", case, *words)
        assert done.returncode == 1
        assert done.stderr.startswith("lymer: ")
        assert told in done.stderr
    assert run("decide", case, "burn", "c-1").returncode == 2
    assert run("decide", case.parent / "none", "list").returncode == 1


def test_why_is_readable_and_safe(case: Path) -> None:
    member, friend = (str(row["message_id"]) for row in rows(
        case, "select c.message_id from campaign_messages c join links l using (message_id) "
        "where domain = 'pills.example' order by 1 limit 2"))  # fmt: skip
    (stranger,) = rows(case, "select min(message_id) as m from links where domain = 'watches.test'")
    done = run("why", case, member[:16])
    assert done.returncode == 0, done.stderr
    assert f"{member} is in campaign c-" in done.stdout
    assert "pills.example" not in done.stdout
    assert "the second best: c-" in done.stdout
    assert "not there: " in done.stdout
    assert "\ntogether\n" in run("why", case, member, friend).stdout
    parted = run("why", case, member, stranger["m"])
    assert "\nnot together\n" in parted.stdout
    assert "parted: " in parted.stdout
    told = json.loads(run("why", case, member, stranger["m"], "--json").stdout)
    assert told["are_together"] is False
    voices = told["texts"]["voices"]
    total = told["texts"]["bias"] + sum(voice["said"] * voice["weight"] for voice in voices)
    assert total == pytest.approx(told["texts"]["odds"])
    assert run("why", case, "nothing").returncode == 1
