"""Census and controllers on the lab's worlds, with bots and botnets taken from the truth.

What the linking of campaigns does to them is `lymer lab score`'s to tell; this is what they do when
the links are right.
"""

import argparse
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import pyarrow as pa

from lymer.botnets.census import take_census
from lymer.botnets.controllers import find_controllers, find_steered
from lymer.evidence import OpenFile, open_files, seal
from lymer.flows import CONTACTS, Contacts, read_flows
from lymer.lab.worlds import make

_VIEWS = """
CREATE VIEW messages AS SELECT message_id, client_ip, received_at, campaign_id, botnet_id
    FROM read_parquet('{truth}/messages.parquet') WHERE botnet_id IS NOT NULL;
CREATE VIEW campaign_messages AS SELECT campaign_id, message_id FROM messages;
CREATE VIEW botnet_campaigns AS SELECT DISTINCT botnet_id, campaign_id FROM messages;
CREATE VIEW bots AS SELECT DISTINCT botnet_id, client_ip FROM messages;
CREATE VIEW live AS SELECT botnet_id, day, count(*) AS bots
    FROM read_parquet('{truth}/bot_days.parquet') WHERE is_live GROUP BY botnet_id, day;
CREATE VIEW truth AS SELECT * FROM read_parquet('{truth}/controllers.parquet');
"""

# Days without a live bot have no row, and count.
_TRUE_LIVE = """
SELECT p.live_low, p.live, p.live_high,
       coalesce((SELECT sum(l.bots) FROM live l WHERE l.botnet_id = p.botnet_id
                 AND l.day >= CAST(p.window_start_at AS DATE)
                 AND l.day < CAST(p.window_end_at AS DATE)), 0)
       / (CAST(p.window_end_at AS DATE) - CAST(p.window_start_at AS DATE)) AS truth
FROM populations p
"""


@dataclass
class Totals:
    """Over all worlds."""

    held: list[bool] = field(default_factory=list)
    two_sided: list[bool] = field(default_factory=list)
    bias: list[float] = field(default_factory=list)
    days: list[bool] = field(default_factory=list)
    seeded: int = 0
    listed: int = 0
    first: int = 0
    worlds: int = 0
    worlds_first: int = 0
    harmless: int = 0
    nameless: int = 0
    nameless_true: int = 0
    steered: int = 0
    steered_new: int = 0


def measure(world: Path, totals: Totals) -> None:
    """Add one world."""
    with duckdb.connect() as base, tempfile.TemporaryDirectory() as folder:
        base.execute("SET TimeZone = 'UTC'")
        base.execute(_VIEWS.format(truth=world / "truth"))
        census = take_census(base)
        base.register("populations", census.populations)
        for low, point, high, truth in base.execute(_TRUE_LIVE).fetchall():
            totals.held.append(low <= truth and (high is None or truth <= high))
            if high is not None:
                totals.two_sided.append(low <= truth <= high)
            if point is not None:
                totals.bias.append(point / truth - 1)
        base.register("found_days", census.live_days)
        totals.days += [
            low <= bots and (high is None or bots <= high)
            for low, high, bots in base.execute(
                "SELECT live_low, live_high, coalesce(bots, 0) FROM found_days "
                "LEFT JOIN live USING (botnet_id, day)"
            ).fetchall()
        ]
        if not (world / "flows").exists():
            return
        with Contacts(Path(folder)) as contacts:
            for event in open_files(seal([world / "flows"]), "flows"):
                if isinstance(event, OpenFile):
                    read_flows(event, contacts)
            summed = pa.concat_tables(
                [pa.Table.from_batches([CONTACTS.empty()]), *contacts.summed("c")]
            )
        base.register("contacts", summed)
        _controllers(base, totals)


def _controllers(base: duckdb.DuckDBPyConnection, totals: Totals) -> None:
    found = find_controllers(base)
    rows = found.to_pylist()
    true = {(ip, port): botnet for botnet, ip, port, _ in base.execute("FROM truth").fetchall()}
    lists: dict[str, list[str | None]] = {}
    for row in rows:
        if row["botnet_id"] is None:
            totals.nameless += 1
            totals.nameless_true += bool(true.get((row["ip"], row["port"])))
            continue
        lists.setdefault(row["botnet_id"], []).append(true.get((row["ip"], row["port"]), ""))
    [(seeded,)] = base.execute("SELECT count(DISTINCT botnet_id) FROM flow_seeds").fetchall()
    totals.seeded += seeded
    totals.listed += len(lists)
    firsts = [names[0] == botnet for botnet, names in lists.items()]
    totals.first += sum(firsts)
    totals.worlds += bool(lists)
    totals.worlds_first += bool(lists) and all(firsts)
    totals.harmless += sum(name is None for names in lists.values() for name in names)
    steered = find_steered(base, found)["is_known"].to_pylist()
    totals.steered += len(steered)
    totals.steered_new += sum(not known for known in steered)


def main() -> None:
    """Make worlds, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--worlds", default="case-2007,mixed,modern,quiet")
    parser.add_argument("--seeds", default="1,2,3,4,5,6")
    parser.add_argument("--scale", default=0.1, type=float)
    options = parser.parse_args()
    totals = Totals()
    for name in options.worlds.split(","):
        for seed in options.seeds.split(","):
            with tempfile.TemporaryDirectory() as folder:
                make(name, Path(folder) / "world", seed=int(seed), scale=options.scale)
                measure(Path(folder) / "world", totals)
    near = sorted(abs(bias) for bias in totals.bias)
    bias = sorted(totals.bias)
    print(f"botnets counted        {len(totals.held)}")
    print(f"interval or bound held {sum(totals.held) / len(totals.held):.3f}")
    print(f"two-sided held         {_share(totals.two_sided)}")
    print(f"single days held       {_share(totals.days)}")
    if bias:
        print(f"points                 {len(bias)}, median bias {bias[len(bias) // 2]:+.2f}, "
              f"within 15 %: {sum(b <= 0.15 for b in near) / len(near):.2f}, "
              f"within 30 %: {sum(b <= 0.3 for b in near) / len(near):.2f}")  # fmt: skip
    print(f"botnets with a bot in the flows {totals.seeded}, listed {totals.listed}, "
          f"true controller first {totals.first}")  # fmt: skip
    print(f"worlds with a list     {totals.worlds}, all first {totals.worlds_first}")
    print(f"harmless ends listed   {totals.harmless}")
    print(f"of no known botnet     {totals.nameless}, true controllers {totals.nameless_true}")
    print(f"steered host-days      {totals.steered}, not seen in traps {totals.steered_new}")


def _share(held: list[bool]) -> str:
    return f"{sum(held) / len(held):.3f} of {len(held)}" if held else "none"


if __name__ == "__main__":
    main()
