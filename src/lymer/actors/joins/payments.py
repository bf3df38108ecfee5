"""Which of a server's books are payments: sums beside what the jobs call their accounts."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from lymer.actors.joins.columns import Book, Column, contained
from lymer.actors.joins.load import Server
from lymer.actors.joins.orders import JobBook


@dataclass
class PaymentBook:
    """Sums by account."""

    book: Book
    account: int
    amount: int
    note: int | None
    paid: int | None


def paid_price(jobs: JobBook, server: Server) -> int | None:
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


def as_payments(
    book: Book, owners: Mapping[str, str], prices: Counter[float]
) -> PaymentBook | None:
    """`book` read as payments; `owners` are the accounts, `prices` what their jobs cost."""
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
        if n not in (amount, holder) and column.is_text and column.filled and not column.is_id
    ]  # fmt: skip
    note = max(notes, key=lambda n: len(book.columns[n].distinct)) if notes else None
    return PaymentBook(book, holder, amount, note, times[0] if times else None)


def _overlap(column: Column, prices: Counter[float]) -> float:
    sums = [round(value, 2) for value in column.sums() if value]
    return sum(value in prices for value in sums) / len(sums) if sums else 0.0
