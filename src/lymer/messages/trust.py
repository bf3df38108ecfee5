"""Where the word of our own receivers ends: the identity walk.

A Received header is the word of whoever wrote it. The topmost was written by the trap's own
server. The one below is believed only when its author is the machine that connected to the
author of the one above: its by-host must be a known identity of that address. Names alone prove
nothing, since engines forge headers in the recipient's own name.

An address's identities are given by the user, or learned from a survey (`relays`).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from publicsuffixlist import PublicSuffixList

from lymer.errors import UsageError
from lymer.messages.reading import Hop

Network = IPv4Network | IPv6Network

# A program that fetches mail from one's own mailbox elsewhere: what stands there is one's own.
_RETRIEVALS = frozenset({"POP3", "POP3S", "APOP", "IMAP", "IMAP4", "IMAPS", "KPOP", "ETRN", "ODMR"})

# Between the machines of a provider's mail store. A person's web mail is handed in by HTTP as well,
# but not by a machine of the provider's.
_FETCHES = frozenset({"HTTP", "HTTPS"})


@dataclass(frozen=True)
class Relay:
    """An address, a name it writes in its own headers, and how that is known."""

    ip: str
    name: str
    message_count: int
    why: str


@dataclass(frozen=True)
class Trust:
    """Whom we believe: what the user gave, and the relays and sensors that were learned.

    `sensors`: fields (lower case) in which a sensor notes its peer, and where they stand.
    """

    hosts: frozenset[str] = frozenset()
    networks: tuple[Network, ...] = ()
    relays: Mapping[str, frozenset[str]] = field(default_factory=dict)
    families: frozenset[str] = frozenset()
    sensors: tuple[tuple[str, str], ...] = ()

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
        # An inner name is nobody's in particular: no machine outside is known by it.
        families = {
            family_of(name)
            for known in names.values()
            for name in known
            if not _is_inner_name(name)
        }
        return replace(
            self,
            relays={ip: frozenset(known) for ip, known in names.items()},
            families=frozenset(families),
        )

    def with_sensors(self, fields: Iterable[tuple[str, str]]) -> "Trust":
        """The same, knowing these fields of sensors too, in the order of their names."""
        return replace(self, sensors=tuple(sorted({*self.sensors, *fields})))


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
        return is_same_site(below.by_host, named.by_host)
    if _is_a_machine_of_the_receivers(named, below.by_host):
        return True
    return _is_identity(named, named.from_ip, below.by_host, trust)


def _is_a_machine_of_the_receivers(peer: Hop, name: str) -> bool:
    """Is the peer a machine of the receiver's own provider, known to it by `name`?

    Its name is a claim; what counts is that no stranger hands mail over in that way: not by SMTP
    but by HTTP (a store that fetches), or from the allocation that the receiver itself stands in.
    """
    if peer.from_helo is None or peer.from_ip is None:
        return False
    called = peer.from_helo.rstrip(".").lower()
    if called.partition(".")[0] != name.partition(".")[0]:
        return False
    if peer.with_protocol in _FETCHES:
        return is_same_site(called, peer.by_host)
    return peer.by_ip is not None and _is_one_allocation(peer.from_ip, peer.by_ip)


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
    place = place_of(ip)
    if place == "loopback":
        return is_same_site(name, receiver) or _is_inner_name(name)
    if place == "private":
        # The reverse name of a private address comes from the receiver's own network, and
        # nobody outside of it has that address for a name.
        return is_same_site(name, receiver) or name in (reverse_name, ip)
    if _is_in(ip, trust.networks):
        return True
    if known and any(is_same_site(name, other) for other in known):
        # Machines of one relaying site hand mail to each other under several names.
        return True
    if reverse_name is None:
        return False
    if reverse_name == name:
        return (
            name in trust.hosts
            or is_same_site(name, receiver)
            or (family_of(name) in trust.families)
        )
    family = family_of(name)
    return family in trust.families and family == family_of(reverse_name)


def _is_same_machine(one: str, other: str) -> bool:
    """Are two names one site's, one machine's short and long name, or its names in two domains?"""
    if is_same_site(one, other):
        return True
    labels, other_labels = one.split("."), other.split(".")
    if len(labels) == 1 or len(other_labels) == 1:
        return labels[0] == other_labels[0]
    return len(labels) > 2 and len(other_labels) > 2 and labels[:2] == other_labels[:2]


def is_same_site(one: str | None, other: str | None) -> bool:
    """Do two host names belong to one site: equal, or of one registrable domain?"""
    if one is None or other is None:
        return False
    if one == other:
        return True
    domain = site_of(one)
    return domain is not None and domain == site_of(other)


def _is_inner_name(name: str) -> bool:
    """A name that only means something inside one machine or network."""
    return name == "localhost" or "." not in name or name.endswith(_INNER_SUFFIXES)


# RFC 6762 section 3 and appendix G, RFC 8375, and what resolvers of old put on.
_INNER_SUFFIXES = (
    ".local",
    ".localdomain",
    ".internal",
    ".intranet",
    ".private",
    ".corp",
    ".lan",
    ".home.arpa",
)


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
    example.org of example.org. So is no inner one: node7.internal is of internal.
    """
    site = site_of(name)
    if site is None or (site == name and not _is_inner_name(name)):
        return name
    return name.partition(".")[2]


@lru_cache(maxsize=65536)
def place_of(ip: str) -> str:
    """`loopback`, `private` (RFC 1918, RFC 4193, link-local), `nobody` (multicast) or `public`."""
    address: IPv4Address | IPv6Address = ip_address(ip)
    if address.is_loopback or address.is_unspecified:
        return "loopback"
    if address.is_multicast:
        return "nobody"
    if any(address in network for network in _PRIVATE if network.version == address.version):
        return "private"
    return "public"


@lru_cache(maxsize=65536)
def _is_one_allocation(one: str, other: str) -> bool:
    """Do two IPv6 addresses stand in one /32, the least that a provider is given (ripe-738)?"""
    addresses = ip_address(one), ip_address(other)
    if any(address.version == 4 or place_of(str(address)) != "public" for address in addresses):
        return False
    return int(addresses[0]) >> 96 == int(addresses[1]) >> 96


def is_loopback(ip: str) -> bool:
    """Is this the machine itself?"""
    return place_of(ip) == "loopback"


def is_public(ip: str | None) -> bool:
    """Can a host of the network at large have this address?"""
    return ip is not None and place_of(ip) == "public"


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
