"""Which of a server's books are its jobs, accounts and payments: learned, never by their names.

Every reading of a column is scored by what supports it: files that exist under the names in it,
keys of other books, counts that never grow along targets, sent and accepted, times in order.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from lymer.actors.joins.columns import Book, Column, contained
from lymer.actors.joins.load import Server
from lymer.actors.joins.references import (
    FileNames,
    FileReference,
    key_references,
)


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
class AccountBook:
    """The logins of the application."""

    book: Book
    login: int
    privilege: int | None
    common: str | None
    """The privilege that most have."""
    score: float
    why: str


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


@dataclass
class PaymentBook:
    """Sums by account."""

    book: Book
    account: int
    amount: int
    note: int | None
    paid: int | None


@dataclass
class Roles:
    """The books of one server that are told."""

    files: FileNames
    references: dict[int, list[FileReference]]
    accounts: AccountBook | None = None
    jobs: JobBook | None = None
    payments: list[PaymentBook] = field(default_factory=list)
    keys: dict[str, str] = field(default_factory=dict)
    """Login to what the books call it elsewhere."""


def tell_books(server: Server, rule: BookRule | None = None) -> Roles:
    """The roles of the books of `server`."""
    rule = rule or BookRule()
    files = FileNames(server)
    roles = Roles(files, {book.number: files.references(book) for book in server.books})
    users = _users(server)
    account_books = _account_books(server, roles, users)
    best: JobBook | None = None
    for book in server.books:
        if not len(book) or book.kind in ("access log", "accounts") or not book.is_whole:
            continue
        found = _as_jobs(book, server, roles, account_books, users, rule)
        if best is None or found.score > best.score:
            best = found
    if best is not None and best.score >= rule.least:
        roles.jobs = best
        _complete(best, server, roles, account_books)
    elif account_books:
        roles.accounts = account_books[0]
    return roles


def _users(server: Server) -> Counter[str]:
    """What stands in the text columns of access logs: among it the names of who asked."""
    users: Counter[str] = Counter()
    for book in server.books:
        if book.kind == "access log":
            for column in book.columns:
                if column.is_text:
                    users.update(column.distinct)
    return users


def _account_books(server: Server, roles: Roles, users: Counter[str]) -> list[AccountBook]:
    found = []
    for book in server.books:
        if book.kind in ("access log", "log") or not 2 <= len(book) <= 100_000:
            continue
        if any(
            one.kind == "list" and not book.columns[one.column].is_number
            for one in roles.references[book.number]
        ):
            continue
        best = None
        for number, column in enumerate(book.columns):
            if not column.is_unique or column.is_number or not column.is_handle:
                continue
            known = contained(column.distinct, users) if users else 0.0
            known += 0.5 * contained(column.distinct, Counter(server.handles(book.places[0][1])))
            if best is None or known > best[0]:
                best = (known, number)
        if best is None:
            continue
        known, login = best
        others = [column for number, column in enumerate(book.columns) if number != login]
        has_password = any(column.is_digest for column in others) or any(
            column.is_text and column.is_unique and column.is_handle for column in others
        )
        times = sum(column.is_time for column in others)
        score = 2 * known + 2 * has_password + (book.kind == "accounts") - 0.5 * (times > 2)
        if score <= 0.5 and len(book.columns) > 6:
            continue
        privilege, common = _privilege(book, login, server)
        why = f"names of their own in column {book.columns[login].name}"
        if known:
            why += "; access logs and system accounts know them"
        if has_password:
            why += "; a password beside each"
        found.append(AccountBook(book, login, privilege, common, score, why))
    found.sort(key=lambda one: (-one.score, one.book.number))
    return found


def _privilege(book: Book, login: int, server: Server) -> tuple[int | None, str | None]:
    """The column that tells a few accounts from all others, and what the others have."""
    best: tuple[float, int, str] | None = None
    system = server.handles(book.places[0][1])
    for number, column in enumerate(book.columns):
        if number == login or column.is_time or column.is_digest or not column.filled:
            continue
        counts = column.distinct.most_common()
        if not 2 <= len(counts) <= 5 or len(counts) == len(column.filled) > 2:
            continue
        usual, most = counts[0]
        rare = len(column.filled) - most
        if rare > 0.5 * len(column.filled):
            continue
        chosen = {
            str(book.columns[login].values[row])
            for row, value in enumerate(column.values)
            if value != usual
        }
        # Who has a privilege is likelier to be named among those who run the machine.
        own = len(chosen & system) / len(chosen) if chosen else 0.0
        score = 2 * own - rare / len(column.filled)
        if best is None or score > best[0]:
            best = (score, number, usual)
    return (best[1], best[2]) if best else (None, None)


def _as_jobs(
    book: Book,
    server: Server,
    roles: Roles,
    account_books: list[AccountBook],
    users: Counter[str],
    rule: BookRule,
) -> JobBook:
    """`book` read as jobs, with what speaks for that."""
    jobs = JobBook(book, 0.0)
    indirect = _indirect(book, server, roles)
    for kind in ("text", "list"):
        found = [one for one in roles.references[book.number] if one.kind == kind]
        found += [one for one in indirect if one.kind == kind]
        if not found:
            continue
        chosen = max(found, key=lambda one: (one.share * min(len(one.files), 50), -one.column))
        named = len(set(chosen.files.values()))
        if kind == "text":
            jobs.template, jobs.templates = chosen.column, chosen.files
            jobs.score += rule.template
            jobs.why.append(f"column {book.columns[chosen.column].name} names {named} texts")
        elif chosen.column != jobs.template:
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
        # A number may be the key and name a file too.
        used -= {jobs.template} if book.columns[jobs.template].is_number else set()
    times = [n for n, column in enumerate(book.columns) if column.is_time and n not in used]
    if times:
        jobs.score += rule.time + rule.second_time * (len(times) > 1)
        jobs.started, jobs.ended = _span(book, times)
    jobs.key = _key(book, server, used | set(times))
    used |= {jobs.key, *times}
    jobs.account, jobs.logins = _account(book, account_books, users, used)
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


def _indirect(book: Book, server: Server, roles: Roles) -> list[FileReference]:
    """Columns that are keys of a book which names files: the book of lists, or of templates."""
    found = []
    for reference in key_references(book, server.books):
        target = server.books[reference.book]
        for direct in roles.references[target.number]:
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


def _account(
    book: Book, account_books: list[AccountBook], users: Counter[str], used: set[int | None]
) -> tuple[int | None, dict[str, str]]:
    """The column that says who ordered, and the login for each of its values."""
    best: tuple[float, int, dict[str, str]] | None = None
    for number, column in enumerate(book.columns):
        if number in used or not column.filled or column.is_money:
            continue
        for accounts in account_books:
            if accounts.book is book:
                continue
            logins = accounts.book.columns[accounts.login]
            for key, target in enumerate(accounts.book.columns):
                if not target.is_unique or contained(column.distinct, target.distinct) < 0.9:
                    continue
                coverage = len(column.distinct) / len(target.distinct)
                score = accounts.score + coverage + (not column.is_number) * (key == accounts.login)
                score -= len(column.distinct) > 0.9 * len(book) > 4
                if best is None or score > best[0]:
                    pairs = zip(target.values, logins.values, strict=True)
                    best = (score, number, {str(k): str(v) for k, v in pairs})
        if column.is_handle and not column.is_number and users:
            known = contained(column.distinct, users)
            if known >= 0.5 and (best is None or 2 * known > best[0]):
                best = (2 * known, number, {value: value for value in column.distinct})
    return (best[1], best[2]) if best else (None, {})


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


def _complete(
    jobs: JobBook,
    server: Server,
    roles: Roles,
    account_books: list[AccountBook],
) -> None:
    """Accounts and payments, now that the jobs are known."""
    for accounts in account_books:
        names = {str(value) for value in accounts.book.columns[accounts.login].values}
        if jobs.logins and set(jobs.logins.values()) <= names:
            roles.accounts = accounts
            break
    else:
        roles.accounts = account_books[0] if account_books and jobs.account is None else None
    by_login: dict[str, str] = {login: key for key, login in jobs.logins.items()}
    roles.keys = by_login
    owners: Mapping[str, str] = jobs.logins
    if jobs.price is None:
        jobs.price = _paid_price(jobs, server)
    prices = Counter(
        round(value, 2)
        for value in (jobs.book.columns[jobs.price].sums() if jobs.price is not None else [])
        if value
    )
    for book in server.books:
        if book is jobs.book or (roles.accounts and book is roles.accounts.book):
            continue
        if book.kind in ("access log", "accounts") or not book.is_whole:
            continue
        found = _as_payments(book, owners, prices)
        if found is not None:
            roles.payments.append(found)


def _paid_price(jobs: JobBook, server: Server) -> int | None:
    """A column of numbers that come again, each, in another book: what was paid for the jobs."""
    used = {jobs.key, jobs.account, jobs.template, jobs.recipients, *jobs.counts}
    best: tuple[float, int] | None = None
    for number, column in enumerate(jobs.book.columns):
        if number in used or not column.is_number or column.is_time or len(column.distinct) < 3:
            continue
        for other in server.books:
            if other is jobs.book or not 0.5 * len(jobs.book) <= len(other) <= 5 * len(jobs.book):
                continue
            for target in other.columns:
                if not target.is_number or target.is_time or (target.is_unique and target.is_ip):
                    continue
                both = len(set(column.distinct) & set(target.distinct))
                share = both / len(column.distinct)
                if share >= 0.7 and (best is None or share > best[0]):
                    best = (share, number)
    return best[1] if best else None


def _as_payments(
    book: Book, owners: Mapping[str, str], prices: Counter[float]
) -> PaymentBook | None:
    outer = Counter(owners)
    logins = Counter(owners.values())
    amounts = [n for n, column in enumerate(book.columns) if column.is_money]
    if not amounts and prices:
        amounts = [
            n for n, column in enumerate(book.columns)
            if column.is_number and not column.is_time and _overlap(column, prices) >= 0.5
        ]  # fmt: skip
    if not amounts:
        return None
    amount = max(amounts, key=lambda n: (_overlap(book.columns[n], prices), -n))
    holders = [
        n for n, column in enumerate(book.columns)
        if n != amount and column.filled and not column.is_time
        and not (column.is_unique and len(book) > len(outer) > 0)
        and max(contained(column.distinct, outer), contained(column.distinct, logins)) >= 0.9
    ]  # fmt: skip
    if not holders:
        return None
    times = [n for n, column in enumerate(book.columns) if column.is_time and n != amount]
    holder = max(
        holders, key=lambda n: (not book.columns[n].is_number, len(book.columns[n].distinct))
    )
    notes = [
        n for n, column in enumerate(book.columns)
        if n not in (amount, holder) and column.is_text and column.filled
    ]  # fmt: skip
    note = max(notes, key=lambda n: len(book.columns[n].distinct)) if notes else None
    return PaymentBook(book, holder, amount, note, times[0] if times else None)


def _overlap(column: Column, prices: Counter[float]) -> float:
    sums = [round(value, 2) for value in column.sums() if value]
    return sum(value in prices for value in sums) / len(sums) if sums else 0.0
