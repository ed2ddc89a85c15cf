"""How long a small exchange takes while the line is busy sending: a long queue in a router shows only then.

The load is bounded (LOAD_BYTES, once) and goes to the API's own address, without the key, so that nobody
else is troubled and nothing is billed. On a fast line it is over before anything could be measured; then
nothing is said.
"""

import asyncio
from statistics import median
from typing import NamedTuple

from deepkit.probes._context import Context
from deepkit.transport import Client, open_client
from deepkit.transport.request import plain_reader

LOAD_BYTES, LASTS_S = 256_000, 1.5
"""What is sent at most, and for how long at most, in seconds."""
EXCHANGES, LEAST = 6, 2
"""Most small exchanges begun beside it, and the fewest that a statement rests on: a long queue leaves time for two."""
SLOW_S = 0.3
"""What a busy line may add before it is called slow: about what a person notices in a dialogue, in seconds."""


class UnderLoad(NamedTuple):
    """How many small exchanges were made beside the load, their median, and what the load adds, in seconds."""

    n: int
    rtt_s: float
    adds_s: float


async def under_load(context: Context, idle_s: float | None) -> UnderLoad | None:
    """Send filler, and small requests over another connection meanwhile.

    Args:
        context: The run.
        idle_s: The same exchange's median while nothing else is sent.

    Returns:
        What was measured; None where there was too little to see.
    """
    if idle_s is None or context.left_s < LASTS_S:
        return None
    waits: list[float] = []
    target, settings = context.target, context.single()
    async with open_client(target, settings) as small, open_client(target, settings) as bulk:
        if await _wait(context, small) is None:  # the connection stands before the load begins
            return None
        load = asyncio.create_task(_send(context, bulk))
        try:
            await asyncio.sleep(0)
            while len(waits) < EXCHANGES and not load.done():
                took = await _wait(context, small)
                if took is None:
                    break
                waits.append(took)
        finally:
            load.cancel()
            await asyncio.gather(load, return_exceptions=True)
    if len(waits) < LEAST:
        return None
    middle = median(waits)
    return UnderLoad(len(waits), middle, max(0.0, middle - idle_s))


async def _wait(context: Context, client: Client) -> float | None:
    told = await client.request(
        context.meter, "GET", "/models", plain_reader(client, 200_000), with_key=False, deadline_s=LASTS_S
    )
    if told.headers_s is None:
        return None
    return told.headers_s - max(stamp or 0.0 for stamp in (told.connect_s, told.tls_s))


async def _send(context: Context, client: Client) -> None:
    read = plain_reader(client, 200_000)
    filler = {"filler": "x" * LOAD_BYTES}
    await client.request(
        context.meter, "POST", "/models", read, json=filler, with_key=False, deadline_s=LASTS_S
    )
