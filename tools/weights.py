"""Learn the weights of the campaigns' voices from the lab, and write campaigns/weights.py.

Logistic regression with a small ridge, by Newton steps: first over pairs of single shapes, then
over pairs of groups as they grow under the weights so far. A pair of true units counts by one over
the square root of its number of pairs, so that large campaigns do not decide. `--report` seeds are
only looked at, never learned from.
"""

import argparse
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow.parquet as pq

from lymer.campaigns import communities, voices, weights
from lymer.campaigns.facts import Facts, gather
from lymer.campaigns.groups import gather_groups
from lymer.campaigns.places import meet
from lymer.campaigns.shapes import collapse
from lymer.case import create_case, trace
from lymer.engine import LocalEngine, answer
from lymer.lab.worlds import make

Numbers = npt.NDArray[np.int64]
Reals = npt.NDArray[np.float64]

WORLDS = {"case-2007": 0.1, "mixed": 0.1, "quiet": 1.0, "modern": 0.1, "ham": 0.1}
_RIDGE = 3.0
_PASSES = 3
_PURE = 0.9
# Copies of other mail count for no campaign.
_CARRIED = ("bounce", "list")


@dataclass
class World:
    """The shapes of a traced world, and the true unit of each."""

    name: str
    facts: Facts
    unit: Numbers
    is_judged: npt.NDArray[np.bool_]
    is_single: npt.NDArray[np.bool_]


def main() -> None:
    """Learn, write, and print how well groups come out."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", default="1,2,3,4,5", help="learned from")
    parser.add_argument("--report", default="6", help="only reported")
    parser.add_argument("--keep", type=Path, help="folder for the worlds; used again if there")
    options = parser.parse_args()
    learned = [int(seed) for seed in options.seeds.split(",")]
    reported = [int(seed) for seed in options.report.split(",") if seed]
    rule = communities.GroupingRule()
    with tempfile.TemporaryDirectory() as folder, LocalEngine() as engine:
        place = options.keep or Path(folder)
        worlds = {
            (name, seed): load(name, seed, scale, place, engine, rule)
            for seed in (*learned, *reported)
            for name, scale in WORLDS.items()
        }
    teachers = [world for (_, seed), world in worlds.items() if seed in learned]
    single, grouped = learn(teachers, rule)
    write(single, grouped)
    for (name, seed), world in worlds.items():
        labels, links = communities.link_shapes(world.facts, rule, single)
        labels = communities.join_groups(world.facts, labels, links, rule, grouped)
        print(
            f"{name:10} {seed:4} {'learned' if seed in learned else ''!s:8} {judge(world, labels)}"
        )


def load(
    name: str,
    seed: int,
    scale: float,
    place: Path,
    engine: LocalEngine,
    rule: communities.GroupingRule,
) -> World:
    """Make and trace a world, or use the one that is there."""
    out, folder = place / f"{name}-{seed}", place / f"{name}-{seed}-case"
    if not out.exists():
        make(name, out, seed=seed, scale=scale)
        case = create_case(folder)
        paths = [path for path in (out / "mail", out / "ham") if path.exists()]
        trace(case, paths, engine=engine)
    else:
        from lymer.case import open_case

        case = open_case(folder)
    with case.connect() as connection:
        collapse(connection, gap_seconds=rule.rest_days * 86400)
        facts = gather(connection)
        first = answer(connection, "SELECT first_id FROM shapes ORDER BY shape")["first_id"]
    case.close()
    truth = pq.read_table(
        out / "truth/messages.parquet", columns=["message_id", "campaign_id", "kind"]
    )
    known = {row["message_id"]: row for row in truth.to_pylist()}
    rows = [known[identifier] for identifier in first.to_pylist()]
    names = [row["campaign_id"] or row["message_id"] for row in rows]
    return World(
        f"{name}-{seed}",
        facts,
        np.unique(names, return_inverse=True)[1].astype(np.int64),
        np.array([row["kind"] not in _CARRIED for row in rows]),
        np.array([row["campaign_id"] is None for row in rows]),
    )


def learn(worlds: Sequence[World], rule: communities.GroupingRule) -> tuple[Reals, Reals]:
    """The weights between shapes and between groups, each with its bias first."""
    heard = [listen_to_shapes(world, rule) for world in worlds]
    single = fit(*(np.concatenate(part) for part in zip(*heard, strict=True)))
    grouped = single
    for _ in range(_PASSES):
        heard = [
            pair for world in worlds for pair in listen_to_groups(world, rule, single, grouped)
        ]
        grouped = fit(*(np.concatenate(part) for part in zip(*heard, strict=True)))
    return single, grouped


def listen_to_shapes(world: World, rule: communities.GroupingRule) -> tuple[Reals, Reals, Reals]:
    """Of the pairs of shapes that meet: what is said, are they of one unit, what that counts."""
    pairs = np.unique(np.sort(np.concatenate(list(meet(world.facts))), axis=1), axis=0)
    groups = gather_groups(world.facts, np.arange(world.facts.count), rule.voices)
    pairs = pairs[communities.is_one_wave(groups, pairs, rule)]
    pairs = pairs[world.is_judged[pairs].all(axis=1)]
    return _taught(voices.listen(world.facts, groups, pairs), world.unit[pairs])


def listen_to_groups(
    world: World, rule: communities.GroupingRule, single: Reals, grouped: Reals
) -> Iterator[tuple[Reals, Reals, Reals]]:
    """The same of pairs of pure groups, at every step of their growth."""
    labels, links = communities.link_shapes(world.facts, rule, single)
    while True:
        edges = communities.neighbours(labels, links)
        groups = gather_groups(world.facts, labels, rule.voices)
        edges = edges[communities.is_one_wave(groups, edges, rule)]
        if not len(edges):
            return
        unit, purity = _majority(world, labels, len(groups.size))
        sound = edges[(purity[edges] > _PURE).all(axis=1)]
        yield _taught(voices.listen(world.facts, groups, sound), unit[sound])
        grown = communities.join_once(world.facts, labels, links, rule, grouped)
        if grown is None:
            return
        labels = grown


def _taught(said: Reals, units: Numbers) -> tuple[Reals, Reals, Reals]:
    ordered = np.sort(units, axis=1)
    _, where, count = np.unique(ordered, axis=0, return_inverse=True, return_counts=True)
    together = (units[:, 0] == units[:, 1]).astype(np.float64)
    return said, together, 1.0 / np.sqrt(count[where.ravel()])


def _majority(world: World, labels: Numbers, count: int) -> tuple[Numbers, Reals]:
    """Of each group the true unit of most of its judged shapes, and their share."""
    held: dict[int, Counter[int]] = defaultdict(Counter)
    for label, unit in zip(
        labels[world.is_judged].tolist(), world.unit[world.is_judged].tolist(), strict=True
    ):
        held[label][unit] += 1
    unit, purity = np.full(count, -1, dtype=np.int64), np.zeros(count)
    for label, counted in held.items():
        unit[label], most = counted.most_common(1)[0]
        purity[label] = most / counted.total()
    return unit, purity


def fit(said: Reals, together: Reals, weight: Reals, least: float = _RIDGE) -> Reals:
    """Weighted logistic regression with a ridge of `least`: the bias and a weight a voice."""
    design = np.column_stack((np.ones(len(said)), said))
    ridge = np.full(design.shape[1], least)
    ridge[0] = 0.0
    found = np.zeros(design.shape[1])
    for _ in range(30):
        likely = 1.0 / (1.0 + np.exp(-np.clip(design @ found, -30.0, 30.0)))
        slope = design.T @ (weight * (together - likely)) - ridge * found
        curve = (design * (weight * likely * (1.0 - likely))[:, None]).T @ design
        step = np.linalg.solve(curve + np.diag(ridge + 1e-9), slope)
        found += step
        if np.abs(step).max() < 1e-6:
            break
    return found


def judge(world: World, labels: Numbers) -> str:
    """Pairwise precision and recall over messages, and one-off shapes left alone."""
    kept = world.is_judged
    counts = world.facts.message_count[kept]
    both = Counter[tuple[int, int]]()
    for label, unit, count in zip(labels[kept], world.unit[kept], counts, strict=True):
        both[int(label), int(unit)] += int(count)
    found, true = Counter[int](), Counter[int]()
    for (label, unit), count in both.items():
        found[label] += count
        true[unit] += count
    right = _pairs(both.values())
    single = [found[int(label)] == 1 for label in labels[kept & world.is_single]]
    return (
        f"precision {right / max(1, _pairs(found.values())):.4f} "
        f"recall {right / max(1, _pairs(true.values())):.4f} "
        f"one-off kept {np.mean(single) if single else 1.0:.3f}"
    )


def _pairs(counts: "Sequence[int] | object") -> int:
    return sum(n * (n - 1) // 2 for n in counts)  # type: ignore[attr-defined]


def write(single: Reals, grouped: Reals) -> None:
    """Put the weights into the code."""
    path = Path(weights.__file__)
    text = path.read_text("utf-8")
    begin = text.index("WEIGHTS: tuple")
    end = text.index('"""Voice, weight between')
    rows = "".join(
        f'    ("{name}", {one:.2f}, {other:.2f}),\n'
        for name, one, other in zip(("bias", *voices.VOICES), single, grouped, strict=True)
    )
    head = "WEIGHTS: tuple[tuple[str, float, float], ...] = (\n"
    path.write_text(f"{text[:begin]}{head}{rows})\n{text[end:]}", "utf-8")


if __name__ == "__main__":
    main()
