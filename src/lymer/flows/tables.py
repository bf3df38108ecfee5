"""The tables that the flows room hands over."""

import pyarrow as pa

from lymer.tables import INTEGER, SHARE, STRING, TIMESTAMP, Column, Table

CAPTURES = Table(
    name="captures",
    doc="One file of network flows, and what was read of it.",
    key=("evidence_id",),
    columns=(
        Column("evidence_id", STRING, "the file"),
        Column("capture_id", STRING, "the files that were read together, as its contacts have it"),
        Column("format", STRING, "zeek, zeek_json, nfdump, binetflow, csv; null: not recognised"),
        Column("flow_count", INTEGER, "lines that are a flow (or one direction of one)"),
        Column("refused_count", INTEGER, "lines that are none: torn, too long, no address or time"),
        Column("first_at", TIMESTAMP, "earliest flow"),
        Column("last_at", TIMESTAMP, "latest flow"),
    ),
)

CONTACTS = Table(
    name="contacts",
    doc="One host that turned to one endpoint on one day (UTC), over all of its flows.",
    key=("capture_id", "day", "source_ip", "ip", "port", "protocol"),
    columns=(
        Column("capture_id", STRING, "the flow files that were read together"),
        Column("day", pa.date32(), "the day (UTC) on which the flows began"),
        Column("source_ip", STRING, "who opened the connection"),
        Column("ip", STRING, "to whom"),
        Column("port", INTEGER, "to which port; null where the protocol has none"),
        Column("protocol", STRING, "tcp, udp, icmp, ...: lower case"),
        Column("first_at", TIMESTAMP, "begin of the first flow"),
        Column("last_at", TIMESTAMP, "begin of the last flow"),
        Column("flow_count", INTEGER, "flows, not counting answers that are flows of their own"),
        Column("sent_bytes", INTEGER, "by the source, all flows; null where nothing was counted"),
        Column("received_bytes", INTEGER, "by the source, all flows"),
        Column("interval_seconds", SHARE, "median time between two begins; null for a single flow"),
        Column("interval_spread_seconds", SHARE, "between the quartiles of these times"),
        Column("size_bytes", SHARE, "median of the bytes sent in a flow"),
        Column("size_spread_bytes", SHARE, "between the quartiles of these sizes"),
    ),
)
