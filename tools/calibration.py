"""How well a captured server's logs and the mail together tell the size of a botnet.

    .venv/bin/python tools/calibration.py --seeds 200-299
    .venv/bin/python tools/calibration.py --worlds DIR

The first simulates servers over the lab's pools: their logs have a share of the bots, and a trap
sees some of them. The second takes worlds and cases that `tools/truth.py --keep DIR` left, joins
the server of each anew, and sets the sizes beside the truth.
"""

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import numpy as np
import pyarrow as pa

import lymer
from lymer.actors.joins import CALIBRATIONS, CalibrationRule, join_servers
from lymer.actors.joins.sizing import Changes, size_of
from lymer.lab.addresses import Blocks
from lymer.lab.draws import Draw
from lymer.lab.networks.pool import DAY_SECONDS, Pool
from lymer.lab.score.both import Both
from lymer.lab.score.calibrations import sizes

LOGS = {
    "first": "the first bots of the day, to a limit",
    "same": "the same bots on every day",
    "any": "any bots, each day anew",
}
"""Which bots a server logs."""
LENGTHS = {"2 to 4": (2, 4), "10 to 18": (10, 18)}
"""Days of its logs."""


@dataclass(frozen=True)
class Row:
    """A size and the truth."""

    low: float
    live: float | None
    high: float | None
    truth: float


def main() -> None:
    """Print what was asked for."""
    parser = argparse.ArgumentParser(description="Sizes by a server's logs beside the truth.")
    parser.add_argument("--seeds", default="0-99", help="of the simulation, as 0-99")
    parser.add_argument("--worlds", type=Path, help="folder of worlds and cases")
    asked = parser.parse_args()
    print("| what | sizes | held | too low | too high | with a point | width |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    if asked.worlds:
        whole = []
        for folder in sorted(asked.worlds.iterdir()):
            case = folder.with_name(f"{folder.name}.case")
            if (folder / "truth").is_dir() and case.is_dir():
                rows = of_world(folder, case)
                whole += rows
                print(_line(folder.name, rows), flush=True)
        print(_line("all", whole))
        return
    first, last = map(int, asked.seeds.split("-"))
    for length, days in LENGTHS.items():
        for logs in LOGS:
            rows = list(simulated(range(first, last + 1), logs, days))
            print(_line(f"{length} days, {LOGS[logs]}", rows), flush=True)


def _line(name: str, rows: list[Row]) -> str:
    if not rows:
        return f"| {name} | 0 | - | - | - | - | - |"
    above = sum(row.low > row.truth for row in rows)
    below = sum(row.high is not None and row.high < row.truth for row in rows)
    widths = [(row.high - row.low) / row.truth for row in rows if row.high is not None]
    pointed = sum(row.live is not None for row in rows)
    width = f"{median(widths):.2f}" if widths else "-"
    return (
        f"| {name} | {len(rows)} | {1 - (above + below) / len(rows):.3f} | {below} | {above} "
        f"| {pointed} | {width} |"
    )


def of_world(world: Path, case_folder: Path) -> list[Row]:
    """The sizes of a world's botnets by its server, joined anew."""
    case = lymer.open_case(case_folder)
    with case.connect() as connection:
        found = join_servers(connection)[CALIBRATIONS]

    def table(name: str) -> pa.Table:
        return found if name == "calibrations" else case.table(name)

    both = Both(table, world)
    rows = [
        Row(row["live_low"], row["live"], row["live_high"], row["truth"]) for row in sizes(both)
    ]
    both.close()
    case.close()
    return rows


def simulated(seeds: range, logs: str, days: tuple[int, int]) -> Iterator[Row]:
    """A botnet for each seed, with the size by its server's logs, where these know enough."""
    rule = CalibrationRule()
    for seed in seeds:
        draw = Draw(seed, f"calibration/{logs}/{days[0]}")
        rng = draw.numpy("mail")
        bots = int(draw.spread(100, 1500))
        churn = draw.pick((0.02, 0.1, 0.25, 0.5, 0.8))
        pool = Pool(
            draw, "b", Blocks(draw.child("blocks")), size=bots, days=30, churn=churn,
            duty=draw.between(0.25, 0.8), turnover=draw.between(0.3, 0.9),
            nat_share=draw.between(0.01, 0.1),
        )  # fmt: skip
        share = draw.between(0.3, 0.95)
        is_logged = rng.random(bots) < share
        mails = draw.spread(0.1, 2.0)
        campaigns = [draw.whole(0, 2) for _ in range(draw.whole(1, 3))]
        live, logged, seen, known = [], [], 0, 0
        clients: set[int] = set()
        for day in range(10 + draw.whole(*days)):
            today = pool.advance(day)
            if day < 10:
                continue
            count = len(today.bots)
            is_told = {
                "first": np.arange(count) < share * count,
                "same": is_logged[today.bots],
                "any": rng.random(count) < share,
            }[logs]
            addresses = set(today.first[is_told].tolist())
            of_day: set[int] = set()
            for third in campaigns:
                many = int(rng.poisson(mails * count / len(campaigns)))
                picks = pool.pick(rng, many, third, 0.85).tolist()
                seconds = rng.integers(0, DAY_SECONDS, size=len(picks)).tolist()
                of_day |= {pool.address(p, s) for p, s in zip(picks, seconds, strict=True)}
            live.append(count)
            logged.append(int(is_told.sum()))
            seen += len(of_day)
            known += len(of_day & addresses)
            clients |= of_day
        size = size_of(
            float(np.mean(logged)), known, seen, len(clients), Changes(churn, churn), rule
        )
        if size.high is not None:
            yield Row(size.low, size.live, size.high, float(np.mean(live)))


if __name__ == "__main__":
    main()
