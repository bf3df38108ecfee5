"""The steps of template inference, in their order."""

import json
import math
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import pyarrow as pa

from lymer.campaigns.tables import TEMPLATES
from lymer.campaigns.templates.draft import Draft, draw_draft, macros_of
from lymer.campaigns.templates.judge import Hits, Trial, judge
from lymer.campaigns.templates.members import Member, choose_members, members_of
from lymer.campaigns.templates.parts import part_texts
from lymer.campaigns.templates.searches import build
from lymer.campaigns.templates.texts import read_texts
from lymer.campaigns.templates.versions import VersionRule, split_versions
from lymer.engine import Engine, answer


@dataclass(frozen=True)
class TemplateRule:
    """When something is a template. Tuned on lab seeds below 100 (docs/templates.md)."""

    least_members: int = 2
    """One message shows no template."""
    ruling_members: int = 3
    """Of fewer there is a pattern and no rule: what two share may be chance."""
    testable_members: int = 8
    """Of fewer, all are learned from and none is kept back."""
    learned_members: int = 100
    """Most members of a campaign that its templates are learned from."""
    fixed_share: float = 0.95
    """Share of a version's members that a fixed word must be in; the rest are broken."""
    least_bits: float = 40.0
    """Fixed text that a rule must have, at 2 bits a character: twenty characters. Of a hundred
    million unlike texts, one in ten thousand would match by chance."""
    few_members: int = 10
    """What fewer members share may be one word of a list, drawn by chance in all of them."""
    few_bits: float = 120.0
    """Fixed text that the pattern of so few stands on, if they have more."""
    versions: VersionRule = field(default_factory=VersionRule)


@dataclass
class _Found:
    """A version of a campaign's template, or the reason why there is none.

    Written out where it was found: thousands of these travel to the main process and wait there.
    """

    template_id: str
    campaign_id: str
    version: int
    members: list[str]
    """Message ids of those that it was learned from."""
    first_at: datetime | None
    last_at: datetime | None
    bits: float
    """What its fixed text tells; 0 where there is no template."""
    subject_pattern: str | None
    readable: str
    slots: str
    """JSON, as the table has it."""
    strangers: int
    """Members learned from that are of no version of the campaign."""
    trial: Trial | None = None


@dataclass(frozen=True)
class _Learn:
    """A batch of members in, the versions of their campaigns' templates out."""

    rule: TemplateRule

    def __call__(self, batch: pa.RecordBatch) -> list[_Found]:
        return [
            version
            for campaign_id, members in members_of(batch).items()
            for version in _versions(campaign_id, members, self.rule)
        ]


def _learn_nothing(_: pa.RecordBatch) -> list[_Found]:
    """For a message that kills or hangs whoever learns from it."""
    return []


def infer_templates(
    connection: duckdb.DuckDBPyConnection,
    engine: Engine,
    rule: TemplateRule | None = None,
    *,
    spill: Path,
    only: Collection[str] | None = None,
) -> pa.Table:
    """The templates of all campaigns that `connection` shows, or of those whose ids are `only`.

    While it works, the texts of all messages lie in a folder in `spill`. Temporary tables are left
    in the connection.
    """
    rule = rule or TemplateRule()
    choose_members(
        connection,
        least=rule.least_members,
        testable=rule.testable_members,
        most=rule.learned_members,
        only=only,
    )
    spill.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=spill) as folder:
        texts = part_texts(connection, Path(folder))
        learned = [
            version
            for results in engine.map(_Learn(rule), texts.learned(), rescue=_learn_nothing)
            for versions in results
            for version in versions
        ]
        # A campaign that was cut in two around such a message is learned from twice.
        found = list({version.template_id: version for version in learned}.values())
        known: dict[str, str] = {}
        trials: list[Trial] = []
        learned_from: set[str] = set()
        for version in found:
            if version.trial is not None:
                version.trial = version.trial.sharing(known)
                trials.append(version.trial)
                learned_from.update(version.members)
        hits = judge(texts, engine, trials, learned_from)
    kinds = answer(connection, "SELECT campaign_id, kind FROM campaigns")
    by_campaign = dict(zip(*(kinds[n].to_pylist() for n in kinds.column_names), strict=True))
    rows = [
        _row(version, hits.get(version.template_id), by_campaign.get(version.campaign_id), rule)
        for version in found
    ]
    return pa.Table.from_batches([TEMPLATES.batch(rows)])


def _versions(campaign_id: str, members: list[Member], rule: TemplateRule) -> list[_Found]:
    """The versions among a campaign's members, by the time they came into use."""
    texts = read_texts([member.text for member in members])
    subjects = read_texts([member.subject for member in members])
    groups = split_versions(texts, rule.versions)
    groups.sort(key=lambda group: _begin([members[k] for k in group]))
    strangers = len(members) - sum(map(len, groups))
    macros = frozenset[str]().union(*(macros_of(texts.part(group)) for group in groups))
    stem = "t-" + campaign_id.removeprefix("c-")
    found: list[_Found] = []
    for number, group in enumerate(groups, 1):
        people = [members[k].person for k in group]
        most_bits = rule.few_bits if len(group) < rule.few_members else math.inf
        body = draw_draft(
            texts.part(group), people, rule.fixed_share, macros, rule.least_bits, most_bits
        )
        if body is not None:
            group = [group[k] for k in body.members]
        part = [members[k] for k in group]
        people = [member.person for member in part]
        subject = draw_draft(subjects.part(group), people, rule.fixed_share)
        picture = _picture(part)
        times = [member.received_at for member in part if member.received_at]
        version = _Found(
            template_id=f"{stem}-v{number}",
            campaign_id=campaign_id,
            version=number,
            members=[member.message_id for member in part],
            first_at=min(times, default=None),
            last_at=max(times, default=None),
            bits=body.bits if body else 0.0,
            subject_pattern=subject.pattern if subject and build(subject.pattern) else None,
            readable=_readable(body, subject, picture),
            slots=_slots(body, subject, _traits(part), picture),
            strangers=strangers,
        )
        if body is not None and body.bits >= rule.least_bits:
            version.trial = Trial(
                template_id=version.template_id,
                campaign_id=campaign_id,
                pattern=body.pattern,
                fixed_words=body.fixed_words,
                listed_words=body.listed_words,
                is_block=body.is_block,
            )
        found.append(version)
    return found


def _begin(members: Sequence[Member]) -> tuple[bool, datetime | None, str]:
    """What versions are ordered by: when the first of `members` came, those of no time last."""
    first = min((m.received_at for m in members if m.received_at), default=None)
    return first is None, first, members[0].message_id


def _row(
    version: _Found, hits: Hits | None, kind: str | None, rule: TemplateRule
) -> tuple[object, ...]:
    trial = version.trial
    why, is_published = _verdict(version, hits, kind, rule)
    is_tested = hits is not None and hits.held_out > 0
    return (
        version.template_id,
        version.campaign_id,
        version.version,
        version.first_at,
        version.last_at,
        len(version.members) + (hits.held_out if hits else 0),
        trial.pattern if trial and hits and not hits.loose and not hits.unbuilt else None,
        version.subject_pattern,
        version.readable,
        version.slots,
        version.members,
        hits.held_out_matched / hits.held_out if hits and is_tested else None,
        hits.other if hits else None,
        hits.ham if hits else None,
        round(version.bits, 1),
        is_published,
        why,
    )


def _readable(body: Draft | None, subject: Draft | None, picture: dict[str, Any] | None) -> str:
    parts: list[str] = []
    if subject:
        parts.append(f"Subject: {subject.readable}\n")
    if body:
        parts.append(body.readable)
    if picture:
        parts.append(str(picture["shown"]))
    return "\n".join(parts)


def _slots(
    body: Draft | None,
    subject: Draft | None,
    traits: Sequence[str],
    picture: dict[str, Any] | None,
) -> str:
    slots: list[dict[str, Any]] = []
    for part, draft in (("subject", subject), ("text", body)):
        slots += [{"part": part, **slot} for slot in draft.slots] if draft else []
    slots += [{"part": "headers", "kind": "fixed", "shown": trait} for trait in traits]
    slots += [picture] if picture else []
    return json.dumps(slots, ensure_ascii=False)


def _traits(members: Sequence[Member]) -> list[str]:
    """What of the mailer's making is the same in nearly all: From, Message-ID and their like."""
    counts = Counter(trait for member in members for trait in set(member.traits) if trait)
    return sorted(trait for trait, count in counts.items() if count >= 0.95 * len(members))


def _picture(members: Sequence[Member]) -> dict[str, Any] | None:
    pictures = [member.picture for member in members if member.picture]
    if len(pictures) < 0.8 * len(members) or not pictures:
        return None
    media = Counter(media for media, _ in pictures).most_common(1)[0][0]
    distinct = len({looks for _, looks in pictures})
    told = "the same in all" if distinct == 1 else f"{distinct} different"
    return {
        "part": "attachments", "kind": "picture", "media_type": media, "distinct": distinct,
        "shown": f"[picture: {media}, {told}]",
    }  # fmt: skip


def _verdict(
    version: _Found, hits: Hits | None, kind: str | None, rule: TemplateRule
) -> tuple[str, bool]:
    """Why the template is or is not published as a rule."""
    told = [f"learned from {len(version.members)} messages"]
    if version.strangers:
        told.append(f"{version.strangers} of its campaign are like no version")
    if hits is None:
        told.append(
            f"no template covers them: their fixed text tells {version.bits:.0f} bits, "
            f"a rule needs {rule.least_bits:.0f}"
        )
        return "; ".join(told), False
    told.append(f"fixed text tells {version.bits:.0f} bits")
    if hits.held_out:
        told.append(f"matches {hits.held_out_matched} of {hits.held_out} kept back")
    else:
        told.append("untested: none was kept back")
    if hits.other:
        told.append(f"matches {hits.other} of other campaigns")
    if hits.stray:
        told.append(f"matches {hits.stray} in no campaign that are like its own")
    reason = None
    if hits.unbuilt:
        reason = "the pattern takes more memory than searches have"
    elif kind == "bulk":
        reason = "lawful bulk mail"
    elif hits.ham:
        reason = f"matches {hits.ham} messages that may be lawful"
        if hits.loose:
            reason += ", by no more than a common footer: no pattern is given"
    elif hits.held_out_matched * 2 < hits.held_out:
        reason = "misses most of its own campaign"
    elif len(version.members) < rule.ruling_members:
        reason = "what two messages share may be chance"
    if reason:
        told.append(f"not a rule: {reason}")
    return "; ".join(told), reason is None
