"""What a column of a captured server's books is, by its values alone."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from lymer.servers import HANDLE, parse_count, parse_ip, parse_money, parse_time

# What a column is judged by.
_LOOK = 2_000
_MOST = 0.9
_DIGEST = re.compile(
    r"(?:[0-9a-fA-F]{32}|[0-9a-fA-F]{40}|[0-9a-fA-F]{56,64}|\$\w+\$.+|[*!][0-9A-Fa-f]{40})"
)
_DAY_FIRST = re.compile(r"(\d{1,2})[./-](\d{1,2})[./-]\d{2,4}\b")


@dataclass
class Column:
    """The values of one column, and what they look like."""

    name: str
    values: list[str | None]
    """In the order of the rows."""
    year: int | None = None
    """For times that are written without one, as syslog does: the year of the mail."""

    @cached_property
    def filled(self) -> list[str]:
        """The values that are there."""
        return [value for value in self.values if value not in (None, "")]

    @cached_property
    def distinct(self) -> Counter[str]:
        """Its values, and how often each is there."""
        return Counter(self.filled)

    @cached_property
    def is_unique(self) -> bool:
        """Does every row have a value of its own?"""
        return len(self.filled) == len(self.values) == len(self.distinct) > 0

    def _share(self, test: object) -> float:
        some = self.filled[:: max(1, len(self.filled) // _LOOK)]
        assert callable(test)
        return sum(bool(test(value)) for value in some) / len(some) if some else 0.0

    @cached_property
    def is_day_first(self) -> bool:
        """Is 3/4/2007 in April? Said by a value that can be read in one way only."""
        for value in self.filled:
            found = _DAY_FIRST.match(value)
            if found and int(found[1]) > 12:
                return True
            if found and int(found[2]) > 12:
                return False
        return True

    @cached_property
    def is_time(self) -> bool:
        """Are the values times?"""
        return len(self.distinct) > 1 and self._share(self.time) >= 0.95

    @cached_property
    def is_ip(self) -> bool:
        """Are the values addresses of hosts?"""
        return self._share(parse_ip) >= _MOST

    @cached_property
    def is_count(self) -> bool:
        """Are the values whole numbers?"""
        return self._share(lambda value: parse_count(value) is not None) >= 0.95

    @cached_property
    def is_money(self) -> bool:
        """Are the values numbers with two decimals, or with a currency?"""
        return (
            self._share(lambda value: parse_money(value) is not None) >= 0.95
            and self._share(lambda value: re.search(r"[.,]\d{1,2}(?!\d)|[$€£A-Z]", value)) >= 0.3
            and self._share(lambda value: re.search(r"[.,]\d{3,}(?!\d)", value)) < 0.2
        )

    @cached_property
    def is_number(self) -> bool:
        """Are the values numbers of any kind?"""
        return self._share(lambda value: parse_money(value) is not None) >= 0.95

    @cached_property
    def is_digest(self) -> bool:
        """Are the values hashes of passwords?"""
        return self._share(_DIGEST.fullmatch) >= _MOST

    @cached_property
    def is_handle(self) -> bool:
        """Could the values be logins?"""
        return not self.is_digest and not self.is_ip and self._share(HANDLE.fullmatch) >= _MOST

    @cached_property
    def is_id(self) -> bool:
        """Is each value a long name of its own, all of one length, as UUIDs are?"""
        lengths = set(map(len, self.filled))
        return self.is_unique and len(lengths) == 1 and min(lengths) >= 12 and self.is_handle

    @cached_property
    def is_text(self) -> bool:
        """Are the values words?"""
        return not (self.is_number or self.is_time or self.is_ip or self.is_digest)

    def time(self, value: str | None) -> datetime | None:
        """A value of it as a time."""
        if not value:
            return None
        return parse_time(value, is_day_first=self.is_day_first, year=self.year)

    def times(self) -> list[datetime | None]:
        """Its values as times."""
        return [self.time(value) for value in self.values]

    def counts(self) -> list[int | None]:
        """Its values as whole numbers."""
        return [parse_count(value) if value else None for value in self.values]

    def sums(self) -> list[float | None]:
        """Its values as sums."""
        return [parse_money(value) if value else None for value in self.values]


@dataclass
class Book:
    """Sheets of one shape: a table, or the same table in several files."""

    number: int
    server: str
    name: str
    form: str
    sheet_ids: list[str]
    row_count: int
    columns: list[Column]
    places: list[tuple[str, str, int]] = field(default_factory=list)
    """Of every row its sheet_id, artifact and position."""
    kind: str = ""
    """Of its artifact."""
    own_columns: int = 1 << 30
    """Columns from here on are not in the rows: the name of each row's file."""
    is_whole: bool = True
    """False: of a long one only the first rows are held here."""

    def __len__(self) -> int:
        return len(self.places)


def contained(inner: Sequence[str] | Counter[str], outer: Counter[str]) -> float:
    """The share of distinct values of `inner` that are in `outer`."""
    names = set(inner)
    return sum(name in outer for name in names) / len(names) if names else 0.0
