"""Which of a server's books are its jobs, accounts and payments: learned, never by their names."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from lymer.actors.joins.load import Server
from lymer.actors.joins.logins import AccountBook, account_books, find_users
from lymer.actors.joins.orders import BookRule, JobBook, as_jobs
from lymer.actors.joins.payments import PaymentBook, as_payments, paid_price
from lymer.actors.joins.references import FileNames, FileReference


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
    users = find_users(server)
    logins = account_books(server, roles.references, users)
    best: JobBook | None = None
    for book in server.books:
        if not len(book) or book.kind in ("access log", "accounts") or not book.is_whole:
            continue
        found = as_jobs(book, server, roles.references, logins, users, rule)
        if best is None or found.score > best.score:
            best = found
    if best is not None and best.score >= rule.least:
        roles.jobs = best
        _complete(best, server, roles, logins)
    elif logins:
        roles.accounts = logins[0]
    return roles


def _complete(
    jobs: JobBook,
    server: Server,
    roles: Roles,
    logins: list[AccountBook],
) -> None:
    """Accounts and payments, now that the jobs are known."""
    for accounts in logins:
        names = {str(value) for value in accounts.book.columns[accounts.login].values}
        if jobs.logins and set(jobs.logins.values()) <= names:
            roles.accounts = accounts
            break
    else:
        roles.accounts = logins[0] if logins and jobs.account is None else None
    by_login: dict[str, str] = {login: key for key, login in jobs.logins.items()}
    roles.keys = by_login
    owners: Mapping[str, str] = jobs.logins
    if jobs.price is None:
        jobs.price = paid_price(jobs, server)
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
        found = as_payments(book, owners, prices)
        if found is not None:
            roles.payments.append(found)
