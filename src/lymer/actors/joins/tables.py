"""The tables that the joins hand over: what a captured server's books say, joined to the mail."""

import pyarrow as pa

from lymer.tables import BOOLEAN, INTEGER, SHARE, STRING, STRINGS, TIMESTAMP, Column, Table

ACCOUNTS = Table(
    name="accounts",
    doc="A login of a captured server's application, from its books.",
    key=("server", "account"),
    columns=(
        Column("server", STRING, "the server"),
        Column("account", STRING, "the login as written"),
        Column("account_key", STRING, "what the books call it elsewhere: its id, or the login"),
        Column("privilege", STRING, "as written; null where nothing is"),
        Column(
            "is_privileged",
            BOOLEAN,
            "true: its privilege is not the common one, or it runs the machine",
        ),
        Column("job_count", INTEGER, "jobs it ordered"),
        Column("logins", INTEGER, "requests under its name in access logs"),
        Column("login_ips", STRINGS, "addresses these came from"),
        Column("first_seen_at", TIMESTAMP, "its earliest request, job or payment"),
        Column("last_seen_at", TIMESTAMP, "its latest"),
        Column("artifact_id", STRING, "where it is listed"),
        Column("why", STRING, "how it was told, and what else names it"),
    ),
)

JOBS = Table(
    name="jobs",
    doc="An order on a captured server, and the campaign that it made.",
    key=("server", "job_id"),
    columns=(
        Column("job_id", STRING, "as in the books"),
        Column("server", STRING, "the server"),
        Column("account", STRING, "the login that ordered it; null where the books do not say"),
        Column("campaign_id", STRING, "the campaign it made; null where nothing here is of it"),
        Column("title", STRING, "what the books call it"),
        Column("targets", INTEGER, "addresses ordered, as the books say"),
        Column("sent", INTEGER, "mails sent, as the books say"),
        Column("accepted", INTEGER, "mails accepted by a receiver, as the books say"),
        Column("started_at", TIMESTAMP, "its start; without a zone taken for UTC"),
        Column("ended_at", TIMESTAMP, "its end"),
        Column("price", SHARE, "its price, as the books say; the currency is rarely told"),
        Column("template_artifact_id", STRING, "the template it names"),
        Column("list_artifact_id", STRING, "the recipient list it names"),
        Column(
            "members_share",
            SHARE,
            "of the campaign's messages in its time, those that the template explains",
        ),
        Column("artifact_id", STRING, "the books"),
        Column("position", INTEGER, "row in them"),
        Column("why", STRING, "what speaks for the campaign, and for which other one how much"),
    ),
)

PAYMENTS = Table(
    name="payments",
    doc="A payment in a captured server's books.",
    key=("sheet_id", "position"),
    columns=(
        Column("server", STRING, "the server"),
        Column("account", STRING, "whose it is"),
        Column("amount", SHARE, "the sum; the currency is rarely told"),
        Column("note", STRING, "what is written beside it"),
        Column("paid_at", TIMESTAMP, "when; without a zone taken for UTC"),
        Column("artifact_id", STRING, "the books"),
        Column("sheet_id", STRING, "the table in them"),
        Column("position", INTEGER, "row in it"),
    ),
)

NODES = Table(
    name="nodes",
    doc="A node of the server's botnet, at one time under one address.",
    key=("sheet_id", "position"),
    columns=(
        Column("server", STRING, "the server"),
        Column("node_id", STRING, "what the server calls it; null: it knows addresses only"),
        Column("client_ip", STRING, "its address then"),
        Column("seen_at", TIMESTAMP, "when"),
        Column("job_id", STRING, "what it worked at"),
        Column("artifact_id", STRING, "the log, or the file that holds the table"),
        Column("sheet_id", STRING, "its line format, or the table"),
        Column("position", INTEGER, "line or row in it"),
    ),
)

NODE_CLIENTS = Table(
    name="node_clients",
    doc="A node of a server that is a client of the mail: the machine behind a bot's address.",
    key=("server", "node_id", "client_ip"),
    columns=(
        Column("server", STRING, "the server"),
        Column("node_id", STRING, "what the server calls the machine"),
        Column("client_ip", STRING, "the address from which the traps had its mail"),
        Column(
            "botnet_id", STRING, "the botnet that lists the address and has its nodes; null: none"
        ),
        Column("campaign_ids", STRINGS, "campaigns of this mail"),
        Column("job_ids", STRINGS, "jobs it worked at under this address in these days"),
        Column("first_mail_at", TIMESTAMP, "the first of this mail"),
        Column("last_mail_at", TIMESTAMP, "the last of it"),
        Column("message_count", INTEGER, "mails"),
        Column("nodes_there", INTEGER, "nodes under the address then; several: it is one of them"),
        Column("why", STRING, "what it rests on"),
    ),
)

NODE_COUNTS = Table(
    name="node_counts",
    doc="The true size of a server's botnet on a day, as far as its logs go.",
    key=("server", "day"),
    columns=(
        Column("server", STRING, "the server"),
        Column("day", pa.date32(), "the day (UTC)"),
        Column("live_nodes", INTEGER, "nodes that reported"),
        Column("addresses", INTEGER, "distinct addresses they had"),
        Column(
            "changed_share",
            SHARE,
            "of the nodes that reported on the day before too, those under another address; null: "
            "fewer than ten did",
        ),
    ),
)

CALIBRATIONS = Table(
    name="calibrations",
    doc="The size of a botnet by a server's own logs, beside the census that mail alone allows.",
    key=("server", "botnet_id", "campaign_id"),
    columns=(
        Column("server", STRING, "the server"),
        Column("botnet_id", STRING, "the botnet; null: its campaign is in none, or in several"),
        Column("campaign_id", STRING, "the campaign whose jobs are logged; null: all of a botnet"),
        Column("first_day", pa.date32(), "first day (UTC) of the logs of these jobs"),
        Column("last_day", pa.date32(), "last day of them"),
        Column("nodes", INTEGER, "distinct nodes that worked at the jobs in these days"),
        Column("logged_nodes", SHARE, "of them on a day, the mean"),
        Column(
            "seen_clients",
            INTEGER,
            "clients of the mail on these days, each once a day and the days added up",
        ),
        Column("known_clients", INTEGER, "of them, those that the logs have on that day"),
        Column("live_low", SHARE, "live bots on a day by logs and mail together, low end (95 %)"),
        Column("live", SHARE, "best estimate; null: see open_because"),
        Column("live_high", SHARE, "upper end; null: too few clients seen, so only a bound"),
        Column("changed_share", SHARE, "nodes with another address than on the day before"),
        Column("census_low", SHARE, "live bots by the census of mail alone: populations"),
        Column("census", SHARE, "its best estimate; null where it gave none"),
        Column("census_high", SHARE, "its upper end; null where it gave none"),
        Column("census_change_share", SHARE, "chance of a change of address by the census"),
        Column("open_because", STRING, "why there is no best estimate; null: there is one"),
        Column("why", STRING, "what the numbers rest on, and whether the two agree"),
    ),
)

LISTS = Table(
    name="lists",
    doc="A recipient list of a captured server.",
    key=("artifact_id",),
    columns=(
        Column("artifact_id", STRING, "the list"),
        Column("server", STRING, "the server"),
        Column("path", STRING, "within the server"),
        Column("address_count", INTEGER, "addresses in what was captured"),
        Column("listed_size", INTEGER, "its size as the books say"),
        Column("trap_count", INTEGER, "of the addresses, those that receive mail in this case"),
        Column("trap_share", SHARE, "the same as a share"),
        Column("why", STRING, "how it was told, and which jobs used it"),
    ),
)

COVERAGE = Table(
    name="coverage",
    doc="How much of what was observed a captured server explains.",
    key=("server", "subject"),
    columns=(
        Column("server", STRING, "the server"),
        Column(
            "subject",
            STRING,
            "bots of botnet X, campaigns of botnet X, campaigns, messages, jobs, templates",
        ),
        Column("covered", INTEGER, "of these, those that the server explains"),
        Column("total", INTEGER, "all of them"),
        Column("share", SHARE, "covered / total"),
        Column("why", STRING, "what was counted, and what the rest may be"),
    ),
)

MENTIONS = Table(
    name="mentions",
    doc="Where the name of an account stands outside of the books.",
    key=("server", "account", "artifact_id", "where_found"),
    columns=(
        Column("server", STRING, "the server"),
        Column("account", STRING, "the login"),
        Column("artifact_id", STRING, "where its name stands"),
        Column("where_found", STRING, "comment, text, or the key before it"),
        Column("position", INTEGER, "the line where it first stands"),
        Column("count", INTEGER, "lines with it"),
    ),
)
