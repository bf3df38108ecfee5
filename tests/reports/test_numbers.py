"""Numbers are told no more exactly than they are known."""

from datetime import UTC, date, datetime

import pytest

from lymer.reports.numbers import count, interval, listed, moment, period, rounded, several, share


@pytest.mark.parametrize(
    ("ends", "told"),
    [
        ((None, None, None), "not established"),
        ((319.0, 319.0, 319.0), "319"),
        ((1901.2, 2310.4, 2799.9), "2,310 (95 % interval 1,900 to 2,800)"),
        ((86.3, None, 231.5), "between 86 and 232 (95 % interval, no single best value)"),
        ((44.1, None, None), "at least 44 (95 %; no upper end can be given)"),
        ((None, 12.0, None), "about 12 (no interval)"),
        ((0.0, None, 0.0), "between 0 and 0 (95 % interval, no single best value)"),
    ],
)
def test_an_interval_is_told_as_what_it_is(
    ends: tuple[float | None, float | None, float | None], told: str
) -> None:
    assert interval(*ends) == told


def test_words_for_numbers() -> None:
    assert [share(s) for s in (None, 0, 0.0123, 0.0996, 0.5, 1)] == [
        "not established", "0 %", "1.2 %", "10 %", "50 %", "100 %",
    ]  # fmt: skip
    assert [count(n) for n in (None, 0, 12345)] == ["not established", "0", "12,345"]
    assert [rounded(n) for n in (None, 197_300_000, 999.4)] == [
        "not established", "197,000,000", "999",
    ]  # fmt: skip
    assert [several(n, "address", "addresses") for n in (0, 1, 2)] == [
        "0 addresses", "1 address", "2 addresses",
    ]  # fmt: skip
    assert [listed(words) for words in ((), ("a",), ("a", "b", "c"))] == ["", "a", "a, b and c"]


def test_an_unknown_time_is_no_time() -> None:
    at = datetime(2007, 10, 1, 23, 59, 59, tzinfo=UTC)
    assert moment(at) == "2007-10-01 23:59:59 UTC"
    assert moment(None) == "unknown"
    assert period(at, date(2007, 10, 1)) == "2007-10-01"
    assert period(None, at) == "unknown to 2007-10-01"
