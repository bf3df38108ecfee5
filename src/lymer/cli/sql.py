"""`lymer sql`: ask the tables anything."""

import csv
import json
import sys
from datetime import date, datetime
from pathlib import Path
from typing import TextIO

import click
import pyarrow as pa
import pyarrow.parquet as pq

from lymer.case import open_case
from lymer.cli.printing import columns, plain
from lymer.errors import UsageError


@click.command()
@click.argument("case_folder", metavar="CASE", type=click.Path(path_type=Path))
@click.argument("query")
@click.option(
    "--format", "form", type=click.Choice(["table", "csv", "json", "parquet"]), default="table",
    show_default=True, help="json writes an object a line.",
)  # fmt: skip
@click.option("-o", "--output", type=click.Path(path_type=Path), help="A file; else the screen.")
def sql(case_folder: Path, query: str, form: str, output: Path | None) -> None:
    """Run one SELECT over the tables of CASE (DuckDB's SQL)."""
    case = open_case(case_folder)
    try:
        answer = case.sql(query)
    finally:
        case.close()
    if form == "parquet":
        _write_parquet(answer, output)
    elif output is not None:
        with output.open("w", encoding="utf-8", newline="") as file:
            _write(answer, form, file)
    else:
        _write(answer, form, sys.stdout)


def _write_parquet(answer: pa.Table, output: Path | None) -> None:
    if output is not None:
        pq.write_table(answer, output)
        return
    if sys.stdout.isatty():
        raise UsageError("Parquet is no text: give a file with -o, or pipe it.")
    sink = pa.BufferOutputStream()
    pq.write_table(answer, sink)
    sys.stdout.buffer.write(sink.getvalue().to_pybytes())


def _write(answer: pa.Table, form: str, file: TextIO) -> None:
    names = answer.column_names
    if form == "table":
        rows: list[tuple[object, ...]] = [tuple(row.values()) for row in answer.to_pylist()]
        for line in columns(names, rows):
            print(line, file=file)
        return
    # What goes to a file or pipe is data and stays as it is; on a screen it may not steer it.
    is_screen = file.isatty()
    writer = csv.writer(file, lineterminator="\n")
    if form == "csv":
        writer.writerow(names)
    for batch in answer.to_batches(max_chunksize=10_000):
        for row in batch.to_pylist():
            if form == "json":
                print(json.dumps(row, default=_as_json, ensure_ascii=is_screen), file=file)
            else:
                writer.writerow([plain(v) if is_screen else _as_text(v) for v in row.values()])


def _as_text(value: object) -> object:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, list | dict):
        return json.dumps(value, default=_as_json, ensure_ascii=False)
    return value.hex() if isinstance(value, bytes) else value


def _as_json(value: object) -> str:
    if isinstance(value, datetime | date):
        return value.isoformat()
    return value.hex() if isinstance(value, bytes) else str(value)
