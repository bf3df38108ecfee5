"""Dates as mail writes them; what cannot be read is null, never invented."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from message_piles import read_one

from lymer.messages.dates import read_date


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        # RFC 5322 section 3.3 and its obsolete forms (section 4.3)
        ("Mon, 15 Oct 2007 08:30:00 +0200", utc(2007, 10, 15, 6, 30)),
        ("15 Oct 2007 08:30 -0500", utc(2007, 10, 15, 13, 30)),
        ("Mon, 15 Oct 2007 08:30:00 -0000", utc(2007, 10, 15, 8, 30)),
        ("Mon, 15 Oct 2007 08:30:00 GMT", utc(2007, 10, 15, 8, 30)),
        ("Mon, 15 Oct 2007 08:30:00 EDT", utc(2007, 10, 15, 12, 30)),
        ("Mon, 15 Oct 07 08:30:00 UT", utc(2007, 10, 15, 8, 30)),
        ("Fri, 15 Oct 99 08:30:00 PST", utc(1999, 10, 15, 16, 30)),
        ("15 Oct 107 08:30:00 Z", utc(2007, 10, 15, 8, 30)),
        ("Mon , 15   Oct   2007 08:30:00 +0000 (a comment)", utc(2007, 10, 15, 8, 30)),
        # As servers and broken programs write them
        ("Mon, 15 Oct 2007 08:30:00", utc(2007, 10, 15, 8, 30)),
        ("Mon, 15 October 2007 08:30:00 +0000", utc(2007, 10, 15, 8, 30)),
        ("15-Oct-2007 08:30:00 +0000", utc(2007, 10, 15, 8, 30)),
        ("Mon, 15 Oct 2007 8:30:00 PM +0000", utc(2007, 10, 15, 20, 30)),
        ("Mon, 15 Oct 2007 12:30:00 AM +0000", utc(2007, 10, 15, 0, 30)),
        ("Mon Oct 15 08:30:00 2007", utc(2007, 10, 15, 8, 30)),
        ("Mon Oct  1 08:30:00 CEST 2007", utc(2007, 10, 1, 6, 30)),
        ("2007-10-15T08:30:00Z", utc(2007, 10, 15, 8, 30)),
        ("2007-10-15 08:30:00.25+02:00", utc(2007, 10, 15, 6, 30)),
        ("Mon, 15 Oct 2007 08:30:60 +0000", utc(2007, 10, 15, 8, 30, 59)),
        ("Mon, 31 Dec 2007 23:30:00 -0100", utc(2008, 1, 1, 0, 30)),
    ],
)
def test_read(text: str, moment: datetime) -> None:
    assert read_date(text) == moment


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yesterday",
        "Mon, 32 Oct 2007 08:30:00 +0000",
        "Mon, 30 Feb 2007 08:30:00 +0000",
        "Mon, 15 Xyz 2007 08:30:00 +0000",
        "Mon, 15 Oct 2007 25:30:00 +0000",
        "Mon, 15 Oct 2007 08:61:00 +0000",
        "Mon, 15 Oct 1007 08:30:00 +0000",
        "Mon, 15 Oct 9999 08:30:00 +0000",
        "Thu, 01 Jan 1970 00:00:00 +1400",
        "%RND_DATE_TIME",
        "15/10/2007 08:30",
        "1192437000",
    ],
)
def test_unreadable_is_null(text: str) -> None:
    assert read_date(text) is None


def test_only_the_beginning_is_searched() -> None:
    assert read_date(" " * 100_000 + "Mon, 15 Oct 2007 08:30:00 +0000") is None


def test_an_impossible_zone_counts_as_none() -> None:
    assert read_date("Mon, 15 Oct 2007 08:30:00 +9900") == utc(2007, 10, 15, 8, 30)


@given(st.text(alphabet="0123456789:+- ,TZOctMon/.apm", max_size=60))
def test_whatever_is_read_lies_in_the_age_of_mail(text: str) -> None:
    moment = read_date(text)
    assert moment is None or (1970 <= moment.year < 2200 and moment.tzinfo is not None)


@pytest.mark.parametrize(
    ("date", "defect"), [("Date: gibberish\n", "date_unreadable"), ("", "no_date")]
)
def test_the_defect_stands_in_the_row(date: str, defect: str) -> None:
    reading = read_one(f"From: ann@example.org\n{date}\nbody")
    assert reading.date_at is None
    assert defect in reading.defects
