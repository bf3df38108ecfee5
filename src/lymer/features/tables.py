"""The tables that the features room hands over."""

from lymer.tables import BYTES, INTEGER, STRING, Column, Table

FINGERPRINTS = Table(
    name="fingerprints",
    doc="What a message looks like, by itself.",
    key=("message_id",),
    columns=(
        Column("message_id", STRING, "the message"),
        Column("dialect_id", STRING, "the mailing software it betrays: hash of its traits"),
        Column("traits", STRING, "the traits in words, separated by semicolons"),
        Column(
            "skeleton", STRING, "hash of the text with its variable parts masked; null: too few"
        ),
        Column("sketch", BYTES, "MinHash of the text's shingles: 64 little-endian uint32"),
        Column("subject_skeleton", STRING, "the subject with its variable parts masked"),
        Column("word_count", INTEGER, "words of visible text"),
        Column("link_form", STRING, "path of the first link with its words and numbers masked"),
    ),
)

SELECTORS = Table(
    name="selectors",
    doc="Something in a message that its sender must keep for the mail to pay off.",
    key=("message_id", "kind", "value"),
    columns=(
        Column("message_id", STRING, "the message"),
        Column(
            "kind",
            STRING,
            "domain, host, page (a domain, the path behind it and the names of its parameters), "
            "picture, attachment, phone, mailbox, wallet, ticker, name, word (of short texts)",
        ),
        Column("value", STRING, "in one plain form"),
    ),
)
