"""The application's database, as an SQLite file or as an SQL dump."""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

Value = str | int | float | None


@dataclass
class Table:
    """A table with its rows, as the application declares it."""

    name: str
    columns: list[str]
    types: list[str]
    rows: list[Sequence[Value]]


def write_sqlite(path: Path, tables: Sequence[Table]) -> None:
    with sqlite3.connect(path) as base:
        base.execute("PRAGMA page_size = 4096")
        for table in tables:
            fields = ", ".join(
                f'"{c}" {t}' for c, t in zip(table.columns, table.types, strict=True)
            )
            base.execute(f'CREATE TABLE "{table.name}" ({fields})')
            marks = ", ".join("?" * len(table.columns))
            base.executemany(f'INSERT INTO "{table.name}" VALUES ({marks})', table.rows)
    base.close()


def _literal(value: Value, doubled: bool) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, int | float):
        return str(value)
    escaped = (
        value.replace("'", "''") if doubled else value.replace("\\", "\\\\").replace("'", "\\'")
    )
    return f"'{escaped}'"


def write_dump(path: Path, tables: Sequence[Table], flavour: str, rows_at_once: int) -> None:
    """A dump in the manner of MySQL (`mysql`) or PostgreSQL (`copy`: tab-separated blocks)."""
    quote = "`" if flavour == "mysql" else '"'
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write(
            f"-- {'MySQL dump 10.11' if flavour == 'mysql' else 'PostgreSQL database dump'}\n\n"
        )
        for table in tables:
            fields = ",\n".join(
                f"  {quote}{c}{quote} {t}" for c, t in zip(table.columns, table.types, strict=True)
            )
            if flavour == "mysql":
                file.write(f"DROP TABLE IF EXISTS `{table.name}`;\n")
            file.write(f"CREATE TABLE {quote}{table.name}{quote} (\n{fields}\n);\n\n")
            if flavour == "copy":
                names = ", ".join(table.columns)
                file.write(f"COPY {table.name} ({names}) FROM stdin;\n")
                for row in table.rows:
                    cells = ["\\N" if v is None else str(v).replace("\t", " ") for v in row]
                    file.write("\t".join(cells) + "\n")
                file.write("\\.\n\n")
                continue
            for at in range(0, len(table.rows), rows_at_once):
                values = ",".join(
                    "(" + ",".join(_literal(v, doubled=False) for v in row) + ")"
                    for row in table.rows[at : at + rows_at_once]
                )
                file.write(f"INSERT INTO `{table.name}` VALUES {values};\n")
            file.write("\n")
