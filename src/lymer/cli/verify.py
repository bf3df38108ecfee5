"""`lymer verify`: do the originals still stand as they were sealed?"""

import sys
from collections import Counter
from pathlib import Path

import click

from lymer.case import check_case, digest, open_case
from lymer.cli.printing import plain


@click.command()
@click.argument("case_folder", metavar="CASE", type=click.Path(path_type=Path))
@click.option("--all", "is_all", is_flag=True, help="Name the unchanged ones too.")
def verify(case_folder: Path, is_all: bool) -> None:
    """Re-read the originals of CASE and its custody chain, and say what changed.

    Ends with 1 when anything did.
    """
    case = open_case(case_folder)
    states: Counter[str] = Counter()
    try:
        for check in check_case(case):
            states[check.state] += 1
            if is_all or not check.is_sound:
                click.echo(f"{check.state:10} {plain(check.subject)}  {plain(check.detail)}")
        click.echo(", ".join(f"{count:,} {state}" for state, count in sorted(states.items())))
        click.echo(f"digest of the tables {digest(case)}")
    finally:
        case.close()
    if set(states) - {"unchanged", "intact"}:
        sys.exit(1)
