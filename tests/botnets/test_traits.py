"""What is read from the traits of a dialect, and which constructions may be one."""

import pytest
from botnet_tables import traits

from lymer.botnets.traits import Token, could_be_one, read_traits


def test_the_softwares_part_is_read() -> None:
    read = read_traits(
        traits(
            boundary="----* 9.9+.x by '._' to 32",
            forged="from I (c) by h with esmtp (c) id i",
            odd="client address in hex in Message-ID; unexpanded macro",
        )
    )
    assert read.sender == "quoted name"
    assert read.token == Token("", ("x", "X"), ".", 2)
    assert read.domain == "sender's domain"
    assert read.boundary == Token("----*", ("9", "9+", "x"), "._", 3)
    assert read.folding == "folded by tab"
    # A macro that stays unexpanded is an accident of one mail.
    assert read.odd == "client address in hex in Message-ID"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        # Who receives it, which word was drawn, which day it is, what the mail is made of.
        ({"forged": "from I by h id i for ann@h"}, {"forged": "from I by h id i for bob9@h"}),
        ({"forged": "from kreir (c) by h"}, {"forged": "from wolf.x (c) by h"}),
        ({"forged": "FROM kreir BY h"}, {"forged": "FROM wolf BY h"}),
        ({"date": "Aa 9 Aa 9999 99:99:99 A"}, {"date": "Aa 99 Aa 9999 99:99:99 A"}),
        ({"date": "9 Aa 9999 99:99:99 A"}, {"date": "99 Aa 9999 99:99:99 A"}),
        ({"mime": "text/plain"}, {"mime": "multipart/mixed(text/plain,image/gif)"}),
    ],
)
def test_what_is_the_messages_is_not_read(one: dict[str, str], other: dict[str, str]) -> None:
    assert read_traits(traits(**one)) == read_traits(traits(**other))


@pytest.mark.parametrize(
    "changed",
    [
        {"sender": "bare name"},
        {"date": "9 Aa 9999 99:99:99 A"},
        {"forged": "from h by h with SMTP"},
        {"forged": "from unknown (c) by h"},
        {"folding": "unfolded"},
        {"domain": "HELO"},
        {"token": "x.X by '$' to 24"},
    ],
)
def test_what_is_the_softwares_is_kept(changed: dict[str, str]) -> None:
    assert read_traits(traits(**changed)) != read_traits(traits())


@pytest.mark.parametrize("text", ["", ";", "From", "Message-ID by 'x", "boundary", "x" * 5000])
def test_traits_of_any_form_are_read(text: str) -> None:
    assert read_traits(text) == read_traits(text)


def test_constructions() -> None:
    token = Token("", ("x", "9"), ".", 2)
    # Digits alone happen in hexadecimal; a longer number may reach the next class of length.
    assert could_be_one(token, Token("", ("9", "9"), ".", 3))
    assert not could_be_one(token, Token("", ("x", "9"), "$", 2))
    assert not could_be_one(token, Token("", ("x", "9", "9"), ".", 2))
    assert not could_be_one(token, Token("--", ("x", "9"), ".", 2))
    assert not could_be_one(token, Token("", ("x", "9"), ".", 4))
    assert not could_be_one(token, Token("", ("x", "A"), ".", 2))
    assert could_be_one("missing", "missing")
    assert not could_be_one("missing", token)
