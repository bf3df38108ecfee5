"""Where links go, whatever was done to hide it."""

import pytest

from lymer.messages.links import LinkCollector, find_urls, read_host, read_url


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("http://gnomes.example", "http://gnomes.example/"),
        ("HTTP://Gnomes.EXAMPLE:80/A?b=C#d", "http://gnomes.example/A?b=C#d"),
        ("https://gnomes.example:443/", "https://gnomes.example/"),
        ("http://gnomes.example:8080/", "http://gnomes.example:8080/"),
        ("http://gnomes.example./x", "http://gnomes.example/x"),
        ("hxxp://gnomes.example/", "http://gnomes.example/"),
        ("http:\\\\gnomes.example\\x", "http://gnomes.example/x"),
        ("http:gnomes.example", "http://gnomes.example/"),
        ("http:////gnomes.example/", "http://gnomes.example/"),
        ("//gnomes.example/x", "http://gnomes.example/x"),
        ("ht\ntp://gno\r\nmes.example/", "http://gnomes.example/"),
        ("http://bank.example@gnomes.example/", "http://gnomes.example/"),
        ("http://gno%6des.example/", "http://gnomes.example/"),
        ("http://3325256753/", "http://198.51.100.49/"),
        ("http://0xC6336431/", "http://198.51.100.49/"),
        ("http://0306.0063.0144.061/", "http://198.51.100.49/"),
        ("http://198.51.25649/", "http://198.51.100.49/"),
        ("http://0xc6.51.0144.49/", "http://198.51.100.49/"),
        ("http://[2001:DB8::7]/", "http://[2001:db8::7]/"),
        ("http://müller.example/", "http://xn--mller-kva.example/"),
        ("http://gnomes\u3002example/", "http://gnomes.example/"),
        ("http://xn--mller-kva.example/", "http://xn--mller-kva.example/"),
    ],
)
def test_plain_form(text: str, url: str) -> None:
    read = read_url(text)
    assert read is not None
    assert read[0] == url


@pytest.mark.parametrize(
    "text",
    [
        "", "mailto:a@b.example", "cid:one", "data:text/html,x", "javascript:alert(1)", "#top",
        "page.html", "http://", "http:///", "http://localhost", "http://a b/", "http://-/",
        "http://1.2.3.4.5/", "http://256.1.1.1/", "http://0x1ffffffff/", "http://[::zz]/",
        "http://" + "a" * 3000 + ".example/", "http://a..b/",
    ],
)  # fmt: skip
def test_goes_nowhere(text: str) -> None:
    assert read_url(text) is None


@pytest.mark.parametrize(
    ("host", "domain"),
    [
        ("shop.gnomes.example", "gnomes.example"),
        ("shop.gnomes.co.uk", "gnomes.co.uk"),
        ("198.51.100.49", None),
        ("co.uk", None),
        ("[2001:db8::7]", None),
    ],
)
def test_registrable_domain(host: str, domain: str | None) -> None:
    read = read_host(host)
    assert read is not None
    assert read.domain == domain


def test_disguises_are_a_defect() -> None:
    for text, is_disguised in (
        ("http://bank.example@gnomes.example/", True),
        ("http://0xC6336431/", True),
        ("http://gno%6des.example/", True),
        ("http://bob@gnomes.example/", False),
        ("http://198.51.100.49/", False),
    ):
        links = LinkCollector()
        links.add(text, "text")
        assert links.defects == (["link_disguised"] if is_disguised else []), text


@pytest.mark.parametrize(
    ("text", "urls"),
    [
        ("See (http://a.example/x), then.", ["http://a.example/x"]),
        ("www.a.example and xwww.b.example", ["http://www.a.example"]),
        ("http://a.example/http://b.example/", ["http://a.example/http://b.example/"]),
        ("mail ann@www.example.org", []),
        ("no link: a.example", []),
    ],
)
def test_in_running_text(text: str, urls: list[str]) -> None:
    assert list(find_urls(text)) == urls


def test_base_of_a_relative_reference() -> None:
    read = read_url("x/y?z", "http://gnomes.example/a/b")
    assert read is not None
    assert read[0] == "http://gnomes.example/a/x/y?z"
