"""Mailboxes and encoded words, in the shapes that mail has."""

import pytest

from lymer.messages.addresses import decode_words, display_name, domain_of, first_address


@pytest.mark.parametrize(
    ("value", "address", "name"),
    [
        ("ann@example.org", "ann@example.org", None),
        ("<Ann@Example.ORG>", "ann@example.org", None),
        ("Ann Marsh <ann@example.org>", "ann@example.org", "Ann Marsh"),
        ('"Marsh, Ann" <ann@example.org>', "ann@example.org", "Marsh, Ann"),
        ('"Ann \\"Bo\\" Marsh" <ann@example.org>', "ann@example.org", 'Ann "Bo" Marsh'),
        ("ann@example.org (Ann Marsh)", "ann@example.org", "Ann Marsh"),
        ("=?utf-8?Q?J=C3=BCrgen?= <j@example.org>", "j@example.org", "Jürgen"),
        ('"bob@fake.example" <ann@example.org>', "ann@example.org", "bob@fake.example"),
        ("<ann@[192.0.2.1]>", "ann@[192.0.2.1]", None),
        ("Ann <ann@example.org", "ann@example.org", "Ann"),
        ("a@example.org, b@example.org", "a@example.org", None),
        ("<>", None, None),
        ("", None, None),
        ("Ann Marsh", None, None),
        ("%FROM%", None, None),
        ("@example.org", None, None),
        ("ann@", None, None),
    ],
)
def test_mailbox(value: str, address: str | None, name: str | None) -> None:
    assert first_address(value) == address
    assert display_name(value) == name


def test_long_runs_without_an_at_are_read_once() -> None:
    """Quadratic, this would take minutes."""
    assert first_address("a" * 1_000_000) is None
    assert first_address("a" * 1_000_000 + " b@c.example") == "b@c.example"


@pytest.mark.parametrize(
    ("text", "decoded"),
    [
        ("plain", "plain"),
        ("=?iso-8859-1?Q?Gr=FC=DFe_aus?=", "Grüße aus"),
        ("=?UTF-8?B?R3LDvMOfZQ==?=", "Grüße"),
        ("=?utf-8?B?R3LDvMOfZQ?=", "Grüße"),
        ("=?utf-8?q?a?= =?utf-8?q?b?= c", "ab c"),
        ("=?utf-8*de?q?a?=", "a"),
        ("=?gb2312?B?xOO6ww==?=", "你好"),
        # Windows' quotes under a Latin-1 label
        ("=?iso-8859-1?Q?=93a=94?=", "“a”"),
        # What cannot be decoded stays
        ("=?no-such?q?a?=", "=?no-such?q?a?="),
        ("=?utf-8?x?a?=", "=?utf-8?x?a?="),
        ("=?utf-8?q?never ends", "=?utf-8?q?never ends"),
        # Codecs that are no charsets
        ("=?zlib?b?eJw=?=", "=?zlib?b?eJw=?="),
        ("=?punycode?q?a-b?=", "=?punycode?q?a-b?="),
        ("=?unicode_escape?q?=5Cud800?=", "=?unicode_escape?q?=5Cud800?="),
        # Bytes that are not in the charset, and text that cannot be stored
        ("=?utf-8?q?a=FFb?=", "a\ufffdb"),
        ("=?utf-7?q?+2AA-?=", "?"),
        ("=?utf-8?q?a=00b?=", "ab"),
    ],
)
def test_encoded_words(text: str, decoded: str) -> None:
    assert decode_words(text) == decoded


@pytest.mark.parametrize(
    ("address", "domain"),
    [("a@b.example", "b.example"), ("a@B@C.example", "c.example"), ("a", None), (None, None),
     ("a@", None)],
)  # fmt: skip
def test_domain(address: str | None, domain: str | None) -> None:
    assert domain_of(address) == domain
