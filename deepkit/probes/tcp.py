"""A TCP connect to every address of the API, and to those that only the fresh answer has."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from time import perf_counter
from typing import Any

from deepkit.probes._look import Look, Stopwatch
from deepkit.records import Observation
from deepkit.transport import Connect
from deepkit.transport.connect import race, try_one
from deepkit.transport.failures import FaultError
from deepkit.transport.resolve import literal

CHECKS = ("tcp", "tcp.fresh")
ADDRESSES = 8
"""Most addresses that are tried."""


async def probe(look: Look) -> AsyncIterator[Observation]:
    """Connect to all addresses side by side, so that one black hole hides no other."""
    watch = Stopwatch()
    if look.settings.route != "direct":
        reason = "the route goes through a proxy, which connects in this machine's place"
        yield watch.not_checked("tcp", reason)
        yield watch.not_checked("tcp.fresh", reason)
        return
    answer = await look.system_dns()
    if answer.addresses:
        connects, raced = await asyncio.gather(
            connect_all(look, answer.addresses), race_all(look, answer.addresses)
        )
        yield summed(watch, "tcp", connects, raced)
    else:
        yield watch.not_checked("tcp", "the name has no address to connect to")
    if literal(look.host) or not look.target.fresh_dns:
        yield watch.not_checked("tcp.fresh", "there is no other server's answer")
        return
    fresh = dict.fromkeys(address for one in await look.fresh_dns() for address in one.addresses)
    others = [one for one in fresh if one not in answer.addresses]
    if not others:
        yield watch.not_checked("tcp.fresh", "the other servers name no other address")
        return
    yield summed(watch, "tcp.fresh", await connect_all(look, others))


async def connect_all(look: Look, addresses: Sequence[str]) -> list[Connect]:
    """Connect to each address by itself."""
    bound = min(look.settings.timeouts.connect, look.left_s)
    tried = (try_one(address, look.port, timeout_s=bound) for address in addresses[:ADDRESSES])
    return list(await asyncio.gather(*tried))


async def race_all(look: Look, addresses: Sequence[str]) -> dict[str, Any]:
    """Race the addresses as a good client does, and say which one won and after how long."""
    if len(addresses) < 2:
        return {}
    bound, began = min(look.settings.timeouts.connect, look.left_s), perf_counter()
    try:
        sock, winner, stood = await race(addresses[:ADDRESSES], look.port, timeout_s=bound, seen=[])
    except (OSError, FaultError):
        return {}
    sock.close()
    return {"race_winner": winner, "race_s": stood - began}


def summed(
    watch: Stopwatch, check: str, connects: Sequence[Connect], raced: Mapping[str, Any] | None = None
) -> Observation:
    """Turn connects into the check's observation."""
    bad, good = [one for one in connects if one.failure], [one for one in connects if not one.failure]
    facts = {
        "address": (good or bad)[0].address,
        "connects": [
            {"address": c.address, "family": c.family, "failure": c.failure, "connect_s": c.connect_s}
            for c in connects
        ],
        **(raced or {}),
    }
    if not bad:
        return watch.saw(check, "ok", facts=facts)
    reason = f"{len(bad)} of {len(connects)} addresses cannot be reached"
    return watch.saw(check, "partial" if good else "fault", reason, failure=bad[0].failure, facts=facts)
