"""Which machines hand on mail for the trap: learned from a survey of the pile.

A relay or forwarder passes on, on many days, mail of many unrelated senders that many different
clients handed to it, under its own name. Forged Received headers look alike one by one; not
together.
"""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from ipaddress import ip_network

from lymer.messages.reading import Hop
from lymer.messages.sensors import Noted
from lymer.messages.trust import (
    Relay,
    Trust,
    family_of,
    is_public,
    is_same_site,
    place_of,
    site_of,
    walk,
)


@dataclass(frozen=True)
class RelayRule:
    """When machines that hand on mail under a name count as the trap's own relays.

    Machines are taken together when they stand in one network of 256 and write names of one
    family. Chosen on the hand-checked corpus set (tests/golden) and the lab's seeds below 100;
    reported on others in docs/accuracy.md.
    """

    min_messages: int = 4
    min_message_share: float = 0.0005
    # Of several machines one must be seen as often as `machine_messages`, or all of them together
    # `farm_messages` times.
    machine_messages: int = 5
    farm_messages: int = 20
    min_clients: int = 4
    min_senders: int = 4
    # Senders a message, up to `enough_senders`: a provider's server carries few people's mail.
    min_sender_share: float = 0.5
    enough_senders: int = 10
    min_days: int = 3
    max_own_share: float = 0.5
    # Own in appearance only, where so many strangers in so many places (of 65,536 addresses) send.
    max_forged_share: float = 0.75
    foreign_senders: int = 30
    foreign_places: int = 30
    # Own in appearance only, too, where a receiver takes this share of its mail from nobody else.
    sole_share: float = 0.98
    sole_messages: int = 50
    # A forged name stands under many networks, a relay's under its own.
    min_network_share: float = 0.2
    # A relay introduces itself by its own name, or has it as its reverse name; one that does
    # not must be seen more, and alone under its name.
    min_named_share: float = 0.5
    unnamed_messages: int = 20
    unnamed_network_share: float = 0.5
    # One's own site receives this share of all mail, from so many senders.
    own_site_share: float = 0.01
    own_site_messages: int = 50
    own_site_senders: int = 20
    rounds: int = 8


@dataclass(slots=True)
class Sighting:
    """What the survey keeps of one message."""

    hops: list[Hop]
    sender_domain: str | None
    noted: list[Noted] = field(default_factory=list)


@dataclass(slots=True)
class _Candidate:
    """Machines of one network that were seen to hand on mail under names of one family."""

    messages: int = 0
    own: int = 0
    named: int = 0
    clients: set[str] = field(default_factory=set)
    senders: set[str] = field(default_factory=set)
    days: set[int] = field(default_factory=set)
    # Of the mails that are not its own people's: sender domains, and where the clients sit.
    foreign_senders: set[str] = field(default_factory=set)
    foreign_places: set[str] = field(default_factory=set)
    pairs: dict[tuple[str, str], int] = field(default_factory=lambda: defaultdict(int))
    # By the receiver that they handed it to.
    receivers: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    # Pairs whose address has a server's reverse name of the family.
    confirmed: set[tuple[str, str]] = field(default_factory=set)


def learn(sightings: Sequence[Sighting], trust: Trust, rule: RelayRule) -> list[Relay]:
    """The relays that a survey of messages shows, in the order of address and name.

    A relay is only seen once those above it are believed, so this goes in rounds.
    """
    own_sites = _own_sites(sightings, rule)
    learned: dict[tuple[str, str], Relay] = {}
    current = trust
    for _ in range(rule.rounds):
        candidates: dict[tuple[str, str], _Candidate] = defaultdict(_Candidate)
        received: dict[str, int] = defaultdict(int)
        for sighting in sightings:
            _note(sighting, current, candidates, received)
        under_family: dict[str, int] = defaultdict(int)
        for (_, family), candidate in candidates.items():
            under_family[family] += candidate.messages
        fresh = [
            relay
            for (network, family), candidate in sorted(candidates.items())
            for relay in (
                _promote(candidate)
                if _is_relay(
                    candidate, under_family[family], len(sightings), network, received, rule
                )
                else _promote_own(candidate, own_sites)
            )
            if (relay.ip, relay.name) not in learned
        ]
        if not fresh:
            break
        for relay in fresh:
            learned[relay.ip, relay.name] = relay
        current = current.with_relays(fresh)
    return [learned[key] for key in sorted(learned)]


def _own_sites(sightings: Sequence[Sighting], rule: RelayRule) -> dict[str, int]:
    """Sites whose machines receive the mail, by the topmost header, and how many mails."""
    counts: dict[str, int] = defaultdict(int)
    senders: dict[str, set[str]] = defaultdict(set)
    for sighting in sightings:
        top = sighting.hops[0].by_host if sighting.hops else None
        site = site_of(top) if top is not None else None
        if site is not None:
            counts[site] += 1
            if sighting.sender_domain is not None:
                senders[site].add(sighting.sender_domain)
    least = max(rule.own_site_messages, rule.own_site_share * len(sightings))
    return {
        site: count
        for site, count in counts.items()
        if count >= least and len(senders[site]) >= rule.own_site_senders
    }


def _note(
    sighting: Sighting,
    trust: Trust,
    candidates: dict[tuple[str, str], _Candidate],
    received: dict[str, int],
) -> None:
    hops = sighting.hops
    boundary = walk(hops, trust)
    if boundary < 0:
        return
    here = hops[boundary]
    receiver = here.by_host or ""
    received[receiver] += 1
    below = next((h for h in hops[boundary + 1 :] if h.by_host is not None), None)
    if here.from_ip is None or below is None or below.by_host is None:
        return
    family = family_of(below.by_host)
    candidate = candidates[_network_of(here.from_ip), family]
    candidate.messages += 1
    candidate.receivers[receiver] += 1
    candidate.pairs[here.from_ip, below.by_host] += 1
    if not here.is_name_doubted and _is_server_of(here.from_name, here.from_ip, family):
        candidate.confirmed.add((here.from_ip, below.by_host))
    # The deepest claim: between machines of one relaying site the next one is always the same.
    deepest = next((h for h in reversed(hops[boundary + 1 :]) if is_public(h.from_ip)), None)
    client_name = None
    if deepest is not None and deepest.from_ip not in (None, here.from_ip):
        candidate.clients.add(deepest.from_ip or "")
        client_name = deepest.from_name
    if sighting.sender_domain is not None:
        candidate.senders.add(sighting.sender_domain)
    is_own = any(
        _is_same_owner(below.by_host, name) for name in (sighting.sender_domain, client_name)
    )
    candidate.own += is_own
    if not is_own and deepest is not None and deepest.from_ip is not None:
        candidate.foreign_senders.add(sighting.sender_domain or "")
        candidate.foreign_places.add(_neighbourhood(deepest.from_ip))
    names = [here.from_name]
    if not is_same_site(below.by_host, here.by_host):
        # In HELO anybody may give the receiver's own name.
        names.append(here.from_helo)
    candidate.named += any(
        name is not None and (family_of(name.lower()) == family or name.lower() == below.by_host)
        for name in names
    )
    stamp = here.stamped_at
    if stamp is not None:
        candidate.days.add(stamp.toordinal())


def _is_server_of(reverse_name: str | None, ip: str, family: str) -> bool:
    """Is it a name of the family, and not one of a provider's pool (dsl-100-7.example.net)?"""
    if reverse_name is None or family_of(reverse_name) != family:
        return False
    numbers = _NUMBER.findall(reverse_name)
    return not all(octet in numbers for octet in ip.split(".")[-2:])


_NUMBER = re.compile(r"\d+")


def _is_same_owner(one: str, other: str | None) -> bool:
    """Do two names look like one company's: equal before the public suffix?

    A provider's customers have names under its other domains: example.net and example.co.uk.
    """
    site, other_site = site_of(one), site_of(other) if other else None
    if site is None or other_site is None:
        return False
    return site.partition(".")[0] == other_site.partition(".")[0]


def _is_relay(
    candidate: _Candidate,
    under_family: int,
    surveyed: int,
    network: str,
    received: Mapping[str, int],
    rule: RelayRule,
) -> bool:
    if place_of(network.partition("/")[0]) != "public":
        # Nobody from outside connects from a private address: it only has to recur.
        return candidate.messages >= rule.min_messages
    senders = min(
        rule.enough_senders, max(rule.min_senders, rule.min_sender_share * candidate.messages)
    )
    least = max(rule.min_messages, rule.min_message_share * surveyed)
    machines = {ip for ip, _ in candidate.pairs}
    if len(machines) > 1 and max(candidate.pairs.values()) < max(rule.machine_messages, least):
        least = max(rule.farm_messages, least)
    return (
        candidate.messages >= least
        and len(candidate.clients) >= rule.min_clients
        and len(candidate.senders) >= senders
        and len(candidate.days) >= rule.min_days
        and (_is_nobodys_own(candidate, rule) or _is_the_only_way(candidate, received, rule))
        and _holds_its_name(candidate, under_family, rule)
    )


def _is_nobodys_own(candidate: _Candidate, rule: RelayRule) -> bool:
    """A provider's own outbound server carries its own users' mail; this is not one.

    Engines forge senders in the recipient's domain, so a forwarder may carry much that looks like
    its own; but what does not comes from strangers all over the place.
    """
    if candidate.own <= rule.max_own_share * candidate.messages:
        return True
    return (
        candidate.own <= rule.max_forged_share * candidate.messages
        and len(candidate.foreign_senders) >= rule.foreign_senders
        and len(candidate.foreign_places) >= rule.foreign_places
    )


def _is_the_only_way(candidate: _Candidate, received: Mapping[str, int], rule: RelayRule) -> bool:
    """Most of it went to receivers that take mail from hardly anybody else: it is in their hands.

    Senders in the receiver's own domain, forged or not, do not tell then.
    """
    sole = sum(
        count
        for receiver, count in candidate.receivers.items()
        if receiver and count >= rule.sole_share * received[receiver]
    )
    return sole >= rule.sole_messages and sole > candidate.messages / 2


@lru_cache(maxsize=65536)
def _neighbourhood(ip: str) -> str:
    """The first half of an IPv4 address, or the first 32 bits of an IPv6 one."""
    return str(ip_network((ip, 16 if "." in ip else 32), strict=False))


def _holds_its_name(candidate: _Candidate, under_family: int, rule: RelayRule) -> bool:
    """Is the family's name these machines' own, or only one that is forged under them?"""
    share = candidate.messages / under_family
    if candidate.named >= rule.min_named_share * candidate.messages:
        return share >= rule.min_network_share
    return candidate.messages >= rule.unnamed_messages and share >= rule.unnamed_network_share


def _promote(candidate: _Candidate) -> list[Relay]:
    why = (
        f"its network handed on {candidate.messages} surveyed mails of "
        f"{len(candidate.senders)} sender domains from {len(candidate.clients)} clients on "
        f"{len(candidate.days)} days under names of this family"
    )
    return [Relay(ip, name, count, why) for (ip, name), count in sorted(candidate.pairs.items())]


def _promote_own(candidate: _Candidate, own_sites: Mapping[str, int]) -> list[Relay]:
    """Machines of one's own sites, however seldom seen: the reverse name says so."""
    relays = []
    for ip, name in sorted(candidate.confirmed):
        site = site_of(name)
        if site is not None and site in own_sites:
            why = f"its reverse name is of {site}, which received {own_sites[site]} surveyed mails"
            relays.append(Relay(ip, name, candidate.pairs[ip, name], why))
    return relays


@lru_cache(maxsize=65536)
def _network_of(ip: str) -> str:
    """The network of 256 (IPv4) or of a site (IPv6, /48) that an address stands in."""
    return str(ip_network((ip, 24 if "." in ip else 48), strict=False))
