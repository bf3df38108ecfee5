"""What kind of value some characters are: times, addresses, numbers, sums."""

import ipaddress
import re
from datetime import UTC, datetime, timedelta

# Spam is younger than 1995; a time beyond 2040 is a number of something else.
_EARLIEST = datetime(1995, 1, 1, tzinfo=UTC)
_LATEST = datetime(2040, 1, 1, tzinfo=UTC)

_MONTHS = {
    name: number
    for number, name in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"),
        start=1,
    )
}
_ZONE = r"(?:\s?(?P<zone>Z|UTC|GMT|[+-]\d\d(?::?\d\d)?))?"
_CLOCK = r"(?P<H>\d{1,2}):(?P<M>\d\d)(?::(?P<S>\d\d)(?:[.,]\d+)?)?"
_ISO = re.compile(
    rf"(?P<y>\d{{4}})[-/.](?P<m>\d{{1,2}})[-/.](?P<d>\d{{1,2}})(?:[T ]+{_CLOCK}{_ZONE})?"
)
_APACHE = re.compile(
    rf"(?P<d>\d{{1,2}})[/ -](?P<mon>[A-Za-z]{{3}})[a-z]*[/ -](?P<y>\d{{4}})"
    rf"(?:[: ]+{_CLOCK}{_ZONE})?"
)
_DAY_FIRST = re.compile(
    rf"(?P<d>\d{{1,2}})(?P<sep>[./-])(?P<m>\d{{1,2}})(?P=sep)(?P<y>\d{{4}}|\d\d)"
    rf"(?:[T ,]+{_CLOCK}{_ZONE})?"
)
_ENGLISH = re.compile(
    rf"(?:[A-Za-z]{{3}},?\s+)?(?P<mon>[A-Za-z]{{3}})\s+(?P<d>\d{{1,2}})\s+{_CLOCK}(?:\s+[A-Z]{{3,4}})?\s+(?P<y>\d{{4}})"
)
_MAIL = re.compile(
    rf"(?:[A-Za-z]{{3}},\s*)?(?P<d>\d{{1,2}})\s+(?P<mon>[A-Za-z]{{3}})\s+(?P<y>\d{{4}})\s+{_CLOCK}{_ZONE}"
)
_SYSLOG = re.compile(rf"(?P<mon>[A-Za-z]{{3}})\s+(?P<d>\d{{1,2}})\s+{_CLOCK}")
_PACKED = re.compile(
    r"(?P<y>(?:19|20)\d\d)(?P<m>[01]\d)(?P<d>[0-3]\d)(?:[T_-]?(?P<H>[0-2]\d)(?P<M>[0-5]\d)(?P<S>[0-5]\d)Z?)?"
)
_UNIX = re.compile(r"(?P<unix>\d{9,10})(?:\.\d+)?")
_MILLIS = re.compile(r"\d{12,13}")
_MICROS = re.compile(r"\d{15,16}")

INTEGER = re.compile(r"-?\d{1,18}")
GROUPED = re.compile(r"-?\d{1,3}(?:[,.' ]\d{3})+")
DECIMAL = re.compile(r"-?\d{1,15}[.,]\d{1,6}")
MONEY = re.compile(
    r"(?:(?:USD|EUR|GBP|RUB|WMZ|BTC|[$€£])\s?)?-?\d[\d' ]*(?:[.,]\d{3})*(?:[.,]\d{1,2})?"
    r"(?:\s?(?:USD|EUR|GBP|RUB|RUR|WMZ|BTC|[$€£]))?"
)
HEX = re.compile(r"(?:[0-9a-f]{6,64}|[0-9A-F]{6,64})")
ADDRESS = re.compile(r"[A-Za-z0-9_][\w.+=&'*/-]{0,63}@[A-Za-z0-9][\w-]*(?:\.[\w-]+)+")
HOST = re.compile(r"(?:[A-Za-z0-9][A-Za-z0-9-]{0,62}\.)+[A-Za-z][A-Za-z0-9-]{1,23}")
HANDLE = re.compile(r"[A-Za-z0-9_][\w.@+-]{1,40}")


def parse_time(text: str, *, is_day_first: bool = True, year: int | None = None) -> datetime | None:
    """The time that all of `text` is, in UTC; None when it is none, or implausible.

    A time without a zone is taken for UTC. `year` is for syslog's times, which have none.
    """
    text = text.strip().strip("[]\"'")
    if not text or len(text) > 48 or not any(c.isdigit() for c in text[:12]):
        return None
    try:
        found = _parse(text, is_day_first, year)
    except (ValueError, OverflowError):
        return None
    return found if found is not None and _EARLIEST <= found < _LATEST else None


def _parse(text: str, is_day_first: bool, year: int | None) -> datetime | None:
    if text.isdigit() or _UNIX.fullmatch(text):
        if _UNIX.fullmatch(text):
            return datetime.fromtimestamp(float(text), UTC)
        if found := _PACKED.fullmatch(text):
            return _built(found.groupdict(), year)
        if _MILLIS.fullmatch(text):
            return datetime.fromtimestamp(int(text) / 1e3, UTC)
        if _MICROS.fullmatch(text):
            return datetime.fromtimestamp(int(text) / 1e6, UTC)
        return None
    for pattern in (_ISO, _APACHE, _MAIL, _ENGLISH, _PACKED):
        if found := pattern.fullmatch(text):
            return _built(found.groupdict(), year)
    if found := _DAY_FIRST.fullmatch(text):
        parts = found.groupdict()
        if not is_day_first:
            parts["d"], parts["m"] = parts["m"], parts["d"]
        return _built(parts, year)
    if found := _SYSLOG.fullmatch(text):
        return _built({**found.groupdict(), "y": None}, year)
    return None


def _built(parts: dict[str, str | None], year: int | None) -> datetime | None:
    month = parts.get("m")
    number = int(month) if month else _MONTHS.get((parts.get("mon") or "").lower())
    if parts.get("y"):
        year = int(parts["y"] or 0)
        if year < 100:
            year += 2000 if year < 70 else 1900
    if number is None or year is None:
        return None
    at = datetime(
        year,
        number,
        int(parts["d"] or 0),
        int(parts.get("H") or 0),
        int(parts.get("M") or 0),
        int(parts.get("S") or 0),
        tzinfo=UTC,
    )
    zone = parts.get("zone")
    if zone and zone[0] in "+-":
        digits = zone[1:].replace(":", "")
        shift = timedelta(hours=int(digits[:2]), minutes=int(digits[2:] or 0))
        at = at - shift if zone[0] == "+" else at + shift
    return at


def parse_ip(text: str) -> str | None:
    """The address that `text` is (a port after it is left out), or None."""
    text = text.strip().strip("[]\"'")
    if not 3 <= len(text) <= 48 or not (text[0].isalnum() or text[0] == ":"):
        return None
    if text.count(".") == 3:
        text = text.removeprefix("::ffff:").split(":")[0].split("/")[0]
    elif text.count(":") < 2:
        return None
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        return None


def parse_count(text: str) -> int | None:
    """The whole number that `text` is, thousands grouped or not."""
    text = text.strip()
    if INTEGER.fullmatch(text):
        return int(text)
    if GROUPED.fullmatch(text):
        return int(re.sub(r"[,.' ]", "", text))
    if len(text) < 20 and re.fullmatch(r"-?\d+\.0+", text):
        return int(text.split(".")[0])
    return None


def parse_money(text: str) -> float | None:
    """The sum that `text` is, with or without a currency."""
    text = text.strip()
    if len(text) > 32 or not MONEY.fullmatch(text):
        return None
    digits = re.sub(r"[^\d.,-]", "", text)
    last = max(digits.rfind("."), digits.rfind(","))
    if last >= 0 and len(digits) - last - 1 != 3:
        digits = re.sub(r"[.,]", "", digits[:last]) + "." + digits[last + 1 :]
    else:
        digits = re.sub(r"[.,]", "", digits)
    try:
        return float(digits)
    except ValueError:
        return None
