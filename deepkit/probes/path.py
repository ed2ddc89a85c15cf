"""The line itself: round trips over fresh and kept connections, stalls, lost datagrams, segments sent again."""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from statistics import median
from time import perf_counter

from deepkit.checks import Path
from deepkit.probes._context import Context, Observations, Stopwatch
from deepkit.probes._stalls import stalls
from deepkit.probes._under_load import SLOW_S, under_load
from deepkit.records import Observation
from deepkit.transport import Client, open_client
from deepkit.transport.connect import connect_one
from deepkit.transport.request import plain_reader
from deepkit.transport.resolve import literal
from deepkit.transport.tcp_info import tcp_info

CHECKS = ("path",)
CONNECTS, EXCHANGES, DATAGRAMS = 12, 4, 8
"""How many bare connects, exchanges (over a kept connection, and as many over fresh ones) and datagrams."""
BETWEEN_S = 0.03
LASTS_S = 2.2
"""After this no further round trip is begun, in seconds."""
DATAGRAM_S = 2.0
LARGE, SIZED_S = 3000, 1.0
"""Bytes that fill two packets of the usual 1500, and how long such a request is waited for, in seconds."""
TICK_S, LAG_S = 0.01, 0.05
"""How often this program looks whether it was held up itself, and by how much a round trip does not count."""


@dataclass
class Trips:
    """What was measured so far."""

    connects: list[float] = field(default_factory=list)
    exchanges: list[float] = field(default_factory=list)
    failed: int = 0
    tried: int = 0
    retransmits: list[int] = field(default_factory=list)

    def comparable(self) -> list[float]:
        """The exchanges in seconds, as long as connects: the server's own constant time is taken off."""
        base = median(self.connects) if self.connects else 0.0
        least = min(self.exchanges, default=0.0)
        return [base + one - least for one in self.exchanges]


class Lag:
    """Notices when this program itself was held up: a delay of our own is none of the line's."""

    def __init__(self) -> None:
        self._lags: list[tuple[float, float]] = []
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> "Lag":
        self._task = asyncio.create_task(self._watch())
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _watch(self) -> None:
        while True:
            began = perf_counter()
            await asyncio.sleep(TICK_S)
            late = perf_counter() - began - TICK_S
            if late > LAG_S:
                self._lags.append((began, late))

    def held_up(self, began: float, ended: float) -> bool:
        """Tell whether the program was held up between two moments."""
        return any(at < ended and at + TICK_S + late > began for at, late in self._lags)


async def probe(context: Context) -> Observations:
    """Measure; requests are few, most round trips are bare TCP connects."""
    watch = Stopwatch()
    answer = await context.system_dns()
    if context.settings.route != "direct" or not answer.addresses:
        yield watch.not_checked(Path, "there is no direct connection to measure")
        return
    trips = Trips()
    async with Lag() as lag:
        lanes = (
            _connects(context, answer.addresses[0], trips, lag),
            _exchanges(context, trips, lag, kept=True),
            _exchanges(context, trips, lag, kept=False),
        )
        datagrams, sizes, *_ = await asyncio.gather(_datagrams(context), _sizes(context), *lanes)
    facts = replace(facts_of(trips, *datagrams), small_ok=sizes[0], large_ok=sizes[1])
    if not (facts.stalls or facts.failed):  # a line that stalls by itself needs no load
        load = await under_load(context, facts.exchange_median_s)
        if load is not None:
            facts = replace(facts, loaded_n=load.n, loaded_rtt_s=load.rtt_s, load_adds_s=load.adds_s)
    yield summed(watch, facts)


def facts_of(trips: Trips, sent: int, lost: int) -> Path:
    """Return the facts of what was measured."""
    exchanges = trips.comparable()
    counted = [*trips.connects, *exchanges]
    return replace(
        spread(counted),
        n=len(counted) + trips.failed,
        failed=trips.failed,
        stalls=stalls(trips.connects, exchanges),
        retransmits=sum(trips.retransmits) if trips.retransmits else None,
        exchange_median_s=median(trips.exchanges) if trips.exchanges else None,
        udp_sent=sent or None,
        udp_lost=lost if sent else None,
    )


def summed(watch: Stopwatch, facts: Path) -> Observation:
    """Turn the facts into the observation."""
    if facts.n == facts.failed:
        return watch.not_checked(Path, "no connection stood, so nothing could be measured")
    signs = []
    if facts.failed:
        signs.append(f"{facts.failed} of {facts.n} round trips failed")
    if facts.stalls:
        signs.append(f"{len(facts.stalls)} of {facts.n} round trips stalled")
    if facts.udp_lost:
        signs.append(f"{facts.udp_lost} of {facts.udp_sent} datagrams were lost")
    if facts.large_ok is False:
        signs.append("large packets did not arrive")
    if facts.retransmits:
        signs.append(f"{facts.retransmits} segments were sent again")
    if facts.load_adds_s is not None and facts.load_adds_s >= SLOW_S:
        signs.append(f"a small exchange takes {facts.load_adds_s:.1f} s longer while something is sent")
    return watch.saw(facts, "partial" if signs else "ok", "; ".join(signs))


def spread(trips: Sequence[float]) -> Path:
    """Return median, 90th percentile, largest and jitter (mean step between neighbours) of round trips."""
    if not trips:
        return Path()
    ordered = sorted(trips)
    steps = [abs(one - other) for one, other in pairwise(trips)]
    return Path(
        rtt_median_s=median(ordered),
        rtt_p90_s=ordered[min(len(ordered) - 1, int(0.9 * len(ordered)))],
        rtt_max_s=ordered[-1],
        jitter_s=sum(steps) / len(steps) if steps else 0.0,
    )


async def _lane(
    context: Context,
    n: int,
    trips: Trips,
    lag: Lag,
    once: Callable[[], Awaitable[float | None]],
    into: list[float],
) -> None:
    """Measure one kind of round trip, one after the other; what the program held up itself does not count."""
    ends = perf_counter() + min(LASTS_S, context.left_s)
    while len(into) < n and trips.tried < 4 * (CONNECTS + 2 * EXCHANGES) and perf_counter() < ends:
        trips.tried += 1
        began = perf_counter()
        took = await once()
        if took is None:
            trips.failed += 1
            if trips.failed > n:
                return
        elif not lag.held_up(began, perf_counter()):
            into.append(took)
        await asyncio.sleep(BETWEEN_S)


async def _connects(context: Context, address: str, trips: Trips, lag: Lag) -> None:
    bound = min(context.settings.timeouts.connect, context.left_s)

    async def once() -> float | None:
        began = perf_counter()
        try:
            async with asyncio.timeout(bound):
                sock, stood = await connect_one(address, context.port)
        except OSError:
            return None
        took = stood - began
        with sock:
            again = tcp_info(sock).retransmits
        if again is not None:
            trips.retransmits.append(again)
        return took

    await _lane(context, CONNECTS, trips, lag, once, trips.connects)


async def _exchanges(context: Context, trips: Trips, lag: Lag, *, kept: bool) -> None:
    """Send small requests, over one connection or each over its own; only the answer's wait counts."""
    mine: list[float] = []
    over = False

    async def on(client: Client) -> float | None:
        nonlocal over
        read = plain_reader(client, 200_000)
        told = await client.request(context.meter, "GET", "/models", read, with_key=False)
        over = over or told.failure == "budget_spent" or told.status is None
        if told.retransmits:
            trips.retransmits.append(told.retransmits)
        if told.headers_s is None or over:
            return None
        stood = max(stamp for stamp in (told.connect_s, told.tls_s, 0.0) if stamp is not None)
        return told.headers_s - stood

    async def fresh() -> float | None:
        async with open_client(context.target, context.single()) as client:
            return await on(client)

    ends = perf_counter() + min(LASTS_S, context.left_s)
    async with open_client(context.target, context.single()) as client:
        for _ in range(EXCHANGES):
            if over or perf_counter() > ends:
                break
            began = perf_counter()
            took = await (on(client) if kept else fresh())
            if took is not None and not lag.held_up(began, perf_counter()):
                mine.append(took)
            await asyncio.sleep(BETWEEN_S)
    trips.exchanges += mine


async def _sizes(context: Context) -> tuple[bool | None, bool | None]:
    """Send a request of several full packets; only when it is lost, small and large ones in turn.

    A path that drops packets above its size, and the message that would say so, swallows every large request
    and lets each small one pass (RFC 2923, section 2.1).

    Returns:
        Whether small and whether large requests pass; None is "not measured".
    """

    async def answered(padding: int) -> bool:
        bound = min(SIZED_S, context.left_s)
        headers = {"x-padding": "x" * padding} if padding else None
        async with open_client(context.target, context.single()) as client:
            read = plain_reader(client, 200_000)
            told = await client.request(
                context.meter, "GET", "/models", read, headers=headers, with_key=False, deadline_s=bound
            )
        return told.status is not None

    if await answered(LARGE):
        return None, True
    tries = [(await answered(0), await answered(LARGE)) for _ in range(2)]
    if not all(small for small, _ in tries):
        return None, None  # nothing passes dependably, so size decides nothing
    return True, any(large for _, large in tries)


async def _name_server(context: Context) -> tuple[str, int] | None:
    """Return a plain DNS server that this target's user speaks to."""
    known = (await context.configured()).servers or [
        one for one in context.target.fresh_dns if "://" not in one
    ]
    for one in known:
        host, _, port = one.rpartition(":") if one.count(":") == 1 else (one, "", "53")
        if literal(host):
            return host, int(port)
    return None


async def _datagrams(context: Context) -> tuple[int, int]:
    """Ask a name server over UDP, once each, and count what never comes back."""
    server = await _name_server(context)
    if server is None:
        return 0, 0
    name = "localhost" if literal(context.host) else context.host  # any answer counts, a refusal too
    waits = (_datagram(server, name, at * BETWEEN_S) for at in range(DATAGRAMS))
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
