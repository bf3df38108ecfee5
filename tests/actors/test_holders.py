"""Who runs a server, who orders from it, who else works there."""

from pathlib import Path

from actor_cases import (
    Row,
    build_case,
    entity,
    order,
    sheet,
    together,
    usual_books,
    usual_mail,
)

from lymer.actors import find_actors
from lymer.actors.likelihoods import _LADDER

_RANK = {word: number for number, (_, word) in enumerate(_LADDER)}


def find(folder: Path, books: dict[str, list[Row]]) -> dict[str, list[Row]]:
    case = build_case(folder / "case", together(usual_mail(), books))
    try:
        with case.connect() as connection:
            return {table.name: r.to_pylist() for table, r in find_actors(connection).items()}
    finally:
        case.close()


def actor(found: dict[str, list[Row]], name: str) -> Row:
    (row,) = [row for row in found["actors"] if row["name"] == name]
    return row


def claims(found: dict[str, list[Row]], name: str, relation: str) -> list[Row]:
    subject = actor(found, name)["actor_id"]
    return [c for c in found["claims"] if (c["subject"], c["relation"]) == (subject, relation)]


def test_operator_customers_and_another_hand(tmp_path: Path) -> None:
    found = find(tmp_path, usual_books())
    roles = {row["name"]: row["role"] for row in found["actors"] if row["role"] != "promoted"}
    assert roles == {
        "boss7": "operator", "nim77": "customer", "olb12": "customer", "vlam": "unknown",
    }  # fmt: skip
    assert actor(found, "boss7")["aliases"] == ["boss7@host.example"]
    assert "a second person, or another name" in actor(found, "vlam")["why"]
    (hand,) = claims(found, "vlam", "operates")
    assert hand["likelihood"] == "roughly even chance"


def test_handles_make_an_operator_surer(tmp_path: Path) -> None:
    books = usual_books()
    (many,) = claims(find(tmp_path / "many", books), "boss7", "operates")
    books["entities"] = []
    (bare,) = claims(find(tmp_path / "bare", books), "boss7", "operates")
    assert _RANK[many["likelihood"]] > _RANK[bare["likelihood"]]
    assert (many["confidence"], bare["confidence"]) == ("high", "low")
    assert {"accounts:box/boss7", "conf#3", "src#2"} <= set(many["supporting"])


def test_without_privilege_two_kinds_of_handles_tell(tmp_path: Path) -> None:
    books = usual_books()
    books["accounts"][0] |= {"privilege": "1", "is_privileged": False}
    assert actor(find(tmp_path / "two", books), "boss7")["role"] == "operator"
    books["entities"] = books["entities"][:1]
    assert actor(find(tmp_path / "one", books), "boss7")["role"] == "unknown"


def test_a_customer_in_notes_is_a_customer(tmp_path: Path) -> None:
    books = usual_books()
    books["artifacts"].append(
        {"artifact_id": "memo", "server": "box", "path": "notes.txt", "kind": "notes"}
    )
    books["entities"] += [entity("memo", "handle", "nim77", 1), entity("src", "handle", "nim77", 3)]
    assert actor(find(tmp_path, books), "nim77")["role"] == "customer"


def test_an_operator_with_orders_of_his_own_keeps_one_role(tmp_path: Path) -> None:
    books = usual_books()
    books["jobs"].append(order("4", "boss7", "c-cc03", "own"))
    found = find(tmp_path, books)
    assert actor(found, "boss7")["role"] == "operator"
    (ordered,) = claims(found, "boss7", "ordered")
    assert ordered["object"] == "c-cc03"


def test_the_machines_own_accounts_are_nobody(tmp_path: Path) -> None:
    books = usual_books()
    books["accounts"].append(
        {"server": "box", "account": "root", "is_privileged": True, "job_count": 0,
         "login_ips": [], "artifact_id": "pw", "why": "uid 0"}
    )  # fmt: skip
    assert "root" not in {row["name"] for row in find(tmp_path, books)["actors"]}


def test_botnets_of_the_server_are_run_by_its_operator(tmp_path: Path) -> None:
    books = usual_books() | {
        "botnets": [{"botnet_id": "b-1", "name": "Mogi", "is_separable": True}],
        "coverage": [
            {"server": "box", "subject": "bots of botnet b-1", "covered": 80, "total": 100,
             "share": 0.8}
        ],
    }  # fmt: skip
    found = find(tmp_path, books)
    operated = {claim["object"]: claim["why"] for claim in claims(found, "boss7", "operates")}
    assert set(operated) == {"box", "b-1"}
    assert "80%" in operated["b-1"]


def test_the_profile_shows_the_odd_order(tmp_path: Path) -> None:
    books = usual_books()
    books["jobs"].append(order("5", "nim77", None, "pills"))
    found = find(tmp_path, books)
    (profile,) = [row for row in found["profiles"] if row["account"] == "nim77"]
    assert profile["job_count"] == 3
    assert profile["campaigns"] == ["c-aa01", "c-bb02"]
    assert profile["titles"] == ["Quillfeather", "pills"]
    assert profile["targets"] == 52_000_000
    assert profile["price"] == 900.0 + 102.0 + 105.0
    assert (profile["largest_job_id"], profile["times_median"]) == ("1", 50.0)
    assert "50 times" in profile["why"]


def test_evidence_points_at_rows_that_exist(tmp_path: Path) -> None:
    books = usual_books("from Max Tallowby")
    tables = together(usual_mail(), books)
    keys = {
        "campaigns": {row["campaign_id"] for row in tables["campaigns"]},
        "messages": {row["message_id"] for row in tables["messages"]},
        "accounts": {f"box/{row['account']}" for row in tables["accounts"]} | {"box"},
        "jobs": {f"box/{row['job_id']}" for row in tables["jobs"]},
        "payments": {"box"},
        "artifacts": {"box"},
        "sheet_rows": {f"s-pay/{row['position']}" for row in tables["payments"]},
    }
    places = {f"books#{row['position']}" for row in tables["jobs"]}
    places |= {f"{row['artifact_id']}#{row['position']}" for row in tables["entities"]}
    for claim in find(tmp_path, books)["claims"]:
        assert claim["supporting"], claim
        for reference in claim["supporting"] + claim["contradicting"]:
            table, _, key = reference.partition(":")
            assert reference in places or key in keys[table], reference


def test_what_is_registered_beside_a_login_is_an_alias(tmp_path: Path) -> None:
    columns = ["no", "login", "mail", "remark"]
    register = sheet(
        "s-usr",
        "books",
        columns,
        [
            ["41", "boss7", "b7@night.example", ""],
            ["42", "nim77", "nimrod@sales.example", "Ned Imrod, pays late"],
            ["43", "olb12", "", "for Dora Quillfeather"],
        ],
    )
    orders = sheet(
        "s-job", "books", ["no", "who", "what"],
        [["1", "nim77", "Gil Hart sale"], ["2", "boss7", "Ida Jolt sale"]],
    )  # fmt: skip
    log = sheet(
        "s-log", "deliv", ["who", "to"], [["nim77", "x@y.example"], ["olb12", "z@y.example"]]
    )
    found = find(tmp_path, together(usual_books(), register, orders, log))
    assert actor(found, "nim77")["aliases"] == ["Ned Imrod", "nimrod@sales.example"]
    assert "registered beside his login in db.sql (s-usr)" in actor(found, "nim77")["why"]
    assert actor(found, "boss7")["aliases"] == ["b7@night.example", "boss7@host.example"]
    # Neither the party that mail promotes, nor what a log or an order names.
    assert actor(found, "olb12")["aliases"] == []


def test_accounts_that_came_from_one_address_are_not_one(tmp_path: Path) -> None:
    books = usual_books()
    for row in books["accounts"][1:]:
        row["login_ips"] = ["198.51.100.7"]
    found = find(tmp_path, books)
    assert "came from 198.51.100.7 as did olb12: perhaps one" in actor(found, "nim77")["why"]
    assert actor(found, "nim77")["actor_id"] != actor(found, "olb12")["actor_id"]
