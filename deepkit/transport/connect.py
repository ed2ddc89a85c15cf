"""Raced TCP connects, each address with its own result (Happy Eyeballs, RFC 8305)."""

import asyncio
import contextlib
import socket
from collections.abc import Callable, Iterable, Sequence
from itertools import chain, zip_longest
from time import perf_counter
from typing import Any

from deepkit.transport.exchange import Connect
from deepkit.transport.failures import FaultError, failure_of
from deepkit.transport.timed_socket import connected

ATTEMPT_DELAY_S = 0.25
"""Wait before the next address is tried beside the last, in seconds (RFC 8305, section 8)."""


def spoken(address: str, port: int) -> str:
    """Write an address with its port, IPv6 in brackets."""
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"


def interleaved(addresses: Iterable[str]) -> list[str]:
    """Order addresses so that the families take turns, the first one's family leading."""
    known = list(dict.fromkeys(addresses))
    lead = [one for one in known if (":" in one) == (":" in known[0])] if known else []
    rest = [one for one in known if one not in lead]
    return [one for one in chain.from_iterable(zip_longest(lead, rest)) if one is not None]


def of_family(addresses: Sequence[str], family: str) -> list[str]:
    """Keep the addresses of one family; "any" keeps all.

    Raises:
        FaultError: When none is left.
    """
    kept = [one for one in addresses if family == "any" or (":" in one) == (family == "ipv6")]
    if not kept:
        name = {"ipv4": "IPv4", "ipv6": "IPv6"}.get(family, "usable")
        raise FaultError("network_unreachable", f"the name has no {name} address")
    return kept


async def connect_one(address: str, port: int) -> tuple[socket.socket, float]:
    """Connect to one address; the caller bounds the time and closes the socket.

    Args:
        address: IPv4 or IPv6.
        port: The port.

    Returns:
        A connected, non-blocking socket, and perf_counter's reading when it stood.

    Raises:
        OSError: When it cannot be reached.
    """
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        sock.setblocking(False)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return sock, await connected(sock, address, port)
    except BaseException:
        sock.close()
        raise


async def try_one(address: str, port: int, *, timeout_s: float) -> Connect:
    """Connect to one address, say how it went, and close again."""
    family, began = 6 if ":" in address else 4, perf_counter()
    try:
        async with asyncio.timeout(timeout_s):
            sock, stood = await connect_one(address, port)
    except OSError as error:
        return Connect(spoken(address, port), family, failure_of(error, "connect"), perf_counter() - began)
    sock.close()
    return Connect(spoken(address, port), family, None, stood - began)


class _Race:
    def __init__(self, port: int, seen: list[Connect]) -> None:
        self.port, self.seen = port, seen
        self.won: asyncio.Future[tuple[socket.socket, str]] = asyncio.get_running_loop().create_future()
        self.error: Exception | None = None
        self.stood: float = 0.0

    async def run(self, address: str) -> None:
        began = perf_counter()
        place, family = spoken(address, self.port), 6 if ":" in address else 4
        try:
            sock, stood = await connect_one(address, self.port)
        except asyncio.CancelledError:
            self.seen.append(Connect(place, family))
            raise
        except OSError as error:
            self.seen.append(Connect(place, family, failure_of(error, "connect"), perf_counter() - began))
            self.error = self.error or error
            return
        self.seen.append(Connect(place, family, None, stood - began))
        if self.won.done():
            sock.close()
        else:
            self.stood = stood
            self.won.set_result((sock, place))


async def race(
    addresses: Sequence[str],
    port: int,
    *,
    timeout_s: float,
    seen: list[Connect],
    on_stand: Callable[[float], None] | None = None,
) -> tuple[socket.socket, str]:
    """Connect to the first address that answers.

    Args:
        addresses: In order of preference.
        port: The port.
        timeout_s: Most time for all of it.
        seen: Each attempt is written here, the losers and failures too.
        on_stand: Told perf_counter's reading when the winner stood.

    Returns:
        The socket and "ip:port".

    Raises:
        OSError: The first failure, when all have failed; TimeoutError when the time is over.
    """
    contest, tasks, at = _Race(port, seen), list[asyncio.Task[None]](), len(seen)
    try:
        async with asyncio.timeout(timeout_s):
            for address in interleaved(addresses):
                tasks.append(task := asyncio.create_task(contest.run(address)))
                waited: tuple[asyncio.Future[Any], ...] = (task, contest.won)
                await asyncio.wait(waited, timeout=ATTEMPT_DELAY_S,
                                   return_when=asyncio.FIRST_COMPLETED)  # fmt: skip
                if contest.won.done():
                    break
            while not contest.won.done() and (open_ := [task for task in tasks if not task.done()]):
                waited = (*open_, contest.won)
                await asyncio.wait(waited, return_when=asyncio.FIRST_COMPLETED)
    except TimeoutError:
        await _stop(tasks)
        seen[at:] = [_timed_out(one, timeout_s) for one in seen[at:]]
        raise
    except BaseException:
        await _stop(tasks)
        with contextlib.suppress(asyncio.InvalidStateError, asyncio.CancelledError):
            contest.won.result()[0].close()
        raise
    await _stop(tasks)
    if contest.won.done():
        if on_stand is not None:
            on_stand(contest.stood)
        return contest.won.result()
    raise contest.error or FaultError("network_unreachable", "there is no address to connect to")


def _timed_out(one: Connect, timeout_s: float) -> Connect:
    cancelled = one.failure is None and one.connect_s is None
    return Connect(one.address, one.family, "connect_timeout", timeout_s) if cancelled else one


async def _stop(tasks: Sequence["asyncio.Task[None]"]) -> None:
    open_ = [task for task in tasks if not task.done()]
    for task in open_:
        task.cancel()
    if open_:
        await asyncio.gather(*open_, return_exceptions=True)
