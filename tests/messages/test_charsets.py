"""Charsets, declared, undeclared and invented."""

import pytest

from lymer.messages.charsets import decode_text, find_codec, remove_invisible


@pytest.mark.parametrize(
    ("data", "declared", "text", "defects"),
    [
        (b"plain", None, "plain", []),
        ("Grüße".encode(), "utf-8", "Grüße", []),
        ("Grüße “a”".encode("cp1252"), "iso-8859-1", "Grüße “a”", []),
        ("Grüße".encode(), None, "Grüße", ["undeclared_8bit"]),
        ("Grüße".encode("cp1252"), None, "Grüße", ["undeclared_8bit"]),
        ("Grüße".encode(), "us-ascii", "Grüße", ["undeclared_8bit"]),
        ("Grüße".encode("cp1252"), "DEFAULT_CHARSET", "Grüße", ["charset_unknown"]),
        ("Grüße".encode("cp1252"), "iso-NNNN-N", "Grüße", ["charset_unknown"]),
        ("Grüße".encode("cp1252"), "utf-8", "Gr\ufffd\ufffde", ["charset_damaged"]),
        ("привет".encode("koi8-r"), "koi8-r", "привет", []),
        ("你好".encode("gb18030"), "gb2312", "你好", []),
        (b"a\0b", None, "ab", ["nul_bytes"]),
        (b"+2AA-", "utf-7", "?", []),
        (b"a\xff", "utf-7", "aÿ", ["charset_damaged"]),
        (b"plain", "rot13", "plain", ["charset_unknown"]),
    ],
)
def test_decode(data: bytes, declared: str | None, text: str, defects: list[str]) -> None:
    found: list[str] = []
    assert decode_text(data, declared, found) == text
    assert found == defects


@pytest.mark.parametrize("label", ["zlib", "hex", "idna", "punycode", "unicode_escape", "rot13",
                                   "", "-", "../../etc", "x" * 100, "undefined"])  # fmt: skip
def test_no_charset(label: str) -> None:
    assert find_codec(label) is None


def test_invisible_characters_do_not_split_words() -> None:
    assert remove_invisible("Vi\u200bag\u00adra\ufeff Ω\u202e") == "Viagra Ω"
    assert remove_invisible("so\xadft") == "soft"
