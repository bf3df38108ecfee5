"""The analyst's word, given in the browser."""

from console_server import Served


def decide(served: Served, **data: object) -> str:
    """Decide by a form as the pages have it; the page that one is led to."""
    answer = served.client.post("/decisions", data={"csrf": served.access.csrf, **data})
    assert answer.status_code == 200, answer.text
    return answer.text


def campaigns(served: Served) -> dict[str, dict[str, object]]:
    return {row["campaign_id"]: row for row in served.sql("SELECT * FROM campaigns")}


def test_rename_dismiss_and_undo(pile: Served) -> None:
    one = min(campaigns(pile))
    page = decide(pile, verb="rename", campaign=one, text="Pills of October <b>")
    assert "Decision 1 is made" in page
    assert "Pills of October &lt;b&gt;" in page
    assert campaigns(pile)[one]["name"] == "Pills of October <b>"
    decide(pile, verb="dismiss", campaign=one)
    assert campaigns(pile)[one]["status"] == "dismissed"
    assert pile.client.get("/campaigns.json?status=dismissed").json()["paging"]["total"] == 1
    assert "Decision 2 is undone" in decide(pile, verb="undo", number=2)
    assert campaigns(pile)[one]["status"] == "open"
    assert campaigns(pile)[one]["name"] == "Pills of October <b>"
    chain = pile.client.get("/custody.json").json()
    assert chain["broken_at"] is None
    assert [d["is_undone"] for d in chain["decisions"]] == [True, False]
    assert chain["decisions"][0]["analyst"] == "A. Example"


def test_merge_and_split_are_seen_at_once(pile: Served) -> None:
    one, other = sorted(campaigns(pile))
    total = sum(int(str(row["message_count"])) for row in campaigns(pile).values())
    page = decide(pile, verb="merge", campaign=[one, other])
    assert "Decision 1 is made" in page
    assert campaigns(pile)[one]["message_count"] == total
    assert pile.client.get("/campaigns.json").json()["paging"]["total"] == 1
    assert pile.client.get(f"/campaigns/{other}").status_code == 404
    members = [row["message_id"] for row in pile.sql("SELECT message_id FROM campaign_messages")]
    decide(pile, verb="split", campaign=one, message=members[:3])
    assert sorted(row["message_count"] for row in campaigns(pile).values()) == [3, total - 3]
    decide(pile, verb="undo")
    assert campaigns(pile)[one]["message_count"] == total


def test_a_link_of_botnets_is_overruled_in_place(pile: Served) -> None:
    one, other = sorted(campaigns(pile))
    decide(pile, verb="link", campaign=[one, other])
    held = pile.sql("SELECT campaign_id FROM botnet_campaigns")
    assert {row["campaign_id"] for row in held} == {one, other}
    decide(pile, verb="unlink", campaign=[one, other])
    held = pile.sql("SELECT campaign_id FROM botnet_campaigns")
    assert {row["campaign_id"] for row in held} == {other}


def test_what_cannot_be_decided_is_said_so(pile: Served) -> None:
    one = min(campaigns(pile))
    post = pile.client.post
    token = {"csrf": pile.access.csrf}
    for data in (
        {"verb": "merge", "campaign": one},
        {"verb": "rename", "campaign": one, "text": "  "},
        {"verb": "split", "campaign": one},
        {"verb": "split", "campaign": one, "message": "zz"},
        {"verb": "undo"},
        {"verb": "dismiss", "campaign": "c-nope"},
        {"verb": "dismiss"},
        {"verb": "link", "campaign": one},
        {"verb": "unlink", "campaign": [one, one]},
    ):
        assert post("/decisions", data=data | token).status_code == 400, data
    assert post("/decisions", data={"verb": "burn"} | token).status_code == 422
    assert pile.client.get("/custody.json").json()["decisions"] == []


def test_a_program_decides_with_its_token(pile: Served) -> None:
    one = min(campaigns(pile))
    with pile.stranger(
        headers={"authorization": f"Bearer {pile.access.token}", "accept": "application/json"}
    ) as program:
        told = program.post("/decisions", data={"verb": "note", "campaign": one, "text": "seen"})
    assert told.json() == {
        "number": 1, "verb": "note", "campaigns": [one], "is_undone": False,
    }  # fmt: skip
