"""The sections of a report, a file each: queries in, blocks out."""
