"""The summary of a case on a terminal."""

import click

from lymer.case import Summary, defang
from lymer.cli.printing import columns, day, plain


def print_summary(summary: Summary) -> None:
    """Print what a case holds."""
    s = summary
    click.echo(
        f"{s.message_count:,} messages ({s.origin_count:,} places) in {s.evidence_count:,} files, "
        f"{day(s.first_seen_at)} to {day(s.last_seen_at)}"
    )
    click.echo(
        f"{s.client_count:,} injecting clients; {s.relay_count:,} relays of the trap's own learned"
    )
    if s.sensors:
        click.echo(
            f"clients are taken from the sensor's own field {', '.join(map(plain, s.sensors))}"
        )
    dismissed = f" ({s.dismissed_count:,} dismissed)" if s.dismissed_count else ""
    joined = f", some of them in {s.operation_count:,} operations" if s.operation_count else ""
    click.echo(
        f"{s.campaign_count:,} campaigns{dismissed}{joined}; "
        f"{s.single_count:,} messages in none (one-off)"
    )
    for what, defects in (("messages", s.defects), ("evidence", s.evidence_defects)):
        if defects:
            named = ", ".join(f"{plain(name)} {count:,}" for name, count in defects[:12])
            click.echo(f"defects of {what}: {named}")
    if not s.campaigns:
        return
    click.echo()
    rows: list[tuple[object, ...]] = [
        (
            line.campaign_id,
            line.message_count,
            line.client_count,
            line.kind,
            day(line.first_seen_at),
            day(line.last_seen_at),
            plain(line.name),
            " ".join(defang(domain) for domain in line.domains),
        )
        for line in s.campaigns
    ]
    names = ("campaign", "messages", "clients", "kind", "first", "last", "subject", "links to")
    for text in columns(names, rows, widest=44):
        click.echo(text)
    left = s.campaign_count - s.dismissed_count - len(s.campaigns)
    if left > 0:
        click.echo(f"... and {left:,} more")
