"""How far the room reads before it stops and says so."""

from dataclasses import dataclass


@dataclass(frozen=True)
class ReadingLimits:
    """Bounds on hostile files. None was tuned: they are ten times what real ones hold, and more."""

    head_bytes: int = 1 << 20
    """What a file is judged by."""
    line_chars: int = 64 << 10
    """Of a longer line only this much is looked at."""
    cell_chars: int = 256 << 10
    """Of a longer cell only this much is kept."""
    text_chars: int = 256 << 10
    """Of a longer text only this much is kept."""
    sheet_rows: int = 20_000_000
    """Rows of one sheet."""
    sheets: int = 1_000
    """Sheets of one file."""
    columns: int = 500
    """Columns of one sheet."""
    keyed_cells: int = 2_000_000
    """Cells of a key-value store, which are held until its last line."""
    list_addresses: int = 200_000_000
    """Addresses of one list."""
    database_bytes: int = 4 << 30
    """A database, which must be copied to a temporary file to be read."""
    database_seconds: float = 120.0
    """What reading one database may take."""
    carved_bytes: int = 256 << 20
    """Of a file whose format is not read, what is looked through for text."""
    entities: int = 5_000
    """Entities of one artifact, the commonest first."""
