"""The tables that the campaigns room hands over."""

from lymer.tables import INTEGER, SHARE, STRING, TIMESTAMP, Column, Table

CAMPAIGNS = Table(
    name="campaigns",
    doc="Messages made from one template by one engine in one period.",
    key=("campaign_id",),
    columns=(
        Column("campaign_id", STRING, "stable: kept when evidence is added"),
        Column("name", STRING, "for people: its commonest subject, or what it advertises"),
        Column("kind", STRING, "botnet, snowshoe, bulk, unknown"),
        Column("first_seen_at", TIMESTAMP, "earliest receipt"),
        Column("last_seen_at", TIMESTAMP, "latest receipt"),
        Column("message_count", INTEGER, "messages in it"),
        Column("client_count", INTEGER, "distinct injecting clients"),
        Column("confidence", SHARE, "mean probability of its members' strongest links within it"),
        Column("why", STRING, "why it is of this kind"),
    ),
)

CAMPAIGN_MESSAGES = Table(
    name="campaign_messages",
    doc="Which campaign a message belongs to. One-off messages are in none.",
    key=("message_id",),
    columns=(
        Column("campaign_id", STRING, "the campaign"),
        Column("message_id", STRING, "the message"),
        Column("why", STRING, "what holds it there, in words and numbers"),
    ),
)

LINEAGE = Table(
    name="lineage",
    doc="What became of campaigns when evidence was added.",
    key=("campaign_id", "former_id"),
    columns=(
        Column("campaign_id", STRING, "the campaign as it is now"),
        Column("former_id", STRING, "the campaign that its messages were in before"),
        Column(
            "relation", STRING, "merged: the former is gone; split: the former goes on elsewhere"
        ),
        Column("message_count", INTEGER, "messages that moved"),
    ),
)
