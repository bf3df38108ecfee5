"""Which job a log of nodes is about, where it names one alone."""

from datetime import UTC, datetime, timedelta

import pytest

from lymer.actors.joins.books import Roles
from lymer.actors.joins.columns import Book, Column
from lymer.actors.joins.load import Artifact, Server
from lymer.actors.joins.nodes import tell_node_books
from lymer.actors.joins.orders import JobBook
from lymer.actors.joins.references import FileNames

BEGIN = datetime(2008, 5, 1, tzinfo=UTC)


def _book(number: int, **columns: list[str]) -> Book:
    made = [Column(name, list(values)) for name, values in columns.items()]
    return Book(number, "server", "book", "log", [f"s-{number}"], len(made[0].values), made)


def _stamp(day: float) -> str:
    return f"{BEGIN + timedelta(days=day):%Y-%m-%d %H:%M:%S}"


def _jobs() -> JobBook:
    """Ten jobs of two days, one after the other, from 200 on."""
    book = _book(
        1,
        key=[str(200 + n) for n in range(10)],
        begin=[_stamp(4 * n) for n in range(10)],
        end=[_stamp(4 * n + 2) for n in range(10)],
    )
    return JobBook(book, 1.0, key=0, started=1, ended=2)


@pytest.mark.parametrize(
    ("constant", "day", "is_job"),
    [("203", 12.0, True), ("203", 30.0, False), ("777", 12.0, False)],
    ids=["of its days", "of other days", "no job at all"],
)
def test_a_log_that_names_one_job_is_of_that_job_when_it_is_of_its_days(
    constant: str, day: float, is_job: bool
) -> None:
    log = _book(
        2,
        at=[_stamp(day + n / 100) for n in range(60)],
        node=[f"node{n % 20:08d}" for n in range(60)],
        ip=[f"192.0.2.{n % 20 + 1}" for n in range(60)],
        task=[constant] * 60,
    )
    jobs = _jobs()
    server = Server("server", books=[jobs.book, log])
    [found] = tell_node_books(server, Roles(FileNames(server), {}, jobs=jobs))
    assert (found.job == 3) is is_job


@pytest.mark.parametrize(
    ("call", "is_job"),
    [
        ("queue/{}", True),
        ("/var/spool/x/{}.log", True),
        ("D:\\work\\{}\\part7", True),
        ("job-{}", True),
        ("mail{}", False),
    ],
)
def test_a_job_may_be_called_by_a_path_that_holds_its_key(call: str, is_job: bool) -> None:
    log = _book(
        2,
        at=[_stamp(n / 2) for n in range(60)],
        node=[f"node{n % 20:08d}" for n in range(60)],
        ip=[f"192.0.2.{n % 20 + 1}" for n in range(60)],
        task=[call.format(200 + n % 10) for n in range(60)],
    )
    jobs = _jobs()
    server = Server("server", books=[jobs.book, log])
    [found] = tell_node_books(server, Roles(FileNames(server), {}, jobs=jobs))
    assert (found.job == 3) is is_job
    if is_job:
        assert found.calls is not None
        assert found.calls.key(call.format(204)) == "204"
        assert found.calls.key(call.format(999)) is None


def test_words_with_other_numbers_are_no_calls_of_jobs() -> None:
    """Letters have names of their own around a number that may be a job's by chance."""
    log = _book(
        2,
        at=[_stamp(n / 2) for n in range(60)],
        node=[f"node{n % 20:08d}" for n in range(60)],
        ip=[f"192.0.2.{n % 20 + 1}" for n in range(60)],
        letter=[f"{word}_{200 + n}.tpl" for n in range(10) for word in "abcdef"],
    )
    jobs = _jobs()
    server = Server("server", books=[jobs.book, log])
    [found] = tell_node_books(server, Roles(FileNames(server), {}, jobs=jobs))
    assert found.job is None


def test_a_log_for_each_job_is_about_the_job_in_its_path() -> None:
    jobs = _jobs()
    log = _book(
        2,
        at=[_stamp(n / 2) for n in range(60)],
        node=[f"node{n % 20:08d}" for n in range(60)],
        ip=[f"192.0.2.{n % 20 + 1}" for n in range(60)],
    )
    log.places = [(f"s-{n % 6}", f"a-{n % 6}", n) for n in range(60)]
    server = Server("server", books=[jobs.book, log])
    for n in range(6):
        server.artifacts[f"a-{n}"] = Artifact(f"a-{n}", f"run/{200 + n}/out.log", "log", "")
    [found] = tell_node_books(server, Roles(FileNames(server), {}, jobs=jobs))
    assert found.job is None
    assert found.calls is not None
    assert found.calls.of_file == {f"a-{n}": str(200 + n) for n in range(6)}
