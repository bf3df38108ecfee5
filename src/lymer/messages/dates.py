"""Dates as mail writes them. An unreadable date is None, never an invented one."""

import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache

_MONTHS = {
    name: number
    for number, name in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), 1
    )
}
# Obsolete zones of RFC 5322 section 4.3 and the abbreviations that mail servers write, in
# minutes east of UTC. An ambiguous one (IST) is left out: the number before it decides.
_ZONES = {
    "ut": 0, "utc": 0, "gmt": 0, "z": 0, "wet": 0, "bst": 60, "cet": 60, "met": 60, "west": 60,
    "cest": 120, "mest": 120, "eet": 120, "eest": 180, "msk": 180, "msd": 240,
    "est": -300, "edt": -240, "cst": -360, "cdt": -300, "mst": -420, "mdt": -360,
    "pst": -480, "pdt": -420, "jst": 540, "kst": 540,
}  # fmt: skip

# As nearly all programs write it, in a year that needs no check: day, clock, second and zone.
# Anything else is for the patterns below.
_COMMON = re.compile(
    r"\s{0,9}(?:[A-Z][a-z]{2}, )?(\d{1,2} [A-Z][a-z]{2} (?:19[89]|20\d|21[0-8])\d) "
    r"((?:[01]\d|2[0-3]):[0-5]\d):([0-5]\d) ([+-]\d{4})(?!\d)",
    re.ASCII,
)
_CLOCK = {f"{m // 60:02}:{m % 60:02}": timedelta(minutes=m) for m in range(24 * 60)}
_SECONDS = {f"{second:02}": timedelta(seconds=second) for second in range(60)}
_RFC = re.compile(
    r"(\d{1,2})[ \t-]+([A-Za-z]{3})[a-z]*[ \t,-]+(\d{2,4})[ \t]+"
    r"(\d{1,2}):(\d{2})(?::(\d{2}))?[ \t]*([AaPp][Mm](?![A-Za-z]))?[ \t]*"
    r"([+-][ \t]?\d{1,2}:?\d{2}(?!\d)|[A-Za-z]{1,5})?"
)
# asctime, as mbox From lines and some servers write it: Thu Aug 22 12:36:23 2002
_ASCTIME = re.compile(
    r"([A-Za-z]{3})[ \t]+(\d{1,2})[ \t]+(\d{1,2}):(\d{2})(?::(\d{2}))?[ \t]+"
    r"(?:([A-Za-z]{1,5}|[+-]\d{4})[ \t]+)?(\d{4})"
)
_ISO = re.compile(
    r"(\d{4})-(\d{2})-(\d{2})[T ](\d{2}):(\d{2})(?::(\d{2}))?(?:\.\d+)?[ \t]*(Z|[+-]\d{2}:?\d{2})?"
)
# A date header is never longer; a longer one is not searched to its end.
_DATE_CHARACTERS = 200


def read_date(text: str) -> datetime | None:
    """The first date in `text` as UTC, or None.

    Reads RFC 5322 dates with their obsolete and common broken forms, asctime and ISO 8601.
    A date without a zone is taken as UTC (RFC 5322 section 3.3 gives `-0000` that meaning).
    """
    common = _COMMON.match(text)
    if common is None:
        return _search_date(text[:_DATE_CHARACTERS])
    day, clock, second, zone = common.groups()
    midnight = _read_midnight(day, zone)
    return None if midnight is None else midnight + _CLOCK[clock] + _SECONDS[second]


@lru_cache(maxsize=4096)
def _read_midnight(day: str, zone: str) -> datetime | None:
    """The beginning of a day: a pile has few days and zones."""
    return _search_date(f"{day} 00:00:00 {zone}")


def _search_date(text: str) -> datetime | None:
    found = _RFC.search(text)
    if found is not None:
        day, month, year, hour, minute, second, half, zone = found.groups()
        return _build(year, _MONTHS.get(month.lower()), day, hour, minute, second, zone, half)
    found = _ASCTIME.search(text)
    if found is not None:
        month, day, hour, minute, second, zone, year = found.groups()
        return _build(year, _MONTHS.get(month.lower()), day, hour, minute, second, zone, None)
    found = _ISO.search(text)
    if found is not None:
        year, month, day, hour, minute, second, zone = found.groups()
        return _build(year, int(month), day, hour, minute, second, zone, None)
    return None


def _build(
    year: str,
    month: int | None,
    day: str,
    hour: str,
    minute: str,
    second: str | None,
    zone: str | None,
    half: str | None,
) -> datetime | None:
    if month is None:
        return None
    number = int(year)
    if len(year) < 4:
        # RFC 5322 section 4.3: two digits up to 49 are this century, three add 1900.
        number += 2000 if len(year) == 2 and number < 50 else 1900
    hours = int(hour)
    if half is not None and hours <= 12:
        hours = hours % 12 + (12 if half[0] in "Pp" else 0)
    try:
        # A leap second (60) is kept within its minute.
        local = datetime(
            number, month, int(day), hours, int(minute), min(int(second or 0), 59), tzinfo=UTC
        )
        shift = _offset(zone)
        moment = local - shift if shift is not None else local
    except (ValueError, OverflowError):
        return None
    return moment if 1970 <= moment.year < 2200 else None


@lru_cache(maxsize=1024)
def _offset(zone: str | None) -> timedelta | None:
    """Offset of a zone from UTC; None for none, unknown (taken as UTC) or `+0000`."""
    if not zone:
        return None
    if zone[0] in "+-":
        digits = zone[1:].replace(":", "").strip()
        minutes = int(digits[:-2] or 0) * 60 + int(digits[-2:])
        if minutes > 14 * 60:
            return None
        return timedelta(minutes=minutes if zone[0] == "+" else -minutes) or None
    minutes = _ZONES.get(zone.lower(), 0)
    return timedelta(minutes=minutes) or None
