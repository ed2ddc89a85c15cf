"""The TLS handshake; after a refusal another look at who answered, over which nothing is sent."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

from deepkit.probes._look import Look, Stopwatch
from deepkit.records import Observation
from deepkit.transport import Exchange
from deepkit.transport.handshake import handshake
from deepkit.transport.request import checked_base, send

CHECKS = ("tls",)
PAIRS, HELLO_S = 3, 1.5
"""How many pairs of a small and a large first message, and the most time for one of them, in seconds."""
_REFUSED = ("tls_untrusted", "tls_expired", "tls_hostname")


async def probe(look: Look) -> AsyncIterator[Observation]:
    """Do one verified handshake the way the settings say, and explain a refusal."""
    watch = Stopwatch()
    if look.base.scheme != "https":
        yield watch.not_checked("tls", "the address is plain http://")
        return
    told = await first_handshake(look)
    facts = {**_facts(told), **await hellos(look, told)}
    if told.failure is None:
        yield watch.saw("tls", "ok", facts={**facts, "verified": True})
    elif told.failure in _REFUSED:
        yield await _refused(look, watch, told, facts)
    elif told.connect_s is None:
        yield watch.not_checked("tls", f"no connection, so no handshake ({told.failure})")
    else:
        yield await _broken(look, watch, told, facts)


async def first_handshake(look: Look) -> Exchange:
    """Do the handshake directly or over SOCKS; an HTTP proxy's tunnel is seen through the gateway's answer."""
    route = next((one for one in look.target.routes if one.name == look.settings.route), None)
    if route is not None and route.proxy and not route.proxy.startswith("socks5"):
        return await look.gateway()
    return await handshake(look.target, look.single(), read_chain=True)


async def hellos(look: Look, told: Exchange) -> dict[str, int]:
    """Send small and large first messages in pairs, each pair in random order; over none of them anything is said.

    Some boxes drop a ClientHello that does not fit into one packet, as those with a post-quantum key are
    (https://tldr.fail).

    Args:
        look: The run.
        told: The first handshake; without a connection there is nothing to compare.

    Returns:
        How many of `hello_pairs` were answered, by size; nothing where none could be sent.
    """
    if told.connect_s is None or (told.proxy_s is None and look.settings.route != "direct"):
        return {}
    settings = look.single()
    bound = min(HELLO_S, look.left_s)
    limits = replace(settings.timeouts, connect=bound, total=bound)
    settings = replace(settings, timeouts=limits)

    async def answered(*, long_hello: bool) -> bool:
        seen = await handshake(look.target, settings, verify=False, long_hello=long_hello)
        # An alert is an answer too: the message arrived.
        return seen.tls is not None or "alert" in seen.detail.lower()

    async def pair() -> tuple[bool, bool]:
        found: dict[bool, bool] = {}
        for long_hello in look.rng.sample((False, True), 2):
            found[long_hello] = await answered(long_hello=long_hello)
        return found[False], found[True]

    pairs = await asyncio.gather(*(pair() for _ in range(PAIRS)))
    return {
        "hello_pairs": len(pairs),
        "small_hello_ok": sum(small for small, _ in pairs),
        "large_hello_ok": sum(large for _, large in pairs),
    }


def _facts(told: Exchange) -> dict[str, Any]:
    before = told.proxy_s if told.proxy_s is not None else told.connect_s
    took = told.tls_s - before if told.tls_s is not None and before is not None else None
    facts: dict[str, Any] = {"address": told.address, "handshake_s": took, "detail": told.detail or None}
    if told.tls is not None:
        facts |= {
            "issuer": told.tls.issuer,
            "subject": told.tls.subject,
            "self_signed": told.tls.self_signed,
            "not_after": told.tls.not_after,
            "alpn": told.tls.alpn,
            "version": told.tls.version,
            "chain": [
                {"subject": one.subject, "issuer": one.issuer, "not_after": one.not_after}
                for one in told.tls.chain
            ]
            or None,
        }
    return facts


async def _refused(look: Look, watch: Stopwatch, told: Exchange, facts: dict[str, Any]) -> Observation:
    """Say who answered, and whether the machine's own store would believe them."""
    settings = look.single()
    blind = await handshake(look.target, settings, verify=False, read_chain=True)
    facts = {**_facts(blind), **{name: value for name, value in facts.items() if value is not None}}
    facts["verified"] = False
    if settings.trust == "default":
        own = await handshake(look.target, replace(settings, trust="system"))
        if own.failure is None or own.failure in _REFUSED:
            facts["trusted_by_system"] = own.failure is None
    reason = "the certificate was refused"
    return watch.saw("tls", "fault", reason, failure=told.failure, facts=facts)


async def _broken(look: Look, watch: Stopwatch, told: Exchange, facts: dict[str, Any]) -> Observation:
    """Tell a broken handshake from a port that speaks plain HTTP."""
    failure, reason = told.failure, "the TLS handshake did not end well"
    if failure in ("not_tls", "tls_handshake", "closed_early", "connection_reset"):
        plain = replace(look.target, base_url=_as_plain(look))
        answer = await send(plain, look.single(), look.meter, "GET", "/models", with_key=False)
        if answer.status is not None:
            failure, facts["plain_on_port"] = "not_tls", True
            reason = "this port speaks plain HTTP, not TLS: the address should begin with http://"
    if "plain_on_port" not in facts and failure in ("tls_handshake", "closed_early", "connection_reset"):
        older = await handshake(look.target, look.single(), verify=False, newest=ssl.TLSVersion.TLSv1_2)
        facts["older_version_ok"] = older.tls is not None
    return watch.saw("tls", "fault", reason, failure=failure, facts={**facts, "verified": False})


def _as_plain(look: Look) -> str:
    parts = checked_base(look.target.base_url)
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    return f"http://{host}:{look.port}{parts.path}"
