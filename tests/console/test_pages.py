"""Every page, as HTML and as JSON, says what the case says."""

import json
import re
import shutil
import urllib.parse
from html import unescape
from pathlib import Path

import pytest
from console_server import Served, lymer, serve

from lymer.case import defang, open_case, rename


def every_page(served: Served) -> list[str]:
    """An address of every kind of page that the case can show."""
    first = {
        "/campaigns/": "SELECT campaign_id FROM campaigns ORDER BY message_count DESC LIMIT 1",
        "/operations/": "SELECT operation_id FROM operations ORDER BY 1 LIMIT 1",
        "/botnets/": "SELECT botnet_id FROM live_days ORDER BY 1 LIMIT 1",
        "/dialects/": "SELECT dialect_id FROM dialects ORDER BY message_count DESC LIMIT 1",
        "/messages/": "SELECT message_id FROM hops WHERE NOT is_trusted ORDER BY 1 LIMIT 1",
        "/clients/": "SELECT client_ip FROM bots ORDER BY message_count DESC, 1 LIMIT 1",
        "/domains/": "SELECT domain FROM links WHERE domain IS NOT NULL ORDER BY 1 LIMIT 1",
        "/servers/artifacts/": "SELECT artifact_id FROM artifacts ORDER BY 1 LIMIT 1",
        "/servers/jobs/": "SELECT job_id FROM jobs WHERE campaign_id IS NOT NULL LIMIT 1",
        "/people/": "SELECT actor_id FROM actors ORDER BY 1 LIMIT 1",
    }
    pages = ["/", "/campaigns", "/botnets", "/servers", "/people", "/messages", "/sql", "/custody"]
    pages += ["/search?q=example", "/custody/verify", "/sql?q=select+*+from+campaigns"]
    for base, query in first.items():
        if rows := served.sql(query):
            pages.append(base + urllib.parse.quote(str(next(iter(rows[0].values()))), safe=""))
    message = next(page for page in pages if page.startswith("/messages/"))
    campaign = next(page for page in pages if page.startswith("/campaigns/"))
    return [*pages, f"{message}/raw", f"{message}/raw?form=hex", f"{message}/why",
            f"{campaign}/compare"]  # fmt: skip


def as_json(page: str) -> str:
    path, mark, query = page.partition("?")
    return ("/overview.json" if path == "/" else f"{path}.json") + mark + query


def test_every_page_opens_and_has_its_json(world: Served) -> None:
    pages = every_page(world)
    assert len(pages) > 20
    for page in pages:
        shown = world.client.get(page)
        assert shown.status_code == 200, page
        assert shown.headers["content-type"].startswith("text/html")
        told = world.client.get(as_json(page))
        assert told.status_code == 200, page
        assert told.headers["content-type"] == "application/json"
        assert as_json(page) in unescape(shown.text)
        told.json()


def test_every_link_of_every_page_leads_somewhere(world: Served) -> None:
    seen: set[str] = set()
    for page in every_page(world):
        text = world.client.get(page).text
        for target in re.findall(r'href="([^"#]*)', text)[:60]:
            path = unescape(target)
            kind = re.sub(r"[0-9a-f]{6,}.*", "", path)
            if path.startswith("/") and kind not in seen and "verify" not in path:
                seen.add(kind)
                assert world.client.get(path).status_code == 200, f"{page}: {path}"
            assert path.startswith(("/", "?")) or not path, path
            assert not re.match(r"(?!/)[a-z]+:", path), path
    assert len(seen) > 25


def test_the_overview_counts_what_the_case_holds(world: Served) -> None:
    told = world.client.get("/overview.json").json()
    assert told["summary"]["message_count"] == world.one("SELECT count(*) FROM messages")
    assert sum(sum(day.values()) for day in told["days"].values()) == world.one(
        "SELECT count(*) FROM messages WHERE received_at IS NOT NULL"
    )
    largest = world.sql("SELECT * FROM campaigns ORDER BY message_count DESC, campaign_id LIMIT 1")
    assert told["campaigns"][0]["campaign_id"] == largest[0]["campaign_id"]
    spark = told["sparks"][largest[0]["campaign_id"]]
    assert sum(count for _, count in spark) == largest[0]["message_count"]
    page = world.client.get("/").text
    assert f"{told['summary']['message_count']:,}" in page
    assert page.count("<rect") > 20


def test_campaigns_are_found_filtered_sorted_and_paged(world: Served) -> None:
    get = world.client.get
    kind = world.sql("SELECT kind, count(*) AS n FROM campaigns GROUP BY kind ORDER BY n LIMIT 1")
    told = get("/campaigns.json", params={"kind": kind[0]["kind"]}).json()
    assert told["paging"]["total"] == kind[0]["n"] == len(told["campaigns"])
    for sort, column in (("clients", "client_count"), ("messages", "message_count")):
        counts = [c[column] for c in get(f"/campaigns.json?sort={sort}").json()["campaigns"]]
        assert counts == sorted(counts, reverse=True)
        assert len(set(counts)) > 3
    domain = world.sql(
        "SELECT l.domain, count(DISTINCT c.campaign_id) AS n FROM links l "
        "JOIN campaign_messages c ON c.message_id = l.message_id WHERE l.domain IS NOT NULL "
        "GROUP BY 1 ORDER BY n DESC, 1 LIMIT 1"
    )[0]
    found = get("/campaigns.json", params={"q": domain["domain"].upper()}).json()
    assert found["paging"]["total"] >= domain["n"]
    nothing = get("/campaigns", params={"q": "no such thing"})
    assert "No campaign fits" in nothing.text
    assert get("/campaigns?page=0").status_code == 422
    assert get("/campaigns?page=99").status_code == 200
    assert get("/campaigns?sort=drop").status_code == 422


def test_messages_come_in_pages_that_leave_none_out(world: Served) -> None:
    total = world.one("SELECT count(*) FROM messages")
    ids: list[str] = []
    for page in range(1, total // 50 + 2):
        told = world.client.get(f"/messages.json?page={page}&sort=oldest").json()
        ids += [m["message_id"] for m in told["messages"]]
    assert len(ids) == len(set(ids)) == total
    address = world.one("SELECT client_ip FROM bots ORDER BY message_count DESC, 1 LIMIT 1")
    told = world.client.get("/messages.json", params={"q": address}).json()
    assert told["paging"]["total"] == world.one(
        f"SELECT count(*) FROM messages WHERE starts_with(client_ip, '{address}')"
    )


def test_a_campaigns_page_shows_its_template_in_slots(world: Served) -> None:
    row = world.sql(
        "SELECT campaign_id, readable, slots FROM templates "
        "WHERE contains(slots, 'dictionary') ORDER BY member_count DESC LIMIT 1"
    )[0]
    page = world.client.get(f"/campaigns/{row['campaign_id']}").text
    told = world.client.get(f"/campaigns/{row['campaign_id']}.json").json()
    segments = [
        v["segments"] for v in told["versions"] if v["template"]["readable"] == row["readable"]
    ]
    assert "".join(s["text"] for s in segments[0]) == row["readable"]
    slot = next(s for s in json.loads(row["slots"]) if s["kind"] == "dictionary")
    assert 'class="slot s-dictionary"' in page
    for value, _ in slot["values"][:3]:
        assert defang(value) in unescape(page)
    assert sum(sum(d.values()) for d in told["days"].values()) == told["campaign"]["message_count"]
    assert sum(told["hours"]) == told["campaign"]["message_count"]


def test_the_path_has_its_boundary_where_the_hops_say(world: Served) -> None:
    message = world.one(
        "SELECT message_id FROM hops GROUP BY 1 "
        "HAVING bool_or(is_trusted) AND bool_or(NOT is_trusted) ORDER BY 1 LIMIT 1"
    )
    page = world.client.get(f"/messages/{message}").text
    path = page[page.index('<ol class="path">') : page.index("</ol>", page.index('class="path"'))]
    trusted = world.one(f"SELECT count(*) FROM hops WHERE message_id = '{message}' AND is_trusted")
    before, _, after = path.partition('class="boundary"')
    assert before.count('class="hop"') == trusted
    assert 'class="hop"' not in after
    assert 'class="hop claimed"' in after
    assert "injecting client" in before
    headers = world.client.get(f"/messages/{message}.json").json()["headers"]
    states = [h["is_trusted"] for h in headers]
    assert states == sorted(states, reverse=True)
    assert True in states
    assert False in states


def test_the_raw_bytes_are_those_of_the_original(world: Served) -> None:
    import hashlib

    row = world.sql("SELECT message_id, length_bytes FROM messages ORDER BY 1 LIMIT 1")[0]
    kept = world.client.get(f"/messages/{row['message_id']}/original")
    assert hashlib.sha256(kept.content).hexdigest() == row["message_id"]
    assert kept.headers["content-type"] == "application/octet-stream"
    assert kept.headers["content-disposition"].startswith("attachment")
    told = world.client.get(f"/messages/{row['message_id']}/raw.json").json()
    assert told["text"].encode() == kept.content[: told["length_bytes"]]
    hexed = world.client.get(f"/messages/{row['message_id']}/raw.json?form=hex&offset=16").json()
    assert hexed["text"].startswith("00000010  " + kept.content[16:24].hex(" "))


def test_search_reaches_everything(world: Served) -> None:
    campaign = world.sql("SELECT campaign_id, name FROM campaigns ORDER BY message_count DESC")[0]
    botnet = world.sql("SELECT name FROM botnets WHERE is_separable ORDER BY 1")[0]["name"]
    address = world.one("SELECT client_ip FROM bots ORDER BY message_count DESC, 1 LIMIT 1")
    domain = world.one("SELECT domain FROM links WHERE domain IS NOT NULL ORDER BY 1 LIMIT 1")
    for words, kind in (
        (campaign["campaign_id"][:10], "campaigns"),
        (campaign["name"], "campaigns"),
        (botnet.upper(), "botnets"),
        (address, "clients"),
        (domain[2:], "domains"),
        (world.one("SELECT left(message_id, 12) FROM messages LIMIT 1"), "messages"),
    ):
        told = world.client.get("/search.json", params={"q": words}).json()
        assert kind in [hits["kind"] for hits in told["hits"]], words
        assert world.client.get("/search", params={"q": words}).status_code == 200
    assert world.client.get("/search.json", params={"q": "%_%_%"}).json()["hits"] == []


@pytest.mark.parametrize(
    "query",
    [
        "DROP VIEW campaigns",
        "SELECT 1; SELECT 2",
        "COPY campaigns TO '/tmp/console-out.csv'",
        "ATTACH '/tmp/console-out.db'",
        "SELECT * FROM read_csv('/etc/passwd')",
        "SELECT * FROM read_text('/etc/passwd')",
        "INSTALL httpfs",
        "SET enable_external_access = true",
        "CREATE TABLE x AS SELECT 1",
        "select nonsense from nowhere",
        "SELECT",
    ],
)
def test_sql_reads_only(world: Served, query: str) -> None:
    told = world.client.get("/sql.json", params={"q": query}).json()
    assert told["problem"], query
    assert told["rows"] == []
    assert world.client.get("/sql", params={"q": query}).status_code == 200
    assert not Path("/tmp/console-out.csv").exists()


def test_sql_answers_and_is_bounded(world: Served) -> None:
    ask = world.client.get
    told = ask("/sql.json", params={"q": "SELECT count(*) AS n FROM messages"}).json()
    assert told["rows"] == [{"n": world.one("SELECT count(*) FROM messages")}]
    many = ask("/sql.json", params={"q": "SELECT * FROM range(5000) r(a), range(1000) s(b)"}).json()
    assert len(many["rows"]) == 1000
    assert many["is_cut"]
    twice = ask("/sql.json", params={"q": "SELECT 1 AS a, 2 AS a, 'nan'::DOUBLE AS b"}).json()
    assert twice["rows"] == [{"a": 1, "a_2": 2, "b": "nan"}]
    assert "&lt;b&gt;" in ask("/sql", params={"q": "SELECT '<b>' AS x"}).text
    for saved in told["saved"]:
        answered = ask("/sql.json", params={"q": saved["query"]}).json()
        assert answered["problem"] is None, saved["name"]


def test_what_is_not_there_is_said_so(world: Served) -> None:
    for path in ("/nope", "/campaigns/c-nope", "/messages/zz", "/clients/10.9.8.7", "/people/zz",
                 "/servers/jobs/no%2Fjob%22", "/domains/nope.example"):  # fmt: skip
        answer = world.client.get(path)
        assert answer.status_code == 404, path
        assert "Not here" in answer.text
    told = world.client.get("/campaigns/c-nope.json")
    assert told.status_code == 404
    assert "begins with" in told.json()["detail"]


def test_no_page_holds_a_link_that_a_program_would_open(world: Served) -> None:
    row = world.sql(
        "SELECT l.message_id, l.url, c.campaign_id FROM links l JOIN campaign_messages c "
        "ON c.message_id = l.message_id WHERE l.url LIKE 'http%' ORDER BY 1 LIMIT 1"
    )[0]
    for path in (f"/messages/{row['message_id']}", f"/campaigns/{row['campaign_id']}",
                 f"/messages/{row['message_id']}/view"):  # fmt: skip
        page = world.client.get(path).text
        assert not re.search(r'(?:href|src|action)="?(?:https?:)?//', page)
        assert f'data-copy="{row["url"][:12]}' not in page
    assert defang(row["url"])[:40] in unescape(
        world.client.get(f"/messages/{row['message_id']}").text
    )


def test_a_case_that_moved_is_shown_anew(pile: Served) -> None:
    campaign = pile.one("SELECT campaign_id FROM campaigns ORDER BY 1 LIMIT 1")
    case = open_case(pile.case)
    rename(case, campaign, "Named elsewhere")
    case.close()
    for _ in range(100):
        if "Named elsewhere" in pile.client.get("/campaigns").text:
            return
    raise AssertionError("the console still shows the former state")


def test_a_case_of_one_mail_has_every_page(tmp_path: Path) -> None:
    mail = tmp_path / "one.eml"
    mail.write_bytes(b"Subject: alone\n\nhello\n")
    lymer("trace", mail, "--case", tmp_path / "case", "--quiet")
    with serve(tmp_path / "case") as served:
        for page in ("/", "/campaigns", "/botnets", "/servers", "/people", "/messages", "/custody"):
            assert served.client.get(page).status_code == 200, page
        message = served.one("SELECT message_id FROM messages")
        assert "alone" in served.client.get(f"/messages/{message}").text
        mail.unlink()
        gone = served.client.get(f"/messages/{message}")
        assert gone.status_code == 200
        assert "The original cannot be read" in gone.text
        assert served.client.get(f"/messages/{message}/raw").status_code == 400
        assert served.client.get(f"/messages/{message}/view").status_code == 200


def test_a_damaged_case_is_told(pile_case: Path, tmp_path: Path) -> None:
    case = Path(shutil.copytree(pile_case, tmp_path / "case"))
    opened = open_case(case)
    connection = opened.ledger.connection
    connection.execute("UPDATE custody SET subject = 'other' WHERE seq = 1")
    opened.close()
    with serve(case) as served:
        assert "row 1 does not follow" in served.client.get("/custody").text
