"""What a text file is, by its content alone: never by its name or extension."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from lymer.servers.delimited import Delimited, json_line, learn_delimited
from lymer.servers.dumps import START
from lymer.servers.keyed import tells_keys
from lymer.servers.patterns import Format, cut, learn_formats
from lymer.servers.values import ADDRESS, parse_time

_LOOK_LINES = 2_000
_LOOK_CHARS = 8_192
_REQUEST = re.compile(
    r'"(?:GET|POST|HEAD|PUT|OPTIONS|CONNECT|PROPFIND) \S+(?: HTTP/\d(?:\.\d)?)?"?'
)
_KEY = re.compile(
    r"-----BEGIN [A-Z ]*(?:PRIVATE KEY|CERTIFICATE|PUBLIC KEY|PGP)[A-Z ]*-----"
    r"|^ssh-(?:rsa|dss|ed25519) ",
    re.MULTILINE,
)
_ACCOUNT = re.compile(r"[\w.@-]{1,64}:[^\s:]{1,128}(?::[^:]*){0,6}")
_HASHED = re.compile(
    r"[\w.@-]{1,64}:(?:[$*!].*|[A-Za-z0-9./]{13}|[0-9a-f]{32,64}|x|\{\w+\}.+)(?::.*)?"
)
_FIELD = re.compile(r"\s*[A-Za-z_][\w .-]{0,40}?\s*[:=]\s*\S.*|\s*[A-Za-z_][\w.-]{0,40}\s+\S+\s*")
_SECTION = re.compile(r"\s*\[[\w .:/-]{1,64}\]\s*")
_CODE_LINE = re.compile(
    r"[;{}]\s*$|^\s*(?:def|class|sub|function|import|from|use|require|include|return|if|else|elif|"
    r"elsif|for|foreach|while|my|our|var|let|const|static|public|private|package|end|echo|print)\b"
    r"|^\s*(?:#include|#!|<\?php|<\?|\?>|<%)|^\s*(?:\$\w+|\w+)\s*=[^=].*[;)]\s*$"
)
_PROGRAM = re.compile(r"\s*(?:#!|<\?php|package )")
_STATEMENT = re.compile(
    r"\s*(?:(?:CREATE|INSERT|REPLACE|COPY|DROP|ALTER|LOCK|USE|SET|BEGIN|START|PRAGMA|SELECT)\s|BEGIN;)",
    re.IGNORECASE,
)
_COMMENT = re.compile(r"^\s*(?:#|//|/\*|\*|--|;|<!--|%|')")
_COMMANDS_TEXT = """
    ls cd cat vi vim nano rm cp mv mkdir chmod chown tar gzip gunzip unzip wget curl ssh scp
    ftp ps kill killall top tail head less more grep find screen tmux sudo su passwd mysql
    mysqldump psql sqlite3 perl php python ruby gcc make ./configure exit logout who w last
    uname ifconfig netstat iptables crontab service nohup nice df du free uptime ping dig
    whois host rsync git svn apt-get yum touch echo export history clear
"""
_COMMANDS = frozenset(_COMMANDS_TEXT.split())
_MARKUP = re.compile(
    r"<(?:html|body|table|td|p|br|a\s+href|font|div|img|head)\b[^>]*>", re.IGNORECASE
)
_PAGE = re.compile(r"<(?:!DOCTYPE\s+)?html\b", re.IGNORECASE)
_ROOT = re.compile(r"<([A-Za-z_][\w.:-]{0,60})(?:\s+[\w.:-]+\s*=\s*(?:\"[^\"<]*\"|'[^'<]*'))*\s*>")
_ELEMENT = re.compile(r"<([A-Za-z_][\w.:-]{0,60})(?:\s[^<>]{0,300})?>[^<>]{0,500}</\1>")
_PAGE_TAGS_TEXT = """
    html head body table tbody thead tr td th div p center font a img br span style script meta
    title b i u em strong ul ol li h1 h2 h3 h4 h5 h6 form hr pre blockquote small big link base
"""
_PAGE_TAGS = frozenset(_PAGE_TAGS_TEXT.split())
_MAIL_FIELD = re.compile(
    r"^\W{0,3}(?:subject|subj|from|to|reply-to|mime-version|content-type)\b", re.I | re.M
)
_WORDS = re.compile(r"[^\W\d_]{2,}")
# What may be put between words for a mailer to fill in: brackets, or marks in pairs.
_MACRO = re.compile(
    r"\{[^{}\n]{1,400}\}|\[\[[^\]\n]{1,200}\]\]|\[[A-Za-z_/][^\]\n]{0,60}\]|<[%?#:][^<>\n]{1,200}[%?#:]?>"
    r"|%[A-Za-z_][^%\n]{0,400}%|%\w+\([^)\n]*\)%?|@@?[A-Za-z_][^@\s]{0,60}@@?|#{1,2}[A-Za-z_][^#\s]{0,60}#{1,2}"
    r"|\$\{[^}\n]{1,200}\}|\$[A-Za-z_]\w{0,40}(?:\{[^}\n]*\}|\([^)\n]*\))?|!![A-Za-z]\w*!!|~\w+~|\|\w+\|"
)


@dataclass(frozen=True)
class Verdict:
    """What a text is, why, and how it is to be read."""

    kind: str
    why: str
    reader: str
    """dump, xml, json, json lines, list, delimited, lines, keyed, accounts, fields or text."""
    delimited: Delimited | None = None
    formats: tuple[Format, ...] = ()


def classify(head: str, *, is_whole: bool) -> Verdict:
    """Judge a text by its first characters. `is_whole`: it has no more."""
    every = head.splitlines()
    if not is_whole and len(every) > 1:
        every = every[:-1]
    shown = [line[:_LOOK_CHARS] for line in every[:_LOOK_LINES] if line.strip()]
    if not shown:
        return Verdict("empty", "nothing but white space", "text")
    statements = len(START.findall(head))
    if statements and _is_dump(shown, statements):
        return Verdict("dump", f"{statements} SQL statements at the start of lines", "dump")
    if _KEY.search(head) and len(_KEY.findall(head)) * 80 >= len(shown):
        return Verdict("key", "a key or certificate in its armour", "text")
    if _is_xml(head):
        return Verdict("table", "it begins as XML", "xml")
    if (found := _json(head, shown)) is not None:
        return found
    for judge in (_accounts, _keyed, _list, _access_log, _table, _log):
        if (found := judge(shown)) is not None:
            return found
    return _prose(head, shown)


def _is_dump(shown: Sequence[str], statements: int) -> bool:
    """Programs hold SQL too, but within their own lines."""
    plain = [line for line in shown if not _COMMENT.match(line)]
    if not plain or _PROGRAM.match(shown[0]):
        return False
    # Dumps begin with statements; a program would have to begin with one.
    return statements >= 0.5 * len(plain) or _STATEMENT.match(plain[0]) is not None


def _is_xml(head: str) -> bool:
    """A page of HTML is none, whatever it says of itself."""
    start = head[:_LOOK_CHARS].lstrip("\ufeff \t\r\n")
    if start.startswith("<?xml") or (start.startswith("<!DOCTYPE") and "[" in start[:200]):
        return not _PAGE.search(start)
    root = _ROOT.match(start)
    if root is None or root[1].lower() in _PAGE_TAGS:
        return False
    # Marks for a mailer to fill in may look like an element; they are not closed like one.
    return f"</{root[1]}>" in head[-_LOOK_CHARS:] or len(_ELEMENT.findall(start)) >= 4


def _json(head: str, shown: Sequence[str]) -> Verdict | None:
    rows = sum(json_line(line) is not None for line in shown[:200])
    if rows >= 2 and rows >= 0.9 * len(shown[:200]):
        timed = sum(
            any(value and parse_time(value) for value in (json_line(line) or {}).values())
            for line in shown[:200]
        )
        kind = "log" if timed >= 0.9 * rows and rows >= 20 else "table"
        return Verdict(
            kind, f"{rows} of the first {len(shown[:200])} lines are JSON objects", "json lines"
        )
    if head.lstrip("\ufeff \t\r\n")[:1] in ("{", "[") and '"' in head[:200]:
        start = head.lstrip("\ufeff \t\r\n")
        if re.match(r"[\[{]\s*(?:[\[{\"]|[\]}])", start):
            return Verdict("table", "it begins as JSON", "json")
    return None


def _accounts(shown: Sequence[str]) -> Verdict | None:
    shown = [line for line in shown if not line.startswith("#")]
    if not shown or len(shown) > 100_000:
        return None
    fitting = sum(_ACCOUNT.fullmatch(line.strip()) is not None for line in shown)
    hashed = sum(_HASHED.fullmatch(line.strip()) is not None for line in shown)
    if fitting >= 0.95 * len(shown) and hashed >= 0.8 * len(shown):
        return Verdict(
            "accounts",
            f"{hashed} of {len(shown)} lines are a name and its password or hash",
            "accounts",
        )
    return None


def _list(shown: Sequence[str]) -> Verdict | None:
    addressed, extra, addresses = 0, 0, set()
    for line in shown:
        found = ADDRESS.findall(line)
        if len(found) == 1:
            addressed += 1
            extra += len(line) - len(found[0])
            addresses.add(found[0].lower())
    if addressed < 3 or addressed < 0.8 * len(shown) or extra > 60 * addressed:
        return None
    if len(addresses) < 0.5 * addressed:
        return None
    timed = _times(shown)
    if timed is not None and timed[0] >= 0.8 and timed[1]:
        return None
    return Verdict(
        "list", f"{addressed} of the first {len(shown)} lines hold one address each", "list"
    )


def _times(shown: Sequence[str]) -> tuple[float, bool] | None:
    """The share of lines with a time, and whether they are in order of time."""
    times = []
    for line in shown[:500]:
        found = cut(line)
        for value in found.values[:12]:
            at = parse_time(value, year=2000)
            if at is not None:
                times.append(at)
                break
    if not times:
        return None
    steps = len(times) - 1
    rising = sum(one <= two for one, two in pairwise(times))
    moved = times[0] != times[-1]
    return len(times) / len(shown[:500]), steps > 0 and moved and rising >= 0.8 * steps


def _keyed(shown: Sequence[str]) -> Verdict | None:
    cells = tells_keys(shown)
    if not cells:
        return None
    why = f"{cells} of the first {len(shown)} lines give a field of a row, each named in the key"
    return Verdict("table", why, "keyed")


def _access_log(shown: Sequence[str]) -> Verdict | None:
    requests = sum(_REQUEST.search(line) is not None for line in shown)
    if requests < 0.5 * len(shown) or requests < 2:
        return None
    formats = learn_formats(shown)
    why = f"{requests} of the first {len(shown)} lines hold an HTTP request"
    return Verdict("access log", why, "lines", formats=tuple(formats)) if formats else None


def _table(shown: Sequence[str]) -> Verdict | None:
    shape = learn_delimited(shown)
    if shape is None or _mostly_prose(shown):
        return None
    timed = None if shape.has_header else _times(shown)
    is_log = timed is not None and timed[0] >= 0.9 and timed[1] and len(shown) >= 20
    named = {"\t": "tabs"}.get(shape.delimiter, f"{shape.delimiter!r}")
    why = f"{len(shape.columns)} columns between {named}"
    if shape.has_header:
        why += ", named in the first line"
    elif is_log:
        why += ", with a time that rises from line to line"
    return Verdict("log" if is_log else "table", why, "delimited", delimited=shape)


def _log(shown: Sequence[str]) -> Verdict | None:
    timed = _times(shown)
    if timed is None or timed[0] < 0.6 or len(shown) < 3 or _looks_like_code(shown):
        return None
    formats = learn_formats(shown)
    covered = sum(one.line_count for one in formats)
    if not formats or (covered < 0.3 * len(shown) and not timed[1]):
        return None
    why = (
        f"{timed[0]:.0%} of the lines hold a time; {len(formats)} line formats cover "
        f"{covered} of the first {len(shown)} lines"
    )
    return Verdict("log", why, "lines", formats=tuple(formats))


def _mostly_prose(shown: Sequence[str]) -> bool:
    return sum(len(_WORDS.findall(line)) >= 8 for line in shown) > 0.5 * len(shown)


def _looks_like_code(shown: Sequence[str]) -> bool:
    code = sum(_CODE_LINE.search(line) is not None for line in shown)
    return code + sum(_COMMENT.match(line) is not None for line in shown) >= 0.6 * len(shown) and (
        code >= 3
    )


def _prose(head: str, shown: Sequence[str]) -> Verdict:
    """Template, source, history, configuration or notes: whichever has most to say for itself."""
    count = len(shown)
    code = sum(_CODE_LINE.search(line) is not None for line in shown) / count
    comments = sum(_COMMENT.match(line) is not None for line in shown) / count
    commands = sum((line.split() or [""])[0] in _COMMANDS for line in shown) / count
    named = [_FIELD.fullmatch(line) for line in shown]
    names = [found[0].split(None, 1)[0].strip(":=") for found in named if found is not None]
    # Settings have a name each; who speaks in a chat comes again.
    told_once = len(set(names)) / len(names) if names else 1.0
    sections = sum(_SECTION.fullmatch(line) is not None for line in shown)
    fields = (len(names) + sections) / count * told_once**2
    macros = len(_MACRO.findall(head))
    markup = len(_MARKUP.findall(head))
    words = len(_WORDS.findall(head))
    mail = len(_MAIL_FIELD.findall(head))
    scores = {
        "history": 2 * commands if count >= 3 else 0.0,
        "source": (code + 0.5 * comments) * (1.6 if _PROGRAM.match(head) else 1.2)
        - 0.2 * min(markup, 5),
        "config": fields * 0.9 if count < 400 and not markup else 0.0,
        "template": min(macros, 4) * 0.15 + min(markup, 4) * 0.15 + min(mail, 2) * 0.3
        + (0.2 if words > 12 * count**0.5 else 0.0),
        "notes": 0.25,
    }  # fmt: skip
    kind = max(scores, key=lambda name: scores[name])
    told = {
        "history": f"{commands:.0%} of the lines begin with a shell command",
        "source": f"{code:.0%} of the lines are program text, {comments:.0%} comments",
        "config": f"{fields:.0%} of the lines are a name and a value",
        "template": f"{macros} places to fill in, {markup} tags, {mail} mail fields, {words} words",
        "notes": f"{words} words, without what marks a template, a program or settings",
    }
    return Verdict(kind, told[kind], "fields" if kind == "config" else "text")
