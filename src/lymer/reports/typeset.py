"""Typst, called the one way that it is called here: files in memory, PDF out."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, cast

import typst

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def typeset(
    files: Mapping[str, bytes],
    fonts: typst.Fonts,
    standards: Sequence[str],
    moment: datetime = EPOCH,
) -> bytes:
    """The PDF of main.typ among `files`, which sees those files and `fonts` and nothing else.

    Raises typst.TypstError, also for a text of which no font has a glyph.
    """
    # Typst's types leave out what its manual has: files by name.
    compiling = cast(Any, typst.compile)
    pdf: bytes = compiling(
        dict(files),
        font_paths=fonts,
        ignore_system_fonts=True,
        timestamp=moment,
        pdf_standards=list(standards),
    )
    return pdf
