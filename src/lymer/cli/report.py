"""`lymer report`: the case as a document."""

from pathlib import Path

import click

from lymer.case import open_case
from lymer.reports import write_report


@click.command()
@click.argument("case_folder", metavar="CASE", type=click.Path(path_type=Path))
@click.option(
    "-o", "--output", required=True, type=click.Path(path_type=Path), metavar="FILE",
    help="Where to: a name that ends in .pdf or .html. An old file is replaced.",
)  # fmt: skip
def report(case_folder: Path, output: Path) -> None:
    """Write the report of CASE: verdict, findings with their evidence, limits, custody.

    Every number says which query it came from. The same case gives the same bytes. The marking
    (TLP) and the analyst's name are those of case.toml.
    """
    case = open_case(case_folder)
    try:
        write_report(case, output)
    finally:
        case.close()
    click.echo(f"{output}: {output.stat().st_size:,} bytes")
