"""Does live placement agree with a full run, and how much of a core does it take?

Of lab worlds every tenth message is held out; the rest is traced, the held-out ones are placed one
by one, and each is compared with where a full run over everything puts it. Prints a line a world;
nothing here is a test, since time depends on the machine.
"""

import argparse
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import numpy as np

from lymer.case import Case, LivePlacement, create_case, trace
from lymer.engine import LocalEngine
from lymer.lab.worlds import make

SCALES = {"case-2007": 0.1, "mixed": 0.1, "quiet": 1.0, "modern": 0.1, "ham": 0.1}
_HELD = 10


def main() -> None:
    """Measure the worlds and seeds that are asked for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--worlds", default=",".join(SCALES))
    parser.add_argument("--seeds", default="201,202")
    given = parser.parse_args()
    total: Counter[bool] = Counter()
    with LocalEngine() as engine:
        for world in given.worlds.split(","):
            for seed in map(int, given.seeds.split(",")):
                with tempfile.TemporaryDirectory() as folder:
                    total += measure(world, seed, Path(folder), engine)
    print(f"all: {total[True]:,} of {total.total():,} agree, {total[True] / total.total():.4f}")


def measure(world: str, seed: int, folder: Path, engine: LocalEngine) -> Counter[bool]:
    """How many of the held-out messages of a world are placed where the full run puts them."""
    make(world, folder / "world", seed=seed, scale=SCALES[world])
    boxes = sorted((folder / "world").glob("*/*.mbox"))
    held: list[bytes] = []
    (folder / "rest").mkdir()
    for number, box in enumerate(boxes):
        with (folder / "rest" / f"{number}.mbox").open("wb") as rest:
            for place, message in enumerate(_messages(box)):
                if place % _HELD == 0:
                    held.append(message)
                else:
                    rest.write(b"From x Mon Oct  1 10:00:00 2007\n" + message + b"\n")
    part, full = create_case(folder / "part"), create_case(folder / "full")
    trace(part, [folder / "rest"], engine=engine)
    trace(full, boxes, engine=engine)
    began = time.process_time()
    live = LivePlacement(part)
    built = time.process_time() - began
    homes = _homes(full)
    known = _same(_homes(part), homes)
    agreed: Counter[bool] = Counter()
    seconds = []
    for message in held:
        began = time.process_time()
        placement = live.place(message)
        seconds.append(time.process_time() - began)
        found = known.get(placement.campaign_id) if placement.campaign_id else None
        agreed[found == homes.get(sha256(message).hexdigest())] += 1
    print(
        f"{world} {seed}: {len(held):,} held out, {agreed[True] / len(held):.4f} agree; "
        f"index {built:.2f} s, a message {1000 * np.median(seconds):.1f} ms (median), "
        f"{1000 * np.quantile(seconds, 0.95):.1f} ms (95 %)",
        flush=True,
    )
    return agreed


def _messages(box: Path) -> Iterator[bytes]:
    """The messages of a box as the lab writes them: a From line before, an empty line behind."""
    # The last one keeps its empty line where the others lost it to the next From line.
    whole = b"\n" + box.read_bytes().removesuffix(b"\n")
    for piece in whole.split(b"\nFrom ")[1:]:
        yield piece.partition(b"\n")[2]


def _homes(case: Case) -> dict[str, str]:
    rows = case.table("campaign_messages").to_pylist()
    return {row["message_id"]: row["campaign_id"] for row in rows}


def _same(part: dict[str, str], full: dict[str, str]) -> dict[str, str | None]:
    """For each campaign of the part, where most of it is in the full run."""
    shared = Counter((campaign, full.get(message)) for message, campaign in part.items())
    same: dict[str, str | None] = {}
    for (campaign, home), _ in shared.most_common():
        same.setdefault(campaign, home)
    return same


if __name__ == "__main__":
    main()
