"""Small truths written by hand, and a case's tables as a function by name."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from lymer.errors import UsageError
from lymer.lab.score import Score, score
from lymer.lab.truth import SCHEMAS

Rows = Sequence[Mapping[str, Any]]


def write_truth(folder: Path, **tables: Rows) -> Path:
    """A truth folder with these rows; columns that are not given are null."""
    folder.mkdir(parents=True)
    for name, schema in SCHEMAS.items():
        rows = [{field.name: row.get(field.name) for field in schema} for row in
                tables.get(name, ())]  # fmt: skip
        pq.write_table(pa.Table.from_pylist(rows, schema=schema), folder / f"{name}.parquet")
    return folder


def mail(number: int, kind: str = "spam", **values: Any) -> dict[str, Any]:
    """A message of the truth, in the box of its kind."""
    path = "ham/box.mbox" if kind == "ham" else "mail/box.mbox"
    return {"message_id": f"m{number:03d}", "path": path, "kind": kind, **values}


def campaign_truth(groups: Mapping[str, Sequence[int]], kind: str = "spam") -> list[dict[str, Any]]:
    """Messages of campaigns: their numbers by campaign id."""
    return [mail(n, kind, campaign_id=name) for name, numbers in groups.items() for n in numbers]


def membership(groups: Mapping[str, Sequence[int]]) -> list[dict[str, Any]]:
    """Rows of campaign_messages: message numbers by found campaign id."""
    return [
        {"campaign_id": name, "message_id": f"m{n:03d}", "why": f"why of m{n:03d}"}
        for name, numbers in groups.items()
        for n in numbers
    ]


def tables(**given: Rows | pa.Table) -> Callable[[str], pa.Table]:
    """What a case passes: a table by name, or an error that there is none."""

    def table(name: str) -> pa.Table:
        if name not in given:
            raise UsageError(f"there is no table {name!r}.")
        rows = given[name]
        return rows if isinstance(rows, pa.Table) else pa.Table.from_pylist(list(rows))

    return table


def values(result: Score) -> dict[str, float | None]:
    """The value of every measure by name."""
    return {measure.name: measure.value for measure in result.measures}


def scored(truth: Path, **given: Rows | pa.Table) -> dict[str, float | None]:
    """The values of a case that has the given tables."""
    return values(score(tables(**given), truth))
