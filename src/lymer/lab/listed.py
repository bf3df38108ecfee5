"""Word lists written as text, so that they can be read and kept in lines of words."""


def listed(text: str) -> tuple[str, ...]:
    """The entries of a list written between bars, or between spaces if there is no bar."""
    return tuple(part.strip() for part in text.split("|" if "|" in text else None))
