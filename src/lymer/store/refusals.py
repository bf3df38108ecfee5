"""What a disk can refuse, as an error that says what to do."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lymer.errors import StorageError

# Delta, DuckDB and SQLite carry what the system said in their text only.
_FULL = ("(os error 28)", "No space left on device", "database or disk is full")


@contextmanager
def naming_refusals(path: Path) -> Iterator[None]:
    """Turn a full disk, and one that may not be written, into a StorageError about `path`."""
    try:
        yield
    except StorageError:
        raise
    except Exception as error:
        number = error.errno if isinstance(error, OSError) else None
        if number in (errno.ENOSPC, errno.EDQUOT) or any(word in str(error) for word in _FULL):
            raise StorageError(
                f"no space left for {path}. Free some space and run the same command again: "
                "what was committed is kept."
            ) from error
        if number in (errno.EACCES, errno.EPERM, errno.EROFS):
            raise StorageError(f"{path} cannot be written: {os.strerror(number)}.") from error
        raise
