"""Real cases to write reports of: traced from mail made here, with rows put into their tables."""

import re
import shutil
import zlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from email.header import Header
from pathlib import Path
from random import Random
from typing import Any

import pyarrow as pa

from lymer.case import Case, create_case, open_case, trace
from lymer.engine import LocalEngine
from lymer.store import stage

BEGIN = datetime(2007, 10, 1, 8, tzinfo=UTC)

HOSTILE = (
    '#panic("run") #read("/etc/passwd") $x$ *b* _i_ `r` @l <label> \\ #[',
    "<script>alert(1)</script><img src=http://evil.example.com/x onerror=alert(1)>",
    "\x1b[31mred\x07\x00 \u202egnp.exe\u202c \u2066x\u2069 a\u200bb",
    "http://evil.example.com/a?b=c and evil.example.com and mailto:x@evil.example.com",
    "x" * 3_000,
    "Z" + "\u0301" * 400 + " tower",
)


def mails(subjects: Sequence[str], each: int = 4) -> bytes:
    """An mbox: some campaigns of a few messages, each with a subject and a text of its own."""
    parts = []
    for number, subject in enumerate(subjects):
        rng = Random(number)
        words = ["".join(rng.choices("abdefgiklmnoprstu", k=6)) for _ in range(36)]
        for copy in range(each):
            at = BEGIN + timedelta(days=number, hours=copy)
            stamp = at.strftime("%a, %d %b %Y %H:%M:%S +0000")
            lines = [" ".join(words[n : n + 9]) for n in range(0, 36, 9)]
            parts.append(
                f"From x@example.com {at:%a %b %d %H:%M:%S %Y}\n"
                f"Received: from pc ([198.18.{number}.{copy + 1}])\n"
                f"\tby mx.trap.example with SMTP id {number}a{copy}; {stamp}\n"
                f"From: {words[0]} <{words[0]}@example.com>\nTo: trap{copy}@trap.example\n"
                f"Date: {stamp}\n"
                f"Subject: {Header(subject, 'utf-8', maxlinelen=10**9).encode(linesep='')}\n"
                f"Message-ID: <{words[1]}{copy}@example.com>\n\n" + "\n".join(lines) + "\n\n"
            )
    return "".join(parts).encode()


def traced(folder: Path, subjects: Sequence[str], each: int = 4, name: str = "case") -> Case:
    """A case with one campaign for each subject."""
    box = folder / f"{name}.mbox"
    box.write_bytes(mails(subjects, each))
    case = create_case(folder / name)
    with LocalEngine(processes=1) as engine:
        trace(case, [box], engine=engine)
    return case


def copied(case: Case, folder: Path) -> Case:
    """A case of its own, to be changed: a case is a folder that may be copied."""
    shutil.copytree(case.folder, folder / "copy", ignore=shutil.ignore_patterns(".spill", ".lock"))
    return open_case(folder / "copy")


def put(case: Case, rows: Mapping[str, Iterable[Mapping[str, Any]]]) -> None:
    """Put rows into tables of the case, in place of those that it has."""
    with case.writing():
        tables = [case.store.tables[name] for name in rows]
        staged = [
            stage(
                case.store.folder,
                table,
                pa.Table.from_pylist([dict(row) for row in rows[table.name]], schema=table.schema),
            )
            for table in tables
        ]
        case.store.commit(staged, replace=tables)


def inflated(pdf: bytes) -> bytes:
    """A PDF with all that is packed in it unpacked, to look for what must not be there."""
    parts = [pdf]
    for found in re.finditer(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL):
        try:
            parts.append(zlib.decompress(found.group(1)))
        except zlib.error:
            continue
    return b"\n".join(parts)
