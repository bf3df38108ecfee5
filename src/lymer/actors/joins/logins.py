"""Which of a server's books are the logins of its application, and which column orders by them."""

from collections import Counter
from dataclasses import dataclass

from lymer.actors.joins.columns import Book, contained
from lymer.actors.joins.load import Server
from lymer.actors.joins.references import FileReference


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


def find_users(server: Server) -> Counter[str]:
    """What stands in the text columns of access logs: among it the names of who asked."""
    users: Counter[str] = Counter()
    for book in server.books:
        if book.kind == "access log":
            for column in book.columns:
                if column.is_text:
                    users.update(column.distinct)
    return users


def account_books(
    server: Server, references: dict[int, list[FileReference]], users: Counter[str]
) -> list[AccountBook]:
    """The books that may be of accounts, the likeliest first."""
    found = []
    for book in server.books:
        if book.kind in ("access log", "log") or not 2 <= len(book) <= 100_000:
            continue
        if any(
            one.kind == "list" and not book.columns[one.column].is_number
            for one in references[book.number]
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


def ordering_account(
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
