"""One number for all that a case holds, to compare two runs."""

import hashlib

from lymer.case.case import Case
from lymer.engine import answer

# When something was done is not part of what was found.
_RUN_TIMES = frozenset({"sealed_at"})


def digest(case: Case) -> str:
    """SHA-256 over the contents of all tables, whatever the order of rows and files.

    Two traces of the same evidence give the same digest. Rows are summed by MD5, which every
    engine knows alike, so that nothing has to be sorted or held in memory.
    """
    total = hashlib.sha256()
    with case.connect() as connection:
        for table in case.store.tables.values():
            columns = ", ".join(
                f'"{column.name}"' for column in table.columns if column.name not in _RUN_TIMES
            )
            row = answer(
                connection,
                f"SELECT count(*) AS rows, CAST(sum(CAST(md5_number_lower(CAST(row({columns}) "
                f'AS VARCHAR)) AS HUGEINT)) AS VARCHAR) AS sum FROM "{table.name}"',
            ).to_pylist()[0]
            total.update(f"{table.name} {row['rows']} {row['sum']}\n".encode())
    return total.hexdigest()
