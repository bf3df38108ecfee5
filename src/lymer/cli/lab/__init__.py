"""`lymer lab`: worlds with a known truth, to measure a trace by. One file for each verb."""

import click

from lymer.cli.lab.make import make
from lymer.cli.lab.score import score
from lymer.cli.lab.stretch import stretch


@click.group()
def lab() -> None:
    """Make worlds whose truth is known, and measure a case by it.

    It writes files and only files; every name and address in them is reserved or invented.
    """


for command in (make, score, stretch):
    lab.add_command(command)

__all__ = ["lab"]
