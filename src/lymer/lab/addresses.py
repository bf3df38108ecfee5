"""Addresses that could never belong to anybody: only reserved networks.

198.18.0.0/15    benchmark net (RFC 2544): hosts of lawful and unlawful senders, some bots
240.0.0.0/4      class E (RFC 1112), never routed: bots
192.0.2.0/24     documentation (RFC 5737): receivers
198.51.100.0/24, 203.0.113.0/24
                 documentation (RFC 5737): servers, controllers, forwarders, name servers
10/8, 192.168/16 private (RFC 1918): internal relays, infected PCs behind NAT
127/8            loopback, between a receiver's own processes
2001:db8::/32    documentation, IPv6 (RFC 3849)
"""

from ipaddress import IPv4Address

from lymer.lab.draws import Draw

BENCHMARK = int(IPv4Address("198.18.0.0"))
BENCHMARK_SIZE = 1 << 17
CLASS_E = int(IPv4Address("240.0.0.0"))
CLASS_E_SIZE = (1 << 28) - (1 << 20)
"""Without the last mebi-addresses, so that the broadcast address is never drawn."""

RECEIVERS = "192.0.2"
SERVERS = ("198.51.100", "203.0.113")


def dotted(number: int) -> str:
    """An IPv4 address as text, from its 32-bit number."""
    return f"{number >> 24}.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"


class Blocks:
    """Hands out address blocks of access providers, never the same one twice.

    Class E blocks are /18 (16,384 addresses), for bots. Benchmark blocks are /24, for hosts that
    stay where they are.
    """

    def __init__(self, draw: Draw) -> None:
        self._draw = draw
        self._taken: set[int] = set()
        self._hosts = draw.some(range(BENCHMARK_SIZE >> 8), BENCHMARK_SIZE >> 8)
        self._servers = [
            f"{net}.{host}" for net in SERVERS for host in draw.some(range(2, 254), 252)
        ]

    def access(self) -> int:
        """The base of a fresh class E /18."""
        while True:
            base = int(self._draw.random.random() * (CLASS_E_SIZE >> 14))
            if base not in self._taken:
                self._taken.add(base)
                return CLASS_E + (base << 14)

    def hosting(self) -> int:
        """The base of a fresh benchmark /24."""
        return BENCHMARK + (self._hosts.pop() << 8)

    def server(self) -> str:
        """The address of one server; none is given twice until all 504 are used up."""
        address = self._servers.pop()
        self._servers.insert(0, address)
        return address


def private(draw: Draw) -> str:
    """A private address as an infected PC would have it."""
    if draw.chance(0.8):
        return f"192.168.{draw.pick((0, 1, 2, 10, 100, 178))}.{draw.whole(2, 250)}"
    return f"10.{draw.whole(0, 254)}.{draw.whole(0, 254)}.{draw.whole(2, 250)}"


def ipv6(draw: Draw) -> str:
    """An address in the documentation prefix."""
    return f"2001:db8:{draw.hex(3).lstrip('0') or '1'}:{draw.hex(2).lstrip('0') or '2'}::" + (
        draw.hex(3).lstrip("0") or "3"
    )
