"""What lists append to a stranger's mail is not the stranger's word."""

import pytest
from mails_described import fingerprint, selectors

HEAD = "From: gwen@example.net\nSubject: x\n"
LIST = (
    "List-Post: <mailto:hounds@lists.example.org>\n"
    "List-Subscribe: <http://lists.example.org/info/hounds>,\n"
    "\t<mailto:hounds-request@lists.example.org?subject=subscribe>\n"
)
PITCH = "Cheap leashes for every hound of your kennel: http://leash.example/\n"
LINK = "\n\nhttp://lists.example.org/info/hounds\n"
RULED = f"\n____________________\nHounds mailing list{LINK}"
SHOP = '<p>Cheap leashes: <a href="http://leash.example/">buy</a></p>'
HTML = "Content-Type: text/html\n\n<html><body>{}</body></html>{}"


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(f"\n{PITCH}{LINK}", id="bare link"),
        pytest.param(f"\n{PITCH}{LINK}hounds@lists.example.org\n", id="link and mailbox"),
        pytest.param(f"\n{PITCH}{RULED}", id="under a rule"),
        pytest.param(HTML.format(SHOP, LINK), id="behind a document"),
        pytest.param(HTML.format(SHOP, RULED), id="under a rule behind a document"),
    ],
)
def test_a_footer_of_a_list_is_not_the_senders(body: str) -> None:
    assert selectors(HEAD + LIST + body, "domain") == ["leash.example"]
    assert selectors(HEAD + LIST + body, "mailbox") == []


def test_a_bare_footer_changes_nothing_of_the_text() -> None:
    direct, listed = (fingerprint(HEAD + rest) for rest in (f"\n{PITCH}", f"{LIST}\n{PITCH}{LINK}"))
    assert (direct["skeleton"], direct["sketch"]) == (listed["skeleton"], listed["sketch"])


@pytest.mark.parametrize(
    "head",
    [
        pytest.param(HEAD + LIST.partition("\n")[2] + "Precedence: list\n", id="newsletter"),
        pytest.param(
            HEAD + "X-BeenThere: hounds@lists.example.org\n", id="list that names no link"
        ),
        pytest.param(HEAD, id="no list"),
    ],
)
def test_what_no_list_gives_as_its_own_stays(head: str) -> None:
    assert "example.org" in selectors(f"{head}\n{PITCH}{LINK}", "domain")


def test_a_link_that_the_reader_sees_counts_though_it_stands_behind_the_document_too() -> None:
    link = '<a href="http://leash.example/">here</a>'
    assert selectors(HEAD + HTML.format(link, "http://leash.example/"), "domain") == [
        "leash.example"
    ]


def test_markup_behind_the_end_of_a_document_is_the_senders() -> None:
    link = '<a href="http://leash.example/">here</a>'
    assert selectors(HEAD + HTML.format("Cheap leashes", link), "domain") == ["leash.example"]
