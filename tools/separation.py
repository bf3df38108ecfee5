"""From which sampling share on botnets of one engine can be told apart, and how surely.

    .venv/bin/python tools/separation.py [--seeds 1,2] [--worlds case-2007,mixed] [--keep DIR]

Makes worlds, traces them once, and then finds botnets in ever thinner samples of their mails.
Prints a table, and writes it into docs/botnets.md when all standard worlds are in it.
"""

import argparse
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from contextlib import nullcontext
from dataclasses import astuple, dataclass
from itertools import combinations
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

import lymer
from lymer.botnets import BOTNET_CAMPAIGNS, find_botnets
from lymer.engine import answer

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "botnets.md"
BEGIN, END = "<!-- separation: begin -->", "<!-- separation: end -->"

SEEDS, WORLDS, SCALE = (1, 2, 3), ("case-2007", "mixed"), 0.3
SHARES = (1.0, 0.5, 0.25, 0.1, 0.05, 0.02, 0.01)

# A botnet with a smaller part of a campaign's mail got there by a mistake in grouping.
_LEAST_PART = 0.15
# Clients in common that make two campaigns of one botnet comparable at all.
_LEAST_COMMON = 2

_THIN = """
CREATE OR REPLACE TEMP TABLE campaign_messages AS
SELECT * FROM all_campaign_messages
WHERE CAST('0x' || left(message_id, 8) AS BIGINT) < $share * 4294967296.0
"""

_TRUTH = """
SELECT c.campaign_id, t.botnet_id, t.client_ip, CAST(count(*) AS BIGINT) AS mails
FROM campaign_messages c JOIN truth t ON t.message_id = c.message_id
WHERE t.botnet_id IS NOT NULL
GROUP BY c.campaign_id, t.botnet_id, t.client_ip
ORDER BY c.campaign_id, t.botnet_id, t.client_ip
"""


@dataclass(frozen=True)
class Point:
    """One sampling share of one world: counts of pairs of campaigns, and of campaigns."""

    mails: int
    campaigns: int
    placed: int
    found: int
    right: int
    true: int
    within_reach: int
    right_within_reach: int


def main() -> None:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--seeds", default=",".join(map(str, SEEDS)))
    parser.add_argument("--worlds", default=",".join(WORLDS))
    parser.add_argument("--scale", type=float, default=SCALE)
    parser.add_argument("--keep", type=Path, help="folder for the worlds and cases")
    given = parser.parse_args()
    seeds, worlds = given.seeds.split(","), given.worlds.split(",")
    points: dict[tuple[str, float], list[Point]] = {}
    with nullcontext(given.keep) if given.keep else tempfile.TemporaryDirectory() as folder:
        for world in worlds:
            for seed in seeds:
                out, case = traced(world, seed, given.scale, Path(folder))
                for share, point in zip(SHARES, measure(out, case), strict=True):
                    points.setdefault((world, share), []).append(point)
    command = f"tools/separation.py --seeds {given.seeds} --worlds {given.worlds}"
    text = report(points, f"{command} --scale {given.scale:g}")
    print(text)
    if set(WORLDS) <= set(worlds) and given.scale == SCALE:
        page = PAGE.read_text("utf-8")
        before, _, rest = page.partition(BEGIN)
        after = rest.partition(END)[2]
        PAGE.write_text(f"{before}{BEGIN}\n\n{text}\n{END}{after}", "utf-8")


def traced(world: str, seed: str, scale: float, folder: Path) -> tuple[Path, Path]:
    """The folder of the world and that of its case, made where they are not there yet."""
    folder.mkdir(parents=True, exist_ok=True)
    out, case = (folder / f"{world}-{seed}{end}" for end in ("", ".case"))
    if not case.exists():
        run("lab", "make", world, out, "--seed", seed, "--scale", str(scale))
        run("trace", out / "mail", out / "ham", "--case", case, "--quiet")
    return out, case


def run(*words: str | Path) -> None:
    """Run our own command."""
    command = [str(Path(sys.executable).parent / "lymer"), *map(str, words)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{shlex.join(command)}\n{done.stderr}")


def measure(out: Path, folder: Path) -> list[Point]:
    """A point for each share."""
    case = lymer.open_case(folder)
    points = []
    try:
        truth = truth_of(out / "truth" / "messages.parquet")
        for share in SHARES:
            with case.connect() as connection:
                whole = answer(connection, "SELECT * FROM campaign_messages")
                connection.register("all_campaign_messages", whole)
                connection.register("truth", truth)
                connection.execute(_THIN, {"share": share})
                rows = answer(connection, _TRUTH).to_pylist()
                links = find_botnets(connection)[BOTNET_CAMPAIGNS].to_pylist()
            points.append(compare(rows, [(r["botnet_id"], r["campaign_id"]) for r in links]))
    finally:
        case.close()
    return points


def truth_of(path: Path) -> pa.Table:
    """Message, botnet and client of every mail."""
    return pq.read_table(path, columns=["message_id", "botnet_id", "client_ip"])


def compare(rows: Sequence[dict[str, object]], links: Iterable[tuple[str, str]]) -> Point:
    """Pairs of campaigns in truth, within reach, and found."""
    mails: dict[str, dict[str, int]] = {}
    clients: dict[str, dict[str, set[str]]] = {}
    for row in rows:
        campaign, botnet = str(row["campaign_id"]), str(row["botnet_id"])
        part = mails.setdefault(campaign, {})
        part[botnet] = part.get(botnet, 0) + int(str(row["mails"]))
        clients.setdefault(botnet, {}).setdefault(campaign, set()).add(str(row["client_ip"]))
    senders = {
        campaign: {b for b, n in part.items() if n >= _LEAST_PART * sum(part.values())}
        for campaign, part in mails.items()
        if sum(part.values()) > 1
    }
    placed: dict[str, set[str]] = {}
    for botnet, campaign in links:
        placed.setdefault(campaign, set()).add(botnet)
    true = pairs_of(senders)
    near = {pair for botnet in clients for pair in reachable(clients[botnet], senders, botnet)}
    # Also of campaigns that no bot sent: those should be in none.
    found = pairs_of(placed)
    return Point(
        sum(sum(mails[campaign].values()) for campaign in senders),
        len(senders),
        sum(campaign in placed for campaign in senders),
        len(found),
        len(found & true),
        len(true),
        len(near),
        len(found & near),
    )


def pairs_of(groups: dict[str, set[str]]) -> set[tuple[str, str]]:
    """The pairs that have a group in common."""
    return {(a, b) for a, b in combinations(sorted(groups), 2) if groups[a] & groups[b]}


def reachable(
    clients: dict[str, set[str]], senders: dict[str, set[str]], botnet: str
) -> set[tuple[str, str]]:
    """Pairs of a botnet's campaigns that shared clients tie together, if by way of others."""
    names = sorted(name for name in clients if botnet in senders.get(name, ()))
    tied = [
        (one, other)
        for one, other in combinations(range(len(names)), 2)
        if len(clients[names[one]] & clients[names[other]]) >= _LEAST_COMMON
    ]
    if not tied:
        return set()
    rows, columns = np.array(tied).T
    graph = csr_array((np.ones(len(tied)), (rows, columns)), shape=(len(names), len(names)))
    part = connected_components(graph, directed=False)[1]
    return {
        (names[a], names[b]) for a, b in combinations(range(len(names)), 2) if part[a] == part[b]
    }


def report(points: dict[tuple[str, float], list[Point]], command: str) -> str:
    """The table as Markdown, pairs of all seeds of a world together."""
    lines = [
        f"Command: `{command}`.",
        "",
        "| world | sampling share | mails per campaign | precision | recall | within reach "
        "| recall within reach | campaigns placed |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for (world, share), of_share in points.items():
        total = Point(*(sum(values) for values in zip(*map(astuple, of_share), strict=True)))
        lines.append(
            f"| {world} | {share:g} | {total.mails / max(1, total.campaigns):.1f} "
            f"| {part(total.right, total.found)} | {part(total.right, total.true)} "
            f"| {part(total.within_reach, total.true)} "
            f"| {part(total.right_within_reach, total.within_reach)} "
            f"| {part(total.placed, total.campaigns)} |"
        )
    return "\n".join(lines) + "\n"


def part(some: int, whole: int) -> str:
    """A share in three digits."""
    return f"{some / whole:.3f}" if whole else "-"


if __name__ == "__main__":
    main()
