"""What a sender must keep for the mail to pay off: where to click, call, write, pay, buy."""

import re
from collections.abc import Sequence

from lymer.features.tokens import MAILBOX, NUMBER, TICKER_CUE, WALLET, Words, special_words
from lymer.messages import Link, Reading

Selector = tuple[str, str]

_MAILBOX = re.compile(r"[\w.+-]{1,64}@[\w-]+(?:\.[\w-]+)+")
_WALLET = re.compile(
    r"(?:bc1[02-9ac-hj-np-z]{25,60}|0x[0-9a-fA-F]{40}|[1-9A-HJ-NP-Za-km-z]{26,95})"
)
_TICKER = re.compile(r"\(?([A-Z]{3,5})(?:\.(?:OB|PK|OTC))?\)?[.,:;]?")
_DIGITS = re.compile(r"\D+")
# ITU E.164: at most 15 digits; under 7 a number is no telephone's.
_PHONE_DIGITS = range(7, 16)
_SELECTORS_PER_KIND = 50
# Pictures under this size are spacers and counters that many senders share.
_PICTURE_BYTES = 400
# The words of a text this short are all that it has.
_SHORT_WORDS = 11
_WORD_LETTERS = 4
_SIGNS = "!?.,:;\"'()[]{}<>*_-~`|"
# Capitalised words inside a sentence: brands, products, people, shares. It begins with the
# capital and looks back from there: all else is then passed over at the speed of a search.
_NAME = re.compile(r"[A-Z](?:(?<=[a-z,;:] [A-Z])[a-z]{3,14}\b|(?<!\w[A-Z])[A-Z]{2,5}\b)")
_NAME_CHARACTERS = 4000
_NAMES = 12
_RUN = re.compile(r"[^\W_]+")
_FORM_CHARACTERS = 80
_PAGE_CHARACTERS = 200
_LETTER = re.compile(r"[^\W\d_]")
_MIXED_CHARACTERS = 6


def selectors_of(reading: Reading, own: str, links: Sequence[Link], words: Words) -> list[Selector]:
    """The distinct selectors of a message as (kind, value).

    `own` is what the sender wrote, `links` are the links in it and `words` its words.
    """
    found: dict[Selector, None] = {}
    for link in links[:_SELECTORS_PER_KIND]:
        if link.where_found == "hidden":
            continue
        page = page_of(link)
        if page is not None:
            found["page", page] = None
        if link.domain is not None:
            found["domain", link.domain] = None
        else:
            found["host", link.host] = None
    for attachment in reading.content.attachments[:_SELECTORS_PER_KIND]:
        if attachment.size_bytes < _PICTURE_BYTES:
            continue
        found["attachment", attachment.sha256] = None
        if attachment.picture_hash is not None and _is_telling(attachment.picture_hash):
            found["picture", attachment.picture_hash] = None
    if reading.reply_to and reading.reply_to != reading.from_address:
        found["mailbox", reading.reply_to] = None
    for text in (reading.subject or "", own[:_NAME_CHARACTERS]):
        for name in _NAME.findall(text)[:_NAMES]:
            found["name", name.lower()] = None
    if len(words) <= _SHORT_WORDS:
        for word in words:
            plain = word.strip(_SIGNS).lower()
            if len(plain) >= _WORD_LETTERS and plain.isalpha():
                found["word", plain] = None
    if len(words):
        _add_text_selectors(found, words)
    return list(found)


def link_form_of(links: Sequence[Link]) -> str | None:
    """How the first visible link is built behind its host: `/a.a?a=9`; None without a link.

    a stands for letters, 9 for digits, x for a mixture of at least six.
    """
    shown = next((link for link in links if link.where_found != "hidden"), None)
    if shown is None:
        return None
    _, _, path = shown.url.partition(shown.host)
    return _RUN.sub(_mask_run, path[:_FORM_CHARACTERS])[:_FORM_CHARACTERS]


def page_of(link: Link) -> str | None:
    """A link's domain, path and the names of its parameters: `a.test/shop/buy?id&ref`; None where
    the path has no letter.

    What differs from mail to mail makes a page that only one has. The domain stands with it: that
    strangers each have a page to unsubscribe says nothing.
    """
    _, _, path = link.url.partition(link.host)
    path, _, query = path[:_PAGE_CHARACTERS].partition("#")[0].partition("?")
    # What stands before the first stroke is a port.
    page = "/" + path.partition("/")[2]
    names = [name for name, sign, _ in (p.partition("=") for p in query.split("&")) if sign]
    if not _LETTER.search(page):
        return None
    return ((link.domain or link.host) + page + ("?" + "&".join(names) if names else "")).lower()


def _mask_run(run: re.Match[str]) -> str:
    text = run.group()
    if text.isdigit():
        return "9"
    return "a" if text.isalpha() or len(text) < _MIXED_CHARACTERS else "x"


def _is_telling(picture_hash: str) -> bool:
    """A flat picture hashes to (nearly) all zeros or ones and says nothing."""
    ones = int(picture_hash, 16).bit_count()
    return 6 <= ones <= 58


def _add_text_selectors(found: dict[Selector, None], words: Words) -> None:
    special = special_words(words.hashes)
    for index in special.get(MAILBOX, ())[:_SELECTORS_PER_KIND]:
        mailbox = _MAILBOX.search(words[index])
        if mailbox is not None:
            found["mailbox", mailbox.group(0).lower()] = None
    for index in special.get(WALLET, ())[:_SELECTORS_PER_KIND]:
        wallet = _WALLET.search(words[index])
        if wallet is not None:
            found["wallet", wallet.group(0)] = None
    if NUMBER in special:
        _add_phones(found, words, special[NUMBER][:500])
    for index in special.get(TICKER_CUE, ()):
        ticker = _TICKER.fullmatch(words[index + 1]) if index + 1 < len(words) else None
        if ticker is not None:
            found["ticker", ticker.group(1)] = None


def _add_phones(found: dict[Selector, None], words: Words, numbers: list[int]) -> None:
    """Telephone numbers: neighbouring number words that make 7 to 15 digits together."""
    digits, last, count = "", -2, 0
    for index in [*numbers, -1]:
        if index != last + 1 or not digits:
            if len(digits) in _PHONE_DIGITS and count < _SELECTORS_PER_KIND:
                found["phone", digits] = None
                count += 1
            digits = ""
        word = words[index] if index >= 0 else "$"
        if "$" not in word and "%" not in word:
            digits += word if word.isdecimal() else _DIGITS.sub("", word)
        last = index
