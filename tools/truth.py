"""How right a trace is on the lab's worlds: makes them, traces them, scores them.

    .venv/bin/python tools/truth.py [--seeds 1,2,...] [--worlds quiet,...] [--scale X] [--keep DIR]

Prints the tables. A run that covers all worlds and all standard seeds also writes them into
docs/accuracy.md, between the markers. Only the shell's own commands are used, so that the
numbers are what a user would get.
"""

import argparse
import json
import shlex
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "accuracy.md"
BEGIN, END = "<!-- truth: begin -->", "<!-- truth: end -->"

SCALES = {"case-2007": 0.1, "mixed": 0.1, "quiet": 0.5, "modern": 0.1, "ham": 0.1}
"""Size of each world, chosen so that the whole run takes under ten minutes on two cores."""

TUNING, UNSEEN = (1, 2, 3), (797, 798, 799)
"""Thresholds are chosen on seeds below 100. Worlds of higher seeds have styles of their own."""

HEADLINES = {
    "clients.exact": "client exact",
    "clients.wrong": "client wrong",
    "campaigns.pair_precision": "pair precision",
    "campaigns.pair_recall": "pair recall",
    "campaigns.adjusted_rand": "adjusted Rand",
    "campaigns.v_measure": "V-measure",
    "campaigns.bcubed_precision": "BCubed precision",
    "campaigns.bcubed_recall": "BCubed recall",
    "campaigns.macro_purity": "macro purity",
    "campaigns.macro_recall": "macro recall",
    "campaigns.singles_kept": "singles kept",
    "campaigns.letters_kept": "letters kept",
    "campaigns.number_ratio": "found per true",
}
"""The columns of the table by world."""


@dataclass(frozen=True)
class Run:
    """One world, traced and scored."""

    world: str
    seed: int
    messages: int
    values: dict[str, float | None]
    notes: dict[str, str]
    best: dict[str, float]


def main() -> None:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--seeds", default=",".join(map(str, TUNING + UNSEEN)))
    parser.add_argument("--worlds", default=",".join(SCALES))
    parser.add_argument("--scale", type=float, help="one size for all worlds")
    parser.add_argument("--keep", type=Path, help="folder for the worlds, cases and scores")
    given = parser.parse_args()
    seeds = [int(seed) for seed in given.seeds.split(",")]
    worlds = given.worlds.split(",")
    scales = {world: given.scale or SCALES.get(world, 1.0) for world in worlds}
    if given.keep:
        given.keep.mkdir(parents=True, exist_ok=True)
    with nullcontext(given.keep) if given.keep else tempfile.TemporaryDirectory() as folder:
        runs = [
            measure(world, seed, scales[world], Path(folder), is_kept=bool(given.keep))
            for world in worlds
            for seed in seeds
        ]
    text = report(runs, scales, _command(given))
    print(text)
    if set(SCALES) <= set(worlds) and {*TUNING, *UNSEEN} <= set(seeds):
        write(PAGE, text)


def _command(given: argparse.Namespace) -> str:
    """What to type for the same numbers."""
    words = ["tools/truth.py", "--seeds", given.seeds, "--worlds", given.worlds]
    return shlex.join(words + (["--scale", f"{given.scale:g}"] if given.scale else []))


def lymer(*words: str | Path) -> str:
    """Run our own command, and give what it printed."""
    command = [str(Path(sys.executable).parent / "lymer"), *map(str, words)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{shlex.join(command)}\n{done.stderr}")
    return done.stdout


def measure(world: str, seed: int, scale: float, folder: Path, *, is_kept: bool) -> Run:
    """Make, trace and score one world under `folder`."""
    began = time.monotonic()
    with nullcontext(folder) if is_kept else tempfile.TemporaryDirectory(dir=folder) as place:
        out, case = (Path(place) / f"{world}-{seed}{end}" for end in ("", ".case"))
        lymer("lab", "make", world, out, "--seed", str(seed), "--scale", str(scale))
        piles = [pile for pile in (out / "mail", out / "ham") if pile.is_dir()]
        beside = [
            word
            for name in ("flows", "server")
            if (out / name).is_dir()
            for word in (f"--{name}", out / name)
        ]
        lymer("trace", *piles, "--case", case, *beside, "--quiet")
        scored = lymer("lab", "score", case, out, "--json")
        if is_kept:
            (Path(place) / f"{world}-{seed}.json").write_text(scored, encoding="utf-8")
    measures = {m["name"]: m for m in json.loads(scored)["measures"]}
    print(f"{world} {seed}: {time.monotonic() - began:.1f} s", file=sys.stderr)
    return Run(
        world,
        seed,
        measures["clients.read"]["count"],
        {name: m["value"] for name, m in measures.items()},
        {name: m["note"] for name, m in measures.items()},
        {name: m["best"] for name, m in measures.items()},
    )


def report(runs: Sequence[Run], scales: dict[str, float], command: str) -> str:
    """The tables as Markdown."""
    worlds = list(dict.fromkeys(run.world for run in runs))
    sizes = ", ".join(f"{world} {scales[world]:g}" for world in worlds)
    seeds = ", ".join(str(seed) for seed in dict.fromkeys(run.seed for run in runs))
    parts = [
        f"Command: `{command}`. Seeds: {seeds}. Scale: {sizes}.",
        "## By world\n\nMean over the seeds, and the worst of them after the stroke. "
        "Thresholds are tuned on seeds below 100; the others are unseen.",
        _table(["world", "seeds", *HEADLINES.values()], _by_world(runs, worlds)),
        "## Every measure\n\nMean over the seeds of 100 and above, the worst after the stroke. "
        "What each one means is in [measures.md](measures.md).",
        _table(["measure", "best", *worlds], _by_measure(runs, worlds)),
        "## Every world",
        _table(
            ["world", "seed", "messages", *HEADLINES.values()],
            (
                [
                    r.world,
                    str(r.seed),
                    f"{r.messages:,}",
                    *(_number(r.values[n]) for n in HEADLINES),
                ]
                for r in runs
            ),
        ),
    ]
    return "\n\n".join(part for part in parts if part)


def _by_world(runs: Sequence[Run], worlds: Iterable[str]) -> Iterable[list[str]]:
    for world in worlds:
        for name, kept in (("below 100", range(100)), ("unseen", range(100, 1 << 31))):
            group = [run for run in runs if run.world == world and run.seed in kept]
            if group:
                yield [world, name, *(_mean_and_worst(group, measure) for measure in HEADLINES)]


def _by_measure(runs: Sequence[Run], worlds: Sequence[str]) -> Iterable[list[str]]:
    unseen = [run for run in runs if run.seed >= 100] or list(runs)
    missing: dict[tuple[str, str], list[str]] = {}
    for measure, best in unseen[0].best.items():
        if all(run.values[measure] is None for run in unseen):
            key = (measure.partition(".")[0], unseen[0].notes[measure])
            missing.setdefault(key, []).append(measure)
            continue
        groups = ([run for run in unseen if run.world == world] for world in worlds)
        yield [measure, f"{best:g}", *(_mean_and_worst(group, measure) for group in groups)]
    for (step, note), measures in missing.items():
        names = ", ".join(measure.removeprefix(f"{step}.") for measure in measures)
        yield [f"{step}: {names}", "", f"not measured: {note}", *("" for _ in worlds[1:])]


def _mean_and_worst(runs: Sequence[Run], measure: str) -> str:
    values = [value for run in runs if (value := run.values[measure]) is not None]
    if not values:
        return "-"
    best = runs[0].best[measure]
    worst = max(values, key=lambda value: abs(value - best))
    return f"{_number(sum(values) / len(values))} / {_number(worst)}"


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def _table(names: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [names, ["---"] * len(names), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def write(page: Path, text: str) -> None:
    """Put `text` between the markers of `page`."""
    head, begin, rest = page.read_text(encoding="utf-8").partition(BEGIN)
    _, end, tail = rest.partition(END)
    if not begin or not end:
        sys.exit(f"{page} has no markers {BEGIN} and {END}")
    page.write_text(f"{head}{BEGIN}\n\n{text}\n\n{END}{tail}", encoding="utf-8")


if __name__ == "__main__":
    main()
