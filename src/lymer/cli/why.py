"""`lymer why`: what puts a message where it is, voice by voice."""

import json
import re
from dataclasses import asdict
from pathlib import Path

import click

from lymer.case import Comparison, MessageWhy, PairWhy, defang, open_case, why_two
from lymer.case import why as why_one
from lymer.cli.printing import columns, plain

_NAME = re.compile(r"[^\s,;]*[^\W\d][^\s,;]*\.[^\s,;.]*[^\W\d][^\s,;]*|https?:\S+", re.IGNORECASE)


@click.command()
@click.argument("case_folder", metavar="CASE", type=click.Path(path_type=Path))
@click.argument("message")
@click.argument("other", metavar="[MESSAGE]", required=False)
@click.option("--json", "is_json", is_flag=True, help="One object, with every number.")
def why(case_folder: Path, message: str, other: str | None, is_json: bool) -> None:
    """Say why MESSAGE is in its campaign, or why two messages are together or not.

    A voice says how much of something there is (0: nothing; mostly up to 1), its weight what that
    is worth. All together and the bias are the log-odds that both are of one template: 0 is even,
    +1 is 3 to 1, +5 is 150 to 1.
    """
    case = open_case(case_folder)
    try:
        told = why_one(case, message) if other is None else why_two(case, message, other)
    finally:
        case.close()
    if is_json:
        click.echo(json.dumps(asdict(told), indent=1))
    elif isinstance(told, MessageWhy):
        _print_message(told)
    else:
        _print_pair(told)


def _harmless(text: str) -> str:
    """One line that steers no terminal and holds no name that a program would open."""
    return _NAME.sub(lambda found: defang(found.group()), plain(text))


def _print_message(told: MessageWhy) -> None:
    click.echo(_where(told))
    if told.why is not None:
        click.echo(f"  {_harmless(told.why)}")
    if told.nearest is not None:
        _print_comparison("its strongest link within the campaign, text to text", told.nearest)
    if told.as_a_whole is not None:
        _print_comparison("against the rest of its campaign", told.as_a_whole)
    if told.second is not None:
        title = "the second best" if told.campaign_id is not None else "the best campaign for it"
        _print_comparison(f"{title}: {told.second.with_campaign}", told.second)
        click.echo(f"  {_why_not(told)}")


def _where(told: MessageWhy) -> str:
    same = f" ({told.same_text_count:,} with this text)" if told.same_text_count > 1 else ""
    if told.campaign_id is not None:
        return f"{told.message_id} is in campaign {told.campaign_id}{same}"
    if told.carriage in ("report", "bounce"):
        return (
            f"{told.message_id} is in no campaign: a {told.carriage} is an envelope around "
            "somebody else's mail"
        )
    return f"{told.message_id} is in no campaign: one-off mail{same}"


def _why_not(told: MessageWhy) -> str:
    second = told.second
    assert second is not None
    if second.odds is None:
        return "not there: two texts that repeat themselves at once, and share nothing, are two"
    if second.odds <= second.needed:
        return f"not there: {second.odds:+.1f}, where {second.needed:+.1f} is needed"
    whole = told.as_a_whole
    if whole is not None and whole.odds is not None and whole.odds >= second.odds:
        return (
            f"not there: its own campaign is nearer, {whole.odds:+.1f} against {second.odds:+.1f}"
        )
    if told.campaign_id is None:
        return (
            f"not there, though {second.odds:+.1f} is over {second.needed:+.1f}: when the groups "
            "grew, the two never were each other's best"
        )
    return (
        f"not there, though {second.odds:+.1f} is over {second.needed:+.1f}: it was joined to its "
        "own before, by its strongest link"
    )


def _print_pair(told: PairWhy) -> None:
    for one in (told.one, told.other):
        click.echo(_where(one))
    click.echo("together" if told.are_together else "not together")
    if told.is_same_text:
        click.echo("  their texts are the same, once what varies is masked, and so is their layout")
    if told.texts is not None:
        _print_comparison("the two texts", told.texts)
    if told.groups is not None:
        _print_comparison("the groups that they are in", told.groups)
        if not told.are_together:
            click.echo(f"  parted: {_parted(told.groups)}")
    elif told.are_together and told.texts is not None and not told.is_same_text:
        click.echo(f"  joined: {_joined(told)}")


def _parted(groups: Comparison) -> str:
    if groups.odds is None:
        return "both repeat themselves at the same time, and share nothing"
    if groups.odds > groups.needed:
        return (
            f"{groups.odds:+.1f} is over {groups.needed:+.1f}, but each was another's best, or "
            "they never met"
        )
    return f"{groups.odds:+.1f}, where {groups.needed:+.1f} is needed"


def _joined(told: PairWhy) -> str:
    held = [one.as_a_whole or one.nearest for one in (told.one, told.other)]
    parts = [
        f"{one.message_id[:12]} {comparison.odds:+.1f}"
        for one, comparison in zip((told.one, told.other), held, strict=True)
        if comparison is not None and comparison.odds is not None
    ]
    return f"each to the rest of their campaign: {', '.join(parts)}"


def _print_comparison(title: str, told: Comparison) -> None:
    odds = "ruled out" if told.odds is None else f"{told.odds:+.1f}"
    days = f", {told.days_apart:.0f} days apart" if told.days_apart >= 1 else ""
    click.echo(f"\n{title}: {odds} (needed {told.needed:+.1f}{days})")
    click.echo(f"  with {told.with_message[:12]}")
    rows: list[tuple[object, ...]] = [
        (voice.name, f"{voice.said:.2f}", f"{voice.weight:+.2f}", f"{voice.adds:+.2f}")
        for voice in told.voices
    ]
    rows.append(("bias", "", "", f"{told.bias:+.2f}"))
    for line in columns(("voice", "says", "weight", "adds"), rows):
        click.echo(f"  {line}")
