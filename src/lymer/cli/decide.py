"""`lymer decide`: what the analyst knows better than the machine."""

from contextlib import closing
from pathlib import Path

import click

from lymer.case import (
    Case,
    Decision,
    dismiss,
    link,
    list_decisions,
    merge,
    note,
    open_case,
    rename,
    split,
    undo,
    unlink,
)
from lymer.cli.printing import columns, plain


@click.group()
@click.argument("case_folder", metavar="CASE", type=click.Path(path_type=Path))
@click.pass_context
def decide(context: click.Context, case_folder: Path) -> None:
    """Merge, split, rename or dismiss campaigns of CASE, note something, overrule botnet links.

    Decisions are kept in the custody chain, hold when the case is traced again, follow their
    messages when campaigns change, and can be undone. Who decides is `analyst` in case.toml.
    Ids may be given by their beginnings.
    """
    context.obj = context.with_resource(closing(open_case(case_folder)))


def _told(decision: Decision) -> str:
    state = "undone" if decision.is_undone else "decided"
    what = [decision.verb, *decision.campaigns]
    if decision.messages:
        what.append(f"({len(decision.messages):,} messages)")
    if decision.text:
        what.append(f'"{decision.text}"')
    return f"{state} {decision.number}: {plain(' '.join(what))}"


@decide.command("merge")
@click.argument("ids", nargs=-1, required=True, metavar="ID ID...")
@click.pass_obj
def merge_campaigns(case: Case, ids: tuple[str, ...]) -> None:
    """Make one campaign of several; the first id stays."""
    click.echo(_told(merge(case, ids)))


@decide.command("split")
@click.argument("identifier", metavar="ID")
@click.argument("more", nargs=-1, metavar="[MSG]...")
@click.option("--messages", multiple=True, metavar="MSG...", help="The messages that go off.")
@click.pass_obj
def split_campaign(
    case: Case, identifier: str, more: tuple[str, ...], messages: tuple[str, ...]
) -> None:
    """Split messages off a campaign, into one of their own."""
    click.echo(_told(split(case, identifier, (*messages, *more))))


@decide.command("rename")
@click.argument("identifier", metavar="ID")
@click.argument("name")
@click.pass_obj
def rename_campaign(case: Case, identifier: str, name: str) -> None:
    """Give a campaign a name."""
    click.echo(_told(rename(case, identifier, name)))


@decide.command("dismiss")
@click.argument("identifier", metavar="ID")
@click.pass_obj
def dismiss_campaign(case: Case, identifier: str) -> None:
    """Set a campaign aside: it stays, marked as dismissed."""
    click.echo(_told(dismiss(case, identifier)))


@decide.command("note")
@click.argument("identifier", metavar="ID")
@click.argument("text")
@click.pass_obj
def note_campaign(case: Case, identifier: str, text: str) -> None:
    """Write a note on a campaign."""
    click.echo(_told(note(case, identifier, text)))


@decide.command("link")
@click.argument("identifier", metavar="ID")
@click.argument("other", metavar="OTHER")
@click.pass_obj
def link_campaigns(case: Case, identifier: str, other: str) -> None:
    """Put a campaign into the botnet of OTHER, whatever their clients say."""
    click.echo(_told(link(case, identifier, other)))


@decide.command("unlink")
@click.argument("identifier", metavar="ID")
@click.argument("other", metavar="OTHER")
@click.pass_obj
def unlink_campaigns(case: Case, identifier: str, other: str) -> None:
    """Take a campaign off the botnet of OTHER."""
    click.echo(_told(unlink(case, identifier, other)))


@decide.command("undo")
@click.argument("number", type=int, required=False)
@click.pass_obj
def undo_decision(case: Case, number: int | None) -> None:
    """Take back the last decision that stands, or the one of that NUMBER."""
    click.echo(_told(undo(case, number)))


@decide.command("list")
@click.pass_obj
def list_all(case: Case) -> None:
    """List all decisions, in their order."""
    rows: list[tuple[object, ...]] = [
        (
            d.number, d.decided_at, d.analyst, "undone" if d.is_undone else "stands", d.verb,
            " ".join(d.campaigns), d.text or (f"{len(d.messages)} messages" if d.messages else ""),
        )
        for d in list_decisions(case)
    ]  # fmt: skip
    if not rows:
        click.echo("nothing was decided")
        return
    names = ("number", "decided", "analyst", "state", "verb", "campaigns", "text")
    for line in columns(names, rows):
        click.echo(line)
