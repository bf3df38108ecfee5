"""The operator's captured server: the folder of a mailing application nobody has seen before.

Takes   a plan and what the day loop kept.
Gives   source, configuration, database, templates, recipient lists, node and access logs.
Never   the same names twice: files, tables, columns and formats are drawn per world.
"""
