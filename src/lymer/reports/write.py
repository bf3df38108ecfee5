"""The report of a case as a file."""

from pathlib import Path

from lymer.case import Case
from lymer.errors import StorageError, UsageError
from lymer.reports.compose import compose
from lymer.reports.html import to_html
from lymer.reports.pdf import to_pdf

FORMATS = {".pdf": to_pdf, ".html": to_html}
"""By the end of the file's name: what turns a document into bytes."""


def write_report(case: Case, path: Path) -> None:
    """Write the report of `case` to `path`, as PDF or HTML by its name; an old file is replaced.

    Raises UsageError for a name of another kind, StorageError where it cannot be written. The
    file is written whole or not at all.
    """
    to_bytes = FORMATS.get(path.suffix.lower())
    if to_bytes is None:
        raise UsageError(f"{path}: a report ends in {' or '.join(FORMATS)}.")
    if path.is_dir():
        raise UsageError(f"{path} is a folder. Name a file in it.")
    if not path.absolute().parent.is_dir():
        raise UsageError(f"there is no folder {path.absolute().parent}.")
    content = to_bytes(compose(case))
    # Beside it and moved over it: nobody ever reads half a report.
    fresh = path.with_name(f".{path.name}.new")
    try:
        fresh.write_bytes(content)
        fresh.replace(path)
    except OSError as error:
        fresh.unlink(missing_ok=True)
        raise StorageError(f"{path} cannot be written: {error.strerror}.") from error
