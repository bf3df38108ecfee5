"""Captured servers: the files by kind, what is in one, accounts, jobs, lists, nodes."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Query

from lymer.console.desk import NotFoundError, Row, Snapshot
from lymer.console.pages import Look, PageNumber, Paging, Words, add

router = APIRouter()


@dataclass(frozen=True)
class Servers:
    """What the captured servers hold, and how it joins to the observed mail."""

    servers: list[Row]
    kinds: list[Row]
    artifacts: list[Row]
    paging: Paging
    jobs: list[Row]
    accounts: list[Row]
    payments: list[Row]
    lists: list[Row]
    node_counts: list[Row]
    calibrations: list[Row]
    coverage: list[Row]
    q: str
    kind: str


@dataclass(frozen=True)
class Artifact:
    """One file of a captured server."""

    artifact: Row
    entities: list[Row]
    kinds: list[Row]
    jobs: list[Row]
    accounts: list[Row]
    lists: list[Row]
    payments: list[Row]


@dataclass(frozen=True)
class Job:
    """One order in the books, joined to the mail that it made."""

    job: Row
    campaign: Row | None
    account: Row | None
    volumes: list[Row]
    artifacts: list[Row]


def servers(
    look: Look,
    q: Words = "",
    kind: Annotated[str, Query(max_length=60)] = "",
    page: PageNumber = 1,
) -> Servers:
    """Files by kind, jobs joined to campaigns, accounts, payments, lists, nodes."""
    where, asked = ["true"], {}
    if q.strip():
        where.append("contains(lower(path), $q)")
        asked["q"] = q.strip().lower()
    if kind:
        where.append("kind = $kind")
        asked["kind"] = kind
    condition = " AND ".join(where)
    paging = Paging(page, _count(look, "artifacts", condition, asked))
    return Servers(
        servers=_ask(
            look,
            "artifacts",
            """
            SELECT server, CAST(count(*) AS BIGINT) AS files,
                   CAST(sum(size_bytes) AS BIGINT) AS size_bytes
            FROM artifacts GROUP BY server ORDER BY server
            """,
        ),
        kinds=_ask(
            look,
            "artifacts",
            "SELECT kind, CAST(count(*) AS BIGINT) AS files FROM artifacts GROUP BY kind "
            "ORDER BY files DESC, kind",
        ),
        artifacts=look.rows(
            "artifacts",
            f"{condition} ORDER BY kind, path, artifact_id "
            f"LIMIT {paging.rows_a_page} OFFSET {paging.offset}",
            **asked,
        ),
        paging=paging,
        jobs=look.rows(
            "jobs", "true ORDER BY campaign_id IS NULL, started_at NULLS LAST, job_id LIMIT 200"
        ),
        accounts=look.rows(
            "accounts", "true ORDER BY is_privileged DESC, job_count DESC, account LIMIT 200"
        ),
        payments=look.rows("payments", "true ORDER BY paid_at NULLS LAST, position LIMIT 200"),
        lists=look.rows("lists", "true ORDER BY address_count DESC, path LIMIT 100"),
        node_counts=look.rows("node_counts", "true ORDER BY server, day LIMIT 200"),
        calibrations=look.rows(
            "calibrations",
            "true ORDER BY server, botnet_id NULLS LAST, campaign_id NULLS FIRST LIMIT 200",
        ),
        coverage=look.rows("coverage", "true ORDER BY server, subject LIMIT 100"),
        q=q,
        kind=kind,
    )


def artifact(look: Look, artifact_id: str) -> Artifact:
    """One file of a captured server, and what was found in it."""
    row = look.find("artifacts", "artifact_id", artifact_id)
    one = {"id": row["artifact_id"]}
    return Artifact(
        artifact=row,
        entities=look.rows(
            "entities", "artifact_id = $id ORDER BY kind, count DESC, value LIMIT 300", **one
        ),
        kinds=_ask(
            look,
            "entities",
            "SELECT kind, CAST(count(*) AS BIGINT) AS found FROM entities "
            "WHERE artifact_id = $id GROUP BY kind ORDER BY found DESC, kind",
            one,
        ),
        jobs=look.rows(
            "jobs",
            "artifact_id = $id OR template_artifact_id = $id OR list_artifact_id = $id "
            "ORDER BY job_id LIMIT 100",
            **one,
        ),
        accounts=look.rows("accounts", "artifact_id = $id ORDER BY account LIMIT 100", **one),
        lists=look.rows("lists", "artifact_id = $id", **one),
        payments=look.rows("payments", "artifact_id = $id ORDER BY position LIMIT 100", **one),
    )


def job(
    look: Look,
    job_id: str,
    server: Annotated[str, Query(max_length=200, description="where several have such a job")] = "",
) -> Job:
    """One job: who ordered it, what it made, and how sure the join is."""
    found = look.rows(
        "jobs",
        "job_id = $id AND ($server = '' OR server = $server) ORDER BY server LIMIT 1",
        id=job_id,
        server=server,
    )
    if not found:
        raise NotFoundError(f"no captured server has a job {job_id!r}.")
    row = found[0]
    campaign = look.rows("campaigns", "campaign_id = $id", id=row["campaign_id"])
    account = look.rows(
        "accounts",
        "account = $account AND server = $server",
        account=row["account"],
        server=row["server"],
    )
    named = [row.get("template_artifact_id"), row.get("list_artifact_id"), row.get("artifact_id")]
    return Job(
        job=row,
        campaign=campaign[0] if campaign else None,
        account=account[0] if account else None,
        volumes=look.rows(
            "volumes", "campaign_id = $id ORDER BY point DESC", id=row["campaign_id"]
        ),
        artifacts=look.rows(
            "artifacts", "artifact_id IN (SELECT unnest($ids)) ORDER BY path",
            ids=[one for one in named if one],
        ),
    )  # fmt: skip


def _count(look: Snapshot, name: str, condition: str, asked: Row) -> int:
    found = _ask(look, name, f'SELECT count(*) AS number FROM "{name}" WHERE {condition}', asked)
    return int(found[0]["number"]) if found else 0


def _ask(look: Snapshot, name: str, query: str, asked: Row | None = None) -> list[Row]:
    """An answer over the table `name`; none where the case has no such table."""
    return look.ask(query, asked or None) if name in look.filled else []


add(router, "/servers", "servers", servers)
add(router, "/servers/artifacts/{artifact_id}", "artifact", artifact)
add(router, "/servers/jobs/{job_id:path}", "job", job)
