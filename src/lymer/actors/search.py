"""Looking for a promoted party outside of the mail that praises it.

What the mail says links nobody, and neither does what was made from it: templates, recipient
lists, the titles of orders, names of files, copies of the mail. What is left of a captured server
is searched: logins, notes of payments, cells of all tables, lines of all text, addresses and hosts.
A hit is one passage that names the party. How it names it says what it is worth.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

import duckdb

from lymer.actors.books import Books
from lymer.actors.copies import CopyRule, Mail, derived_names, order_sheets, recipient_sheets
from lymer.actors.names import find_name
from lymer.actors.passages import Passage, Searched, count_searched, read_passages
from lymer.actors.promoted import Promoted


@dataclass(frozen=True)
class Hit:
    """One passage that names a party."""

    passage: Passage
    how: str
    """full, initial, word: see `find_name`."""


@dataclass(frozen=True)
class Findings:
    """Everything that the search brought up."""

    searched: tuple[Searched, ...]
    hits: dict[tuple[str, ...], list[Hit]] = field(hash=False)
    """By the words of the name."""
    left_out: dict[tuple[str, ...], int] = field(hash=False)
    """Passages that name it and were made from the mail, so that they count for nothing."""


def search(
    connection: duckdb.DuckDBPyConnection,
    books: Books,
    promoted: Sequence[Promoted],
    rule: CopyRule,
) -> Findings:
    """Look for every promoted name on all servers."""
    by_word: dict[str, list[Promoted]] = defaultdict(list)
    for party in promoted:
        by_word[party.words[-1]].append(party)
    named: dict[tuple[str, ...], dict[str, Hit]] = {party.words: {} for party in promoted}
    if promoted:
        for passage in read_passages(connection, books, by_word):
            for party in _named(passage.text, by_word):
                how = find_name(party.words, passage.text)
                if how is not None:
                    named[party.words].setdefault(passage.reference, Hit(passage, how))
    derived = derived_names(connection, books)
    found = [hit.passage for hits in named.values() for hit in hits.values()]
    made = order_sheets(connection) | recipient_sheets(connection, found)
    kept: dict[tuple[str, ...], list[Hit]] = {}
    for party in promoted:
        hits = named[party.words].values()
        mail = Mail(connection, party) if hits else None
        kept[party.words] = [
            hit
            for hit in hits
            if mail is not None
            and hit.passage.sheet_id not in made
            and not mail.holds(hit.passage, derived, rule)
        ]
    left_out = {words: len(named[words]) - len(hits) for words, hits in kept.items()}
    return Findings(count_searched(connection), kept, left_out)


def _named(text: str, by_word: dict[str, list[Promoted]]) -> list[Promoted]:
    """The parties whose standing-out word is somewhere in `text`."""
    folded = text.casefold()
    return [party for word, parties in by_word.items() if word in folded for party in parties]
