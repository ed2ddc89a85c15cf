"""The line itself: round trips over fresh and kept connections, stalls, datagrams lost, segments sent again."""

import asyncio
import socket
from collections.abc import AsyncIterator, Sequence
from itertools import pairwise
from statistics import median
from time import perf_counter
from typing import Any

from deepkit.probes._look import Look, Stopwatch
from deepkit.records import Observation
from deepkit.transport import Exchange, open_line
from deepkit.transport.connect import connect_one, kernel_facts
from deepkit.transport.resolve import literal
from deepkit.transport.sending import plain_reader

CHECKS = ("path",)
FRESH, KEPT, DATAGRAMS = 8, 3, 8
BETWEEN_S = 0.05
DATAGRAM_S = 1.0
STALL_S = 0.18
"""From here on a round trip is a stall, when it is also far above the median."""
SIZES: tuple[tuple[float, float, str], ...] = (
    (0.19, 0.24, "a lost segment, sent again after the least wait of 200 ms"),
    (0.24, 0.30, "a first address that does not answer, passed by after 250 ms"),
    (0.95, 1.15, "a lost first packet, sent again after 1 s"),
    (1.9, 2.3, "two lost first packets, sent again after 1 s each"),
    (2.9, 3.4, "lost first packets, the third try after 3 s"),
    (4.8, 5.3, "a name server that did not answer, asked again after 5 s"),
    (9.6, 10.6, "two name servers that did not answer, 5 s each"),
)
"""Sizes that name a mechanism: least and most seconds."""


async def probe(look: Look) -> AsyncIterator[Observation]:
    """Measure; requests are few, most round trips are bare TCP connects."""
    watch = Stopwatch()
    answer = await look.system_dns()
    if look.settings.route != "direct" or not answer.addresses:
        yield watch.not_checked("path", "there is no direct connection to measure")
        return
    (fresh, again), kept, (sent, lost) = await asyncio.gather(
        _fresh(look, answer.addresses[0]), _kept(look), _datagrams(look)
    )
    trips = [one for one in fresh if one is not None]
    failed = len(fresh) - len(trips)
    facts: dict[str, Any] = {"n": len(fresh), "failed": failed, "stalls": stalls(trips)}
    if trips:
        facts |= summary(trips)
        facts["retransmits"] = again
    answers = [one.headers_s for one in kept if one.headers_s is not None and one.connect_s is None]
    if answers:
        facts["exchange_median_s"] = median(answers)
    if sent:
        facts["udp_sent"], facts["udp_lost"] = sent, lost
    yield _judged(watch, facts)


def _judged(watch: Stopwatch, facts: dict[str, Any]) -> Observation:
    if facts["n"] == facts["failed"]:
        return watch.saw("path", "not_checked", "no connection stood, so nothing could be measured")
    signs = []
    if facts["failed"]:
        signs.append(f"{facts['failed']} of {facts['n']} connects failed")
    if facts["stalls"]:
        signs.append(f"{len(facts['stalls'])} of {facts['n']} connects stalled")
    if facts.get("udp_lost", 0) > 0:
        signs.append(f"{facts['udp_lost']} of {facts['udp_sent']} datagrams were lost")
    if facts.get("retransmits"):
        signs.append(f"{facts['retransmits']} segments were sent again")
    outcome: Any = "partial" if signs else "ok"
    return watch.saw("path", outcome, "; ".join(signs), facts=facts)


def summary(trips: Sequence[float]) -> dict[str, float]:
    """Return median, 90th percentile, largest and jitter (mean step between neighbours, RFC 3550) of round trips."""
    ordered = sorted(trips)
    steps = [abs(one - other) for one, other in pairwise(trips)]
    return {
        "rtt_median_s": median(ordered),
        "rtt_p90_s": ordered[min(len(ordered) - 1, int(0.9 * len(ordered)))],
        "rtt_max_s": ordered[-1],
        "jitter_s": sum(steps) / len(steps) if steps else 0.0,
    }


def stalls(trips: Sequence[float]) -> list[dict[str, Any]]:
    """Return the round trips that stalled, each with the mechanism that its size names."""
    if not trips:
        return []
    usual = median(trips)
    found = [one for one in trips if one - usual >= STALL_S and one > 3 * usual]
    return [{"size_s": one, "mechanism": mechanism(one - usual)} for one in found]


def mechanism(size_s: float) -> str:
    """Name what a stall of this size usually is."""
    return next((name for low, high, name in SIZES if low <= size_s <= high), "unknown")


async def _fresh(look: Look, address: str) -> tuple[list[float | None], int | None]:
    """Connect again and again, one after the other."""
    trips: list[float | None] = []
    again: list[int] = []
    bound = min(look.settings.timeouts.connect, look.left_s)
    ends = perf_counter() + min(2 * bound, look.left_s)
    for _ in range(FRESH):
        began = perf_counter()
        if began > ends:
            break
        try:
            async with asyncio.timeout(bound):
                sock = await connect_one(address, look.port)
        except OSError:
            trips.append(None)
            continue
        trips.append(perf_counter() - began)
        with sock:
            resent, _ = kernel_facts(sock)
        if resent is not None:
            again.append(resent)
        await asyncio.sleep(BETWEEN_S)
    return trips, sum(again) if again else None


async def _kept(look: Look) -> list[Exchange]:
    """Send a few small requests over one kept connection."""
    told: list[Exchange] = []
    async with open_line(look.target, look.single()) as line:
        for _ in range(KEPT):
            one = await line.attempt(
                look.meter, "GET", "/models", plain_reader(line, 200_000), with_key=False
            )
            if one.failure == "budget_spent" or one.status is None:
                break
            told.append(one)
    return told


def _name_server(look: Look) -> tuple[str, int] | None:
    """Return a plain DNS server that this target's user speaks to."""
    plain = [look.target.system_dns, *(one for one in look.target.fresh_dns if "://" not in one)]
    for one in plain:
        if one and one.count(":") == 1:
            host, _, port = one.partition(":")
            return host, int(port)
    if not look.target.live or literal(look.host):
        return None
    import dns.resolver

    try:
        servers = dns.resolver.Resolver().nameservers
    except Exception:  # dnspython raises its own kinds where the system has no configuration
        return None
    return next(((str(one), 53) for one in servers if literal(str(one))), None)


async def _datagrams(look: Look) -> tuple[int, int]:
    """Ask a name server over UDP, once each, and count what never comes back."""
    server = _name_server(look)
    if server is None or literal(look.host):
        return 0, 0
    waits = (_datagram(server, look.host, at * BETWEEN_S) for at in range(DATAGRAMS))
    came = await asyncio.gather(*waits)
    known = [one for one in came if one is not None]
    return len(known), sum(not one for one in known)


async def _datagram(server: tuple[str, int], host: str, after_s: float) -> bool | None:
    """Return whether the answer came; None when nothing could be sent."""
    import dns.message

    await asyncio.sleep(after_s)
    loop = asyncio.get_running_loop()
    family = socket.AF_INET6 if ":" in server[0] else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as sock:
        sock.setblocking(False)
        try:
            sock.connect(server)
            async with asyncio.timeout(DATAGRAM_S):
                await loop.sock_sendall(sock, dns.message.make_query(host, "A").to_wire())
                await loop.sock_recv(sock, 4096)
        except TimeoutError:
            return False
        except OSError:
            return None
    return True
