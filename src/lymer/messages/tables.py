"""The tables that the messages room hands over."""

from lymer.tables import BOOLEAN, INTEGER, STRING, STRINGS, TIMESTAMP, Column, Table

MESSAGES = Table(
    name="messages",
    doc="One row for every distinct message that came in, whatever its state.",
    key=("message_id",),
    columns=(
        Column("message_id", STRING, "SHA-256 of the message's bytes, hex"),
        Column("evidence_id", STRING, "the evidence it was first found in"),
        Column("offset_bytes", INTEGER, "first byte within that evidence's (decompressed) bytes"),
        Column("length_bytes", INTEGER, "number of bytes"),
        Column("received_at", TIMESTAMP, "when the injecting receiver stamped it"),
        Column("client_ip", STRING, "the injecting client: peer of the last trusted receiver"),
        Column("client_port", INTEGER, "its port, where the receiver wrote it"),
        Column("helo", STRING, "how the client introduced itself (HELO, EHLO)"),
        Column("reverse_name", STRING, "the client's reverse name as the receiver saw it"),
        Column("receiver", STRING, "the last trusted receiver, by its own name"),
        Column("mail_from", STRING, "envelope sender, from Return-Path or the mbox From line"),
        Column("recipients", STRINGS, "envelope recipients, where receivers wrote them"),
        Column("from_address", STRING, "address in From, lower case"),
        Column("from_name", STRING, "display name in From, decoded"),
        Column("reply_to", STRING, "address in Reply-To, lower case"),
        Column("subject", STRING, "decoded"),
        Column("message_id_header", STRING, "the Message-ID header as it stands"),
        Column("date_at", TIMESTAMP, "the Date header; null when unreadable"),
        Column("mailer", STRING, "X-Mailer or User-Agent as it stands: a claim"),
        Column("charset", STRING, "declared charset of the first text part, lower case"),
        Column("text", STRING, "visible text, cut at the reader's limit"),
        Column("hidden_text", STRING, "text that HTML hides from the reader"),
        Column("layout", STRING, "structure of the body: MIME tree, lines, HTML levels"),
        Column("carriage", STRING, "how it came: direct, list, bounce, report, forward"),
        Column("list_id", STRING, "List-Id or its like, lower case"),
        Column("dkim_domains", STRINGS, "d= of DKIM-Signature headers: claims, not verified"),
        Column("defects", STRINGS, "what was wrong with it; an empty list when nothing"),
    ),
)

HOPS = Table(
    name="hops",
    doc="One Received header of a message, top first.",
    key=("message_id", "position"),
    columns=(
        Column("message_id", STRING, "the message"),
        Column("position", INTEGER, "0 is the topmost, the last one written"),
        Column("from_helo", STRING, "name the peer gave"),
        Column("from_name", STRING, "reverse name of the peer as the receiver saw it"),
        Column("from_ip", STRING, "address of the peer"),
        Column("from_port", INTEGER, "port of the peer, where written"),
        Column("by_host", STRING, "who wrote the header, by its own word"),
        Column("with_protocol", STRING, "SMTP, ESMTP, LMTP, HTTP, POP3, ..."),
        Column("for_address", STRING, "the recipient, where written"),
        Column("stamped_at", TIMESTAMP, "null when unreadable"),
        Column("grammar", STRING, "the form of the header with its values masked"),
        Column("is_trusted", BOOLEAN, "written by a receiver we trust; false: the sender's claim"),
    ),
)

LINKS = Table(
    name="links",
    doc="One distinct link of a message.",
    key=("message_id", "url"),
    columns=(
        Column("message_id", STRING, "the message"),
        Column("url", STRING, "as the reader's program would open it, de-obfuscated"),
        Column("host", STRING, "lower case, IDNA; an address in plain dotted form"),
        Column("domain", STRING, "registrable domain (public suffix list); null for addresses"),
        Column("where_found", STRING, "text, href, src, form, style, hidden"),
    ),
)

ATTACHMENTS = Table(
    name="attachments",
    doc="One part of a message that is not its text.",
    key=("message_id", "position"),
    columns=(
        Column("message_id", STRING, "the message"),
        Column("position", INTEGER, "order in the message"),
        Column("name", STRING, "file name as given, decoded"),
        Column("media_type", STRING, "declared, lower case"),
        Column("size_bytes", INTEGER, "decoded length"),
        Column("sha256", STRING, "of the decoded bytes"),
        Column("picture_hash", STRING, "perceptual hash of a picture: 64 bits in hex"),
        Column("defects", STRINGS, "what was wrong with it"),
    ),
)

RELAYS = Table(
    name="relays",
    doc="An address that is known to relay for the trap, under which name, and how it is known.",
    key=("ip", "name"),
    columns=(
        Column("ip", STRING, "address that connected to a trusted receiver"),
        Column("name", STRING, "name it writes in its own Received headers"),
        Column("message_count", INTEGER, "surveyed mails that came through it under that name"),
        Column("why", STRING, "given by the user, or what was observed"),
    ),
)

SENSORS = Table(
    name="sensors",
    doc="A header field in which a sensor notes who connected, where it writes no Received.",
    key=("name", "stands"),
    columns=(
        Column("name", STRING, "the field, lower case"),
        Column("stands", STRING, "above or below all fields that the sender wrote"),
        Column("message_count", INTEGER, "surveyed mails that have it there"),
        Column("why", STRING, "what was observed"),
    ),
)
