"""`lymer lab make`: a world with its truth, into a new folder."""

import sys
import time
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from lymer.lab.worlds import SHAPES
from lymer.lab.worlds import make as make_world


@click.command()
@click.argument("world", type=click.Choice(sorted(SHAPES)))
@click.argument("out", type=click.Path(path_type=Path))
@click.option("--seed", required=True, type=click.IntRange(min=0), help="Which world of its kind.")
@click.option(
    "--scale", default=1.0, show_default=True, type=float,
    help="Size: 1 is tens of thousands of messages, 0.01 a look, 25 a million and more.",
)  # fmt: skip
def make(world: str, out: Path, seed: int, scale: float) -> None:
    """Make WORLD in the new folder OUT: mail, ham, flows, a captured server, and the truth.

    The same seed and scale give the same bytes. Seeds of 100 and above also draw styles that
    lower seeds never show.
    """
    expected = 0
    if 0 < scale < float("inf"):
        expected = int((SHAPES[world].messages + SHAPES[world].ham) * scale)
    began = time.monotonic()
    written = 0
    with Progress(
        TextColumn("making {task.description}"),
        BarColumn(),
        TextColumn("{task.completed:,.0f} messages, {task.fields[rate]}/s"),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        transient=True,
        disable=not sys.stderr.isatty(),
    ) as bar:
        task = bar.add_task(world, total=expected or None, rate="0")

        def report(count: int) -> None:
            nonlocal written
            written = count
            rate = f"{count / max(time.monotonic() - began, 0.001):,.0f}"
            bar.update(task, completed=count, rate=rate)

        make_world(world, out, seed=seed, scale=scale, progress=report)
    seconds = time.monotonic() - began
    rate = written / max(seconds, 0.001)
    click.echo(f"{out}: {written:,} messages in {seconds:.1f} s ({rate:,.0f}/s)")
    piles = " ".join(str(out / name) for name in ("mail", "ham") if (out / name).exists())
    click.echo(f"Go on with: lymer trace {piles} --case CASE && lymer lab score CASE {out}")
