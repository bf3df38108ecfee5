"""Where the word of our own receivers ends: the identity walk, and what it knows.

A Received header is the word of whoever wrote it. The topmost was written by the trap's own
server. The one below is believed only when its author is the machine that connected to the
author of the one above: its by-host must be a known identity of that address. Names alone prove
nothing, since engines forge headers in the recipient's own name.

An address's identities are given by the user, or learned: a relay or forwarder passes on, on
many days, mail of many unrelated senders that many different clients handed to it.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from publicsuffixlist import PublicSuffixList

from lymer.errors import UsageError
from lymer.messages.reading import Hop

Network = IPv4Network | IPv6Network

# A program that fetches mail from one's own mailbox elsewhere: what stands there is one's own.
_RETRIEVALS = frozenset({"POP3", "POP3S", "APOP", "IMAP", "IMAP4", "IMAPS", "KPOP", "ETRN", "ODMR"})


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


@dataclass(frozen=True)
class Relay:
    """An address, a name it writes in its own headers, and how that is known."""

    ip: str
    name: str
    message_count: int
    why: str


@dataclass(frozen=True)
class Trust:
    """Whom we believe: what the user gave, and the relays that were learned."""

    hosts: frozenset[str] = frozenset()
    networks: tuple[Network, ...] = ()
    relays: Mapping[str, frozenset[str]] = field(default_factory=dict)
    families: frozenset[str] = frozenset()

    @classmethod
    def given(cls, words: Iterable[str]) -> "Trust":
        """From `--trust` words: host names, addresses or networks in CIDR form."""
        hosts: set[str] = set()
        networks: list[Network] = []
        for word in words:
            try:
                networks.append(ip_network(word.strip(), strict=False))
            except ValueError:
                host = word.strip().rstrip(".").lower()
                if not host or "/" in host or " " in host:
                    raise UsageError(
                        f"--trust {word!r} is neither a host name nor an address or network "
                        "such as 192.0.2.0/24."
                    ) from None
                hosts.add(host)
        return cls(frozenset(hosts), tuple(networks))

    def with_relays(self, relays: Iterable[Relay]) -> "Trust":
        """The same, knowing these relays too."""
        names: dict[str, set[str]] = {ip: set(known) for ip, known in self.relays.items()}
        for relay in relays:
            names.setdefault(relay.ip, set()).add(relay.name)
        families = {family_of(name) for known in names.values() for name in known}
        return Trust(
            self.hosts,
            self.networks,
            {ip: frozenset(known) for ip, known in names.items()},
            frozenset(families),
        )


def walk(hops: Sequence[Hop], trust: Trust) -> int:
    """Index of the hop whose peer is the injecting client; -1 when there is no hop.

    All hops up to that index were written by trusted receivers, the ones below are claims.
    """
    if not hops:
        return -1
    boundary = 0
    # The last hop that names a peer: a queue runner's header (qmail) stands between two others
    # without naming one.
    named = hops[0] if hops[0].names_peer else None
    for index in range(1, len(hops)):
        if not _is_own_word(hops[index], hops[boundary], named, trust):
            if _is_inner(hops[index]):
                # Believed only where a hop below it is.
                continue
            break
        boundary = index
        if hops[index].names_peer:
            named = hops[index]
    # A queue runner's header at the end says nothing about a client. One that names its author
    # does: the message was made there, and no client handed it in.
    while boundary > 0 and not hops[boundary].names_peer and hops[boundary].by_host is None:
        boundary -= 1
    return boundary


def _is_inner(hop: Hop) -> bool:
    """A hand-over within one machine that does not say which: a queue's, a content filter's."""
    if hop.by_host is None:
        return not hop.names_peer
    if not _is_inner_name(hop.by_host):
        return False
    return hop.from_ip is None or is_loopback(hop.from_ip)


def _is_own_word(below: Hop, above: Hop, named: Hop | None, trust: Trust) -> bool:
    """Was `below` written by the machine that handed the message to the writer of `above`?"""
    if named is None:
        # Nobody connected so far: the message only moved within the receiving machine.
        return True
    if named.with_protocol in _RETRIEVALS:
        return True
    if below.by_host is None:
        return False
    if not above.names_peer and above.by_host is not None:
        # `above` was made without a peer: what stands below it is the same machine's word.
        return _is_same_machine(below.by_host, above.by_host)
    if named.from_ip is None:
        return _is_same_site(below.by_host, named.by_host)
    return _is_identity(named, named.from_ip, below.by_host, trust)


def _is_identity(peer: Hop, ip: str, name: str, trust: Trust) -> bool:
    """Is `name` a known identity of the address that connected to the writer of `peer`?"""
    receiver = peer.by_host
    # A reverse name was looked up by the trusted receiver itself; HELO is only a claim.
    reverse_name = None if peer.is_name_doubted else peer.from_name
    if reverse_name is not None and reverse_name.partition(".")[0] == name:
        # A content filter writes the machine's short name.
        name = reverse_name
    known = trust.relays.get(ip, frozenset())
    if name in known:
        return True
    place = _place(ip)
    if place == "loopback":
        return _is_same_site(name, receiver) or _is_inner_name(name)
    if place == "private":
        # The reverse name of a private address comes from the receiver's own network.
        return _is_same_site(name, receiver) or name == reverse_name
    if _is_in(ip, trust.networks):
        return True
    if known and any(_is_same_site(name, other) for other in known):
        # Machines of one relaying site hand mail to each other under several names.
        return True
    if reverse_name is None:
        return False
    if reverse_name == name:
        return (
            name in trust.hosts
            or _is_same_site(name, receiver)
            or (family_of(name) in trust.families)
        )
    family = family_of(name)
    return family in trust.families and family == family_of(reverse_name)


def _is_same_machine(one: str, other: str) -> bool:
    """Are two names one site's, one machine's short and long name, or its names in two domains?"""
    if _is_same_site(one, other):
        return True
    labels, other_labels = one.split("."), other.split(".")
    if len(labels) == 1 or len(other_labels) == 1:
        return labels[0] == other_labels[0]
    return len(labels) > 2 and len(other_labels) > 2 and labels[:2] == other_labels[:2]


def _is_same_site(one: str | None, other: str | None) -> bool:
    """Do two host names belong to one site: equal, or of one registrable domain?"""
    if one is None or other is None:
        return False
    if one == other:
        return True
    domain = site_of(one)
    return domain is not None and domain == site_of(other)


def _is_inner_name(name: str) -> bool:
    """A name that only means something inside one machine or network."""
    return name == "localhost" or "." not in name or name.endswith((".local", ".localdomain"))


_SUFFIXES = PublicSuffixList()


@lru_cache(maxsize=65536)
def site_of(name: str) -> str | None:
    """The registrable domain of a host name by the public suffix list; None for an address."""
    if not name or name[-1].isdigit() or ":" in name or "." not in name:
        return None
    domain = _SUFFIXES.privatesuffix(name)
    return str(domain) if domain is not None else None


@lru_cache(maxsize=65536)
def family_of(name: str) -> str:
    """What a farm of machines has in common: a host name without its first label.

    A registrable domain is its own family: mx1.lists.example.org is of lists.example.org, and
    example.org of example.org.
    """
    site = site_of(name)
    if site is None or site == name:
        return name
    return name.partition(".")[2]


@lru_cache(maxsize=65536)
def _network_of(ip: str) -> str:
    """The network of 256 (IPv4) or of a site (IPv6, /48) that an address stands in."""
    return str(ip_network((ip, 24 if "." in ip else 48), strict=False))


@lru_cache(maxsize=65536)
def _place(ip: str) -> str:
    """`loopback`, `private` (RFC 1918, RFC 4193, link-local), `nobody` (multicast) or `public`."""
    address: IPv4Address | IPv6Address = ip_address(ip)
    if address.is_loopback or address.is_unspecified:
        return "loopback"
    if address.is_multicast:
        return "nobody"
    if any(address in network for network in _PRIVATE if network.version == address.version):
        return "private"
    return "public"


def is_loopback(ip: str) -> bool:
    """Is this the machine itself?"""
    return _place(ip) == "loopback"


def is_public(ip: str | None) -> bool:
    """Can a host of the network at large have this address?"""
    return ip is not None and _place(ip) == "public"


# Not ipaddress.is_private: that counts documentation and benchmark networks as private too.
_PRIVATE = tuple(
    ip_network(text)
    for text in (
        "10.0.0.0/8",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "169.254.0.0/16",
        "100.64.0.0/10",
        "fc00::/7",
        "fe80::/10",
    )
)


@lru_cache(maxsize=65536)
def _is_in(ip: str, networks: tuple[Network, ...]) -> bool:
    address = ip_address(ip)
    return any(address.version == net.version and address in net for net in networks)


@dataclass(slots=True)
class Sighting:
    """What the survey keeps of one message."""

    hops: list[Hop]
    sender_domain: str | None


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
        for sighting in sightings:
            _note(sighting, current, candidates)
        under_family: dict[str, int] = defaultdict(int)
        for (_, family), candidate in candidates.items():
            under_family[family] += candidate.messages
        fresh = [
            relay
            for (network, family), candidate in sorted(candidates.items())
            for relay in (
                _promote(candidate)
                if _is_relay(candidate, under_family[family], len(sightings), network, rule)
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


def _note(sighting: Sighting, trust: Trust, candidates: dict[tuple[str, str], _Candidate]) -> None:
    hops = sighting.hops
    boundary = walk(hops, trust)
    if boundary < 0:
        return
    here = hops[boundary]
    below = next((h for h in hops[boundary + 1 :] if h.by_host is not None), None)
    if here.from_ip is None or below is None or below.by_host is None:
        return
    family = family_of(below.by_host)
    candidate = candidates[_network_of(here.from_ip), family]
    candidate.messages += 1
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
    if not _is_same_site(below.by_host, here.by_host):
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
    candidate: _Candidate, under_family: int, surveyed: int, network: str, rule: RelayRule
) -> bool:
    if _place(network.partition("/")[0]) != "public":
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
        and _is_nobodys_own(candidate, rule)
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
