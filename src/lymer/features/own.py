"""The sender's own words: without what was quoted, and without what was appended.

Replies quote somebody else's mail, and lists, providers and mailers append the same footer to
everything. Neither tells who wrote a message.
"""

import re

from lymer.messages import Link, Reading

# The signature mark of RFC 3676 section 4.3, and the rules that lists and mailers draw.
_RULE = re.compile(r"\n[ \t]*(?:-- ?|[-_=*~]{6,})[ \t]*(?=\n)")
# A footer is short, and what stands above it is the message.
_FOOTER_LINES = 16
_LEAST_WORDS = 6
_QUOTED = re.compile(r"^[ \t]*>.*\n?", re.MULTILINE)
# What a list says of itself (RFC 2369) stands as `<address>, <address>`.
_LIST_FIELDS = frozenset(
    {"list-help", "list-unsubscribe", "list-subscribe", "list-post", "list-owner", "list-archive"}
)
_LIST_ADDRESS = re.compile(r"<(?:mailto:)?([^<>\s?]{4,500})")
# Strangers write through a list that takes posts; a newsletter carries its own sender's words.
_POSTED = ("list-post", "x-beenthere")


def own_words(reading: Reading) -> str:
    """The text less quoted lines and a footer; all of it where next to nothing would be left."""
    text = own = _without_list(reading)
    last = None
    for last in _RULE.finditer(own, max(0, len(own) - 2000)):
        if own.count("\n", last.end()) <= _FOOTER_LINES:
            break
    if last is not None and own.count("\n", last.end()) <= _FOOTER_LINES:
        own = own[: last.start()]
    if own.startswith(">") or "\n>" in own:
        own = _QUOTED.sub("", own)
    return own if len(own.split(None, _LEAST_WORDS)) >= _LEAST_WORDS else text


def _without_list(reading: Reading) -> str:
    """The text less its last lines, where all they have is what the list names as its own."""
    text = reading.content.text
    if reading.carriage != "list":
        return text
    named: set[str] = set()
    takes_posts = False
    for header in reading.headers:
        name = header.name.lower()
        takes_posts = takes_posts or name in _POSTED
        if name in _LIST_FIELDS:
            named.update(_LIST_ADDRESS.findall(header.value))
    if not takes_posts or not named:
        return text
    end = place = len(text)
    while place > 0:
        start = text.rfind("\n", 0, place) + 1
        line = text[start:place].strip()
        if line in named:
            end = start
        elif line:
            break
        place = start - 1
    return text[:end]


def own_links(reading: Reading, own: str) -> list[Link]:
    """The links of a message less those that only stand in what was quoted or appended."""
    links = reading.content.links
    if len(own) == len(reading.content.text):
        return links
    return [link for link in links if link.where_found != "text" or link.host in own]
