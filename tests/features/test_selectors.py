"""What the sender must keep: each kind of selector, and what is none."""

import base64
import hashlib
import io

import pytest
from mails_described import selectors
from PIL import Image

HEAD = "From: gwen@example.net\nSubject: x\n"


def body(text: str) -> str:
    return f"{HEAD}\n{text}\n"


def attachment(data: bytes, kind: str) -> str:
    encoded = base64.encodebytes(data).decode()
    return (
        f"{HEAD}Content-Type: multipart/mixed; boundary=edge\n\n--edge\n\nSee the picture\n"
        f"--edge\nContent-Type: {kind}\nContent-Transfer-Encoding: base64\n\n{encoded}--edge--\n"
    )


def picture(flat: bool) -> bytes:
    image = Image.new("L", (90, 60), 255)
    if not flat:
        for x in range(90):
            for y in range(60):
                image.putpixel((x, y), (x * 7 + y * (x % 11)) % 256)
    out = io.BytesIO()
    image.save(out, "PNG")
    # Beyond the size of spacers and counters.
    return out.getvalue() + b"\0" * 400


@pytest.mark.parametrize(
    ("kind", "text", "values"),
    [
        ("domain", "see http://a.gnomes.example/x and http://b.gnomes.example/y",
         ["gnomes.example"]),
        ("domain", "see http://gnomes.co.uk/ www.dwarfs.example/",
         ["gnomes.co.uk", "dwarfs.example"]),
        ("domain", "see http://198.51.100.49/", []),
        ("host", "see http://0xC6336431/x", ["198.51.100.49"]),
        ("mailbox", "write to Ivo@Example.com, or to ivo@example.com.", ["ivo@example.com"]),
        ("phone", "call 1 800 555 0100 today", ["18005550100"]),
        ("phone", "call (800) 555-0100 or +44 20 7946 0999 now", ["8005550100", "442079460999"]),
        ("phone", "only $1,000,000 and 100% of 12 in 2007", []),
        ("phone", "room 101", []),
        ("wallet", "pay 1BoatSLRHtKNngkdXEeobR76b53LETtpyT now",
         ["1BoatSLRHtKNngkdXEeobR76b53LETtpyT"]),
        ("wallet", "pay 0x52908400098527886E0F7030069857D2E4169EE7",
         ["0x52908400098527886E0F7030069857D2E4169EE7"]),
        ("ticker", "Symbol: GNMX will rise; Symbol (DWRF.OB) too", ["GNMX", "DWRF"]),
        ("ticker", "the symbol of GNOMES", []),
        ("ticker", "the last word is symbol", []),
    ],
)  # fmt: skip
def test_in_the_text(kind: str, text: str, values: list[str]) -> None:
    assert selectors(body(text), kind) == values


@pytest.mark.parametrize(
    ("link", "values"),
    [
        ("http://a.test/rsjm?c=7b40cd33&Ref=x#top", ["a.test/rsjm?c&ref"]),
        ("http://www.a.test/Shop/item77/buy.php?id=9", ["a.test/shop/item77/buy.php?id"]),
        ("http://a.test:8080/join", ["a.test/join"]),
        ("http://a.test/?dktkazih", []),
        ("http://a.test/", []),
        ("http://a.test", []),
        ("http://a.test/2024/11/25", []),
    ],
)
def test_what_is_fixed_of_a_link(link: str, values: list[str]) -> None:
    assert selectors(body(f"See {link} now"), "page") == values


def test_hidden_links_are_not_the_senders_goal() -> None:
    mail = (
        f"{HEAD}Content-Type: text/html\n\n<a href='http://gnomes.example/'>a</a>"
        "<div style='display:none'><a href='http://news.example/'>b</a></div>\n"
    )
    assert selectors(mail, "domain") == ["gnomes.example"]


@pytest.mark.parametrize(
    ("reply_to", "values"),
    [("Ivo@Example.com", ["ivo@example.com"]), ("gwen@example.net", []), ("", [])],
)
def test_reply_address(reply_to: str, values: list[str]) -> None:
    assert selectors(f"Reply-To: {reply_to}\n" + body("hello"), "mailbox") == values


def test_picture() -> None:
    data = picture(flat=False)
    mail = attachment(data, "image/png")
    assert selectors(mail, "attachment") == [hashlib.sha256(data).hexdigest()]
    (found,) = selectors(mail, "picture")
    assert len(found) == 16


def test_a_flat_picture_says_nothing() -> None:
    mail = attachment(picture(flat=True), "image/png")
    assert selectors(mail, "picture") == []


def test_spacers_are_no_selectors() -> None:
    image = Image.new("L", (1, 1))
    out = io.BytesIO()
    image.save(out, "GIF")
    mail = attachment(out.getvalue(), "image/gif")
    assert selectors(mail, "attachment") == []


def test_file() -> None:
    data = b"%PDF-1.4 gnomes " * 40
    mail = attachment(data, "application/pdf")
    assert selectors(mail, "attachment") == [hashlib.sha256(data).hexdigest()]
    assert selectors(mail, "picture") == []


def test_each_is_named_once_and_there_are_not_too_many() -> None:
    links = " ".join(f"http://gnomes{n}.example/" for n in range(400))
    found = selectors(body(f"{links} {links}"), "domain")
    assert len(found) == len(set(found)) <= 50
