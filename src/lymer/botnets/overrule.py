"""What the analyst says of links between campaigns, over what was counted."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from lymer.botnets.pools import Link


@dataclass(frozen=True)
class Overrule:
    """A link that is, or is not, whatever the clients say."""

    is_link: bool
    campaign: str
    """The campaign that joins or leaves."""
    other: str
    """A campaign of the botnet that it joins or leaves."""
    by: str
    """Who said so and when."""


@dataclass(frozen=True)
class Found:
    """A botnet before it has a name."""

    family: int
    campaigns: list[str]
    links: dict[str, Link]
    """By campaign_id."""
    is_separable: bool
    """Else what is left of an engine."""
    is_apart: bool
    is_only: bool
    """The engine has no other campaign."""
    decided: dict[str, str]
    """By campaign_id: who put it there, or took it off, and when."""


def overrule(found: Sequence[Found], overrules: Sequence[Overrule]) -> list[Found]:
    """The botnets after all that was said, in its order. Campaigns of unlike engines stay apart."""
    result = list(found)
    for said in overrules:
        for family in sorted(_families(result, said.campaign) & _families(result, said.other)):
            result = (_link if said.is_link else _part)(result, said, family)
    return result


def _families(found: Sequence[Found], campaign: str) -> set[int]:
    return {one.family for one in found if campaign in one.campaigns}


def _link(found: list[Found], said: Overrule, family: int) -> list[Found]:
    homes = [one for one in found if one.family == family and said.other in one.campaigns]
    separable = [one for one in homes if one.is_separable]
    if separable:
        return _without(
            [_with(one, said) if one in separable else one for one in found], said.campaign, family
        )
    fresh = Found(family, [said.other], {}, True, False, False, {said.other: f"linked {said.by}"})
    rest = _without(_without(found, said.other, family), said.campaign, family)
    return [*rest, _with(fresh, said)]


def _part(found: list[Found], said: Overrule, family: int) -> list[Found]:
    parted = [
        _off(one, said)
        if one.family == family
        and one.is_separable
        and {said.campaign, said.other} <= set(one.campaigns)
        else one
        for one in found
    ]
    if said.campaign in {c for one in parted if one.family == family for c in one.campaigns}:
        return parted
    rest = [one for one in parted if one.family == family and not one.is_separable]
    if not rest:
        return [*parted, Found(family, [said.campaign], {}, False, False, False, {})]
    grown = replace(rest[0], campaigns=sorted([*rest[0].campaigns, said.campaign]))
    return [grown if one is rest[0] else one for one in parted]


def _with(one: Found, said: Overrule) -> Found:
    return replace(
        one,
        campaigns=sorted({*one.campaigns, said.campaign}),
        decided=one.decided | {said.campaign: f"linked {said.by}"},
    )


def _off(one: Found, said: Overrule) -> Found:
    return replace(
        one,
        campaigns=[c for c in one.campaigns if c != said.campaign],
        links={c: link for c, link in one.links.items() if c != said.campaign},
        decided=one.decided | {said.campaign: f"taken off {said.by}"},
    )


def _without(found: Sequence[Found], campaign: str, family: int) -> list[Found]:
    """Take `campaign` from what is left of its engine: it has a botnet now."""
    less = [
        replace(one, campaigns=[c for c in one.campaigns if c != campaign])
        if one.family == family and not one.is_separable
        else one
        for one in found
    ]
    return [one for one in less if one.campaigns]
