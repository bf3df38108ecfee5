"""WINDOW: the document, for people.

Takes   an open case.
Gives   a report as PDF or as a single HTML file; the same case gives the same bytes.
Never   computes findings of its own, shows a text of the case as markup, or fetches anything.
"""

from lymer.reports.write import FORMATS, write_report

__all__ = ["FORMATS", "write_report"]
