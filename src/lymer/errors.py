"""Every error a user of Lymer can meet.

    LymerError            the user can do something about it; the text says what
    ├── UsageError        the command or call was wrong (a path, an option, a query)
    ├── CaseError         the folder is no case, is of another version, or is in use
    └── StorageError      the disk is full or refuses to be written

Bad evidence is never an error: it becomes a row with its defects. A bug of ours is a plain
Python exception and crashes with the table and key in hand.
"""


class LymerError(Exception):
    """Something the user can put right; the message says how."""


class UsageError(LymerError):
    """The command or call was wrong."""


class CaseError(LymerError):
    """The folder is no case, is of another version, or is in use."""


class StorageError(LymerError):
    """The case cannot be written: disk full, read-only, no permission."""
