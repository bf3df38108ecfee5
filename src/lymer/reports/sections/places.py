"""In which networks and countries the bots are."""

from lymer.reports.document import Column, Figure, Grid, Section, Text, rows_of
from lymer.reports.figures import country_name, draw_map
from lymer.reports.harmless import NAME_LENGTH, defanged, harmless
from lymer.reports.numbers import count, listed, several, share
from lymer.reports.sources import Sources

_SHOWN = 12

_COUNTRIES = """
SELECT n.country, CAST(count(DISTINCT b.client_ip) AS BIGINT) AS bots
FROM (SELECT DISTINCT client_ip FROM bots) b
LEFT JOIN client_networks n ON n.client_ip = b.client_ip
GROUP BY n.country ORDER BY bots DESC, n.country NULLS LAST
"""
_VERSIONS = """
SELECT DISTINCT data_version FROM client_networks ORDER BY data_version NULLS LAST
"""
_NETWORKS = """
SELECT b.name || substr(b.botnet_id, 15) AS name, n.country, n.asn,
       left(n.network_name, 400) AS network_name, n.bots, n.share
FROM botnet_networks n JOIN botnets b ON b.botnet_id = n.botnet_id
QUALIFY row_number() OVER (
    PARTITION BY n.botnet_id ORDER BY n.bots DESC, n.country NULLS LAST, n.asn NULLS LAST,
             n.network_name NULLS LAST
) <= 3
ORDER BY b.message_count DESC, b.botnet_id, n.bots DESC, n.country NULLS LAST, n.asn NULLS LAST,
         n.network_name NULLS LAST
LIMIT 45
"""


def places(sources: Sources) -> Section | None:
    """The map and the networks; without data on networks, that it is not established."""
    if not sources.holds("bots"):
        return None
    if not sources.holds("client_networks"):
        return Section(
            "places",
            "Places",
            (
                Text(
                    "Not established: the case holds no data on networks and countries. "
                    "The command lymer trace takes a file of them with --networks.",
                    tone="warning",
                ),
            ),
        )
    q, rows = sources.ask("bots by country", _COUNTRIES)
    q2, versions = sources.ask("which data on networks was used", _VERSIONS)
    total = sum(r["bots"] for r in rows)
    unknown = sum(r["bots"] for r in rows if r["country"] is None)
    known = [(harmless(r["country"], 8), r["bots"]) for r in rows if r["country"] is not None]
    top = [
        f"{country_name(code)} ({share(bots / total)})" for code, bots in known[:_SHOWN] if total
    ]
    text = (
        f"Of {several(total, 'address', 'addresses')} of bots, the registries' data place "
        f"{count(total - unknown)} in {several(len(known), 'country', 'countries')}: {listed(top)}"
        f"{' and others' if len(known) > _SHOWN else ''}. For {count(unknown)} no country is known."
    )
    dated = listed(harmless(v["data_version"], NAME_LENGTH) or "no version" for v in versions)
    q3, networks = sources.ask("the networks with most bots of each botnet", _NETWORKS)
    return Section(
        "places",
        "Places",
        (
            Text(text, (q,)),
            Text(
                f"Data on networks and countries: {dated}. Addresses change hands: data of another "
                "time than the mail may name another holder. A network's country is where it is "
                "registered; it is not where a person is, and says nothing of who steers the bots.",
                (q2,),
                tone="note",
            ),
            Figure(
                "Addresses of bots by country of their network. The area of a disc is the number "
                "of addresses.",
                draw_map(known),
                "Map of bots by country: "
                + "; ".join(f"{country_name(code)} {bots:,}" for code, bots in known[:10]),
                (q,),
            ),
            Grid(
                "Up to three networks with most addresses of bots, for each botnet",
                (
                    Column("botnet", "code", 3),
                    Column("network", share=5),
                    Column("AS", "number"),
                    Column("country", share=3),
                    Column("addresses", "number"),
                    Column("share", "number"),
                ),
                rows_of(
                    [
                        (
                            r["name"],
                            defanged(r["network_name"], NAME_LENGTH) or "unknown",
                            str(r["asn"]) if r["asn"] is not None else "–",
                            country_name(harmless(r["country"], 8)) if r["country"] else "unknown",
                            count(r["bots"]),
                            share(r["share"]),
                        )
                        for r in networks
                    ]
                ),
                (q3,),
            ),
        ),
    )
