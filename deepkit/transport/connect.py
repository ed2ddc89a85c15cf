"""Raced TCP connects, each address with its own result (Happy Eyeballs, RFC 8305)."""

import asyncio
import socket
from collections.abc import Iterable, Sequence
from itertools import chain, zip_longest
from time import perf_counter
from typing import Any

from deepkit.transport.exchange import Connect
from deepkit.transport.failures import FaultError, failure_of
from deepkit.transport.timed_socket import connected

ATTEMPT_DELAY_S = 0.25
"""Wait before the next address is tried beside the last, in seconds (RFC 8305, section 8)."""


def host_port(address: str, port: int) -> str:
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
        return Connect(host_port(address, port), family, failure_of(error, "connect"), perf_counter() - began)
    sock.close()
    return Connect(host_port(address, port), family, None, stood - began)


async def race(
    addresses: Sequence[str], port: int, *, timeout_s: float, seen: list[Connect]
) -> tuple[socket.socket, str, float]:
    """Connect to the first address that answers.

    Args:
        addresses: In order of preference.
        port: The port.
        timeout_s: Most time for all of it.
        seen: Each attempt is written here, the losers and failures too.

    Returns:
        The socket, "ip:port", and perf_counter's reading when it stood.

    Raises:
        OSError: The first failure, when all have failed; TimeoutError when the time is over.
    """
    won: asyncio.Future[tuple[socket.socket, str, float]] = asyncio.get_running_loop().create_future()
    errors, tasks, expired = list[OSError](), list[asyncio.Task[None]](), False

    async def run(address: str) -> None:
        place, family, began = host_port(address, port), 6 if ":" in address else 4, perf_counter()
        try:
            sock, stood = await connect_one(address, port)
        except asyncio.CancelledError:
            lost = ("connect_timeout", timeout_s) if expired else (None, None)
            seen.append(Connect(place, family, *lost))
            raise
        except OSError as error:
            seen.append(Connect(place, family, failure_of(error, "connect"), perf_counter() - began))
            errors.append(error)
            return
        seen.append(Connect(place, family, None, stood - began))
        if won.done():
            sock.close()
        else:
            won.set_result((sock, place, stood))

    try:
        async with asyncio.timeout(timeout_s):
            for address in interleaved(addresses):
                tasks.append(task := asyncio.create_task(run(address)))
                await _first(task, won, timeout_s=ATTEMPT_DELAY_S)
                if won.done():
                    break
            while not won.done() and (open_ := [task for task in tasks if not task.done()]):
                await _first(*open_, won)
        await _stop(tasks)
    except BaseException as error:
        expired = isinstance(error, TimeoutError)
        await _stop(tasks)
        if won.done():
            won.result()[0].close()
        raise
    if won.done():
        return won.result()
    raise errors[0] if errors else FaultError("network_unreachable", "there is no address to connect to")


async def _stop(tasks: Sequence["asyncio.Task[None]"]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def _first(*futures: asyncio.Future[Any], timeout_s: float | None = None) -> None:
    await asyncio.wait(futures, timeout=timeout_s, return_when=asyncio.FIRST_COMPLETED)
