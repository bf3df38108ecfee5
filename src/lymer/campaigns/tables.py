"""The tables that the campaigns room hands over."""

from lymer.tables import (
    BOOLEAN,
    INTEGER,
    SHARE,
    STRING,
    STRINGS,
    TIMESTAMP,
    Column,
    Table,
)

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
        Column("status", STRING, "open, or dismissed by the analyst"),
        Column("decided", STRING, "what the analyst decided and noted; null where nothing"),
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

GROUPED_MESSAGES = Table(
    name="grouped_messages",
    doc="What the machine grouped, before the analyst's decisions.",
    key=("message_id",),
    columns=(
        Column("campaign_id", STRING, "the campaign that the machine put it in"),
        Column("message_id", STRING, "the message"),
        Column("why", STRING, "what holds it there, in words and numbers"),
        Column("certainty", SHARE, "probability of its strongest link there"),
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

OPERATIONS = Table(
    name="operations",
    doc="Campaigns that sell for the same, two or more: joined through what a sender must keep.",
    key=("operation_id",),
    columns=(
        Column("operation_id", STRING, "stable: kept when evidence is added"),
        Column("name", STRING, "what its campaigns name, or where their links lead"),
        Column("campaign_count", INTEGER, "campaigns in it"),
        Column("message_count", INTEGER, "messages of these"),
        Column("first_seen_at", TIMESTAMP, "earliest receipt"),
        Column("last_seen_at", TIMESTAMP, "latest receipt"),
        Column("why", STRING, "what its campaigns share, in words and numbers"),
    ),
)

OPERATION_CAMPAIGNS = Table(
    name="operation_campaigns",
    doc="Which operation a campaign belongs to. A campaign by itself is in none.",
    key=("campaign_id",),
    columns=(
        Column("operation_id", STRING, "the operation"),
        Column("campaign_id", STRING, "the campaign"),
        Column("score", SHARE, "log-odds of its strongest link to another campaign of it"),
        Column("why", STRING, "that link: what both have, in how many of their messages"),
    ),
)

TEMPLATES = Table(
    name="templates",
    doc="A version of the template that a campaign's messages were made from.",
    key=("template_id",),
    columns=(
        Column("template_id", STRING, "after its campaign, with the number of the version"),
        Column("campaign_id", STRING, "the campaign"),
        Column("version", INTEGER, "1 is the first that came into use"),
        Column("first_seen_at", TIMESTAMP, "earliest receipt of a message it was learned from"),
        Column("last_seen_at", TIMESTAMP, "latest receipt of a message it was learned from"),
        Column("member_count", INTEGER, "messages learned from, and kept back ones of the version"),
        Column(
            "pattern",
            STRING,
            "RE2 expression for the whole visible text; null: too little is fixed",
        ),
        Column("subject_pattern", STRING, "the same for the subject; null: it may be empty"),
        Column("readable", STRING, "the template for people, slots in brackets"),
        Column("slots", STRING, "JSON list of typed slots in their order, with the values seen"),
        Column("learned_from", STRINGS, "message ids"),
        Column("coverage_share", SHARE, "of the messages kept back, those that match; null: none"),
        Column("other_hits", INTEGER, "matches in other campaigns, lawful bulk mail aside"),
        Column("ham_hits", INTEGER, "matches in lawful bulk mail and in mail of no campaign"),
        Column("fixed_bits", SHARE, "what the fixed text tells, at 2 bits a character"),
        Column("is_published", BOOLEAN, "whether it may be used as a rule"),
        Column("why", STRING, "what speaks for it, or why it is no rule"),
    ),
)
