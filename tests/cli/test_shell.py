"""The commands as a user runs them: in a process of their own, with pipes, signals, a full disk."""

import csv
import io
import json
import os
import pty
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from spam_pile import write_pile

LYMER = Path(sys.executable).with_name("lymer")


def run(*words: object, **options: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [LYMER, *map(str, words)], capture_output=True, text=True, timeout=120, **options
    )  # type: ignore[call-overload, no-any-return]


@pytest.fixture(scope="module")
def pile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_pile(tmp_path_factory.mktemp("pile") / "pile.mbox")


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory, pile: Path) -> Path:
    folder = tmp_path_factory.mktemp("cases") / "case"
    done = run("trace", pile, "--case", folder)
    assert done.returncode == 0, done.stderr
    return folder


def test_trace_prints_a_summary_to_read(tmp_path: Path, pile: Path) -> None:
    done = run("trace", pile, "--case", tmp_path / "case")
    assert done.returncode == 0
    assert done.stderr == ""
    assert "70 new messages" in done.stdout
    assert "2 campaigns; 10 messages in none" in done.stdout
    assert "pills[.]example" in done.stdout
    assert "pills.example" not in done.stdout
    again = run("trace", pile, "--case", tmp_path / "case")
    assert "0 new messages" in again.stdout
    assert again.stderr == ""
    # What was read before is not read again: the user is told, once.
    trusting = ("trace", pile, "--case", tmp_path / "case", "--trust", "mx.example.org")
    assert "--trust mx.example.org counts for mail read from now on" in run(*trusting).stderr
    assert run(*trusting).stderr == ""


def test_progress_is_for_terminals(tmp_path: Path, pile: Path) -> None:
    def on_terminal(*words: object) -> bytes:
        ours, theirs = pty.openpty()
        with subprocess.Popen(
            [LYMER, *map(str, words)], stdout=subprocess.DEVNULL, stderr=theirs
        ) as child:
            os.close(theirs)
            seen = b""
            while True:
                try:
                    data = os.read(ours, 65536)
                except OSError:
                    break
                if not data:
                    break
                seen += data
        os.close(ours)
        assert child.returncode == 0
        return seen

    assert b"reading" in on_terminal("trace", pile, "--case", tmp_path / "loud")
    quiet = on_terminal("trace", pile, "--case", tmp_path / "still", "--quiet")
    assert b"reading" not in quiet


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("trace", "{tmp}/nothing", "--case", "{tmp}/c"), "does not exist"),
        (("trace", "{tmp}/empty", "--case", "{tmp}/c"), "no message was found"),
        (("trace", "{pile}", "--case", "{tmp}/full"), "not a case"),
        (("trace", "{pile}", "--case", "{tmp}/full/file"), "is a file"),
        (("trace", "{pile}", "--case", "{tmp}/c", "--trust", "1.2.3.4/99"), "--trust"),
        (("show", "{tmp}/full"), "is no case"),
        (("show", "{tmp}/nothing"), "is no case"),
        (("show", "{case}", "campaign"), "give the id"),
        (("show", "{case}", "campaign", "zzz"), "begins with 'zzz'"),
        (("show", "{case}", "message", ""), "give the id"),
        (("sql", "{case}", "select nonsense from messages"), "nonsense"),
        (("sql", "{case}", "drop table messages"), "only SELECT"),
        (("verify", "{tmp}/full"), "is no case"),
    ],
)
def test_errors_say_what_is_wrong(
    tmp_path: Path, pile: Path, case: Path, words: tuple[str, ...], says: str
) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "file").write_text("x")
    done = run(*(word.format(tmp=tmp_path, pile=pile, case=case) for word in words))
    assert done.returncode == 1, done.stderr
    assert says in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
    # What never became a case is not left behind.
    assert not (tmp_path / "c").exists()


def test_wrong_usage_is_2(tmp_path: Path) -> None:
    for words in (("trace",), ("trace", "x"), ("nothing",), ("sql", "x")):
        done = run(*words)
        assert done.returncode == 2
        assert "Usage" in done.stderr


def test_sql_formats_agree(tmp_path: Path, case: Path) -> None:
    query = "select message_id, received_at, recipients, subject from messages order by 1"
    as_json = [
        json.loads(line) for line in run("sql", case, query, "--format", "json").stdout.splitlines()
    ]
    as_csv = list(csv.DictReader(io.StringIO(run("sql", case, query, "--format", "csv").stdout)))
    file = tmp_path / "out.parquet"
    assert run("sql", case, query, "--format", "parquet", "-o", file).returncode == 0
    piped = subprocess.run(
        [LYMER, "sql", case, query, "--format", "parquet"], capture_output=True, check=True
    )
    table = pq.read_table(file)
    assert pq.read_table(pa.BufferReader(piped.stdout)).equals(table)
    assert len(as_json) == len(as_csv) == table.num_rows == 70
    for one, other, row in zip(as_json, as_csv, table.to_pylist(), strict=True):
        assert one["message_id"] == other["message_id"] == row["message_id"]
        assert one["received_at"] == other["received_at"] == row["received_at"].isoformat()
        assert one["recipients"] == json.loads(other["recipients"]) == row["recipients"]
        assert one["subject"] == other["subject"] == row["subject"]
    shown = run("sql", case, "select count(*) as messages from messages").stdout.split()
    assert shown[0] == "messages"
    assert shown[-1] == "70"


def test_output_may_be_cut_short(case: Path) -> None:
    query = "select a.message_id from messages a, messages b, messages c limit 100000"
    child = subprocess.Popen(
        [LYMER, "sql", case, query, "--format", "csv"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert child.stdout is not None
    assert child.stdout.readline().strip() == b"message_id"
    child.stdout.close()
    assert child.stderr is not None
    assert child.stderr.read() == b""
    assert child.wait(30) in (0, 1)


def test_show_a_campaign_and_a_message(case: Path) -> None:
    campaign = run("sql", case, "select campaign_id from campaigns limit 1", "--format", "csv")
    shown = run("show", case, "campaign", campaign.stdout.split()[1][:8])
    assert shown.returncode == 0
    assert "same text" in shown.stdout or "like its nearest" in shown.stdout
    message = run("sql", case, "select message_id from messages limit 1", "--format", "csv")
    shown = run("show", case, "message", message.stdout.split()[1][:10])
    assert shown.returncode == 0
    assert "mx.trap.example" in shown.stdout
    several = run("show", case, "message", message.stdout.split()[1][:0] or "0")
    assert several.returncode in (0, 1)


def test_nothing_of_a_message_steers_the_terminal(tmp_path: Path) -> None:
    evil = "\x1b]0;owned\x07\x1b[2J\u202etxt"
    mail = f"From: a@example.org\nSubject: {evil}\n\n{evil} and six more words of text here\n"
    pile = tmp_path / "evil.mbox"
    pile.write_bytes(
        "".join(
            f"From x Mon Oct  1 10:00:00 2007\nMessage-ID: <{n}@example.org>\n{mail}\n"
            for n in range(2)
        ).encode()
    )
    done = run("trace", pile, "--case", tmp_path / "case")
    case = tmp_path / "case"
    identifier = run("sql", case, "select message_id from messages limit 1", "--format", "csv")
    outputs = [
        done.stdout,
        run("show", case).stdout,
        run("show", case, "message", identifier.stdout.split()[1]).stdout,
        run("sql", case, "select subject, text from messages").stdout,
    ]
    for output in outputs:
        assert "owned" in output or "x1b" in output
        assert not set(output) & {"\x1b", "\x07", "\u202e"}


def test_verify_names_what_changed(tmp_path: Path) -> None:
    pile = write_pile(tmp_path / "pile.mbox", each=5)
    other = write_pile(tmp_path / "other.mbox", each=5, seed=3)
    case = tmp_path / "case"
    assert run("trace", pile, other, "--case", case).returncode == 0
    sound = run("verify", case)
    assert sound.returncode == 0
    assert "2 unchanged" in sound.stdout
    pile.write_bytes(pile.read_bytes() + b"\n")
    other.unlink()
    with sqlite3.connect(case / "ledger.sqlite") as ledger:
        ledger.execute("UPDATE custody SET detail = replace(detail, 'mbox', 'tar') WHERE seq = 1")
    broken = run("verify", case)
    assert broken.returncode == 1
    assert "changed" in broken.stdout
    assert "missing" in broken.stdout
    assert "broken" in broken.stdout


def test_ctrl_c_leaves_a_case_that_the_next_run_completes(tmp_path: Path) -> None:
    pile = write_pile(tmp_path / "pile.mbox", each=10_000, singles=10)
    case = tmp_path / "case"
    words = [LYMER, "trace", pile, "--case", case]
    child = subprocess.Popen(
        words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
    )
    parts = case / "tables" / "messages"
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and not list(parts.glob("*.parquet")):
        time.sleep(0.02)
    # As a terminal does it: to the workers too.
    os.killpg(child.pid, signal.SIGINT)
    _, errors = child.communicate(timeout=60)
    assert child.returncode == 130
    assert b"Traceback" not in errors
    assert b"the same command goes on from there" in errors
    assert run("show", case).returncode == 0
    done = run("trace", pile, "--case", case)
    assert done.returncode == 0
    assert "20,010 messages" in done.stdout
    assert "2 campaigns" in done.stdout


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount a small disk")
def test_a_full_disk_loses_nothing(tmp_path: Path) -> None:
    pile = write_pile(tmp_path / "pile.mbox", each=1_500, singles=10)
    assert run("trace", pile, "--case", tmp_path / "whole").returncode == 0
    digest = run("verify", tmp_path / "whole").stdout.splitlines()[-1]
    disk = tmp_path / "disk"
    disk.mkdir()
    for size in ("40k", "150k", "300k"):
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", disk], check=True)
        try:
            full = run("trace", pile, "--case", disk / "case")
            assert full.returncode == 1, full.stdout
            assert "no space left" in full.stderr or "cannot be written" in full.stderr
            assert "Traceback" not in full.stderr
            subprocess.run(["mount", "-o", "remount,size=50m", disk], check=True)
            assert run("trace", pile, "--case", disk / "case").returncode == 0
            assert run("verify", disk / "case").stdout.splitlines()[-1] == digest
        finally:
            subprocess.run(["umount", disk], check=True)
