"""Step 1: was every message read, and its injecting client found?"""

from dataclasses import replace

from lymer.lab.score.both import Both
from lymer.lab.score.finding import Findings, share

BEST = {"read": 1.0, "exact": 1.0, "exact_spam": 1.0, "exact_worst_box": 1.0, "wrong": 0.0}

_BOXES = """
SELECT s.path,
       count(*) AS sent,
       count(f.message_id) AS read,
       coalesce(sum((f.client_ip = s.client_ip OR coalesce(f.client_ip, '') = s.behind_ip)::INT), 0)
           ::BIGINT AS exact,
       coalesce(sum((f.client_ip <> s.client_ip
                     AND f.client_ip <> coalesce(s.behind_ip, s.client_ip))::INT), 0)
           ::BIGINT AS wrong,
       coalesce(sum((s.kind = 'spam')::INT), 0)::BIGINT AS spam,
       coalesce(sum((s.kind = 'spam' AND f.client_ip = s.client_ip)::INT), 0)::BIGINT
           AS spam_exact
FROM sent s
LEFT JOIN (
    SELECT message_id, min(client_ip) AS client_ip FROM found_messages GROUP BY message_id
) f ON f.message_id = s.message_id
GROUP BY s.path ORDER BY s.path
"""


def measure(both: Both) -> Findings:
    """Shares of the world's messages; the worst box tells of a receiver that is not understood."""
    boxes = both.ask(_BOXES, messages=("message_id", "client_ip")).to_pylist()
    counted = ("sent", "read", "exact", "wrong", "spam", "spam_exact")
    total = {name: sum(box[name] for box in boxes) for name in counted}
    worst = min(boxes, key=lambda box: box["exact"] / box["sent"], default=None)
    nothing = "the world has no messages"
    read = share(total["read"], total["sent"], nothing)
    if both.is_ham_left_out:
        read = replace(read, note="the case has no ham: left out")
    return {
        "read": read,
        "exact": share(total["exact"], total["sent"], nothing),
        "exact_spam": share(total["spam_exact"], total["spam"], "the world has no spam"),
        "exact_worst_box": share(worst["exact"], worst["sent"], nothing)
        if worst
        else share(0, 0, nothing),
        "wrong": share(total["wrong"], total["sent"], nothing),
    }
