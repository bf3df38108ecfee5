"""Write docs/tables.md from the declarations of the tables."""

from pathlib import Path

from lymer.case import TABLES

PAGE = Path(__file__).parents[1] / "docs" / "tables.md"

_HEAD = """# The tables

What `lymer sql` and `lymer.open_case(path).table(name)` show. Times are UTC; null means that the
evidence does not say. `make tables` writes this page from the code.
"""


def page() -> str:
    """The whole page."""
    parts = [_HEAD]
    for table in TABLES:
        parts.append(f"\n## {table.name}\n\n{table.doc} Key: {', '.join(table.key)}.\n")
        parts.append("\n| column | type | meaning |\n| --- | --- | --- |\n")
        parts += [f"| {c.name} | {c.type} | {c.doc} |\n" for c in table.columns]
    return "".join(parts)


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
