"""`lymer lab score`: a case measured against the truth of the world it was made from."""

import json
from itertools import groupby
from pathlib import Path

import click

from lymer.case import open_case
from lymer.cli.printing import columns, plain
from lymer.lab.score import Disagreement, Measure, Score
from lymer.lab.score import score as score_case

_TITLES = {
    "merge": "Found campaigns that mix most (pairs of messages that do not belong together)",
    "split": "True campaigns that are torn most (pairs of messages that do)",
    "client": "Wrong injecting clients given most (messages)",
}


@click.command()
@click.argument("case_folder", metavar="CASE", type=click.Path(path_type=Path))
@click.argument("truth", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="For machines: all measures, stable keys.")
def score(case_folder: Path, truth: Path, as_json: bool) -> None:
    """Measure CASE against TRUTH: the folder that `lymer lab make` wrote, or its truth folder.

    Trace the world first: lymer trace OUT/mail OUT/ham --case CASE
    """
    case = open_case(case_folder)
    try:
        result = score_case(case.table, truth)
    finally:
        case.close()
    if as_json:
        click.echo(json.dumps(result.to_dict(), indent=1, ensure_ascii=True))
    else:
        _print(result)


def _print(result: Score) -> None:
    rows: list[tuple[object, ...]] = [
        (m.name, _value(m), f"{m.best:g}", f"{m.count:,}" if m.count else "", m.note)
        for m in result.measures
        if m.value is not None
    ]
    for line in columns(("measure", "value", "best", "over", ""), rows):
        click.echo(line)
    for note, group in groupby(
        (m for m in result.measures if m.value is None), key=lambda m: (m.step, m.note)
    ):
        names = [m.name for m in group]
        click.echo(f"not measured: {note[1]} ({', '.join(names)})")
    for kind, entries in groupby(result.disagreements, key=lambda d: d.kind):
        click.echo(f"\n{_TITLES[kind]}")
        for entry in entries:
            _print_entry(entry)


def _value(measure: Measure) -> str:
    return "" if measure.value is None else f"{measure.value:.4f}"


def _print_entry(entry: Disagreement) -> None:
    click.echo(
        f"{entry.weight:>12,}  {plain(entry.subject)}: {entry.messages:,} messages, "
        f"{entry.parts:,} parts"
    )
    for example in entry.examples:
        click.echo(
            f"{'':14}{example.messages:,} of {plain(example.true)} in {plain(example.found)}, "
            f"as {example.message_id[:16]}"
            + (f" ({plain(example.about)})" if example.about else "")
        )
        if example.why:
            click.echo(f"{'':16}why: {plain(example.why)[:160]}")
