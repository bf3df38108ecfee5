"""The tables that the servers room hands over."""

from lymer.tables import INTEGER, STRING, STRINGS, Column, Table

ARTIFACTS = Table(
    name="artifacts",
    doc="One file of a captured server, or one member of an archive on it, and what it is.",
    key=("artifact_id",),
    columns=(
        Column("artifact_id", STRING, "stable id: hash of server, path and evidence"),
        Column("evidence_id", STRING, "the bytes"),
        Column("server", STRING, "the server, by the name of what was given"),
        Column("path", STRING, "within the server, with ! before a member of an archive"),
        Column(
            "kind",
            STRING,
            "by content: template, list, database, dump, table, access log, log, config, source, "
            "history, accounts, key, notes, archive, disk image, folder, picture, program, binary, "
            "empty, refused",
        ),
        Column(
            "media",
            STRING,
            "text and its charset, sqlite, spreadsheet, binary ...",
        ),
        Column("size_bytes", INTEGER, "its length"),
        Column("sha256", STRING, "of its bytes; null for what was refused"),
        Column("defects", STRINGS, "what was wrong with it, or was refused"),
        Column("why", STRING, "what in the content speaks for the kind, in numbers"),
    ),
)

ENTITIES = Table(
    name="entities",
    doc="A name, address, host, sum or time that an artifact holds.",
    key=("artifact_id", "kind", "value", "where_found"),
    columns=(
        Column("artifact_id", STRING, "where it stands"),
        Column(
            "kind", STRING, "handle, address, domain, host, ip, money, time, phone, wallet, url"
        ),
        Column("value", STRING, "as written; times as UTC in ISO 8601, hosts in lower case"),
        Column("position", INTEGER, "line or row where it first stands, from 1"),
        Column("count", INTEGER, "how often it stands there"),
        Column("where_found", STRING, "comment, text, the key before it, or the table and column"),
    ),
)

SHEETS = Table(
    name="sheets",
    doc="Rows of one shape on a server: a database table, a delimited file, a log's line format.",
    key=("sheet_id",),
    columns=(
        Column("sheet_id", STRING, "stable id: hash of the artifact and the name"),
        Column("artifact_id", STRING, "where it stands"),
        Column("server", STRING, "the server"),
        Column("name", STRING, "the table's name as written; the learned line format of a log"),
        Column("form", STRING, "sqlite, dump, delimited, spreadsheet, xml, json, fields, lines"),
        Column("columns", STRINGS, "names as written, or learned, or c1, c2 ..."),
        Column("row_count", INTEGER, "rows read, in sheet_rows"),
        Column("why", STRING, "how it was read, and what was left out"),
    ),
)

SHEET_ROWS = Table(
    name="sheet_rows",
    doc="A row of a sheet, its values as they are written.",
    key=("sheet_id", "position"),
    columns=(
        Column("sheet_id", STRING, "the sheet"),
        Column("position", INTEGER, "row or line, from 1"),
        Column("values", STRINGS, "one for each column of the sheet; null where there is none"),
    ),
)

TEXTS = Table(
    name="texts",
    doc="Text that may be a template, notes or source: of a file, or of a cell of a sheet.",
    key=("artifact_id", "place"),
    columns=(
        Column("artifact_id", STRING, "where it stands"),
        Column("place", STRING, "sheet_id, row and column of a cell; empty: the whole file"),
        Column("text", STRING, "its characters, cut at the reader's limit"),
    ),
)

LISTED = Table(
    name="listed",
    doc="An address on a recipient list, as a hash: recipients are not spread any further.",
    key=("artifact_id", "address_hash"),
    columns=(
        Column("artifact_id", STRING, "the list"),
        Column("address_hash", INTEGER, "XXH3 (64 bits, signed) of the address in lower case"),
    ),
)
