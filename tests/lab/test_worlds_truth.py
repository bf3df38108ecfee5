"""The truth of a world agrees with its files and with itself."""

from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from lab_worlds import World

from lymer.lab.addresses import Blocks
from lymer.lab.draws import Draw
from lymer.lab.networks.pool import Pool
from lymer.lab.truth import SCHEMAS
from lymer.lab.worlds import SHAPES

Maker = Callable[..., World]

WITH_BOTS = ["case-2007", "mixed", "quiet", "modern"]


@pytest.mark.parametrize("name", sorted(SHAPES))
def test_every_stored_message_is_in_the_truth_and_the_other_way_round(
    world: Maker, name: str
) -> None:
    w = world(name)
    rows = w.rows("messages")
    assert sorted(row["message_id"] for row in rows) == sorted(w.mails)
    assert len(rows) == len(w.mails) > 100
    assert {row["path"] for row in rows} == {
        str(box.relative_to(w.path)) for box in w.path.glob("*/*.mbox")
    }


@pytest.mark.parametrize("name", sorted(SHAPES))
def test_every_table_is_written_with_its_columns(world: Maker, name: str) -> None:
    folder = world(name).path / "truth"
    assert {f.stem for f in folder.glob("*.parquet")} == set(SCHEMAS)
    for table, schema in SCHEMAS.items():
        assert pq.read_schema(folder / f"{table}.parquet").names == schema.names


@pytest.mark.parametrize("name", WITH_BOTS)
def test_the_bot_of_a_message_was_live_that_day_at_that_address(world: Maker, name: str) -> None:
    w = world(name)
    missing = w.sql(
        """
        SELECT m.message_id FROM messages m
        LEFT JOIN bot_days d ON d.bot_id = m.bot_id AND d.botnet_id = m.botnet_id
            AND d.day = DATE '1970-01-01' + CAST(floor(epoch(m.received_at) / 86400) AS INTEGER)
            AND list_contains(d.client_ip, m.client_ip) AND d.is_live
        WHERE m.bot_id IS NOT NULL AND d.bot_id IS NULL
        """
    )
    assert missing == []
    [(spam, bots)] = w.sql(
        "SELECT count(*), count(bot_id) FROM messages m JOIN campaigns c USING (campaign_id) "
        "WHERE c.kind = 'botnet'"
    )
    assert spam == bots > 0


@pytest.mark.parametrize("name", WITH_BOTS)
def test_the_client_stands_in_the_message(world: Maker, name: str) -> None:
    w = world(name)
    absent = [
        row["message_id"]
        for row in w.rows("messages")
        if row["client_ip"].encode() not in w.mails[row["message_id"]].partition(b"\n\n")[0]
    ]
    assert absent == []


@pytest.mark.parametrize("name", WITH_BOTS)
def test_campaigns_agree_with_their_messages(world: Maker, name: str) -> None:
    w = world(name)
    wrong = w.sql(
        """
        WITH seen AS (
            SELECT campaign_id, count(*) AS n, min(received_at) AS a, max(received_at) AS b,
                   list_sort(array_agg(DISTINCT botnet_id) FILTER (botnet_id IS NOT NULL)) AS nets,
                   array_agg(DISTINCT template_id) AS templates,
                   array_agg(DISTINCT operation_id) AS operations
            FROM messages WHERE campaign_id IS NOT NULL GROUP BY campaign_id
        )
        SELECT c.campaign_id FROM campaigns c FULL JOIN seen s USING (campaign_id)
        WHERE s.n IS DISTINCT FROM c.seen OR s.a IS DISTINCT FROM c.first_at
           OR s.b IS DISTINCT FROM c.last_at OR c.sent > c.targeted OR c.accepted > c.sent
           OR c.seen > c.accepted OR s.operations <> [c.operation_id]
           OR NOT list_has_all(c.botnet_ids, coalesce(s.nets, []))
           OR NOT list_has_all(
                (SELECT array_agg(template_id) FROM templates t
                 WHERE t.campaign_id = c.campaign_id), s.templates)
        """
    )
    assert wrong == []


@pytest.mark.parametrize("name", WITH_BOTS)
def test_every_name_points_at_something(world: Maker, name: str) -> None:
    w = world(name)
    for names, known in (
        ("campaign_id FROM messages WHERE campaign_id IS NOT NULL", "campaign_id FROM campaigns"),
        ("carried_campaign_id FROM messages WHERE kind IN ('bounce', 'list')",
         "campaign_id FROM campaigns"),
        ("operation_id FROM campaigns", "operation_id FROM operations"),
        ("account FROM operations WHERE account IS NOT NULL", "account FROM accounts"),
        ("account FROM jobs", "account FROM accounts"),
        ("actor FROM accounts", "actor FROM actors"),
        ("operator FROM botnets", "actor FROM actors"),
        ("unnest(botnet_ids) FROM campaigns", "botnet_id FROM botnets"),
        ("botnet_id FROM controllers WHERE role = 'controller'", "botnet_id FROM botnets"),
        ("list_file FROM jobs", "list_file FROM lists"),
    ):  # fmt: skip
        assert w.sql(f"SELECT {names} EXCEPT SELECT {known}") == [], names


def test_targets_of_jobs_add_up_to_their_campaign(world: Maker) -> None:
    w = world("case-2007")
    wrong = w.sql(
        """
        SELECT c.campaign_id, c.targeted, sum(j.targets), c.sent, sum(j.sent)
        FROM campaigns c JOIN jobs j USING (campaign_id) GROUP BY ALL
        -- An order of several parts may lose a message or two to rounding.
        HAVING abs(sum(j.targets) - c.targeted) > 3 OR abs(sum(j.sent) - c.sent) > 3
        """
    )
    assert wrong == []


def test_the_model_case_has_its_proportions(world: Maker) -> None:
    w = world("case-2007")
    [(targeted, sent, botnets)] = w.sql(
        "SELECT targeted, sent, botnet_ids FROM campaigns WHERE theme = 'candidate'"
    )
    assert 200_000_000 <= targeted <= 206_000_000
    assert 190_000_000 <= sent <= 200_000_000
    assert botnets == ["botnet-000"]
    [(hosted, nets)] = w.sql(
        "SELECT operator, count(*) FROM botnets GROUP BY 1 ORDER BY 2 DESC LIMIT 1"
    )
    assert nets == 16
    assert w.sql(f"SELECT count(DISTINCT engine_id) FROM botnets WHERE operator = '{hosted}'") == [
        (1,)
    ]
    themes = w.sql(
        "SELECT DISTINCT o.theme FROM operations o WHERE o.account = "
        "(SELECT account FROM operations WHERE theme = 'candidate')"
    )
    assert {t for (t,) in themes} == {"candidate", "pharmacy", "casino", "adult"}
    assert w.sql("SELECT linked FROM actors WHERE role = 'promoted'") == [(False,)]
    assert w.sql("SELECT count(DISTINCT operator) > 1 FROM botnets") == [(True,)]


@pytest.mark.parametrize("churn", [0.02, 0.25, 0.8])
def test_addresses_change_at_the_asked_rate(churn: float) -> None:
    draw = Draw(5)
    pool = Pool(
        draw, "botnet-000", Blocks(draw.child("blocks")), size=3000, days=20, churn=churn,
        duty=0.99, turnover=0.0, nat_share=0.0,
    )  # fmt: skip
    held: dict[int, tuple[int, int]] = {}
    changed = total = 0
    for day in range(20):
        today = pool.advance(day)
        for bot, address in zip(today.bots.tolist(), today.second.tolist(), strict=True):
            if bot in held and held[bot][0] == day - 1:
                total += 1
                changed += held[bot][1] != address
            held[bot] = (day, address)
    # Within four standard errors; a fresh address is the old one again once in 16,384 times.
    assert total > 30_000
    assert abs(changed / total - churn) < 4 * (churn * (1 - churn) / total) ** 0.5 + 1e-4


def test_the_page_explains_every_column() -> None:
    page = (Path(__file__).parents[2] / "docs" / "lab.md").read_text(encoding="utf-8")
    for table, schema in SCHEMAS.items():
        assert f"`{table}`" in page, table
        for column in schema.names:
            assert f"`{column}`" in page, column
    for world_name in SHAPES:
        assert f"| `{world_name}` |" in page
