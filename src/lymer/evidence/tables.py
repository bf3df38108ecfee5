"""The tables that the evidence room hands over."""

from lymer.tables import BYTES, INTEGER, STRING, STRINGS, TIMESTAMP, Column, Table

EVIDENCE = Table(
    name="evidence",
    doc="One source of bytes: a file, a folder, or a member of an archive.",
    key=("evidence_id",),
    columns=(
        Column("evidence_id", STRING, "stable id: hash of parent, name and content"),
        Column(
            "parent_id", STRING, "the archive or folder it lay in; null for a path given by hand"
        ),
        Column(
            "kind",
            STRING,
            "folder, mbox, maildir, mh, eml, msg, arf, flows, server, disk, tar, zip, gz, bz2, xz, "
            "zst, other",
        ),
        Column("uri", STRING, "where it lies: a path, with ! before a member of an archive"),
        Column("sha256", STRING, "of its bytes as they lay; null for a folder"),
        Column("size_bytes", INTEGER, "its length; null for a folder"),
        Column("sealed_at", TIMESTAMP, "when its hash was taken"),
        Column("message_count", INTEGER, "messages found in it, not counting its members'"),
        Column("defects", STRINGS, "what was wrong with it, or was refused"),
    ),
)

ORIGINS = Table(
    name="origins",
    doc="Where the bytes of a message lie; the same bytes may lie in several places.",
    key=("evidence_id", "offset_bytes"),
    columns=(
        Column("message_id", STRING, "SHA-256 of the message's bytes, hex"),
        Column("evidence_id", STRING, "the evidence that holds it"),
        Column("offset_bytes", INTEGER, "first byte within that evidence's (decompressed) bytes"),
        Column("length_bytes", INTEGER, "number of bytes"),
    ),
)

REPORTS = Table(
    name="reports",
    doc="One abuse report (ARF, RFC 5965) and the message it carries.",
    key=("report_id",),
    columns=(
        Column("report_id", STRING, "message_id of the report itself"),
        Column("message_id", STRING, "the reported message, when it was enclosed"),
        Column(
            "feedback_type", STRING, "abuse, fraud, virus, not-spam, other (RFC 5965 section 7.3)"
        ),
        Column("source_ip", STRING, "Source-IP: the client the reporter saw"),
        Column("mail_from", STRING, "Original-Mail-From"),
        Column("arrived_at", TIMESTAMP, "Arrival-Date or Received-Date; null when unreadable"),
        Column("reporter", STRING, "User-Agent or Reporting-MTA of the report"),
    ),
)

RAW = Table(
    name="raw",
    doc="Messages on their way to the messages room; never stored.",
    key=("message_id",),
    columns=(
        Column("message_id", STRING, "SHA-256 of the message's bytes, hex"),
        Column("evidence_id", STRING, "the evidence that holds it"),
        Column("offset_bytes", INTEGER, "first byte within that evidence's (decompressed) bytes"),
        Column("length_bytes", INTEGER, "number of bytes in the evidence"),
        Column("envelope", STRING, "the mbox From line, when there was one"),
        Column("reported_ip", STRING, "Source-IP of the abuse report that enclosed it"),
        Column("defects", STRINGS, "what was wrong with it as a piece of evidence"),
        Column("raw", BYTES, "the bytes; cut at the reader's limit, with a defect that says so"),
    ),
)
