"""Who may look, and what a page may do."""

from collections.abc import Iterator

import httpx
import pytest
from console_server import Served, serve

from lymer.console import Access
from lymer.errors import UsageError


def test_without_the_token_nothing_of_the_case_is_told(world: Served) -> None:
    name = world.one("SELECT name FROM campaigns ORDER BY message_count DESC LIMIT 1")
    with world.stranger() as stranger:
        for path in ("/", "/campaigns", "/sql?q=select+1", "/custody", "/openapi.json", "/nope"):
            answer = stranger.get(path)
            assert answer.status_code in (303, 401), path
            assert name not in answer.text
        assert stranger.get("/campaigns.json").status_code == 401
        assert stranger.post("/decisions", data={"verb": "undo"}).status_code == 401
        entered = stranger.get("/enter")
        assert entered.status_code == 200
        assert world.case.name not in entered.text.replace("case", "")


def test_a_wrong_token_does_not_open(world: Served) -> None:
    with world.stranger() as stranger:
        assert stranger.get("/enter", params={"token": "guess"}).status_code == 401
        assert stranger.get("/enter", params={"token": ""}).status_code == 401
        assert not stranger.cookies
        stranger.cookies.set(world.access.cookie, "guess")
        assert stranger.get("/campaigns").status_code == 303
        wrong = {"authorization": "Bearer guess"}
        assert stranger.get("/campaigns.json", headers=wrong).status_code == 401


def test_the_token_opens_once_and_leaves_the_address(world: Served) -> None:
    with world.stranger() as stranger:
        answer = stranger.get("/enter", params={"token": world.access.token})
        assert answer.status_code == 303
        assert answer.headers["location"] == "/"
        cookie = answer.headers["set-cookie"].lower()
        assert "httponly" in cookie
        assert "samesite=strict" in cookie
        assert world.access.token not in answer.headers["set-cookie"]
        assert stranger.get("/campaigns").status_code == 200


def test_a_program_may_show_the_token_itself(world: Served) -> None:
    with world.stranger(headers={"authorization": f"Bearer {world.access.token}"}) as program:
        assert program.get("/campaigns.json").json()["paging"]["total"] > 0


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "user@127.0.0.1", ""])
def test_another_name_for_this_address_is_refused(world: Served, host: str) -> None:
    answer = world.client.get("/campaigns", headers={"host": host})
    assert answer.status_code in (400, 421)


def test_every_answer_carries_the_headers(world: Served) -> None:
    with world.stranger() as stranger:
        answers = [
            world.client.get("/"),
            world.client.get("/nope"),
            world.client.get("/campaigns.json"),
            world.client.get("/static/lymer.css"),
            stranger.get("/campaigns"),
        ]
    for answer in answers:
        policy = answer.headers["content-security-policy"]
        assert policy.startswith("default-src 'none'")
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["x-frame-options"] == "DENY"


def test_pages_hold_nothing_inline(world: Served) -> None:
    for path in ("/", "/campaigns", "/sql", "/people", "/servers"):
        page = world.client.get(path).text
        assert "<style" not in page
        assert " style=" not in page
        assert " onclick=" not in page
        assert "javascript:" not in page
        assert page.count("<script") == page.count('<script src="/static/')


def test_a_change_must_come_from_our_own_pages(pile: Served) -> None:
    campaign = pile.one("SELECT campaign_id FROM campaigns LIMIT 1")
    asked = {"verb": "rename", "campaign": campaign, "text": "Pills"}
    good = asked | {"csrf": pile.access.csrf}
    post = pile.client.post
    assert post("/decisions", data=asked).status_code == 403
    assert post("/decisions", data=asked | {"csrf": "guess"}).status_code == 403
    elsewhere = {"origin": "http://evil.example"}
    assert post("/decisions", data=good, headers=elsewhere).status_code == 403
    for site in (
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "null"},
        {"origin": "null", "sec-fetch-site": "cross-site"},
    ):
        assert post("/decisions", data=good, headers=site).status_code == 403, site
    assert pile.client.get("/decisions", params=good).status_code == 405
    assert pile.one("SELECT count(*) FROM campaigns WHERE decided IS NOT NULL") == 0
    assert post("/decisions", data=good).status_code == 200
    assert pile.one("SELECT count(*) FROM campaigns WHERE decided IS NOT NULL") == 1


def test_a_body_without_an_end_is_cut_off(world: Served) -> None:
    def body() -> Iterator[bytes]:
        for _ in range(64):
            yield b"secret=" + b"x" * 65536

    form = {"content-type": "application/x-www-form-urlencoded"}
    with world.stranger() as stranger, pytest.raises(httpx.HTTPError):
        stranger.post("/enter", content=body(), headers=form).raise_for_status()


def test_no_other_address_without_a_password() -> None:
    for host in ("0.0.0.0", "192.0.2.1", "::", "console.example"):
        with pytest.raises(UsageError, match="LYMER_PASSWORD"):
            Access(host=host)
        assert Access(host=host, password="long enough").password
    for host in ("127.0.0.1", "::1", "localhost"):
        assert Access(host=host).is_loopback


def test_a_password_opens_where_one_is_set(pile_case: object) -> None:
    with serve(pile_case, password="swordfish") as served, served.stranger() as stranger:  # type: ignore[arg-type]
        assert "password" in stranger.get("/enter").text.lower()
        assert stranger.post("/enter", data={"secret": "sword"}).status_code == 401
        assert stranger.post("/enter", data={"secret": "swordfish"}).status_code == 303
        assert stranger.get("/campaigns").status_code == 200
