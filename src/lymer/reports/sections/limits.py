"""What is not established, and what could be wrong with what is."""

from lymer.reports.document import Block, Points, Section, Text
from lymer.reports.numbers import count, several, share
from lymer.reports.sources import Sources

_UNSURE = """
SELECT (SELECT count(*) FROM messages) AS messages,
       (SELECT count(*) FROM messages WHERE client_ip IS NULL) AS without_client,
       (SELECT count(*) FROM messages WHERE received_at IS NULL) AS without_time,
       (SELECT count(*) FROM messages) - (SELECT count(*) FROM campaign_messages) AS singles,
       (SELECT count(*) FROM campaigns WHERE kind = 'unknown') AS unknown_kind,
       (SELECT count(*) FROM campaigns WHERE confidence < 0.9) AS unsure,
       (SELECT count(*) FROM botnets WHERE NOT is_separable) AS not_separable,
       (SELECT count(*) FROM botnets WHERE is_separable AND live_low IS NULL) AS unsized,
       (SELECT count(*) FROM botnets WHERE live_low IS NOT NULL AND live_high IS NULL) AS bounded,
       (SELECT count(*) FROM evidence WHERE len(defects) > 0) AS bad_files
"""
_ALWAYS = (
    "A trap sees a small part of what is mailed. What was not seen here may exist.",
    "Addresses are not machines, and machines are not people. The owner of an infected machine is "
    "its first victim.",
    "Times are those that receivers stamped. A wrong clock at a receiver would shift them.",
    "Subjects, sender names and links are what the mail says of itself; any of it may be forged, "
    "and names in it may be those of uninvolved people.",
    "Names of engines and botnets are made up by the software to talk of them; they are not names "
    "from published sources unless that is said.",
)


def limits(sources: Sources) -> Section:
    """What a careful reader must hold against the report."""
    q, (n,) = sources.ask("what stays open", _UNSURE)
    items = []
    if not sources.holds("captures"):
        items.append("No network flows: what steers the bots was not looked for.")
    if not sources.holds("artifacts"):
        items.append(
            "No captured server: jobs, accounts, recipient lists and payments were not looked for; "
            "who ran the machinery and who ordered the mail is not established."
        )
    elif not sources.holds("jobs"):
        items.append("The captured files hold no job that could be read.")
    if not sources.holds("actors"):
        items.append("Nobody's part in it was weighed; no person is accused or cleared here.")
    if not sources.holds("client_networks"):
        items.append("No data on networks: in which countries the bots are is not established.")
    if n["without_client"]:
        items.append(
            f"{several(n['without_client'], 'message')} of {count(n['messages'])} "
            f"({share(n['without_client'] / n['messages'])}) without a client address count for no "
            "botnet."
        )
    if n["without_time"]:
        items.append(
            f"{several(n['without_time'], 'message')} without a readable time of receipt are in no "
            "timeline."
        )
    if n["singles"]:
        items.append(
            f"{several(n['singles'], 'message')} are in no campaign: one-off mail, or too little "
            "of it to tell."
        )
    if n["unknown_kind"]:
        items.append(f"{several(n['unknown_kind'], 'campaign')} are of no kind that could be told.")
    if n["unsure"]:
        items.append(
            f"{several(n['unsure'], 'campaign')} hold together with a mean probability below 0.9."
        )
    if n["not_separable"]:
        items.append(
            f"Of {several(n['not_separable'], 'engine')} some campaigns could not be given to a "
            "botnet."
        )
    if n["unsized"]:
        items.append(f"{several(n['unsized'], 'botnet')} could not be sized at all.")
    if n["bounded"]:
        items.append(
            f"Of {several(n['bounded'], 'botnet')} only a lower bound of the size is honest."
        )
    if n["bad_files"]:
        items.append(
            f"{several(n['bad_files'], 'file')} had defects or were refused in part; see “What was "
            "examined” and the custody appendix."
        )
    blocks: tuple[Block, ...] = (
        Text("Of this case", (q,)),
        Points(tuple(items), (q,)),
        Text("Of every such report"),
        Points(_ALWAYS),
    )
    return Section("limits", "Limits: what is not established", blocks)
