"""What the user pointed at."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from lymer.errors import UsageError
from lymer.evidence.walk import walk


@dataclass(frozen=True, slots=True)
class Source:
    """One path that was given: a file, or a folder whose files are evidence each.

    `name` is its base name, by which it is the same evidence wherever it lies.
    """

    path: str
    name: str
    is_folder: bool


def seal(paths: Sequence[Path]) -> list[Source]:
    """The sources at `paths`, each once, in the order given.

    Only whether they can be read is looked at here; hashes are taken when `read` comes to them,
    so that the first messages do not wait for the last file. Raises UsageError.
    """
    sources: dict[str, Source] = {}
    for given in paths:
        # Unlike Path.resolve this leaves links in place: the name given is the name kept.
        path = Path(os.path.abspath(given))  # noqa: PTH100
        if not path.exists():
            raise UsageError(f"{given} does not exist. Give the path of a mail file or folder.")
        is_folder = path.is_dir()
        if not is_folder and not path.is_file():
            raise UsageError(
                f"{given} is neither a file nor a folder. Save what it gives to a file first."
            )
        if not os.access(path, os.R_OK | (os.X_OK if is_folder else 0)):
            raise UsageError(
                f"{given} may not be read by this user. Ask for permission, or copy it."
            )
        sources[str(path)] = Source(str(path), path.name, is_folder)
    return list(sources.values())


def survey_size(paths: Sequence[Path]) -> int:
    """All bytes of the files at `paths` and below, for a progress bar."""
    return sum(file_size(path) for source in seal(paths) for path in source_files(source))


def source_files(source: Source) -> Iterator[str]:
    """The paths of the files that will be read, in order."""
    if not source.is_folder:
        yield source.path
        return
    for entry in walk(source.path):
        if entry.refused is None:
            yield entry.path


def file_size(path: str) -> int:
    """Its size in bytes; 0 when it has gone."""
    try:
        return Path(path).stat().st_size
    except OSError:
        return 0


def open_file(path: str) -> IO[bytes]:
    """Open for reading without ever waiting, should a pipe have taken the file's place."""
    return open(path, "rb", buffering=0, opener=_open_now)


def _open_now(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NONBLOCK | os.O_CLOEXEC)
