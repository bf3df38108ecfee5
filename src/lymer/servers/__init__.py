"""ROOM 2b: read a captured server's files.

Takes   a folder, an archive or a disk image of a machine that was seized or imaged.
Gives   every file with its hash, kind and reasons; the tables, logs and lists in them as rows.
Never   executes anything, writes to what it reads, or assumes a name, language or layout.
"""
