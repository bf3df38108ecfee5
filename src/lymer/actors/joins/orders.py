"""A book read as one of jobs: which column says what, and how much speaks for it.

Every reading of a column is scored by what supports it: files that exist under the names in it,
keys of other books, counts that never grow along targets, sent and accepted, times in order.
"""

from collections import Counter
from dataclasses import dataclass, field

from lymer.actors.joins.columns import Book, contained
from lymer.actors.joins.load import Server
from lymer.actors.joins.logins import AccountBook, ordering_account
from lymer.actors.joins.references import FileReference, key_references


@dataclass(frozen=True)
class BookRule:
    """What each sign of a book of jobs weighs.

    Set by reasoning, and checked on the lab's layouts below seed 100 and on layouts of its tests:
    there the jobs have 8 and more, the next best book 4.5 and less.
    """

    template: float = 3.0
    recipients: float = 2.0
    counts: float = 1.5
    account: float = 1.5
    time: float = 1.0
    second_time: float = 0.5
    money: float = 1.0
    least: float = 5.0


@dataclass
class JobBook:
    """The orders, and which column says what."""

    book: Book
    score: float
    key: int | None = None
    account: int | None = None
    logins: dict[str, str] = field(default_factory=dict)
    """What stands in the account column, to the login."""
    templates: dict[str, str] = field(default_factory=dict)
    template: int | None = None
    lists: dict[str, str] = field(default_factory=dict)
    recipients: int | None = None
    started: int | None = None
    ended: int | None = None
    counts: list[int] = field(default_factory=list)
    """Columns of targets, sent, accepted, as many as there are."""
    price: int | None = None
    title: int | None = None
    texts: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Where templates stand in books: what is in the template column, to text and artifact."""
    has_text: bool = False
    """The rows hold the templates themselves."""
    why: list[str] = field(default_factory=list)


def as_jobs(
    book: Book,
    server: Server,
    references: dict[int, list[FileReference]],
    account_books: list[AccountBook],
    users: Counter[str],
    rule: BookRule,
) -> JobBook:
    """`book` read as jobs, with what speaks for that."""
    jobs = JobBook(book, 0.0)
    indirect = _indirect(book, server, references)
    for kind in ("text", "list"):
        found = [one for one in references[book.number] if one.kind == kind]
        found += [one for one in indirect if one.kind == kind]
        if not found:
            continue
        chosen = max(found, key=lambda one: (one.share * min(len(one.files), 50), -one.column))
        named = len(set(chosen.files.values()))
        if kind == "text":
            jobs.template, jobs.templates = chosen.column, chosen.files
            jobs.score += rule.template
            jobs.why.append(f"column {book.columns[chosen.column].name} names {named} texts")
        elif chosen.column != jobs.template or chosen.column >= book.own_columns:
            jobs.recipients, jobs.lists = chosen.column, chosen.files
            jobs.score += rule.recipients
            jobs.why.append(f"column {book.columns[chosen.column].name} names {named} lists")
    if jobs.template is None:
        jobs.has_text = own_text(book) is not None
        if not jobs.has_text:
            jobs.template, jobs.texts = _kept_texts(book, server)
        if jobs.has_text or jobs.texts:
            jobs.score += rule.template
            jobs.why.append("templates stand in the books themselves")
    used = {jobs.template, jobs.recipients}
    if jobs.template is not None and book.columns[jobs.template].is_unique and not jobs.texts:
        # A number may be the key and name a file too, and so may the name of the row's own file.
        is_both = book.columns[jobs.template].is_number or jobs.template >= book.own_columns
        used -= {jobs.template} if is_both else set()
    times = [n for n, column in enumerate(book.columns) if column.is_time and n not in used]
    if times:
        jobs.score += rule.time + rule.second_time * (len(times) > 1)
        jobs.started, jobs.ended = _span(book, times)
    jobs.key = _key(book, server, used | set(times))
    used |= {jobs.key, *times}
    jobs.account, jobs.logins = ordering_account(book, account_books, users, used)
    if jobs.account is not None:
        jobs.score += rule.account
    used.add(jobs.account)
    jobs.counts = _counts(book, used)
    if len(jobs.counts) > 1:
        jobs.score += rule.counts
        falling = ", ".join(book.columns[n].name for n in jobs.counts)
        jobs.why.append(f"counts fall along {falling}")
    used |= set(jobs.counts)
    money = [n for n, column in enumerate(book.columns) if column.is_money and n not in used]
    if money:
        jobs.score += rule.money
        jobs.price = money[0]
    used.add(jobs.price)
    words = [
        n for n, column in enumerate(book.columns)
        if n not in used and column.is_text and column.filled and len(column.distinct) > 1
        and n != own_text(book)
    ]  # fmt: skip
    jobs.title = max(words, key=lambda n: (len(book.columns[n].distinct), -n)) if words else None
    return jobs


def _indirect(
    book: Book, server: Server, references: dict[int, list[FileReference]]
) -> list[FileReference]:
    """Columns that are keys of a book which names files: the book of lists, or of templates."""
    found = []
    for reference in key_references(book, server.books):
        target = server.books[reference.book]
        for direct in references[target.number]:
            if len(set(direct.files.values())) < 0.3 * len(target) or len(target) < 2:
                continue
            # A number contained in a long row of numbers says little.
            if book.columns[reference.column].is_count and reference.coverage < 0.2:
                continue
            keys = target.columns[reference.key].values
            names = target.columns[direct.column].values
            files = {
                key: direct.files[name]
                for key, name in zip(keys, names, strict=True)
                if key is not None and name in direct.files
            }
            files = {
                key: one
                for key, one in files.items()
                if key in book.columns[reference.column].distinct
            }
            if files:
                share = reference.share * reference.coverage * direct.share
                found.append(FileReference(reference.column, direct.kind, share, files))
    return found


def own_text(book: Book) -> int | None:
    """A column of long texts, most of them different."""
    for number, column in enumerate(book.columns):
        if column.is_text and column.filled:
            long = sum(len(value) > 100 and " " in value for value in column.distinct)
            if long > 0.6 * len(column.distinct):
                return number
    return None


def row_text(book: Book, row: int) -> str:
    """All words of a row: subject and text of a template may be two columns."""
    values = [column.values[row] for column in book.columns if column.is_text]
    return "\n".join(value for value in values if value)


def _kept_texts(book: Book, server: Server) -> tuple[int | None, dict[str, tuple[str, str]]]:
    """A column of keys of a book of texts, and the text and artifact for each value."""
    best: tuple[float, int, dict[str, tuple[str, str]]] | None = None
    for reference in key_references(book, server.books):
        target = server.books[reference.book]
        if own_text(target) is None:
            continue
        keys = target.columns[reference.key].values
        texts = {
            key: (row_text(target, row), target.places[row][1])
            for row, key in enumerate(keys)
            if key is not None
        }
        score = reference.share * reference.coverage
        if score > 0.2 and (best is None or score > best[0]):
            best = (score, reference.column, texts)
    return (best[1], best[2]) if best else (None, {})


def _span(book: Book, times: list[int]) -> tuple[int, int | None]:
    """The columns of start and end: of three times the first is when it was entered."""
    medians = []
    for number in times:
        found = sorted(at for at in book.columns[number].times() if at is not None)
        medians.append((found[len(found) // 2], number))
    order = [number for _, number in sorted(medians)]
    if len(order) == 1:
        return order[0], None
    return order[-2], order[-1]


def _key(book: Book, server: Server, used: set[int | None]) -> int | None:
    """The column by which the book's rows are called elsewhere."""
    best: tuple[float, int] | None = None
    for number, column in enumerate(book.columns):
        if number in used or not column.is_unique or column.is_money or column.is_digest:
            continue
        if column.is_text and not column.is_handle:
            continue
        called = any(
            other is not book
            and not target.is_unique
            and len(target.distinct) > 1
            and contained(target.distinct, column.distinct) >= 0.9
            for other in server.books
            for target in other.columns
        )
        counted = column.counts() if column.is_count else []
        rises = len(counted) > 2 and counted == sorted(counted, key=lambda value: value or 0)
        score = 2 * called + column.is_count + 1.5 * rises + 0.5 * (number == 0) - 0.1 * number
        # The name of the file that holds the row.
        score += 2.0 * (number >= book.own_columns)
        if best is None or score > best[0]:
            best = (score, number)
    return best[1] if best else None


def _counts(book: Book, used: set[int | None]) -> list[int]:
    """Columns of counts that never grow from one to the next: targets, sent, accepted."""
    sized: list[tuple[float, int, list[int | None]]] = []
    for number, column in enumerate(book.columns):
        if number in used or not column.is_count or column.is_money:
            continue
        values = column.counts()
        known = [value for value in values if value is not None]
        if not known or min(known) < 0 or max(known) < 50:
            continue
        if len(column.distinct) < min(0.2 * len(book), 3):
            continue
        sized.append((sum(known), number, values))
    sized.sort(key=lambda one: (-one[0], one[1]))
    chain: list[tuple[float, int, list[int | None]]] = []
    for one in sized:
        if not chain or _never_more(one[2], chain[-1][2]):
            chain.append(one)
    return [number for _, number, _ in chain[:3]]


def _never_more(lower: list[int | None], upper: list[int | None]) -> bool:
    pairs = [(low, high) for low, high in zip(lower, upper, strict=True) if None not in (low, high)]
    held = sum(low <= high for low, high in pairs if low is not None and high is not None)
    return bool(pairs) and held >= 0.95 * len(pairs)
