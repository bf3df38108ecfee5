"""Which column refers to what: to files of the server, or to the key of another of its books."""

import re
from collections import defaultdict
from dataclasses import dataclass

from lymer.actors.joins.columns import Book, Column, contained
from lymer.actors.joins.load import Server

# A column refers to files, or to a key, when so many of its distinct values do.
_MOST = 0.6
_NUMBER = re.compile(r"\d{1,9}")
_TEXT_KINDS = frozenset(("template", "notes", "config", "source", "history", "table"))


@dataclass(frozen=True)
class FileReference:
    """A column whose values name files."""

    column: int
    kind: str
    """list or text."""
    share: float
    files: dict[str, str]
    """Value to artifact_id."""


@dataclass(frozen=True)
class KeyReference:
    """A column whose values are keys of another book."""

    column: int
    book: int
    key: int
    share: float
    coverage: float
    """Of the keys, those that are referred to."""


class FileNames:
    """The files of a server by all the names that books may give them."""

    def __init__(self, server: Server) -> None:
        self._by_name: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
        self._by_number: dict[tuple[str, str], dict[str, set[str]]] = defaultdict(
            lambda: defaultdict(set)
        )
        self._templates = {k for k, one in server.artifacts.items() if one.kind == "template"}
        self._folders = {key: one.folder for key, one in server.artifacts.items()}
        self._bases = {key: one.names[-1] for key, one in server.artifacts.items()}
        self._within: dict[str, list[str]] = defaultdict(list)
        for key, folder in self._folders.items():
            self._within[folder].append(key)
        self._chars: dict[str, int] = defaultdict(int)
        for key, _, text in server.texts:
            self._chars[key] += len(text)
        self.kinds = {key: _kind_of(one.kind) for key, one in server.artifacts.items()}
        for key, one in server.artifacts.items():
            kind = self.kinds[key]
            if not kind:
                continue
            for name in one.names:
                plain = name.lower()
                base = plain.rpartition("/")[2]
                for each in {plain, base, base.partition(".")[0], base.rpartition(".")[0]}:
                    if each:
                        self._by_name[kind][each].add(key)
            base = one.names[-1].lower()
            for number in {str(int(found)) for found in _NUMBER.findall(base)}:
                self._by_number[kind, one.folder][number].add(key)

    def references(self, book: Book) -> list[FileReference]:
        """The columns of `book` that name other files, the surest first."""
        found = []
        own = {artifact for _, artifact, _ in book.places}
        for number, column in enumerate(book.columns):
            if column.is_time or column.is_money or column.is_ip:
                continue
            for kind in ("list", "text"):
                files = self._named(column, kind, own)
                share = len(files) / len(column.distinct) if column.distinct else 0.0
                if column.is_number:
                    # Any row of numbers fits files that are numbered: half as good as a name.
                    share *= 0.5
                    if share < 0.4:
                        continue
                if files and (column.is_number or share >= (_MOST if len(files) < 5 else 0.3)):
                    found.append(FileReference(number, kind, share, files))
        if book.own_columns < len(book.columns):
            found += self._beside(book)
        found.sort(key=lambda one: (-one.share, one.column))
        return found

    def _beside(self, book: Book) -> list[FileReference]:
        """Of a book with a file for every row: the files that lie beside these, one for each."""
        folders = [self._folders[artifact] for _, artifact, _ in book.places]
        if len(set(folders)) < len(folders):
            return []
        own = {artifact for _, artifact, _ in book.places}
        names = book.columns[book.own_columns].values
        found = []
        for kind in ("list", "text"):
            held = [
                [key for key in self._within[folder] if self.kinds[key] == kind and key not in own]
                for folder in folders
            ]
            common = set.intersection(*({self._bases[key] for key in keys} for keys in held))
            if all(len(keys) == 1 for keys in held):
                files = [keys[0] for keys in held]
            elif common:
                # Of several the longest: a letter is longer than what is noted of it.
                base = max(common, key=lambda name: (self._chars_of(held, name), name))
                files = [key for keys in held for key in keys if self._bases[key] == base]
            else:
                continue
            pairs = {name: key for name, key in zip(names, files, strict=True) if name}
            found.append(FileReference(book.own_columns, kind, 1.0, pairs))
        return found

    def _chars_of(self, held: list[list[str]], base: str) -> int:
        return sum(self._chars[key] for keys in held for key in keys if self._bases[key] == base)

    def _named(self, column: Column, kind: str, own: set[str]) -> dict[str, str]:
        if not self._by_name[kind]:
            return {}
        files: dict[str, str] = {}
        if not column.is_number:
            for value in column.distinct:
                plain = value.strip().replace("\\", "/").lower().lstrip("./")
                base = plain.rpartition("/")[2]
                for name in (plain, base, base.rpartition(".")[0]):
                    keys = self._by_name[kind].get(name, set()) - own if name else set()
                    if len(keys) == 1:
                        files[value] = next(iter(keys))
                        break
            return files
        if not column.is_count or len(column.distinct) < 2:
            return {}
        # Numbers: a folder whose files bear them, each one file.
        best: dict[str, str] = {}
        most = 0
        for (of_kind, _), numbers in sorted(self._by_number.items()):
            if of_kind != kind:
                continue
            found = {}
            for value in column.distinct:
                keys = numbers.get(value.lstrip("0") or "0", set()) - own
                if len(keys) == 1:
                    found[value] = next(iter(keys))
            if len(found) < 0.8 * len(column.distinct) or len(set(found.values())) < len(found):
                continue
            # Of two folders the one with templates.
            worth = len(found) + sum(one in self._templates for one in found.values())
            if worth > most:
                best, most = found, worth
        return best


def _kind_of(kind: str) -> str:
    return "list" if kind == "list" else "text" if kind in _TEXT_KINDS else ""


def key_references(book: Book, books: list[Book]) -> list[KeyReference]:
    """The columns of `book` whose values are keys of other books."""
    found = []
    for number, column in enumerate(book.columns):
        if not column.distinct or column.is_time or column.is_money or column.is_ip:
            continue
        for other in books:
            if other is book or other.kind == "access log" or len(other) < 2:
                continue
            for key, target in enumerate(other.columns):
                if not target.is_unique or target.is_time or target.is_money:
                    continue
                share = contained(column.distinct, target.distinct)
                if share >= 0.9:
                    coverage = len(column.distinct) * share / len(target.distinct)
                    found.append(KeyReference(number, other.number, key, share, coverage))
    return found
