"""Proxy settings of this machine, and what each client would make of them for this target."""

import asyncio
import os
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from deepkit.checks import Proxy, checked
from deepkit.probes._context import Context, Observations, Stopwatch
from deepkit.transport.connect import try_one
from deepkit.transport.proxy_rules import (
    DIRECT,
    NAMES,
    NODE_SWITCH,
    Destination,
    SystemProxies,
    decisions,
    disagreeing,
    masked,
)
from deepkit.transport.resolve import in_thread, system_addresses
from deepkit.transport.system_proxy import system_proxy

CHECKS = ("proxy",)
SYSTEM_S = 1.5
"""Longest wait for the system's own settings, in seconds."""


async def probe(context: Context) -> Observations:
    """Read the settings, work out each client's decision, knock at the proxies in use."""
    watch = Stopwatch()
    environment = {
        name: value
        for name, value in os.environ.items()
        if (name.lower() in NAMES and value.strip()) or name == NODE_SWITCH
    }
    system = await _system(context)
    place = Destination(context.base.scheme, context.host, context.base.port)
    decided = decisions(place, environment, system)
    disagree = disagreeing(decided)
    failure = await _failure(context, [way for way in decided.values() if "://" in way])
    values = {
        "environment": {name: _shown(name, value) for name, value in environment.items()},
        "system": _settings(system) if system.source else None,
        "decisions": {client: _way(way) for client, way in decided.items()},
        "disagree": disagree,
        "failure": failure,
    }
    facts = checked(Proxy, values)  # a variable and a registry may hold anything
    if failure:
        yield watch.saw(facts, "fault", "the proxy in use does not do its work", failure=failure)
    elif disagree:
        yield watch.saw(facts, "partial", told_apart(facts.decisions))
    else:
        yield watch.saw(facts, "ok")


def _settings(system: SystemProxies) -> Mapping[str, Any]:
    return {
        "source": system.source,
        "proxies": {scheme: masked(url) for scheme, url in system.proxies.items()},
        "exceptions": len(system.exceptions),
        "pac": masked(system.pac) if system.pac and "://" in system.pac else system.pac,
    }


async def _system(context: Context) -> SystemProxies:
    """Read the system's settings; a tool that hangs must not hold the other checks up."""
    if not context.target.live:
        return SystemProxies()
    try:
        async with asyncio.timeout(min(SYSTEM_S, context.left_s)):
            return await in_thread(system_proxy)
    except TimeoutError:
        return SystemProxies()


def told_apart(decided: Mapping[str, str]) -> str:
    """Say which client takes which way: "curl, requests: http://proxy:3128; urllib: direct"."""
    ways: dict[str, list[str]] = {}
    for client, way in decided.items():
        ways.setdefault(way, []).append(client)
    said = "; ".join(f"{', '.join(clients)}: {way}" for way, clients in ways.items())
    return f"clients on this machine take different ways ({said})"


def _way(way: str) -> str:
    return masked(way) if "://" in way else way


def _shown(name: str, value: str) -> str:
    return masked(value) if name.lower() in NAMES[:3] else value


async def _failure(context: Context, ways: list[str]) -> str | None:
    if context.settings.route != DIRECT:
        told = await context.gateway()
        return told.failure if (told.failure or "").startswith("proxy_") else None
    bound = min(context.settings.timeouts.connect, context.left_s)
    for way in dict.fromkeys(ways):
        parts = urlsplit(way)
        try:
            port = parts.port or (1080 if parts.scheme.startswith("socks") else 80)
        except ValueError:
            return "proxy_error"
        answer = await system_addresses(parts.hostname or "", context.target, timeout_s=bound)
        if not answer.addresses:
            return "proxy_error"
        knock = await try_one(answer.addresses[0], port, timeout_s=bound)
        if knock.failure:
            return "proxy_refused" if knock.failure == "connection_refused" else "proxy_error"
    return None
