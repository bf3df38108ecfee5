"""Who paid: the names in the notes of payments, where they are not the account's own."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from lymer.actors.books import Books, Payment
from lymer.actors.cast import PAYER, Actor, Cast, Claim, digest, once
from lymer.actors.likelihoods import BOOKS, BOOKS_CONFIRMED, confidence, in_words
from lymer.actors.names import capital_runs, find_name, may_lead, words_of
from lymer.actors.promoted import Promoted

_FROM = frozenset(
    re.findall(
        r"\S+",
        "from frm fr by via sender payer payor paid behalf remitter remitted von durch absender "
        "auftraggeber einzahler zahler par de payeur donneur émetteur expéditeur por "
        "remitente ordenante pagador pagado da ordinante mittente от "
        "плательщик "
        "отправитель",
    )
)
"""Words before the name of who pays."""
_FOR = ("for", "to", "re", "job", "order", "für", "pour", "para", "per", "за", "для")
"""Words before the name of what, or who, is paid."""
_GOODS = frozenset(
    re.findall(
        r"\S+",
        "mailing mailings mail mails mailer letter letters job jobs order orders run send sending "
        "blast promo template text invoice rechnung auftrag versand brief commande envoi courrier "
        "facture pedido envío factura рассылка "
        "письмо заказ",
    )
)
"""What is ordered. Beside one of these a name says which order it is."""
_OFFICES = frozenset(
    re.findall(
        r"\S+",
        "office hq headquarters committee cttee cmte campaign team staff foundation treasurer "
        "mayor senate senator congress president governor party büro wahlkampf komitee "
        "verein bureau comité équipe equipo oficina штаб "
        "офис",
    )
)
"""Who may pay in a party's name."""


@dataclass(frozen=True)
class PayerRule:
    """How likely a name in a note is the payer's. Judgements, not measured."""

    said: float = 0.85
    """After a word such as `from`."""
    bare: float = 0.65
    """A name alone: who else would be noted with a payment?"""


@dataclass(frozen=True)
class Named:
    """A name in the note of a payment."""

    name: str
    is_said: bool
    """After a word that makes it the payer's."""
    payment: Payment


def names_in(payment: Payment) -> list[Named]:
    """The names of persons or firms in a note: two words with a capital or more."""
    named = []
    direction = ""
    for run, before, _, _ in capital_runs(payment.note or ""):
        while run and not may_lead(run[0].casefold()):
            before = [*before, run[0].casefold()]
            run = run[1:]
        direction = _direction(before) or direction
        if len(run) > 1 and direction != "for":
            named.append(Named(" ".join(run), direction == "from", payment))
    return named


def direction_of(note: str, word: str) -> str:
    """What a note says of the name with `word` (lower case): paid `from` it, `for` it, or ``."""
    words = words_of(note)
    if word not in words:
        return ""
    told = _direction(words[: words.index(word)])
    return told or ("for" if _GOODS & set(words) else "")


def names_an_office(note: str) -> bool:
    """Whether a note speaks of an office or a committee: somebody's, who may have paid."""
    return bool(_OFFICES & set(words_of(note)))


def _direction(before: Sequence[str]) -> str:
    for word in reversed(before):
        if word in _FROM:
            return "from"
        if word in _FOR:
            return "for"
    return ""


def find_payers(books: Books, promoted: list[Promoted], cast: Cast, rule: PayerRule) -> None:
    """Add whoever paid for the orders of another to `cast`.

    A promoted party is none of them here: `lymer.actors.links` judges what is noted of it.
    """
    for payment in books.payments:
        for named in names_in(payment):
            words = words_of(named.name)
            if any(find_name(party.words, named.name) for party in promoted):
                continue
            holder = cast.of_account(payment.server, payment.account)
            if holder is not None and find_name(words, payment.account):
                holder.aliases[named.name] = "his login in a payment note of his"
                continue
            _claim(cast, named, words, holder, rule)


def _claim(
    cast: Cast, named: Named, words: list[str], holder: Actor | None, rule: PayerRule
) -> None:
    payment = named.payment
    actor_id = "a-" + digest("name", " ".join(words))
    actor = cast.actors.setdefault(actor_id, Actor(actor_id, named.name, PAYER))
    actor.reasons.append(f"named in the note of a payment to {payment.account}'s account")
    job = payment.job
    target = (job.campaign_id or job.key) if job else f"{payment.server}/{payment.account}"
    references = once([*payment.references, *(job.references if job else ())])
    kinds = ["note", *(["sum"] if job else []), *(["words"] if named.is_said else [])]
    likelihood = in_words(rule.said if named.is_said else rule.bare)
    told = f"the note of the payment reads {payment.note!r}" + (
        f"; the sum is the price of order {job.job_id}" if job else ""
    )
    grade = BOOKS_CONFIRMED if job and job.campaign_id else BOOKS
    links = [("paid_for", target)]
    if holder is not None:
        links.append(("linked", holder.actor_id))
    for relation, target in links:
        cast.claims.append(
            Claim(
                actor_id,
                relation,
                target,
                likelihood,
                confidence(kinds),
                references,
                (),
                grade,
                told,
            )
        )
