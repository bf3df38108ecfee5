"""Asking the case why a message is where it is, and why two are together or not."""

from lymer.campaigns import GroupingRule, MessageWhy, PairWhy, why_message, why_pair
from lymer.case.case import Case
from lymer.errors import UsageError


def why(case: Case, message: str) -> MessageWhy:
    """Why `message` (the beginning of its id is enough) is in its campaign, or in none."""
    with case.connect() as connection:
        return why_message(connection, GroupingRule(), find_message(case, message))


def why_two(case: Case, one: str, other: str) -> PairWhy:
    """Why two messages are together, or not."""
    ids = find_message(case, one), find_message(case, other)
    if ids[0] == ids[1]:
        raise UsageError(f"both are the message {ids[0]}. Name two different ones.")
    with case.connect() as connection:
        return why_pair(connection, GroupingRule(), *ids)


def find_message(case: Case, given: str) -> str:
    """The id of the one message that `given` begins."""
    found = case.sql(
        "SELECT message_id FROM messages WHERE starts_with(message_id, $id) "
        "ORDER BY message_id LIMIT 3",
        {"id": given},
    )["message_id"].to_pylist()
    if not given or not found:
        raise UsageError(
            f"no message in {case.folder} begins with {given!r}. `lymer show {case.folder} "
            "campaign ID` lists some."
        )
    if len(found) > 1:
        raise UsageError(f"several messages begin with {given!r}: {', '.join(found)} ... "
                         "Give more of it.")  # fmt: skip
    return str(found[0])
