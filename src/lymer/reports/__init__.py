"""WINDOW: the document, for people.

Takes   an open case.
Gives   a report as PDF or as a single HTML file; the same case gives the same bytes.
Never   computes findings of its own.
"""
