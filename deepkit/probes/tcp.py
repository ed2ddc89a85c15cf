"""A TCP connect to every address of the API, and to those that only the fresh answer has."""

import asyncio
from collections.abc import Sequence
from time import perf_counter

from deepkit.checks import Connect as TcpConnect
from deepkit.checks import Tcp, TcpFresh
from deepkit.probes._context import Context, Observations, Stopwatch
from deepkit.records import Observation, Outcome
from deepkit.transport import Connect
from deepkit.transport.connect import race, try_one
from deepkit.transport.failures import FaultError
from deepkit.transport.resolve import literal

CHECKS = ("tcp", "tcp.fresh")
ADDRESSES = 8
"""Most addresses that are tried."""


async def probe(context: Context) -> Observations:
    """Connect to all addresses side by side, so that one black hole hides no other."""
    watch = Stopwatch()
    if context.settings.route != "direct":
        reason = "the route goes through a proxy, which connects in this machine's place"
        yield watch.not_checked(Tcp, reason)
        yield watch.not_checked(TcpFresh, reason)
        return
    answer = await context.system_dns()
    if answer.addresses:
        connects, raced = await asyncio.gather(
            connect_all(context, answer.addresses), race_all(context, answer.addresses)
        )
        winner, race_s = raced or (None, None)
        facts = Tcp(_spoken_to(connects), connects=_rows(connects), race_winner=winner, race_s=race_s)
        yield _summed(watch, facts)
    else:
        yield watch.not_checked(Tcp, "the name has no address to connect to")
    if literal(context.host) or not context.target.fresh_dns:
        yield watch.not_checked(TcpFresh, "there is no other server's answer")
        return
    fresh = dict.fromkeys(address for one in await context.fresh_dns() for address in one.addresses)
    others = [one for one in fresh if one not in answer.addresses]
    if not others:
        yield watch.not_checked(TcpFresh, "the other servers name no other address")
        return
    connects = await connect_all(context, others)
    yield _summed(watch, TcpFresh(_spoken_to(connects), connects=_rows(connects)))


async def connect_all(context: Context, addresses: Sequence[str]) -> list[Connect]:
    """Connect to each address by itself."""
    bound = min(context.settings.timeouts.connect, context.left_s)
    tried = (try_one(address, context.port, timeout_s=bound) for address in addresses[:ADDRESSES])
    return list(await asyncio.gather(*tried))


async def race_all(context: Context, addresses: Sequence[str]) -> tuple[str, float] | None:
    """Race the addresses as a good client does, and say which one won and after how long."""
    if len(addresses) < 2:
        return None
    bound, began = min(context.settings.timeouts.connect, context.left_s), perf_counter()
    try:
        sock, winner, stood = await race(addresses[:ADDRESSES], context.port, timeout_s=bound, seen=[])
    except (OSError, FaultError):
        return None
    sock.close()
    return winner, stood - began


def _rows(connects: Sequence[Connect]) -> tuple[TcpConnect, ...]:
    return tuple(TcpConnect(one.address, one.family, one.failure, one.connect_s) for one in connects)


def _spoken_to(connects: Sequence[Connect]) -> str:
    return next((one.address for one in connects if not one.failure), connects[0].address)


def _summed(watch: Stopwatch, facts: Tcp | TcpFresh) -> Observation:
    bad = [one for one in facts.connects if one.failure]
    if not bad:
        return watch.saw(facts, "ok")
    reason = f"{len(bad)} of {len(facts.connects)} addresses cannot be reached"
    outcome: Outcome = "partial" if len(bad) < len(facts.connects) else "fault"
    return watch.saw(facts, outcome, reason, failure=bad[0].failure)
