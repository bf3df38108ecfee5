"""Lymer follows spam back to the botnet that sent it.

`lymer.open_case(path)` opens a case; `.table(name)` gives a table as Arrow, `.sql(query)` an
answer. The commands do the rest: `lymer --help`.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lymer.case import Case


def open_case(path: str) -> "Case":
    """Open the case in the folder `path` for reading."""
    # Imported late: worker processes load a room without loading all of them.
    from lymer.case import open_case as open_

    return open_(path)


__all__ = ["open_case"]
