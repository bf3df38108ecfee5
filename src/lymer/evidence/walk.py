"""The files of a folder, in an order that is the same every time."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_FILE, _FOLDER, _LINK, _OTHER = "file", "folder", "link", "other"
# How many names of a folder are looked at to tell what kind of folder it is.
_LOOK = 1000


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing in a folder: a file to be read, or the reason why it is refused."""

    path: str
    name: str  # within the folder that was given, with slashes
    refused: str | None = None


def walk(folder: str) -> Iterator[Entry]:
    """Everything below `folder`, sorted by name folder by folder, read as it is asked for.

    Folders behind symbolic links are not entered, and files behind them are read only when they
    lie within `folder`: a seized folder must not pull in the examiner's own files. A maildir's
    `tmp` holds deliveries that were never completed and is left out.
    """
    inside = os.path.realpath(folder).rstrip("/") + "/"
    # A stack instead of recursion: depth is up to whoever made the folder.
    stack = [_list(folder, "")]
    while stack:
        found = next(stack[-1], None)
        if found is None:
            stack.pop()
            continue
        entry, kind = found
        if kind == _FOLDER:
            stack.append(_list(entry.path, entry.name))
        elif kind == _LINK:
            yield _linked(entry, inside)
        elif kind == _OTHER and entry.refused is None:
            yield Entry(entry.path, entry.name, "not_a_file")
        else:
            yield entry


def folder_kind(folder: str) -> str:
    """Is it a maildir, an MH folder (messages are files with a number), or just a folder?"""
    if all((Path(folder) / name).is_dir() for name in ("cur", "new")):
        return "maildir"
    names = []
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                names.append(entry.name)
                if len(names) == _LOOK:
                    break
    except OSError:
        return "folder"
    numbered = [name for name in names if name.isascii() and name.isdigit()]
    shown = [name for name in names if not name.startswith(".")]
    is_mh = ".mh_sequences" in names or (bool(numbered) and len(numbered) == len(shown))
    return "mh" if is_mh else "folder"


def _list(folder: str, within: str) -> Iterator[tuple[Entry, str]]:
    try:
        with os.scandir(folder) as entries:
            found = sorted((entry.name, _kind(entry)) for entry in entries)
    except OSError:
        yield Entry(folder, within, "unreadable"), _OTHER
        return
    folders = {name for name, kind in found if kind == _FOLDER}
    is_maildir = "cur" in folders and "new" in folders
    for name, kind in found:
        if is_maildir and name == "tmp":
            continue
        place = f"{within}/{name}" if within else name
        yield Entry(f"{folder}/{name}", place), kind


def _kind(entry: os.DirEntry[str]) -> str:
    try:
        if entry.is_symlink():
            return _LINK
        if entry.is_dir(follow_symlinks=False):
            return _FOLDER
        return _FILE if entry.is_file(follow_symlinks=False) else _OTHER
    except OSError:
        return _FILE


def _linked(entry: Entry, inside: str) -> Entry:
    try:
        target = Path(entry.path).resolve(strict=True)
    # A loop of links was a RuntimeError before Python 3.13.
    except (OSError, RuntimeError):
        return Entry(entry.path, entry.name, "broken_link")
    if target.is_dir() or not str(target).startswith(inside):
        return Entry(entry.path, entry.name, "link_refused")
    if not target.is_file():
        return Entry(entry.path, entry.name, "not_a_file")
    return entry
