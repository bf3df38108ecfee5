"""One number for all that a case holds, to compare two runs."""

import hashlib

from lymer.case.case import Case

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
            row = connection.execute(
                f"SELECT count(*), sum(CAST(md5_number_lower(CAST(row({columns}) AS VARCHAR)) "
                f'AS HUGEINT)) FROM "{table.name}"'
            ).fetchone()
            total.update(f"{table.name} {row}\n".encode())
    return total.hexdigest()
