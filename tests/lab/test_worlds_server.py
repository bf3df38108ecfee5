"""The captured server and the flows agree with the truth."""

import re
import sqlite3
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

import pytest
from lab_worlds import World

Maker = Callable[..., World]


def database(server: Path) -> tuple[str, list[tuple[str, ...]]]:
    """The style of the application's database and all of its rows, as text."""
    for file in sorted(server.rglob("*")):
        if not file.is_file():
            continue
        data = file.read_bytes()
        if data.startswith(b"SQLite format 3\0"):
            with sqlite3.connect(file) as base:
                tables = base.execute("SELECT name FROM sqlite_master").fetchall()
                rows = [r for (t,) in tables for r in base.execute(f'SELECT * FROM "{t}"')]
            base.close()
            return "sqlite", [tuple(str(v) for v in row) for row in rows]
        if data.startswith(b"-- MySQL dump"):
            found = re.findall(r"\((?:'(?:[^'\\]|\\.)*'|[^()'])*\)", data.decode())
            values = [re.findall(r"'((?:[^'\\]|\\.)*)'|([^,()]+)", row) for row in found]
            return "mysql", [tuple(a or b for a, b in row) for row in values]
        if data.startswith(b"-- PostgreSQL"):
            lines = data.decode().split("\n")
            return "copy", [tuple(line.split("\t")) for line in lines if "\t" in line]
    raise AssertionError("no database")


STYLES = [("mixed", 2, 0.01), ("mixed", 7, 0.04), ("case-2007", 7, 0.04), ("mixed", 107, 0.01)]


@pytest.mark.parametrize(("name", "seed", "scale"), STYLES)
def test_jobs_in_the_database_are_those_of_the_truth(
    world: Maker, name: str, seed: int, scale: float
) -> None:
    w = world(name, seed, scale)
    _, rows = database(w.path / "server")
    by_id = defaultdict(list)
    for row in rows:
        by_id[row[0]].append(row)
    jobs = [job for job in w.rows("jobs") if job["server"] is not None]
    assert len(jobs) > 5
    for job in jobs:
        wanted = {
            str(job["targets"]), str(job["sent"]), str(job["accepted"]), str(job["price"]),
            Path(job["template_file"]).name, Path(job["list_file"]).name,
        }  # fmt: skip
        assert any(wanted <= set(row) for row in by_id[job["job_id"]]), job
    accounts = w.sql(
        "SELECT account FROM accounts JOIN botnets ON botnets.operator = accounts.actor "
        "WHERE role = 'operator'"
    )
    held = {value for row in rows for value in row}
    assert accounts
    assert all(account in held for (account,) in accounts)


def test_databases_come_in_several_styles(world: Maker) -> None:
    styles = {database(world(*key).path / "server")[0] for key in STYLES}
    assert len(styles) >= 2


def test_template_files_hold_the_templates(world: Maker) -> None:
    w = world("case-2007")
    rows = w.sql(
        "SELECT DISTINCT j.template_file, t.subject_source, t.body_source FROM jobs j "
        "JOIN templates t USING (campaign_id) WHERE j.server IS NOT NULL"
    )
    found = defaultdict(list)
    for file, subject, body in rows:
        text = (w.path / file).read_text()
        found[file].append(subject in text and body in text)
    assert found
    assert all(any(hits) for hits in found.values())


def test_list_files_hold_the_traps_the_truth_counts(world: Maker) -> None:
    w = world("case-2007")
    traps = {row["trap"] for row in w.rows("messages")}
    rows = w.sql(
        "SELECT * FROM lists WHERE list_file IN "
        "(SELECT list_file FROM jobs WHERE server IS NOT NULL)"
    )
    assert rows
    for file, size, trap_addresses, lines, file_traps in rows:
        text = (w.path / file).read_text().splitlines()
        assert len(text) == lines <= size
        assert file_traps <= trap_addresses
        held = {m for line in text for m in re.findall(r"[\w.+-]+@[\w.-]+", line)}
        # Every trap that was ever hit and is in the file is one of those counted.
        assert len(held & traps) <= file_traps


def test_logs_hold_live_bots_and_true_jobs(world: Maker) -> None:
    w = world("case-2007")
    [(hosted,)] = w.sql("SELECT operator FROM botnets WHERE botnet_id = 'botnet-000'")
    live = {
        ip
        for (ip,) in w.sql(
            "SELECT DISTINCT u.ip FROM bot_days JOIN botnets b USING (botnet_id), "
            f"unnest(client_ip) AS u(ip) WHERE b.operator = '{hosted}'"
        )
    }
    jobs = {job["job_id"] for job in w.rows("jobs") if job["server"] is not None}
    logs = [
        file
        for file in (w.path / "server").rglob("*")
        if file.is_file() and b"HTTP/1" not in file.read_bytes()[:400]
        and file.parent.name in {"logs", "log", "journal", "out", "stat"}
    ]  # fmt: skip
    [log] = logs
    lines = log.read_text().splitlines()
    assert len(lines) > 100
    for line in lines:
        ips = re.findall(r"(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?![\d.])", line)
        assert set(ips) <= live
        assert len(ips) == 1
        assert any(word in jobs for word in re.findall(r"\d+", line))


def contacts(w: World) -> dict[tuple[str, int], set[str]]:
    """The hosts that contacted each endpoint, from either kind of flow log."""
    found: dict[tuple[str, int], set[str]] = defaultdict(set)
    for file in sorted((w.path / "flows").iterdir()):
        for line in file.read_text().splitlines():
            if file.suffix == ".log" and not line.startswith("#"):
                cells = line.split("\t")
                found[cells[4], int(cells[5])].add(cells[2])
            elif file.suffix == ".csv" and not line.startswith("ts,"):
                cells = line.split(",")
                found[cells[4], int(cells[6])].add(cells[3])
    return found


@pytest.mark.parametrize(("name", "seed"), [("case-2007", 7), ("mixed", 7), ("modern", 7)])
def test_bots_meet_at_their_controllers_and_everybody_at_the_updater(
    world: Maker, name: str, seed: int
) -> None:
    w = world(name, seed)
    met = contacts(w)
    owners: dict[str, set[str]] = defaultdict(set)
    for botnet, ip in w.sql(
        "SELECT DISTINCT botnet_id, u.ip FROM bot_days, unnest(client_ip) AS u(ip)"
    ):
        owners[ip].add(botnet)
    reached = 0
    for row in w.rows("controllers"):
        peers = met[row["ip"], row["port"]]
        if row["role"] == "controller":
            # Nobody but its own bots polls a controller.
            assert all(row["botnet_id"] in owners[ip] for ip in peers), row
            reached += bool(peers)
        elif row["role"] == "updater":
            assert len(peers) > 40
    assert reached >= 2
