"""The tables that the botnets room hands over."""

import pyarrow as pa

from lymer.tables import BOOLEAN, INTEGER, SHARE, STRING, TIMESTAMP, Column, Table

DIALECTS = Table(
    name="dialects",
    doc="A mailing software, by what it betrays whoever it poses as. An engine, not a botnet.",
    key=("dialect_id",),
    columns=(
        Column("dialect_id", STRING, "stable: kept when evidence is added"),
        Column("name", STRING, "made up from the id, to talk of it"),
        Column("description", STRING, "what its mails have in common and where they contradict"),
        Column("message_count", INTEGER, "messages of it"),
        Column("variant_count", INTEGER, "dialect_ids of fingerprints that are taken for it"),
        Column("known_as", STRING, "name in a published source, with the source; null: none"),
    ),
)

DIALECT_TRAITS = Table(
    name="dialect_traits",
    doc="Which mailing software a set of traits is taken for.",
    key=("variant_id",),
    columns=(
        Column("variant_id", STRING, "dialect_id of fingerprints: the hash of the traits"),
        Column("dialect_id", STRING, "the mailing software"),
        Column("why", STRING, "what the set has in common with the commonest one, and what not"),
    ),
)

BOTNETS = Table(
    name="botnets",
    doc="A pool of bots; or what is left of an engine where its pools cannot be told apart.",
    key=("botnet_id",),
    columns=(
        Column("botnet_id", STRING, "stable: kept when evidence is added"),
        Column("name", STRING, "the engine's name, and a mark of its own"),
        Column("dialect_id", STRING, "the engine it runs"),
        Column(
            "is_separable",
            BOOLEAN,
            "false: campaigns of one engine whose botnets cannot be told apart at this sampling; "
            "nothing is claimed of them",
        ),
        Column("campaign_count", INTEGER, "campaigns in it, or left over"),
        Column("message_count", INTEGER, "messages of its bots"),
        Column("footprint", INTEGER, "distinct clients"),
        Column("first_seen_at", TIMESTAMP, "earliest receipt"),
        Column("last_seen_at", TIMESTAMP, "latest receipt"),
        Column("live_low", SHARE, "live bots on a day of the window, lower end (95 %)"),
        Column("live", SHARE, "best estimate; null where only an interval or a bound is honest"),
        Column("live_high", SHARE, "upper end; null: only a bound is honest"),
        Column("window_start_at", TIMESTAMP, "first midnight of the window"),
        Column("window_end_at", TIMESTAMP, "midnight that ends it"),
        Column("why", STRING, "what holds it together, and whether more may belong to it"),
    ),
)

BOTNET_CAMPAIGNS = Table(
    name="botnet_campaigns",
    doc="Which botnets sent a campaign. One campaign may be of several.",
    key=("botnet_id", "campaign_id"),
    columns=(
        Column("botnet_id", STRING, "the botnet"),
        Column("campaign_id", STRING, "the campaign"),
        Column("score", SHARE, "log-likelihood ratio of one pool against two; null: by itself"),
        Column("p_value", SHARE, "of as many shared clients by chance, corrected for all pairs"),
        Column("why", STRING, "clients it shares with the botnet's others, and what chance gives"),
    ),
)

BOTS = Table(
    name="bots",
    doc="A client of a botnet's campaigns: a PC, under one of its addresses.",
    key=("botnet_id", "client_ip"),
    columns=(
        Column("botnet_id", STRING, "the botnet"),
        Column("client_ip", STRING, "the address"),
        Column("first_seen_at", TIMESTAMP, "its earliest message for the botnet"),
        Column("last_seen_at", TIMESTAMP, "its latest"),
        Column("message_count", INTEGER, "its messages for the botnet"),
    ),
)

VOLUMES = Table(
    name="volumes",
    doc="How many mails of a campaign, at one stage of their way. Stages are never added up.",
    key=("campaign_id", "stage"),
    columns=(
        Column("campaign_id", STRING, "the campaign"),
        Column(
            "stage",
            STRING,
            "targeted: addresses on the list; sent: by the bots; accepted: by a receiver; "
            "seen: here",
        ),
        Column("low", SHARE, "lower end of the 95 % interval; null where nothing fixes the scale"),
        Column("point", SHARE, "best estimate"),
        Column("high", SHARE, "upper end; null: no upper end is honest"),
        Column("why", STRING, "what the numbers rest on, or what is missing"),
    ),
)

CONTROLLERS = Table(
    name="controllers",
    doc="An endpoint that is likely to steer a botnet, from network flows.",
    key=("ip", "port", "botnet_id"),
    columns=(
        Column("ip", STRING, "the endpoint's address"),
        Column("port", INTEGER, "and port"),
        Column("botnet_id", STRING, "the botnet whose bots turn to it; null: of no known one"),
        Column("score", SHARE, "for the order within a botnet; falls with how many others visit"),
        Column("p_value", SHARE, "chance of as much without steering, corrected for all asked"),
        Column("why", STRING, "who turns to it, who does not, rhythm and size, in numbers"),
    ),
)

STEERED = Table(
    name="steered",
    doc="A host that keeps in touch with a controller: a bot, seen in the traps or not.",
    key=("botnet_id", "ip", "port", "client_ip", "day"),
    columns=(
        Column("botnet_id", STRING, "the botnet of the controller; null: not known"),
        Column("ip", STRING, "the controller's address"),
        Column("port", INTEGER, "and port"),
        Column("client_ip", STRING, "the host"),
        Column("day", pa.date32(), "on which day (UTC)"),
        Column("flow_count", INTEGER, "its flows to the controller on that day"),
        Column("is_known", BOOLEAN, "whether its address is among the botnet's bots"),
        Column("why", STRING, "its rhythm, and whether it delivers mail itself"),
    ),
)

POPULATIONS = Table(
    name="populations",
    doc="How many bots a botnet has: what was seen, and what that says of the unseen.",
    key=("botnet_id",),
    columns=(
        Column("botnet_id", STRING, "the botnet"),
        Column("footprint", INTEGER, "distinct clients seen in the window: many a bot's address"),
        Column("live_low", SHARE, "live bots on a day of the window, lower end (95 %)"),
        Column("live", SHARE, "best estimate; null where only an interval or a bound is honest"),
        Column("live_high", SHARE, "upper end; null: only a bound is honest"),
        Column("window_start_at", TIMESTAMP, "first midnight of the window"),
        Column("window_end_at", TIMESTAMP, "midnight that ends it"),
        Column("change_share", SHARE, "chance that a bot's address changes in a day, about"),
        Column("mails_per_bot", SHARE, "mails seen of a live bot on a day; null without a point"),
        Column("mails_per_bot_low", SHARE, "the same at live_high; null without it"),
        Column("mails_per_bot_high", SHARE, "the same at live_low: no more than so many"),
        Column("hours", pa.list_(pa.int64()), "mails seen by hour of the day (UTC), from 0"),
        Column("why", STRING, "what the numbers rest on, and why there are no more"),
    ),
)

LIVE_DAYS = Table(
    name="live_days",
    doc="Live bots of a botnet on one day of its window with sightings.",
    key=("botnet_id", "day"),
    columns=(
        Column("botnet_id", STRING, "the botnet"),
        Column("day", pa.date32(), "the day (UTC)"),
        Column("message_count", INTEGER, "mails seen of it"),
        Column("client_count", INTEGER, "distinct clients seen"),
        Column("live_low", SHARE, "live bots, lower end (95 %)"),
        Column("live", SHARE, "best estimate; null where only an interval or a bound is honest"),
        Column("live_high", SHARE, "upper end; null: only a bound is honest"),
    ),
)

CLIENT_NETWORKS = Table(
    name="client_networks",
    doc="In which network a client is, by data of another day than the mail. Absent: not known.",
    key=("client_ip",),
    columns=(
        Column("client_ip", STRING, "the client"),
        Column("network", STRING, "largest block around it that is of one network, as a prefix"),
        Column("asn", INTEGER, "number of the autonomous system; null: the data do not say"),
        Column("network_name", STRING, "who holds it, as the data name it"),
        Column("country", STRING, "where it is registered: ISO 3166-1 alpha-2"),
        Column("data_version", STRING, "which data, and of when"),
    ),
)

BOTNET_NETWORKS = Table(
    name="botnet_networks",
    doc="How many of a botnet's bots are in a network. Those of no known network are a row too.",
    key=("botnet_id", "country", "asn", "network_name"),
    columns=(
        Column("botnet_id", STRING, "the botnet"),
        Column("country", STRING, "where the network is registered; null: not known"),
        Column("asn", INTEGER, "number of the autonomous system; null: not known"),
        Column("network_name", STRING, "who holds it; null: not known"),
        Column("bots", INTEGER, "addresses of its bots there"),
        Column("share", SHARE, "of all addresses of its bots"),
    ),
)
