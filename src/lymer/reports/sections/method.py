"""How it was done, in words for a reader who was not there."""

from lymer.reports.document import Block, Points, Section, Text
from lymer.reports.sources import Sources

_STEPS = (
    "Sealing. Every file was hashed (SHA-256) before anything was read from it. A message is the "
    "bytes as they lie in its file; its id is their hash, and file, offset and length find it "
    "again.",
    "Reading. Headers are kept in their order and spelling. The client of a message is the machine "
    "that connected to the last receiver that is trusted; lower headers are the sender's claims.",
    "Describing. Each mail is described by itself: the traits of the software that made it, its "
    "layout, its text with the variable parts masked, and what its sender must keep (domains, "
    "pictures, telephone numbers, mailboxes).",
    "Campaigns. Mail made from one template is put together by weighted traits; each membership "
    "says why. The client's address is never used for it, so that botnets can bear campaigns out.",
    "Botnets. Campaigns of one engine are given to one pool of machines where they share more "
    "addresses than separate pools would by chance, corrected for all pairs that were compared.",
    "Size. Machines live on a day are estimated from how often addresses are seen again (95 % "
    "intervals), with the change of addresses taken into account. Where too little was seen for an "
    "estimate, only a bound is given.",
)
_FLOWS = (
    "Controllers. In network flows, endpoints to which bots turn and others do not are ranked by "
    "significance, rhythm and size, corrected for all endpoints asked."
)
_SERVERS = (
    "Captured servers. Files were classified by content and joined to the mail: templates to "
    "campaigns by their fixed text, lists to traps, node logs to bots, accounts to jobs."
)
_PEOPLE = (
    "People. Claims weigh evidence for and against; sources are graded by the Admiralty scale, "
    "likelihood is in the words of ICD 203 (almost no chance 1–5 %, very unlikely 5–20, unlikely "
    "20–45, roughly even 45–55, likely 55–80, very likely 80–95, almost certain 95–99), and "
    "confidence in the sources stands apart."
)


def method(sources: Sources) -> Section:
    """The steps that were taken on this case."""
    steps = list(_STEPS)
    if sources.holds("captures"):
        steps.append(_FLOWS)
    if sources.holds("artifacts"):
        steps.append(_SERVERS)
    if sources.holds("actors"):
        steps.append(_PEOPLE)
    blocks: tuple[Block, ...] = (
        Text(
            "The work was done by Lymer, software that traces spam back from a pile of messages. "
            "Each step takes what the step before hands over, and writes down why. The same "
            "evidence gives the same ids and numbers."
        ),
        Points(tuple(steps)),
        Text(
            "How often each step is right was measured on made worlds whose truth is known; the "
            "figures, bad ones included, come with the software (docs/accuracy.md). They say how "
            "the method does on such worlds. They do not prove any single finding here."
        ),
        Text(
            "A mark such as [Q1] names the query that a number came from. All queries stand in the "
            "appendix “Where each number comes from” and can be run again on the case."
        ),
    )
    return Section("method", "Method", blocks)
