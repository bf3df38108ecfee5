"""One story, ten servers that have nothing in common: the same jobs and nodes come out."""

import shutil
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from made_servers import ACCOUNTS, LAYOUTS, OPERATOR, Story
from other_servers import OTHER_LAYOUTS, uuid_of

from lymer.case import Case, create_case, digest, open_case, trace
from lymer.engine import LocalEngine

ALL_LAYOUTS = LAYOUTS | OTHER_LAYOUTS
_TOLD_BY = {
    "watch": "Switzerland",
    "pills": "tells you what helps",
    "degree": "experience alone",
    "stock": "NCHX",
    "casino": "great wheel",
    "job": "Baltic",
}


@pytest.fixture(scope="module")
def mail_only(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("mail")
    story = Story()
    pile = story.write_mail(folder / "m.mbox")
    case = create_case(folder / "case")
    with LocalEngine() as engine:
        trace(case, [pile], engine=engine)
    case.close()
    return folder / "case"


@pytest.fixture(scope="module", params=sorted(ALL_LAYOUTS))
def joined(
    request: pytest.FixtureRequest, mail_only: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, Case]]:
    folder = tmp_path_factory.mktemp("joined")
    shutil.copytree(mail_only, folder / "case")
    server = ALL_LAYOUTS[request.param](Story(), folder / "seized")
    case = open_case(folder / "case")
    with LocalEngine() as engine:
        trace(case, [], engine=engine, servers=[server])
    yield request.param, case
    case.close()


def jobs_of(case: Case) -> dict[str, dict[str, object]]:
    return {row["job_id"]: row for row in case.table("jobs").to_pylist()}


def key_of(layout: str, number: int) -> str:
    return uuid_of(number) if layout == "panel of node" else str(number)


def login(layout: str, name: str) -> str:
    return name + "@desk.example" if layout == "mysql" else name


def test_every_job_is_read_as_it_was_ordered(joined: tuple[str, Case]) -> None:
    layout, case = joined
    found = jobs_of(case)
    assert set(found) == {key_of(layout, job.number) for job in Story().jobs}
    for job in Story().jobs:
        row = found[key_of(layout, job.number)]
        assert row["account"] == login(layout, job.account)
        assert (row["targets"], row["sent"], row["accepted"]) == (
            job.targets, job.sent, job.accepted,
        )  # fmt: skip
        slack = 60 if layout == "account book" else 1
        for name, at in (("started_at", job.start), ("ended_at", job.end)):
            assert abs((row[name] - at).total_seconds()) < slack, name
        assert row["price"] == pytest.approx(job.price, abs=1.0)


def test_every_job_is_joined_to_the_campaign_it_made(joined: tuple[str, Case]) -> None:
    layout, case = joined
    found = jobs_of(case)
    themes = _themes(case)
    for job in Story().jobs:
        row = found[key_of(layout, job.number)]
        assert row["campaign_id"] is not None, row["why"]
        assert themes[str(row["campaign_id"])][job.theme] >= 30, row["why"]
        assert float(str(row["members_share"])) > 0.9


def test_operator_and_customers_are_told_apart(joined: tuple[str, Case]) -> None:
    layout, case = joined
    accounts = {row["account"]: row for row in case.table("accounts").to_pylist()}
    assert set(accounts) == {login(layout, name) for name in ACCOUNTS}
    # Where nothing is written of privileges, nobody is said to have one.
    operator = (
        set() if layout in ("files only", "folder for each job") else {login(layout, OPERATOR)}
    )
    assert {name for name, row in accounts.items() if row["is_privileged"]} == operator
    orders = Counter(login(layout, job.account) for job in Story().jobs)
    for n, name in enumerate(ACCOUNTS):
        row = accounts[login(layout, name)]
        assert row["job_count"] == orders[login(layout, name)]
        assert (row["logins"], row["login_ips"]) == (25, [f"203.0.113.{n + 10}"])


def test_nodes_keep_their_names_times_and_jobs(joined: tuple[str, Case]) -> None:
    layout, case = joined
    story = Story()
    rows = case.table("nodes").to_pylist()
    assert Counter((row["node_id"], row["client_ip"], row["job_id"]) for row in rows) == Counter(
        (story.node_ids[node], story.home[node], key_of(layout, job))
        for _, node, job, _, _ in story.reports
    )
    told = {(row["node_id"], int(row["seen_at"].timestamp())) for row in rows}
    assert told == {(story.node_ids[node], int(at.timestamp())) for at, node, *_ in story.reports}
    days: dict[object, set[str]] = {}
    for at, node, *_ in story.reports:
        days.setdefault(at.date(), set()).add(story.node_ids[node])
    counts = {row["day"]: row["live_nodes"] for row in case.table("node_counts").to_pylist()}
    assert counts == {day: len(nodes) for day, nodes in days.items()}


def test_lists_hold_the_traps_that_were_on_them(joined: tuple[str, Case]) -> None:
    layout, case = joined
    story = Story()
    rows = case.table("lists").to_pylist()
    if layout == "mysql":
        assert rows == []
        return
    assert len(rows) == len(story.lists)
    for row in rows:
        [name] = [each for each in story.lists if each in row["path"]]
        traps = sum(one in story.traps for one in story.lists[name])
        assert (row["address_count"], row["trap_count"]) == (len(story.lists[name]), traps)


def test_payments_go_to_their_account(joined: tuple[str, Case]) -> None:
    layout, case = joined
    rows = case.table("payments").to_pylist()
    if layout in ("files only", "folder for each job", "key-value store", "mysql"):
        assert rows == []
        return
    assert Counter(row["account"] for row in rows) == Counter(who for who, *_ in Story().payments)
    assert sum(row["amount"] for row in rows) == pytest.approx(
        sum(amount for _, amount, _, _ in Story().payments), abs=len(rows)
    )


def test_volumes_are_the_sums_of_the_books(joined: tuple[str, Case]) -> None:
    _, case = joined
    themes = _themes(case)
    ordered: Counter[str] = Counter()
    for job in Story().jobs:
        ordered[job.theme] += job.targets
    told: Counter[str] = Counter()
    for row in case.sql("SELECT * FROM volumes WHERE stage = 'targeted'").to_pylist():
        told["+".join(sorted(themes[row["campaign_id"]]))] += int(row["point"])
    for names, total in told.items():
        assert total == sum(ordered[name] for name in names.split("+"))
    assert sum(told.values()) == sum(ordered.values())


def test_coverage_says_what_share_of_the_bots_are_nodes(joined: tuple[str, Case]) -> None:
    _, case = joined
    rows = {row["subject"]: row for row in case.table("coverage").to_pylist()}
    assert rows["jobs"]["share"] == rows["messages"]["share"] == 1.0
    bots = [row for subject, row in rows.items() if subject.startswith("bots of botnet")]
    for row in bots:
        assert row["share"] > 0.9


def test_the_same_server_twice_changes_nothing(mail_only: Path, tmp_path: Path) -> None:
    shutil.copytree(mail_only, tmp_path / "case")
    server = LAYOUTS["postgres"](Story(), tmp_path / "seized")
    case = open_case(tmp_path / "case")
    with LocalEngine() as engine:
        trace(case, [], engine=engine, servers=[server])
        first = digest(case)
        trace(case, [], engine=engine, servers=[server])
    assert digest(case) == first
    case.close()


def test_a_server_of_other_mail_is_joined_to_nothing(mail_only: Path, tmp_path: Path) -> None:
    """Half a year later, other nodes, other words: no campaign here is of these jobs."""
    shutil.copytree(mail_only, tmp_path / "case")
    story = Story(seed=6)
    later = timedelta(days=180)
    for job in story.jobs:
        job.start += later
        job.end += later
    story.reports = [(at + later, *rest) for at, *rest in story.reports]
    story.home = [f"192.0.2.{n}" for n in range(120)]
    server = LAYOUTS["files only"](story, tmp_path / "seized")
    for number, path in enumerate(sorted((server / "text").iterdir())):
        path.write_text(
            f"#SUBJ Tulip bulbs by post\n#BODY\nSpade number {number} digs deep soil.\n"
        )
    case = open_case(tmp_path / "case")
    with LocalEngine() as engine:
        trace(case, [], engine=engine, servers=[server])
    assert [row["campaign_id"] for row in case.table("jobs").to_pylist()] == [None] * 7
    case.close()


def _themes(case: Case) -> dict[str, Counter[str]]:
    """What each campaign is about: its messages by theme.."""
    counts: dict[str, Counter[str]] = {}
    rows = case.sql(
        "SELECT g.campaign_id, m.text FROM campaign_messages g JOIN messages m USING (message_id)"
    )
    for row in rows.to_pylist():
        text = " ".join(row["text"].split())
        [theme] = [name for name, word in _TOLD_BY.items() if word in text]
        counts.setdefault(row["campaign_id"], Counter())[theme] += 1
    return counts
