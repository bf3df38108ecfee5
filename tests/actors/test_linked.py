"""A promoted party is linked by what stands outside of the mail, and by nothing else."""

from pathlib import Path
from typing import Any

import pytest
from actor_cases import (
    CANDIDATE,
    Row,
    build_case,
    candidate_text,
    entity,
    order,
    sheet,
    together,
    usual_books,
    usual_mail,
)

from lymer.actors import ACTORS, CLAIMS, HYPOTHESES, VERDICT, find_actors

Found = dict[str, list[Row]]
_LINKS = ("linked", "not_linked", "unknown")


def find(folder: Path, *parts: dict[str, list[Row]]) -> Found:
    case = build_case(folder / "case", together(*parts))
    try:
        with case.connect() as connection:
            return {table.name: rows.to_pylist() for table, rows in find_actors(connection).items()}
    finally:
        case.close()


def link_of(found: Found, name: str) -> Row:
    """The one row that says whether somebody is linked."""
    (actor,) = [row for row in found["actors"] if row["name"] == name]
    (claim,) = [
        row
        for row in found["claims"]
        if row["subject"] == actor["actor_id"] and row["relation"] in _LINKS
    ]
    return claim


def role_of(found: Found, name: str) -> str:
    (actor,) = [row for row in found["actors"] if name in (row["name"], *row["aliases"])]
    return str(actor["role"])


def leading(found: Found) -> tuple[str, str | None]:
    first = min(
        (row for row in found["hypotheses"] if CANDIDATE in row["question"]),
        key=lambda row: row["rank"],
    )
    return first["hypothesis"], first["likelihood"]


def test_without_a_server_nothing_is_known_of_people(tmp_path: Path) -> None:
    found = find(tmp_path, usual_mail())
    claim = link_of(found, CANDIDATE)
    assert claim["relation"] == "unknown"
    assert claim["likelihood"] is None
    assert "no server, books or payments" in claim["why"]
    assert {row["role"] for row in found["actors"]} == {"promoted"}
    assert {row["likelihood"] for row in found["hypotheses"]} == {None}
    unknown = {row["topic"] for row in found["verdict"] if row["statement"].startswith("Unknown")}
    assert unknown == {"steered", "run_by", "ordered_by"}


def test_nothing_outside_of_the_mail_is_not_linked(tmp_path: Path) -> None:
    found = find(tmp_path, usual_mail(), usual_books())
    claim = link_of(found, CANDIDATE)
    assert claim["relation"] == "not_linked"
    assert "3 logins, 3 payments" in claim["why"]
    assert "a link would be" in claim["why"]
    # Silence in the books of a middleman's supplier never makes sure.
    assert claim["confidence"] != "high"
    assert claim["likelihood"] in ("likely", "very likely")
    assert leading(found)[0] != "the promoted party ordered it"
    (line,) = [row for row in found["verdict"] if row["topic"] == "not_linked"]
    assert f"{CANDIDATE} is not linked" in line["statement"]


def test_an_order_elsewhere_leaves_it_open(tmp_path: Path) -> None:
    books = usual_books()
    books["jobs"] = books["jobs"][1:]
    claim = link_of(find(tmp_path, usual_mail(), books), CANDIDATE)
    assert claim["relation"] == "unknown"
    assert "no order of this mail" in claim["why"]


@pytest.mark.parametrize(
    "note",
    [
        "from Max Tallowby, campaign office Dora Quillfeather",
        "cash by D. Quillfeather",
        "paid by Quillfeather",
        "Auftraggeber: Büro Quillfeather",
        "Dora Quillfeather, first half",
    ],
)
def test_named_as_who_pays_is_linked(tmp_path: Path, note: str) -> None:
    found = find(tmp_path, usual_mail(), usual_books(note))
    claim = link_of(found, CANDIDATE)
    assert claim["relation"] == "linked"
    assert "sheet_rows:s-pay/1" in claim["supporting"]
    assert "jobs:box/1" in claim["supporting"]
    assert leading(found) == ("the promoted party ordered it", "very likely")
    assert role_of(found, CANDIDATE) == "promoted"


def test_who_pays_for_another_is_a_payer_and_linked(tmp_path: Path) -> None:
    note = "from Max Tallowby, campaign office Dora Quillfeather"
    found = find(tmp_path, usual_mail(), usual_books(note))
    assert role_of(found, "Max Tallowby") == "payer"
    payer = next(row["actor_id"] for row in found["actors"] if row["name"] == "Max Tallowby")
    relations = {
        row["relation"]: row["object"] for row in found["claims"] if row["subject"] == payer
    }
    customer = next(row["actor_id"] for row in found["actors"] if row["name"] == "nim77")
    assert relations == {"paid_for": "c-aa01", "linked": customer}
    # The candidate did not pay himself: another did, on his behalf.
    candidate = next(row["actor_id"] for row in found["actors"] if row["name"] == CANDIDATE)
    assert not [
        row
        for row in found["claims"]
        if (row["subject"], row["relation"]) == (candidate, "paid_for")
    ]


def test_a_payer_who_has_nothing_to_do_with_the_party(tmp_path: Path) -> None:
    found = find(tmp_path, usual_mail(), usual_books("from Max Tallowby"))
    assert link_of(found, CANDIDATE)["relation"] == "not_linked"
    assert role_of(found, "Max Tallowby") == "payer"
    assert leading(found)[0] == "somebody else ordered it on his own"


@pytest.mark.parametrize(
    "note",
    [
        "for Dora Quillfeather",
        "re: Dora Quillfeather",
        "Quillfeather",
        "Dora Quillfeather mailing",
        "Versand Dora Quillfeather",
    ],
)
def test_a_note_of_what_is_paid_for_names_the_order(tmp_path: Path, note: str) -> None:
    found = find(tmp_path, usual_mail(), usual_books(note))
    assert link_of(found, CANDIDATE)["relation"] == "not_linked"
    assert "payer" not in {row["role"] for row in found["actors"]}


@pytest.mark.parametrize("note", ["Quillfeather office", "wire, Quillfeather for Mayor"])
def test_an_office_of_that_name_in_a_payment_leaves_it_open(tmp_path: Path, note: str) -> None:
    claim = link_of(find(tmp_path, usual_mail(), usual_books(note)), CANDIDATE)
    assert claim["relation"] == "unknown"
    assert "sheet_rows:s-pay/1" in claim["supporting"]


def _register(name: str) -> dict[str, list[Row]]:
    return sheet(
        "s-usr",
        "books",
        ["id", "login", "who"],
        [["41", "boss7", ""], ["42", "nim77", name], ["43", "olb12", "someone else"]],
    )


def test_registered_of_the_account_that_ordered_is_linked(tmp_path: Path) -> None:
    found = find(tmp_path, usual_mail(), usual_books(), _register("office of Dora Quillfeather"))
    claim = link_of(found, CANDIDATE)
    assert claim["relation"] == "linked"
    assert claim["supporting"] == ["sheet_rows:s-usr/2"]
    assert claim["likelihood"] != "almost certain"


def test_books_that_hold_templates_and_lists_are_searched(tmp_path: Path) -> None:
    books = usual_books()
    books["jobs"][0] |= {"template_artifact_id": "books", "list_artifact_id": "books"}
    books["lists"] = [{"artifact_id": "books", "server": "box"}]
    found = find(tmp_path, usual_mail(), books, _register("office of Dora Quillfeather"))
    assert link_of(found, CANDIDATE)["relation"] == "linked"


def test_a_relative_is_somebody_else(tmp_path: Path) -> None:
    found = find(tmp_path, usual_mail(), usual_books(), _register("Kurt Quillfeather"))
    assert link_of(found, CANDIDATE)["relation"] == "not_linked"


def test_registered_of_another_account_is_open(tmp_path: Path) -> None:
    rows = [["41", "boss7", ""], ["42", "nim77", ""], ["43", "olb12", CANDIDATE]]
    found = find(tmp_path, usual_mail(), usual_books(), sheet("s", "books", ["a", "b", "c"], rows))
    assert link_of(found, CANDIDATE)["relation"] == "unknown"


def test_a_login_with_the_name_that_ordered_is_linked(tmp_path: Path) -> None:
    books = usual_books()
    books["accounts"][1]["account"] = "dquillfeather"
    for table in ("jobs", "payments"):
        for row in books[table]:
            if row["account"] == "nim77":
                row["account"] = "dquillfeather"
    assert link_of(find(tmp_path, usual_mail(), books), CANDIDATE)["relation"] == "linked"


def _content() -> dict[str, dict[str, Any]]:
    copy = " ".join(candidate_text(2).split())
    return {
        "a template": {
            "texts": [{"artifact_id": "tpl", "place": "", "text": candidate_text(1)}],
            "entities": [entity("tpl", "handle", "Dora Quillfeather", 1)],
        },
        "a recipient list": {
            "entities": [entity("rcpt", "address", "dora.quillfeather@mail.example", 4)],
        },
        "a recipient in a delivery log": sheet(
            "s-log", "deliv", ["to", "state"], [["dora.quillfeather@mail.example", "ok"]]
        ),
        "a template in a cell": sheet("s-t", "books", ["id", "body"], [["7", copy]]),
        "a recipient list in a table of the books": sheet(
            "s-rcpt",
            "books",
            ["n", "to"],
            [[str(n), f"reader{n}@mail.example"] for n in range(30)]
            + [["99", "dora.quillfeather@mail.example"]],
        ),
        "a line of the mail in a draft": {
            "texts": [
                {"artifact_id": "sh", "place": "", "text": f"<b>\n{CANDIDATE} for mayor!\n"}
            ],
        },
        "a draft that the order names": {
            "texts": [
                {"artifact_id": "draft", "place": "", "text": f"say {CANDIDATE} will save us"}
            ],
            "artifacts": [
                {"artifact_id": "draft", "server": "box", "path": "q/9.txt", "kind": "notes"}
            ],
            "jobs": [
                order("9", "nim77", "c-aa01", "Quillfeather", template_artifact_id="draft")
            ],
        },
        "a saved copy of the mail": {
            "texts": [{"artifact_id": "sh", "place": "", "text": copy}],
        },
        "the row of the order": sheet(
            "s-job", "books", ["no", "who", "what"], [["1", "nim77", "Dora Quillfeather!"]]
        ),
        "its advertised site": {
            "links": [
                {
                    "message_id": "aa01" + f"{0:060x}", "url": "http://doraquillfeather.example/",
                    "host": "doraquillfeather.example", "domain": "doraquillfeather.example",
                    "where_found": "text",
                }
            ],
            "entities": [entity("conf", "domain", "doraquillfeather.example", 8)],
        },
    }  # fmt: skip


@pytest.mark.parametrize("where", _content())
def test_content_never_links(tmp_path: Path, where: str) -> None:
    found = find(tmp_path, usual_mail(), usual_books(), _content()[where])
    claim = link_of(found, CANDIDATE)
    assert claim["relation"] == "not_linked", claim["why"]
    assert not [row for row in found["claims"] if row["relation"] == "linked"]


def test_a_title_quoted_in_a_log_names_the_order(tmp_path: Path) -> None:
    books = usual_books()
    books["jobs"][0] = order("1", "nim77", "c-aa01", "dora quillfeather rally")
    text = "10:00 boss7 start job 1 dora quillfeather rally\n"
    books["texts"] = [{"artifact_id": "sh", "place": "", "text": text}]
    assert link_of(find(tmp_path, usual_mail(), books), CANDIDATE)["relation"] == "not_linked"


def test_a_name_beside_nothing_is_a_lead(tmp_path: Path) -> None:
    text = "ls -l\nmutt -s money dora.quillfeather@city.example\n"
    books = usual_books() | {"texts": [{"artifact_id": "sh", "place": "", "text": text}]}
    claim = link_of(find(tmp_path, usual_mail(), books), CANDIDATE)
    assert claim["relation"] == "unknown"
    assert claim["supporting"] == ["sh#2"]
    assert "mutt -s money" in claim["why"]


def test_a_sellers_login_is_his_brand(tmp_path: Path) -> None:
    books = usual_books()
    for table in ("accounts", "jobs", "payments"):
        for row in books[table]:
            if row["account"] == "nim77":
                row["account"] = "zanexolin"
    found = find(tmp_path, usual_mail(), books)
    assert link_of(found, "Zanexolin")["relation"] == "linked"
    assert link_of(found, CANDIDATE)["relation"] == "not_linked"


def test_what_was_dismissed_plays_no_part(tmp_path: Path) -> None:
    found = find(tmp_path, usual_mail(status={"c-aa01": "dismissed"}), usual_books())
    assert CANDIDATE not in {row["name"] for row in found["actors"]}
    assert not [row for row in found["claims"] if row["object"] == "c-aa01"]
    assert not [row for row in found["timeline"] if row["row_key"] == "c-aa01"]
    assert CANDIDATE not in " ".join(row["statement"] for row in found["verdict"])
    # The order is still in the books.
    assert [row for row in found["claims"] if row["object"] == "box/1"]


def test_the_order_of_rows_does_not_matter(tmp_path: Path) -> None:
    note = "from Max Tallowby, campaign office Dora Quillfeather"
    tables = together(usual_mail(), usual_books(note), _register("x"))
    turned = {name: list(reversed(rows)) for name, rows in tables.items()}
    assert find(tmp_path / "one", tables) == find(tmp_path / "two", turned)


def test_every_table_is_made_and_empty_without_mail(tmp_path: Path) -> None:
    found = find(tmp_path, {})
    assert {ACTORS.name, CLAIMS.name, HYPOTHESES.name, VERDICT.name} <= set(found)
    assert not any(found.values())
