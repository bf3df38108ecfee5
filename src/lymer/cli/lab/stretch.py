"""`lymer lab stretch`: real mail multiplied, for tests of scale."""

import sys
import time
from pathlib import Path

import click
from rich.console import Console
from rich.progress import Progress, TextColumn, TimeElapsedColumn

from lymer.lab.stretch import stretch as stretch_mail


@click.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.argument("out", type=click.Path(path_type=Path))
@click.option(
    "--times", required=True, type=click.IntRange(min=1), help="How often each mail is written."
)
@click.option("--seed", required=True, type=click.IntRange(min=0), help="Which changes are made.")
def stretch(paths: tuple[Path, ...], out: Path, times: int, seed: int) -> None:
    """Write the mail in PATHS into the new mbox OUT, each one many times with changed slots.

    PATHS are mboxes, files of one mail, or folders of these. Identifiers, dates, clients,
    recipients, digits, noise and the paths of links differ from copy to copy; the rest stays.
    """
    began = time.monotonic()
    with Progress(
        TextColumn("stretching: {task.completed:,.0f} mails, {task.fields[rate]}/s"),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        transient=True,
        disable=not sys.stderr.isatty(),
    ) as bar:
        task = bar.add_task("", total=None, rate="0")

        def report(count: int) -> None:
            rate = f"{count / max(time.monotonic() - began, 0.001):,.0f}"
            bar.update(task, completed=count, rate=rate)

        written = stretch_mail(paths, out, times=times, seed=seed, progress=report)
    seconds = time.monotonic() - began
    rate = written / max(seconds, 0.001)
    click.echo(f"{out}: {written:,} mails in {seconds:.1f} s ({rate:,.0f}/s)")
    click.echo(f"Go on with: lymer trace {out} --case NEW-FOLDER")
