"""Names to addresses: what this machine gets, and what single servers say."""

import _thread
import asyncio
import contextlib
import ipaddress
import socket
from collections.abc import Callable
from dataclasses import dataclass, replace
from time import perf_counter
from typing import Any, TypeVar

from deepkit.records import Settings, Target
from deepkit.transport.failures import FaultError, detail_of, failure_of

T = TypeVar("T")

TRIES = 2
"""How often one server is asked over UDP: a single lost datagram is no fault of the name."""
MESSAGE_BYTES = 65535
"""Longest DNS message."""
OTHER_FAMILY_S = 0.25
"""How long the second family's answer is waited for once the first is there, in seconds."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What one resolver said.

    Args:
        server: "system", "host:port" or a DNS-over-HTTPS address.
        addresses: In the order given.
        ttl_s: Shortest time to live; None when unknown.
        failure: One of FAILURES, or None.
        detail: One short line on the failure.
        elapsed_s: How long it took.
    """

    server: str
    addresses: tuple[str, ...] = ()
    ttl_s: int | None = None
    failure: str | None = None
    detail: str = ""
    elapsed_s: float = 0.0


def literal(host: str) -> str | None:
    """Return the address when the host is one already."""
    try:
        return str(ipaddress.ip_address(host.strip("[]")))
    except ValueError:
        return None


async def in_thread(work: Callable[[], T]) -> T:
    """Run blocking work in a thread of its own.

    The loop's shared pool is not used: a resolver that hangs would fill it and make every later
    lookup look slow. The thread is not waited for, so that a hung lookup cannot hold up the exit,
    and is started without the standard class, which would stop the loop until the thread runs.
    """
    loop = asyncio.get_running_loop()
    future: asyncio.Future[T] = loop.create_future()

    def settle(value: Any, error: BaseException | None) -> None:
        if not future.done():
            future.set_exception(error) if error is not None else future.set_result(value)

    def body() -> None:
        value, failed = None, None
        try:
            value = work()
        except BaseException as error:
            failed = error
        with contextlib.suppress(RuntimeError):  # the loop has ended meanwhile
            loop.call_soon_threadsafe(settle, value, failed)

    _thread.start_new_thread(body, ())
    return await future


async def system_addresses(host: str, target: Target, *, timeout_s: float) -> Answer:
    """Ask what the user's machine would get.

    Args:
        host: Name or address.
        target: Its `system_dns`, if set, stands in for the machine's resolver.
        timeout_s: Most time.

    Returns:
        The answer; a failure is inside it.
    """
    known = literal(host)
    if known:
        return Answer("system", (known,))
    if target.system_dns and host != "localhost":
        return replace(await ask_server(target.system_dns, host, timeout_s=timeout_s), server="system")
    began = perf_counter()

    def look_up() -> tuple[list[Any], float]:
        return socket.getaddrinfo(host, None, type=socket.SOCK_STREAM), perf_counter()

    try:
        async with asyncio.timeout(timeout_s):
            found, known_at = await in_thread(look_up)
    except (OSError, UnicodeError) as error:  # TimeoutError is an OSError
        took, failure = perf_counter() - began, failure_of(error, "dns")
        return Answer("system", failure=failure, detail=detail_of(error), elapsed_s=took)
    addresses = tuple(dict.fromkeys(str(one[4][0]) for one in found))
    return Answer("system", addresses, elapsed_s=known_at - began)


async def ask_server(server: str, host: str, *, timeout_s: float, ca_file: str | None = None) -> Answer:
    """Ask one DNS server for a name's addresses, IPv4 and IPv6.

    Args:
        server: "host:port" (plain DNS) or an https:// address (DNS over HTTPS, RFC 8484).
        host: The name.
        timeout_s: Most time.
        ca_file: Additional roots for DNS over HTTPS.

    Returns:
        The answer; a failure is inside it.
    """
    began = perf_counter()
    tasks = [asyncio.create_task(_query(server, host, kind, timeout_s, ca_file)) for kind in ("A", "AAAA")]
    try:
        first, _ = await asyncio.wait(tasks, timeout=timeout_s, return_when=asyncio.FIRST_COMPLETED)
        left_s = max(0.0, timeout_s - (perf_counter() - began))
        answered = any(task.exception() is None for task in first)
        await asyncio.wait(tasks, timeout=min(left_s, OTHER_FAMILY_S) if answered else left_s)
    finally:
        for task in tasks:
            task.cancel()
        results = await asyncio.gather(*tasks, return_exceptions=True)
    took = perf_counter() - began
    good = [one for one in results if isinstance(one, tuple)]
    errors = [one for one in results if isinstance(one, Exception)]  # a query that was cancelled is none
    addresses = tuple(address for found, _ in good for address in found)
    if addresses:
        ttl_s = min((ttl for _, ttl in good if ttl is not None), default=None)
        return Answer(server, addresses, ttl_s, elapsed_s=took)
    if errors:
        failure, detail = failure_of(errors[0], "dns"), detail_of(errors[0])
    elif good:
        failure, detail = "dns_nxdomain", "the name has no address"
    else:
        failure, detail = "dns_timeout", "no answer"
    return Answer(server, failure=failure, detail=detail, elapsed_s=took)


async def _query(
    server: str, host: str, kind: str, timeout_s: float, ca_file: str | None
) -> tuple[list[str], int | None]:
    import dns.message
    import dns.rcode
    import dns.rdatatype

    question = dns.message.make_query(host, kind)
    if server.startswith("https://"):
        reply = await _over_https(server, question, timeout_s, ca_file)
    else:
        reply = await _over_udp(server, question, timeout_s)
    if reply.rcode() == dns.rcode.NXDOMAIN:
        raise FaultError("dns_nxdomain", "the server says that there is no such name")
    if reply.rcode() != dns.rcode.NOERROR:
        raise FaultError("dns_error", f"the server answered {dns.rcode.to_text(reply.rcode())}")
    chain = reply.resolve_chaining()
    if chain.answer is None:
        return [], None
    return [one.to_text() for one in chain.answer], int(chain.minimum_ttl)


async def _over_udp(server: str, question: Any, timeout_s: float) -> Any:
    import dns.asyncquery
    import dns.exception

    host, _, port = server.rpartition(":") if server.count(":") == 1 else (server, "", "53")
    for left in reversed(range(TRIES)):
        try:
            reply, _ = await dns.asyncquery.udp_with_fallback(
                question, host, timeout=timeout_s / TRIES, port=int(port)
            )
        except dns.exception.Timeout:
            if not left:
                raise
        else:
            return reply
    raise AssertionError("TRIES is at least one")


async def _over_https(server: str, question: Any, timeout_s: float, ca_file: str | None) -> Any:
    import anyio
    import dns.message
    import httpcore

    from deepkit.transport.trust import context_for

    context = context_for(Target("dns", server, ca_file=ca_file), Settings())
    question.id = 0  # RFC 8484, section 4.1: lets caches share answers
    limits = {"connect": timeout_s, "read": timeout_s, "write": timeout_s, "pool": timeout_s}
    kind = "application/dns-message"
    headers: dict[bytes | str, bytes | str] = {"content-type": kind, "accept": kind}
    opened: list[Any] = []
    try:
        async with (
            httpcore.AsyncConnectionPool(ssl_context=context, network_backend=_remembering(opened)) as pool,
            pool.stream(
                "POST", server, headers=headers, content=question.to_wire(), extensions={"timeout": limits}
            ) as reply,
        ):
            return dns.message.from_wire(await _message(reply))
    finally:
        with anyio.CancelScope(shield=True):
            for stream in opened:
                await stream.aclose()


async def _message(reply: Any) -> bytes:
    if reply.status != 200:
        raise FaultError("dns_error", f"the server answered HTTP {reply.status}")
    message = b""
    async for chunk in reply.aiter_stream():
        message += chunk
        if len(message) > MESSAGE_BYTES:
            raise FaultError("dns_error", "the answer is longer than a DNS message can be")
    return message


def _remembering(opened: list[Any]) -> Any:
    """Make a network backend that lists its streams: httpcore leaves one open when a handshake is given up."""
    import httpcore

    class Remembering(httpcore.AnyIOBackend):
        async def connect_tcp(self, *args: Any, **kwargs: Any) -> httpcore.AsyncNetworkStream:
            stream = await super().connect_tcp(*args, **kwargs)
            opened.append(stream)
            return stream

    return Remembering()


async def addresses_for(host: str, target: Target, settings: Settings, *, timeout_s: float) -> Answer:
    """Resolve a name the way the settings say.

    Args:
        host: Name or address.
        target: Gives the stand-in for the system and the fresh servers.
        settings: Gives the resolver; "fresh" without servers falls back to the system's.
        timeout_s: Most time.

    Returns:
        The first good answer, or the failure.
    """
    if settings.resolver == "system" or not target.fresh_dns or literal(host):
        return await system_addresses(host, target, timeout_s=timeout_s)
    tasks = [
        asyncio.create_task(ask_server(server, host, timeout_s=timeout_s, ca_file=target.ca_file))
        for server in target.fresh_dns
    ]
    try:
        last = Answer("fresh", failure="dns_timeout")
        for done in asyncio.as_completed(tasks):
            last = await done
            if last.addresses:
                break
        return last
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
