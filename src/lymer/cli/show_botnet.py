"""`lymer show CASE botnet ID`: how many bots, what they sent, where they are, who steers them."""

from collections.abc import Mapping, Sequence

import click

from lymer.case import Case
from lymer.cli.printing import columns, plain

_CAMPAIGNS = """
SELECT l.campaign_id AS campaign, c.message_count AS messages, c.client_count AS clients,
       CAST(c.first_seen_at AS DATE) AS first, CAST(c.last_seen_at AS DATE) AS last,
       l.p_value, l.why
FROM botnet_campaigns l JOIN campaigns c ON c.campaign_id = l.campaign_id
WHERE l.botnet_id = $id ORDER BY c.message_count DESC, l.campaign_id LIMIT 20
"""
_DAYS = """
SELECT day, message_count AS mails, client_count AS clients,
       live_low AS live_from, live_high AS to, live AS about
FROM live_days WHERE botnet_id = $id ORDER BY day LIMIT 31
"""
_CALIBRATIONS = """
SELECT server, coalesce(campaign_id, 'all') AS campaign, first_day AS first, last_day AS last,
       logged_nodes, live_low AS live_from, live_high AS to, live AS about,
       coalesce(open_because, '') AS no_one_number_because
FROM calibrations WHERE botnet_id = $id ORDER BY server, campaign_id NULLS FIRST LIMIT 20
"""
_COUNTRIES = """
SELECT coalesce(country, 'not known') AS country, sum(bots) AS bots, round(sum(share), 3) AS share
FROM botnet_networks WHERE botnet_id = $id
GROUP BY country ORDER BY bots DESC, country LIMIT 15
"""
_NETWORKS = """
SELECT coalesce(network_name, 'not known') AS network, asn, country, bots, round(share, 3) AS share
FROM botnet_networks WHERE botnet_id = $id
ORDER BY bots DESC, network_name NULLS LAST, asn LIMIT 15
"""
_VERSIONS = """
SELECT DISTINCT n.data_version FROM client_networks n JOIN bots b ON b.client_ip = n.client_ip
WHERE b.botnet_id = $id ORDER BY n.data_version
"""
_CONTROLLERS = """
SELECT ip, port, score, p_value, why FROM controllers WHERE botnet_id = $id
ORDER BY score DESC NULLS LAST, p_value, ip, port LIMIT 20
"""
_BOTS = """
SELECT client_ip AS client, message_count AS messages, first_seen_at AS first, last_seen_at AS last
FROM bots WHERE botnet_id = $id ORDER BY message_count DESC, client_ip LIMIT 20
"""

_MACHINES = """
SELECT server, node_id AS machine, client_ip AS client, message_count AS messages,
       CAST(first_mail_at AS DATE) AS first, CAST(last_mail_at AS DATE) AS last, why
FROM node_clients WHERE botnet_id = $id
ORDER BY message_count DESC, server, node_id, client_ip LIMIT 20
"""


def show_botnet(case: Case, row: dict[str, object]) -> None:
    """Print the botnet `row` of `botnets` with all that the case holds of it."""
    one = {"id": row["botnet_id"]}
    for name, value in row.items():
        click.echo(f"{name:16} {plain(value)}")
    for population in case.sql("SELECT * FROM populations WHERE botnet_id = $id", one).to_pylist():
        click.echo(f"{'size':16} {plain(population['why'])}")
        click.echo(f"{'rate':16} {_rate(population)} mails seen of a live bot on a day")
        click.echo(f"{'mails by hour':16} {plain(population['hours'])} (UTC, from 0)")
    _print(case, "live bots by day", _DAYS, one)
    _print(case, "live bots by captured servers' logs and the mail together", _CALIBRATIONS, one)
    _print(case, "campaigns", _CAMPAIGNS, one)
    _print(case, "controllers, from network flows", _CONTROLLERS, one)
    _print(case, "countries of its bots", _COUNTRIES, one)
    _print(case, "networks of its bots", _NETWORKS, one)
    versions = case.sql(_VERSIONS, one)["data_version"].to_pylist()
    if versions:
        click.echo(f"\nby network data of another day than the mail: {plain(versions)}")
    _print(case, "bots that sent most", _BOTS, one)
    _print(case, "clients that are machines of a captured server's logs", _MACHINES, one)


def _rate(population: Mapping[str, object]) -> str:
    """How much a bot mails, as far as its botnet's size is known."""
    low, most = population["mails_per_bot_low"], plain(population["mails_per_bot_high"])
    if low is None:
        return f"no more than {most}"
    point = population["mails_per_bot"]
    between = f"{plain(low)} to {most}"
    return between if point is None else f"about {plain(point)} ({between})"


def _print(case: Case, title: str, query: str, one: dict[str, object]) -> None:
    """The answer under its title; nothing where it is empty."""
    found = case.sql(query, one)
    if not found.num_rows:
        return
    rows: list[Sequence[object]] = [tuple(row.values()) for row in found.to_pylist()]
    click.echo(f"\n{title}")
    for line in columns(found.column_names, rows, widest=110):
        click.echo(f"  {line}")
