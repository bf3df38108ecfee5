"""The tables that the actors room hands over."""

from lymer.tables import INTEGER, SHARE, STRING, STRINGS, TIMESTAMP, Column, Table

_EVIDENCE = "each table:key, or artifact_id#position for bytes on a captured server"
_LIKELIHOOD = "in the words of ICD 203; null: not to be weighed"
_CONFIDENCE = "low, moderate, high: how well founded, whatever the likelihood"

ACTORS = Table(
    name="actors",
    doc="Somebody who plays a part, under the names that the evidence gives him.",
    key=("actor_id",),
    columns=(
        Column("actor_id", STRING, "stable: hash of the account, the handle or the name"),
        Column("name", STRING, "the one that he is called by here"),
        Column("aliases", STRINGS, "other names, logins and addresses, each with a reason in why"),
        Column(
            "role",
            STRING,
            "operator, customer, promoted (on paper), payer, or unknown; what else he does is in "
            "claims",
        ),
        Column("why", STRING, "what makes him this, and his aliases his"),
    ),
)

CLAIMS = Table(
    name="claims",
    doc="What is claimed of an actor: never a fact, always with what speaks for and against it.",
    key=("claim_id",),
    columns=(
        Column("claim_id", STRING, "stable: hash of subject, relation and object"),
        Column("subject", STRING, "actor_id"),
        Column(
            "relation",
            STRING,
            "operates, holds_account, ordered, paid_for, promoted_by; and whether a promoted party "
            "or a payer is linked to the order: linked, not_linked, unknown",
        ),
        Column("object", STRING, "botnet_id, campaign_id, actor_id, server/account, server/job"),
        Column("likelihood", STRING, _LIKELIHOOD),
        Column("confidence", STRING, _CONFIDENCE),
        Column("supporting", STRINGS, _EVIDENCE),
        Column("contradicting", STRINGS, _EVIDENCE),
        Column("source_grade", STRING, "Admiralty: the source A to F, what it says 1 to 6"),
        Column("why", STRING, "in words; of not_linked: what was searched, what would be a link"),
    ),
)

PROFILES = Table(
    name="profiles",
    doc="What a customer ordered over time, by the operator's books.",
    key=("actor_id",),
    columns=(
        Column("actor_id", STRING, "the customer"),
        Column("server", STRING, "whose books"),
        Column("account", STRING, "his login there"),
        Column("job_count", INTEGER, "orders"),
        Column("campaigns", STRINGS, "campaign_ids that they are joined to, the first order first"),
        Column("titles", STRINGS, "what the books call his orders, the first one first"),
        Column("first_job_at", TIMESTAMP, "start of the first order"),
        Column("last_job_at", TIMESTAMP, "start of the last order"),
        Column("targets", INTEGER, "addresses ordered, all orders together"),
        Column("sent", INTEGER, "mails sent for them"),
        Column("price", SHARE, "sum of prices, in the unit of the books"),
        Column("largest_job_id", STRING, "the order with most addresses"),
        Column("times_median", SHARE, "how many times the median order the largest is"),
        Column("login_ips", STRINGS, "addresses that he came from"),
        Column("why", STRING, "the profile in words"),
    ),
)

HYPOTHESES = Table(
    name="hypotheses",
    doc="Competing answers to one question, side by side. The one least contradicted leads.",
    key=("question", "hypothesis"),
    columns=(
        Column("question", STRING, "did this promoted party order the mail that praises it?"),
        Column("subject", STRING, "actor_id of the promoted party"),
        Column("hypothesis", STRING, "the answer"),
        Column("rank", INTEGER, "1 leads"),
        Column("supporting", STRINGS, _EVIDENCE),
        Column("contradicting", STRINGS, _EVIDENCE),
        Column("missing", STRINGS, "what would tell, and is not in the case"),
        Column("likelihood", STRING, _LIKELIHOOD),
        Column("confidence", STRING, _CONFIDENCE),
        Column("why", STRING, "the evidence that tells, in words"),
    ),
)

WEIGHINGS = Table(
    name="weighings",
    doc="What one piece of evidence says for one of the competing answers.",
    key=("question", "evidence", "hypothesis"),
    columns=(
        Column("question", STRING, "as in hypotheses"),
        Column("evidence", STRING, "what was observed"),
        Column("hypothesis", STRING, "the answer"),
        Column("ratio", SHARE, "how much more it is to be expected if the answer is right; 1: as"),
        Column("diagnosticity", SHARE, "largest ratio of the evidence by its smallest; 1: useless"),
        Column("references", STRINGS, _EVIDENCE),
    ),
)

TIMELINE = Table(
    name="timeline",
    doc="What happened when: mail, orders, payments, visits, by whoever stamped it.",
    key=("happened_at", "kind", "what", "table_name", "row_key"),
    columns=(
        Column("happened_at", TIMESTAMP, "the time that the evidence gives"),
        Column("kind", STRING, "mail, order, payment, account, nodes"),
        Column("what", STRING, "in words"),
        Column("table_name", STRING, "where the row is that says so"),
        Column("row_key", STRING, "its key there"),
    ),
)

VERDICT = Table(
    name="verdict",
    doc="The case on one page: what was sent, by what, for whom, who is not linked, how sure.",
    key=("position",),
    columns=(
        Column("position", INTEGER, "order on the page, from 1"),
        Column(
            "topic",
            STRING,
            "sent, botnet, steered, run_by, ordered_by, benefit, not_linked, sureness, missing",
        ),
        Column("statement", STRING, "one sentence or two; names in it are hostile text"),
        Column("likelihood", STRING, _LIKELIHOOD),
        Column("confidence", STRING, _CONFIDENCE),
        Column("evidence", STRINGS, _EVIDENCE),
        Column("why", STRING, "what the statement rests on"),
    ),
)
