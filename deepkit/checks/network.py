"""Facts about this machine and the line: interfaces, names, connections, TLS, proxies, round trips."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, ClassVar

from deepkit.checks.kinds import Count, Facts, Lifetime, Line, Moment, Name, Offset, Seconds, Wait
from deepkit.schema import Parts, Within


@dataclass(frozen=True)
class LocalNet(Facts):
    """This machine: interfaces, clock, IPv6.

    Args:
        interfaces_up: Network interfaces in use, loopback not counted.
        mtu: Largest packet of the interface in use, in bytes.
        has_ipv6: Whether an interface has a public IPv6 address.
        clock_offset_s: How far this machine's clock is ahead of the server's Date header.
        clock_bound_s: By how much that may be wrong.
    """

    check: ClassVar[str] = "local_net"
    interfaces_up: Count | None = None
    mtu: Count | None = None
    has_ipv6: bool | None = None
    clock_offset_s: Offset | None = None
    clock_bound_s: Seconds | None = None


@dataclass(frozen=True)
class DnsServer:
    """One name server's answer."""

    server: Name
    addresses: tuple[Name, ...] = ()
    ttl_s: Lifetime | None = None
    failure: Name | None = None
    elapsed_s: Seconds | None = None


@dataclass(frozen=True)
class Dns(Facts):
    """A name's addresses.

    Args:
        needed: False where no lookup is involved.
        host: The name.
        addresses: Its addresses, each once.
    """

    needed: bool | None = None
    host: Name | None = None
    addresses: tuple[Name, ...] = ()


@dataclass(frozen=True)
class DnsSystem(Dns):
    """What the user's machine gets for the API's host.

    Args:
        elapsed_s: How long the lookup took.
        ttl_s: How long the answer may be kept.
        hosts_file: Whether an entry of the hosts file overrides the name.
        waited_for: What a wait of this size is.
    """

    check: ClassVar[str] = "dns.system"
    elapsed_s: Seconds | None = None
    ttl_s: Lifetime | None = None
    hosts_file: bool | None = None
    waited_for: Wait | None = None


@dataclass(frozen=True)
class DnsServers(Dns):
    """What each name server says that this machine is told to ask.

    Args:
        servers: One row a server.
        search_domains: How many domains the machine tries behind a name.
        ndots: How many dots a name needs to be tried as it is first (resolv.conf(5)).
        search_addresses: What a search domain answers in the API's place.
    """

    check: ClassVar[str] = "dns.servers"
    servers: tuple[DnsServer, ...] = ()
    search_domains: Count | None = None
    ndots: Count | None = None
    search_addresses: tuple[Name, ...] = ()


@dataclass(frozen=True)
class DnsFresh(Dns):
    """What other name servers say.

    Args:
        servers: One row a server.
    """

    check: ClassVar[str] = "dns.fresh"
    servers: tuple[DnsServer, ...] = ()


@dataclass(frozen=True)
class Connect:
    """One TCP connect."""

    address: Name
    family: Annotated[int, Within(4, 6)] | None = None
    failure: Name | None = None
    connect_s: Seconds | None = None


@dataclass(frozen=True)
class Tcp(Facts):
    """A connect to every address that the machine got.

    Args:
        connects: One row an address.
        race_winner: Which address won when all were raced (RFC 8305).
        race_s: After how long.
    """

    check: ClassVar[str] = "tcp"
    connects: tuple[Connect, ...] = ()
    race_winner: Name | None = None
    race_s: Seconds | None = None


@dataclass(frozen=True)
class TcpFresh(Facts):
    """A connect to every address that only the other name servers named.

    Args:
        connects: One row an address.
    """

    check: ClassVar[str] = "tcp.fresh"
    connects: tuple[Connect, ...] = ()


@dataclass(frozen=True)
class Certificate:
    """One certificate of a chain; `not_after` is in Unix seconds."""

    subject: Line = ""
    issuer: Line = ""
    not_after: Moment | None = None


@dataclass(frozen=True)
class Tls(Facts):
    """The TLS handshake; after a refusal a second one without verification, over which nothing is sent.

    Args:
        verified: Whether the certificate was accepted.
        trusted_by_system: Whether the machine's own store accepts it.
        issuer: Who signed it.
        subject: Whom it names.
        self_signed: Whether it is signed with its own key.
        not_after: When it ends, in Unix seconds.
        alpn: The application protocol agreed on.
        version: The TLS version agreed on.
        chain: The certificates that were sent.
        older_version_ok: Whether TLS 1.2 passes where the handshake broke.
        handshake_s: How long the handshake took.
        plain_on_port: Whether the port speaks plain HTTP.
        hello_pairs: Pairs of a short and a long ClientHello that were sent.
        small_hello_ok: How many short ones were answered.
        large_hello_ok: How many long ones were answered.
        detail: One line on the failure.
    """

    check: ClassVar[str] = "tls"
    parts: ClassVar[tuple[Parts, ...]] = (
        Parts(("small_hello_ok",), "hello_pairs"),
        Parts(("large_hello_ok",), "hello_pairs"),
    )
    verified: bool | None = None
    trusted_by_system: bool | None = None
    issuer: Line | None = None
    subject: Line | None = None
    self_signed: bool | None = None
    not_after: Moment | None = None
    alpn: Name | None = None
    version: Name | None = None
    chain: tuple[Certificate, ...] = ()
    older_version_ok: bool | None = None
    handshake_s: Seconds | None = None
    plain_on_port: bool | None = None
    hello_pairs: Count | None = None
    small_hello_ok: Count | None = None
    large_hello_ok: Count | None = None
    detail: Line | None = None


@dataclass(frozen=True)
class SystemProxy:
    """The system's own proxy settings, addresses masked."""

    source: Name = ""
    proxies: Mapping[str, Line] = field(default_factory=dict)
    exceptions: Count | None = None
    pac: Line | None = None


@dataclass(frozen=True)
class Proxy(Facts):
    """Proxy settings, and what each client makes of them.

    Args:
        environment: Variable to its masked value.
        system: The system's own settings.
        decisions: Client to the way it takes: a masked address, "direct", or why that cannot be told.
        disagree: Whether clients that all read the settings take different ways.
        failure: How the proxy in use fails.
    """

    check: ClassVar[str] = "proxy"
    environment: Mapping[str, Line] = field(default_factory=dict)
    system: SystemProxy | None = None
    decisions: Mapping[str, Line] = field(default_factory=dict)
    disagree: bool | None = None
    failure: Name | None = None


@dataclass(frozen=True)
class Stall:
    """A round trip that took far longer than the others, and what a wait of that size is for."""

    size_s: Seconds
    mechanism: Wait = Wait.UNKNOWN


@dataclass(frozen=True)
class Path(Facts):
    """The line: small exchanges over kept and fresh connections, and DNS over UDP.

    Args:
        n: Round trips tried.
        failed: Round trips that failed.
        rtt_median_s: Median round trip.
        rtt_p90_s: The round trip that nine of ten do not exceed.
        rtt_max_s: Longest round trip.
        jitter_s: Mean step between neighbouring round trips.
        stalls: The round trips that stalled.
        exchange_median_s: Median of a small HTTP exchange.
        udp_sent: Datagrams sent to a name server.
        udp_lost: How many of them no answer came for.
        retransmits: Segments that were sent again.
        loaded_n: Small exchanges made while something was sent.
        loaded_rtt_s: Their median.
        load_adds_s: By how much that is longer than without load.
        small_ok: Whether a request of a single packet passes.
        large_ok: Whether a request of several full packets passes.
    """

    check: ClassVar[str] = "path"
    parts: ClassVar[tuple[Parts, ...]] = (Parts(("failed", "stalls"), "n"), Parts(("udp_lost",), "udp_sent"))
    n: Count | None = None
    failed: Count | None = None
    rtt_median_s: Seconds | None = None
    rtt_p90_s: Seconds | None = None
    rtt_max_s: Seconds | None = None
    jitter_s: Seconds | None = None
    stalls: tuple[Stall, ...] = ()
    exchange_median_s: Seconds | None = None
    udp_sent: Count | None = None
    udp_lost: Count | None = None
    retransmits: Count | None = None
    loaded_n: Count | None = None
    loaded_rtt_s: Seconds | None = None
    load_adds_s: Seconds | None = None
    small_ok: bool | None = None
    large_ok: bool | None = None
