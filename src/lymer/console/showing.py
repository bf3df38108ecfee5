"""Values as a page shows them. What came from mail is hostile: it may steer nothing.

Jinja escapes markup by itself; here are the characters that turn or hide text, links that a
program would open, and the forms of numbers and times.
"""

import json
import re
from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any
from urllib.parse import quote

from markupsafe import Markup, escape

from lymer.case import defang

# C0 and C1 controls but for tab and line feed, what turns text around or cannot be seen.
_STEERING = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f"
    "\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb\ud800-\udfff]"
)
_NAME = re.compile(
    r"https?://\S+|[^\s,;|()<>\"']*[^\W\d][^\s,;|()<>\"']*\.[^\W\d][^\s,;|()<>\"']+", re.IGNORECASE
)
_PAGES = {
    "campaign_id": "/campaigns/",
    "botnet_id": "/botnets/",
    "dialect_id": "/dialects/",
    "operation_id": "/operations/",
    "message_id": "/messages/",
    "artifact_id": "/servers/artifacts/",
    "template_artifact_id": "/servers/artifacts/",
    "list_artifact_id": "/servers/artifacts/",
    "actor_id": "/people/",
    "client_ip": "/clients/",
    "domain": "/domains/",
}
_HASH_SHOWN = 12
_NEAR = 1.3


def plain(value: object, characters: int = 2_000) -> str:
    """Text that steers nothing: controls and turning characters become visible escapes."""
    if value is None:
        return ""
    text = str(value)
    if len(text) > characters:
        text = text[:characters] + "…"
    return _STEERING.sub(lambda found: f"\\u{ord(found.group()):04x}", text)


def harmless(value: object, characters: int = 2_000) -> str:
    """Text in which no name or link is one that a program would open."""
    return _NAME.sub(lambda found: defang(found.group()), plain(value, characters))


def safe_link(value: object) -> str:
    """A link, defanged."""
    return defang(plain(value, 1_000))


def number(value: object) -> str:
    """Thousands parted, at most four digits of a fraction; nothing for null."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        if value.is_integer() and abs(value) < 1e15:
            return f"{value:,.0f}"
        return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"
    return plain(value)


def percent(value: float | None) -> str:
    """A share from 0 to 1 as a percentage."""
    return "" if value is None else f"{value * 100:.3g} %"


def moment(value: datetime | None) -> str:
    """A time to the second, UTC."""
    return value.strftime("%Y-%m-%d %H:%M:%S") if value else "unknown"


def day(value: date | datetime | None) -> str:
    """A date, UTC."""
    return value.strftime("%Y-%m-%d") if value else "unknown"


def span(first: datetime | None, last: datetime | None) -> str:
    """From when to when, in days."""
    if first is None or last is None:
        return "unknown"
    return day(first) if first.date() == last.date() else f"{day(first)} to {day(last)}"


def size(value: int | None) -> str:
    """Bytes in their usual unit."""
    if value is None:
        return ""
    amount = float(value)
    for unit in ("B", "kB", "MB", "GB"):
        if amount < 1000 or unit == "GB":
            break
        amount /= 1000
    return f"{amount:.0f} {unit}" if unit == "B" else f"{amount:.3g} {unit}"


def about(value: float | None, digits: int = 2) -> str:
    """An estimate, to two digits unless told otherwise: more would claim too much."""
    if value is None:
        return ""
    if value < 100:
        return f"{value:.0f}"
    rounded = float(f"{value:.{digits}g}")
    return f"{rounded / 1e6:,.10g} million" if rounded >= 1e6 else f"{rounded:,.0f}"


def interval(low: float | None, point: float | None, high: float | None) -> str:
    """An estimate with its ends, or a bound where only that is honest."""
    if low is None and high is None:
        return "not established"
    if high is None:
        return f"at least {about(low)}"
    # Ends so near each other would look like one number at two digits.
    digits = 3 if high < _NEAR * (low or 0) else 2
    ends = f"{about(low, digits)} to {about(high, digits)}"
    return ends if point is None else f"about {about(point, digits)} ({ends})"


def short(value: object) -> str:
    """The beginning of a hash, enough to tell it."""
    return plain(value)[:_HASH_SHOWN]


def link_to(column: str, value: object) -> str:
    """The page of what a column names."""
    return _PAGES[column] + quote(str(value), safe="")


_SERVER_TABLES = (
    "accounts", "payments", "nodes", "node_counts", "calibrations", "lists", "coverage",
)  # fmt: skip
_EVIDENCE_PAGES = {
    "campaigns": "/campaigns/",
    "botnets": "/botnets/",
    "dialects": "/dialects/",
    "operations": "/operations/",
    "messages": "/messages/",
    "artifacts": "/servers/artifacts/",
    "actors": "/people/",
    "client_networks": "/clients/",
}


def page_of(reference: str) -> str | None:
    """The page of a piece of evidence, `table:key` or `artifact_id#position`; None: it has none."""
    table, mark, key = reference.partition(":")
    if table == "artifacts" and not key.startswith("a-"):
        # A server as a whole.
        return "/servers"
    if table in ("hypotheses", "weighings"):
        return "/people#hypotheses"
    if mark and table in _EVIDENCE_PAGES:
        return _EVIDENCE_PAGES[table] + quote(key.partition("#")[0], safe="")
    if mark and table == "jobs":
        server, _, job = key.partition("/")
        return f"/servers/jobs/{quote(job or server)}" + (
            f"?server={quote(server, safe='')}" if job else ""
        )
    if mark and table in _SERVER_TABLES:
        return "/servers"
    if not mark and "#" in reference:
        return "/servers/artifacts/" + quote(reference.partition("#")[0], safe="")
    return None


def evidence(reference: str) -> Markup:
    """A piece of evidence, with the way to it."""
    table, mark, key = plain(reference, 300).partition(":")
    shown = f"{table} {key[:_HASH_SHOWN] if table == 'messages' else key}" if mark else table
    page = page_of(reference)
    if page is None:
        return Markup('<span class="mark">{}</span>').format(harmless(shown))
    return Markup('<a class="mark" href="{}">{}</a>').format(page, harmless(shown))


def _link(column: str, value: str) -> Markup:
    shown = short(value) if column == "message_id" else harmless(value, 200)
    return Markup('<a class="id" href="{}">{}</a>').format(link_to(column, value), shown)


def cell(column: str, value: object) -> Markup:
    """A value of a table as its column's name says what it is."""
    if value is None:
        return Markup('<span class="nothing">–</span>')
    if column in _PAGES and isinstance(value, str):
        return _link(column, value)
    shown = _SHOWN.get(column.rpartition("_")[2])
    if isinstance(value, datetime | date):
        text = moment(value) if isinstance(value, datetime) else day(value)
        return Markup('<time datetime="{}">{}</time>').format(value.isoformat(), text)
    if shown is not None and isinstance(value, int | float) and not isinstance(value, bool):
        return escape(shown(value))
    if isinstance(value, int | float):
        # Not amounts: nobody parts their thousands.
        return escape(str(value) if column in ("asn", "port", "position") else number(value))
    if isinstance(value, list | tuple) and column in ("supporting", "contradicting", "evidence"):
        return Markup(" ").join(evidence(str(item)) for item in value[:12])
    if isinstance(value, list | tuple):
        return escape(", ".join(harmless(item, 200) for item in value[:12])
                      + (f" and {len(value) - 12} more" if len(value) > 12 else ""))  # fmt: skip
    if isinstance(value, dict):
        value = json.dumps(value, default=str)
    if column in ("path", "uri"):
        return escape(plain(value, 600))
    if column == "sha256":
        return Markup('<code title="{0}">{1}</code>').format(plain(value, 64), short(value))
    return escape(harmless(value, 600))


_SHOWN: dict[str, Callable[[Any], str]] = {"share": percent, "bytes": size}


def is_number(rows: Sequence[dict[str, Any]], column: str) -> bool:
    """Whether a column of an answer is to be set to the right."""
    values = [row.get(column) for row in rows[:50]]
    return any(isinstance(value, int | float) for value in values) and all(
        value is None or isinstance(value, int | float) for value in values
    )


def words_of(text: str) -> str:
    """A column's or kind's name as one reads it."""
    return text.replace("_", " ")


FILTERS: dict[str, Callable[..., Any]] = {
    "about": about,
    "day": day,
    "harmless": harmless,
    "moment": moment,
    "number": number,
    "percent": percent,
    "plain": plain,
    "safe_link": safe_link,
    "short": short,
    "size": size,
    "words": words_of,
}
