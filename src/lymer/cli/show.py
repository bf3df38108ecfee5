"""`lymer show`: a case, a campaign, a botnet or a message, to read."""

from pathlib import Path

import click

from lymer.case import Case, defang, open_case, summarize
from lymer.cli.printing import columns, moment, plain
from lymer.cli.show_botnet import show_botnet
from lymer.cli.summary import print_summary
from lymer.errors import UsageError

_TEXT_LINES = 40


@click.command()
@click.argument("case_folder", metavar="CASE", type=click.Path(path_type=Path))
@click.argument("what", required=False, type=click.Choice(["campaign", "botnet", "message"]))
@click.argument("identifier", metavar="[ID]", required=False)
def show(case_folder: Path, what: str | None, identifier: str | None) -> None:
    """Show CASE as a whole, or one campaign, botnet or message by its id.

    The beginning of an id is enough.
    """
    case = open_case(case_folder)
    try:
        if what is None:
            print_summary(summarize(case))
        elif what == "campaign":
            _show_campaign(case, _find(case, "campaigns", "campaign_id", identifier))
        elif what == "botnet":
            show_botnet(case, _find(case, "botnets", "botnet_id", identifier))
        else:
            _show_message(case, _find(case, "messages", "message_id", identifier))
    finally:
        case.close()


def _find(case: Case, table: str, column: str, identifier: str | None) -> dict[str, object]:
    """The one row whose id begins with what the user gave."""
    if not identifier:
        raise UsageError(
            f'give the id of one. `lymer sql {case.folder} "select * from {table} limit 20"` '
            "lists some."
        )
    rows = case.sql(
        f'SELECT * FROM "{table}" WHERE starts_with({column}, $id) ORDER BY {column} LIMIT 3',
        {"id": identifier},
    ).to_pylist()
    if not rows:
        raise UsageError(f"no {column} in {case.folder} begins with {identifier!r}.")
    if len(rows) > 1:
        found = ", ".join(str(row[column]) for row in rows)
        raise UsageError(f"several begin with {identifier!r}: {found} ... Give more of it.")
    return dict(rows[0])


def _show_campaign(case: Case, row: dict[str, object]) -> None:
    for name, value in row.items():
        click.echo(f"{name:16} {plain(value)}")
    identifier = {"id": row["campaign_id"]}
    domains = case.sql(
        """
        SELECT l.domain, count(DISTINCT l.message_id) AS messages
        FROM links l JOIN campaign_messages c ON c.message_id = l.message_id
        WHERE c.campaign_id = $id AND l.domain IS NOT NULL
        GROUP BY l.domain ORDER BY messages DESC, l.domain LIMIT 10
        """,
        identifier,
    ).to_pylist()
    if domains:
        click.echo("\nlinks to")
        for entry in domains:
            click.echo(f"  {entry['messages']:>6}  {plain(defang(entry['domain']))}")
    _show_templates(case, identifier)
    members = case.sql(
        """
        SELECT m.message_id, m.received_at, m.client_ip, m.subject, c.why
        FROM campaign_messages c JOIN messages m ON m.message_id = c.message_id
        WHERE c.campaign_id = $id ORDER BY m.received_at NULLS LAST, m.message_id LIMIT 20
        """,
        identifier,
    ).to_pylist()
    click.echo()
    rows: list[tuple[object, ...]] = [
        (str(m["message_id"])[:12], m["received_at"], m["client_ip"], m["subject"], m["why"])
        for m in members
    ]
    for line in columns(("message", "received", "client", "subject", "why"), rows, widest=48):
        click.echo(line)


def _show_templates(case: Case, identifier: dict[str, object]) -> None:
    templates = case.sql(
        "SELECT * FROM templates WHERE campaign_id = $id ORDER BY version", identifier
    ).to_pylist()
    for row in templates:
        click.echo(f"\ntemplate {row['template_id']}: {plain(row['why'])}")
        lines = str(row["readable"] or "").splitlines()
        for line in lines[:_TEXT_LINES]:
            click.echo(f"  {plain(defang(line))[:400]}")
        if len(lines) > _TEXT_LINES:
            click.echo(f"  ... {len(lines) - _TEXT_LINES} more lines")


def _show_message(case: Case, row: dict[str, object]) -> None:
    for name, value in row.items():
        if name not in ("text", "hidden_text"):
            click.echo(f"{name:18} {plain(value)}")
    identifier = {"id": row["message_id"]}
    hops = case.sql(
        "SELECT * FROM hops WHERE message_id = $id ORDER BY position", identifier
    ).to_pylist()
    click.echo("\npath, last written first (what is below the line is the sender's claim)")
    if row["client_ip"] and not any(hop["is_trusted"] for hop in hops):
        click.echo("  (the client is named by the sensor or the reporter, not by these headers)")
    was_trusted = True
    for hop in hops:
        if was_trusted and not hop["is_trusted"]:
            click.echo("  " + "-" * 40)
            was_trusted = False
        click.echo(
            f"  {moment(hop['stamped_at'])}  {plain(hop['from_helo']) or '(nobody)'} "
            f"[{plain(hop['from_ip']) or 'no address'}] to {plain(hop['by_host']) or '(unnamed)'}"
        )
    links = case.sql(
        "SELECT url, where_found FROM links WHERE message_id = $id ORDER BY url", identifier
    ).to_pylist()
    if links:
        click.echo("\nlinks")
        for link in links[:20]:
            click.echo(f"  {plain(link['where_found']):7} {plain(defang(link['url']))}")
    for title, name in (("text", "text"), ("hidden text", "hidden_text")):
        lines = str(row[name] or "").splitlines()
        if lines:
            click.echo(f"\n{title}")
            for line in lines[:_TEXT_LINES]:
                click.echo(f"  {plain(line)[:200]}")
            if len(lines) > _TEXT_LINES:
                click.echo(f"  ... {len(lines) - _TEXT_LINES} more lines")
