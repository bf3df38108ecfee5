"""How quickly the console answers on a case of a million messages.

    python tools/console_bench.py [--messages N] [--keep FOLDER]

A small world is traced, and its case multiplied to N messages: ids, clients and campaigns are made
anew for every copy, the largest campaign grows with the case, and the original bytes stay where
they are. Pages are asked for over HTTP on the loopback address, one at a time, as a browser does.
Prints a table; ends with 1 where a page takes longer than the aim.
"""

import argparse
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import httpx
import pyarrow as pa
import uvicorn

from lymer.case import Case, create_case, open_case
from lymer.console import Access, make_app
from lymer.engine import answer
from lymer.store import stage

AIM_MS = 200
ASKED = 7
LYMER = Path(sys.executable).with_name("lymer")

_ID = "CASE WHEN $k = 0 THEN message_id ELSE sha256(message_id || $k) END"
# Ten copies share their campaigns; all copies share the largest one.
_CAMPAIGN = (
    "CASE WHEN $k < 10 OR campaign_id = $largest THEN campaign_id "
    "ELSE 'c-' || left(sha256(campaign_id || CAST($k AS INTEGER) // 10), 12) END"
)
_CLIENT = (
    "CASE WHEN $k < 10 OR client_ip IS NULL THEN client_ip ELSE '10.' || "
    "(hash(client_ip, CAST($k AS INTEGER) // 10) % 256) || '.' || "
    "(hash(client_ip, CAST($k AS INTEGER) // 10, 1) % 256) || '.' || "
    "(hash(client_ip, CAST($k AS INTEGER) // 10, 2) % 256) END"
)
_BY_MESSAGE = {
    "messages": f"{_ID} AS message_id, {_CLIENT} AS client_ip, "
    "received_at + to_minutes(CAST($k AS BIGINT)) AS received_at",
    "hops": f"{_ID} AS message_id",
    "links": f"{_ID} AS message_id",
    "attachments": f"{_ID} AS message_id",
    "fingerprints": f"{_ID} AS message_id",
    "selectors": f"{_ID} AS message_id",
    "origins": f"{_ID} AS message_id",
    "campaign_messages": f"{_ID} AS message_id, {_CAMPAIGN} AS campaign_id",
    "grouped_messages": f"{_ID} AS message_id, {_CAMPAIGN} AS campaign_id",
}
_WHOLE = ("campaign_messages", "grouped_messages")
_BY_GROUP = {
    "campaigns": f"{_CAMPAIGN} AS campaign_id",
    "templates": f"{_CAMPAIGN} AS campaign_id, template_id || '-' || $k AS template_id",
    "bots": f"{_CLIENT} AS client_ip",
}


def multiply(small: Path, large: Path, messages: int) -> int:
    """A case like `small` with at least `messages` messages in `large`."""
    source, out = open_case(small), create_case(large)
    tables = source.store.tables
    with source.connect() as connection, out.writing():
        one = answer(connection, "SELECT count(*) AS n FROM messages")["n"][0].as_py()
        largest = answer(
            connection,
            "SELECT campaign_id FROM campaigns ORDER BY message_count DESC, campaign_id LIMIT 1",
        )["campaign_id"][0].as_py()
        copies = -(-messages // one)
        staged = []
        for name, table in tables.items():
            if name in _BY_MESSAGE or name in _BY_GROUP:
                step = 1 if name in _BY_MESSAGE else 10
                changed = _BY_MESSAGE.get(name) or _BY_GROUP[name]
                parts = [
                    _copy(connection, table.schema, name, changed, k, largest)
                    for k in range(0, copies, step)
                ]
                if name in _WHOLE:
                    # A trace writes these at its end, in one piece and in this order.
                    order = [("campaign_id", "ascending"), ("message_id", "ascending")]
                    parts = [pa.concat_tables(parts).sort_by(order)]
                elif name in _BY_GROUP:
                    parts = [pa.concat_tables(parts)]
                staged += [stage(out.store.folder, table, part) for part in parts]
            else:
                staged.append(stage(out.store.folder, table, source.store.read(table)))
        out.store.commit(staged)
    _count(out)
    source.close()
    out.close()
    return int(copies * one)


def _copy(connection: object, schema: pa.Schema, name: str, changed: str, k: int, largest: str
          ) -> pa.Table:  # fmt: skip
    asked: dict[str, object] = {"k": k}
    where = "WHERE campaign_id <> $largest" if name in _BY_GROUP and name != "bots" and k else ""
    if "$largest" in changed + where:
        asked["largest"] = largest
    found = answer(
        connection,  # type: ignore[arg-type]
        f'SELECT * REPLACE ({changed}) FROM "{name}" {where}',
        asked,
    )
    return found.cast(schema)


def _count(case: Case) -> None:
    """The campaigns' numbers as they are now."""
    table = case.store.tables["campaigns"]
    with case.writing(), case.connect() as connection:
        counted = answer(
            connection,
            """
            SELECT c.* REPLACE (CAST(n.messages AS BIGINT) AS message_count,
                                CAST(n.clients AS BIGINT) AS client_count)
            FROM campaigns c JOIN (
                SELECT m.campaign_id, count(*) AS messages,
                       count(DISTINCT x.client_ip) AS clients
                FROM campaign_messages m JOIN messages x ON x.message_id = m.message_id
                GROUP BY m.campaign_id
            ) n ON n.campaign_id = c.campaign_id
            """,
        ).cast(table.schema)
        case.store.commit([stage(case.store.folder, table, counted)], replace=(table,))


def pages_of(case: Case) -> list[tuple[str, str]]:
    """A name and an address for every kind of page, the heaviest of its kind."""

    def first(query: str) -> str:
        return str(case.sql(query)[0][0].as_py())

    campaign = first("SELECT campaign_id FROM campaigns ORDER BY message_count DESC LIMIT 1")
    message = first("SELECT message_id FROM messages ORDER BY message_id LIMIT 1")
    botnet = first("SELECT botnet_id FROM botnets WHERE is_separable ORDER BY footprint DESC")
    client = first("SELECT client_ip FROM bots ORDER BY message_count DESC, client_ip LIMIT 1")
    domain = first("SELECT domain FROM links GROUP BY domain ORDER BY count(*) DESC LIMIT 1")
    return [
        ("overview", "/"),
        ("campaigns", "/campaigns"),
        ("campaigns, search", "/campaigns?q=dose"),
        ("campaigns, sorted, last page", "/campaigns?sort=last&page=20"),
        ("the largest campaign", f"/campaigns/{campaign}"),
        ("two messages side by side", f"/campaigns/{campaign}/compare"),
        ("botnets", "/botnets"),
        ("the largest botnet", f"/botnets/{botnet}"),
        ("servers", "/servers"),
        ("people", "/people"),
        ("messages", "/messages"),
        ("messages, search", "/messages?q=dose"),
        ("messages, page 200", "/messages?sort=largest&page=200"),
        ("one message", f"/messages/{message}"),
        ("its raw bytes", f"/messages/{message}/raw"),
        ("its safe view", f"/messages/{message}/view"),
        ("one client", f"/clients/{client}"),
        ("the commonest domain", f"/domains/{domain}"),
        ("search everything", "/search?q=dose"),
        ("SQL, empty", "/sql"),
        ("custody", "/custody"),
    ]


def measure(folder: Path) -> list[tuple[str, float, float, float, int]]:
    """(page, median ms, worst ms, ms of processor, bytes) of every page."""
    access = Access(port=8599)
    begun = time.perf_counter()
    app = make_app(folder, access)
    print(f"prepared in {time.perf_counter() - begun:.1f} s")
    config = uvicorn.Config(app, port=access.port, log_level="error", access_log=False)
    server = uvicorn.Server(config)
    threading.Thread(target=server.run, daemon=True).start()
    while not server.started:
        time.sleep(0.05)
    case = open_case(folder)
    pages = pages_of(case)
    case.close()
    found = []
    headers = {"authorization": f"Bearer {access.token}"}
    address = f"http://127.0.0.1:{access.port}"
    with httpx.Client(base_url=address, headers=headers, timeout=120) as client:
        client.get("/campaigns")
        for name, path in pages:
            times = []
            used = time.process_time()
            for _ in range(ASKED):
                begun = time.perf_counter()
                got = client.get(path)
                times.append((time.perf_counter() - begun) * 1000)
                got.raise_for_status()
            used = (time.process_time() - used) * 1000 / ASKED
            found.append((name, statistics.median(times), max(times), used, len(got.content)))
    server.should_exit = True
    return found


def main() -> None:
    """Make the case, measure, print."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--messages", type=int, default=1_000_000)
    arguments.add_argument(
        "--keep", type=Path, help="a folder to leave the case in, or take it from"
    )
    given = arguments.parse_args()
    home = given.keep or Path(tempfile.mkdtemp(prefix="console-bench-"))
    try:
        large = home / "large"
        if not large.exists():
            world, small = home / "world", home / "small"
            flags = ["--seed", "7", "--scale", "0.1"]
            subprocess.run([LYMER, "lab", "make", "case-2007", world, *flags], check=True)
            subprocess.run(
                [LYMER, "trace", world / "mail", "--case", small, "--quiet"],
                check=True, stdout=subprocess.DEVNULL,
            )  # fmt: skip
            begun = time.perf_counter()
            count = multiply(small, large, given.messages)
            print(f"{count:,} messages, multiplied in {time.perf_counter() - begun:.0f} s")
        found = measure(large)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
        print(f"peak memory, with the multiplying: {peak:.1f} GB\n")
        print("| page | median ms | worst ms | processor ms | kB |")
        print("| --- | ---: | ---: | ---: | ---: |")
        for name, median, worst, used, size in found:
            mark = "" if median <= AIM_MS else " over the aim"
            print(f"| {name}{mark} | {median:.0f} | {worst:.0f} | {used:.0f} | {size / 1000:.0f} |")
        slow = [name for name, median, *_ in found if median > AIM_MS]
        print(f"\naim: {AIM_MS} ms, median of {ASKED}. Over it: {', '.join(slow) or 'none'}")
        sys.exit(bool(slow))
    finally:
        if given.keep is None:
            shutil.rmtree(home, ignore_errors=True)


if __name__ == "__main__":
    main()
