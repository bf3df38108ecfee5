"""Learn the weights of the operations' voices from the lab, and print them.

As tools/weights.py for campaigns: logistic regression over pairs of campaigns, and of groups as
they grow under the weights so far. Campaigns of mixed origin are left out; a pair of operations
counts by one over the square root of its pairs.
"""

import argparse
import tempfile
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow.parquet as pq
from weights import WORLDS, fit

from lymer.campaigns import operations
from lymer.campaigns.communities import components
from lymer.campaigns.kept import Kept, gather_kept
from lymer.case import create_case, trace
from lymer.engine import LocalEngine, answer
from lymer.lab.worlds import make

Numbers = npt.NDArray[np.int64]
Reals = npt.NDArray[np.float64]
World = tuple[Kept, Reals]
"""The profiles of its campaigns, and how many messages of each are of which operation."""

_PASSES = 3
_RIDGE = 1.0
_PURE = 0.9
_LEAST = 1.0

_TRUE = """
SELECT c.campaign_id, t.operation_id, count(*) AS messages
FROM membership c JOIN truth t ON t.message_id = c.message_id
WHERE t.operation_id IS NOT NULL AND t.kind IN ('spam', 'bulk', 'snowshoe')
GROUP BY c.campaign_id, t.operation_id
"""


def main() -> None:
    """Make the worlds, learn, and print what belongs into operations.WEIGHTS."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--seeds", default="1,2,3,4")
    seeds = [int(seed) for seed in parser.parse_args().seeds.split(",")]
    with LocalEngine() as engine:
        worlds = [load(name, seed, engine) for seed in seeds for name in WORLDS]
    weights = np.zeros(len(operations.WEIGHTS))
    for turn in range(_PASSES + 1):
        taught = [pair for world in worlds for pair in listen(world, weights if turn else None)]
        said, together, weight = (np.concatenate(part) for part in zip(*taught, strict=True))
        weights = fit(said, together, weight, _RIDGE)
    for (name, _), value in zip(operations.WEIGHTS, weights, strict=True):
        print(f'    ("{name}", {value:.2f}),')


def load(name: str, seed: int, engine: LocalEngine) -> World:
    """A traced world."""
    with tempfile.TemporaryDirectory() as folder:
        world = Path(folder) / "world"
        make(name, world, seed=seed, scale=WORLDS[name])
        case = create_case(Path(folder) / "case")
        trace(case, [p for p in (world / "mail", world / "ham") if p.is_dir()], engine=engine)
        with case.connect() as connection:
            connection.execute("CREATE TEMP VIEW membership AS SELECT * FROM campaign_messages")
            kept = gather_kept(connection)
            connection.register("truth", pq.read_table(world / "truth" / "messages.parquet"))
            rows = answer(connection, _TRUE).to_pylist()
    number = {campaign: at for at, campaign in enumerate(kept.campaigns)}
    columns = {o: at for at, o in enumerate(sorted({row["operation_id"] for row in rows}))}
    messages = np.zeros((kept.count, len(columns)))
    for row in rows:
        messages[number[row["campaign_id"]], columns[row["operation_id"]]] = row["messages"]
    return kept, messages


def listen(world: World, weights: Reals | None) -> list[tuple[Reals, Reals, Reals]]:
    """What the voices say of pairs whose truth is known, round by round as groups grow."""
    kept, messages = world
    labels = np.arange(kept.count)
    taught = []
    while True:
        profiles = operations.profile(kept, labels)
        pairs = operations.candidates(profiles)
        said = operations.listen(profiles, pairs)
        mass = np.zeros((int(labels.max(initial=-1)) + 1, messages.shape[1]))
        np.add.at(mass, labels, messages)
        unit = np.where(
            mass.max(axis=1) >= _PURE * np.maximum(mass.sum(axis=1), 1), mass.argmax(axis=1), -1
        )
        known = (unit[pairs] >= 0).all(axis=1)
        ends = np.sort(unit[pairs[known]], axis=1)
        _, which, count = np.unique(ends, axis=0, return_inverse=True, return_counts=True)
        together = (ends[:, 0] == ends[:, 1]).astype(np.float64)
        taught.append((said[known], together, 1.0 / np.sqrt(count[which.ravel()])))
        if weights is None:
            return taught
        odds = weights[0] + said @ weights[1:]
        pairs, odds = pairs[odds > _LEAST], odds[odds > _LEAST]
        if not len(pairs):
            return taught
        best = np.full(len(mass), -np.inf)
        for side in (0, 1):
            np.maximum.at(best, pairs[:, side], odds)
        mutual = pairs[(odds >= best[pairs[:, 0]]) & (odds >= best[pairs[:, 1]])]
        labels = components(len(best), mutual)[labels]


if __name__ == "__main__":
    main()
