"""The TLS handshake; after a refusal another look at who answered, over which nothing is sent."""

import asyncio
import ssl
from dataclasses import asdict, replace
from typing import Any

from deepkit.checks import Tls, checked
from deepkit.probes._context import Context, Observations, Stopwatch
from deepkit.records import Observation
from deepkit.transport import Exchange
from deepkit.transport.handshake import handshake
from deepkit.transport.request import checked_base, send

CHECKS = ("tls",)
PAIRS, HELLO_S = 3, 1.5
"""How many pairs of a small and a large first message, and the most time for one of them, in seconds."""
_REFUSED = ("tls_untrusted", "tls_expired", "tls_hostname")


async def probe(context: Context) -> Observations:
    """Do one verified handshake the way the settings say, and explain a refusal."""
    watch = Stopwatch()
    if context.base.scheme != "https":
        yield watch.not_checked(Tls, "the address is plain http://")
        return
    told = await first_handshake(context)
    facts = {**_seen(told), **await hellos(context, told)}
    if told.failure is None:
        yield watch.saw(checked(Tls, {**facts, "verified": True}), "ok")
    elif told.failure in _REFUSED:
        yield await _refused(context, watch, told, facts)
    elif told.connect_s is None:
        yield watch.not_checked(Tls, f"no connection, so no handshake ({told.failure})")
    else:
        yield await _broken(context, watch, told, facts)


async def first_handshake(context: Context) -> Exchange:
    """Do the handshake directly or over SOCKS; an HTTP proxy's tunnel is seen through the gateway's answer."""
    route = next((one for one in context.target.routes if one.name == context.settings.route), None)
    if route is not None and route.proxy and not route.proxy.startswith("socks5"):
        return await context.gateway()
    return await handshake(context.target, context.single(), read_chain=True)


async def hellos(context: Context, told: Exchange) -> dict[str, int]:
    """Send small and large first messages in pairs, each pair in random order; over none of them anything is said.

    Some boxes drop a ClientHello that does not fit into one packet, as those with a post-quantum key are
    (https://tldr.fail).

    Args:
        context: The run.
        told: The first handshake; without a connection there is nothing to compare.

    Returns:
        How many of `hello_pairs` were answered, by size; nothing where none could be sent.
    """
    if told.connect_s is None or (told.proxy_s is None and context.settings.route != "direct"):
        return {}
    settings = context.single()
    bound = min(HELLO_S, context.left_s)
    limits = replace(settings.timeouts, connect=bound, total=bound)
    settings = replace(settings, timeouts=limits)

    async def answered(*, long_hello: bool) -> bool:
        seen = await handshake(context.target, settings, verify=False, long_hello=long_hello)
        # An alert is an answer too: the message arrived.
        return seen.tls is not None or "alert" in seen.detail.lower()

    async def pair() -> tuple[bool, bool]:
        found: dict[bool, bool] = {}
        for long_hello in context.rng.sample((False, True), 2):
            found[long_hello] = await answered(long_hello=long_hello)
        return found[False], found[True]

    pairs = await asyncio.gather(*(pair() for _ in range(PAIRS)))
    return {
        "hello_pairs": len(pairs),
        "small_hello_ok": sum(small for small, _ in pairs),
        "large_hello_ok": sum(large for _, large in pairs),
    }


def _seen(told: Exchange) -> dict[str, Any]:
    """Return what a handshake says, by the names of `Tls`; a certificate may hold anything."""
    before = told.proxy_s if told.proxy_s is not None else told.connect_s
    took = told.tls_s - before if told.tls_s is not None and before is not None else None
    seen: dict[str, Any] = {"address": told.address, "handshake_s": took, "detail": told.detail or None}
    if told.tls is not None:
        seen |= {
            "issuer": told.tls.issuer,
            "subject": told.tls.subject,
            "self_signed": told.tls.self_signed,
            "not_after": told.tls.not_after,
            "alpn": told.tls.alpn,
            "version": told.tls.version,
            "chain": [asdict(one) for one in told.tls.chain],
        }
    return {name: value for name, value in seen.items() if value is not None}


async def _refused(context: Context, watch: Stopwatch, told: Exchange, facts: dict[str, Any]) -> Observation:
    """Say who answered, and whether the machine's own store would believe them."""
    settings = context.single()
    blind = await handshake(context.target, settings, verify=False, read_chain=True)
    facts = {**_seen(blind), **facts, "verified": False}
    if settings.trust == "default":
        own = await handshake(context.target, replace(settings, trust="system"))
        if own.failure is None or own.failure in _REFUSED:
            facts["trusted_by_system"] = own.failure is None
    reason = "the certificate was refused"
    return watch.saw(checked(Tls, facts), "fault", reason, failure=told.failure)


async def _broken(context: Context, watch: Stopwatch, told: Exchange, facts: dict[str, Any]) -> Observation:
    """Tell a broken handshake from a port that speaks plain HTTP."""
    failure, reason = told.failure, "the TLS handshake did not end well"
    if failure in ("not_tls", "tls_handshake", "closed_early", "connection_reset"):
        plain = replace(context.target, base_url=_as_plain(context))
        answer = await send(plain, context.single(), context.meter, "GET", "/models", with_key=False)
        if answer.status is not None:
            failure, facts["plain_on_port"] = "not_tls", True
            reason = "this port speaks plain HTTP, not TLS: the address should begin with http://"
    if "plain_on_port" not in facts and failure in ("tls_handshake", "closed_early", "connection_reset"):
        older = await handshake(context.target, context.single(), verify=False, newest=ssl.TLSVersion.TLSv1_2)
        facts["older_version_ok"] = older.tls is not None
    return watch.saw(checked(Tls, {**facts, "verified": False}), "fault", reason, failure=failure)


def _as_plain(context: Context) -> str:
    parts = checked_base(context.target.base_url)
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    return f"http://{host}:{context.port}{parts.path}"
