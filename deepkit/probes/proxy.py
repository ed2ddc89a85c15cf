"""Proxy settings of this machine, and what each client would make of them for this target."""

import ipaddress
import os
import urllib.request
from collections.abc import AsyncIterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from deepkit.probes._look import Look, Stopwatch
from deepkit.records import Observation
from deepkit.transport.connect import try_one
from deepkit.transport.resolve import system_addresses

CHECKS = ("proxy",)
NAMES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")


async def probe(look: Look) -> AsyncIterator[Observation]:
    """Read the settings, work out each client's decision, knock at the proxies in use."""
    watch = Stopwatch()
    environment = {
        name: value for name, value in os.environ.items() if name.lower() in NAMES and value.strip()
    }
    decided = decisions(look.base.scheme, look.host, look.port, environment)
    disagree = len({way for client, way in decided.items() if client != "aiohttp"}) > 1
    facts: dict[str, Any] = {
        "environment": {
            name: value if name.lower() == "no_proxy" else masked(value)
            for name, value in environment.items()
        },
        "decisions": {client: way if way == "direct" else masked(way) for client, way in decided.items()},
        "disagree": disagree,
    }
    system = _system_proxy(look)
    if system:
        facts["system"] = masked(system)
    failure = await _failure(look, [way for way in decided.values() if way != "direct"])
    if failure:
        facts["failure"] = failure
        yield watch.saw(
            "proxy", "fault", "the proxy in use does not do its work", failure=failure, facts=facts
        )
    elif disagree:
        yield watch.saw("proxy", "partial", "clients on this machine take different ways", facts=facts)
    else:
        yield watch.saw("proxy", "ok", facts=facts)


def masked(url: str) -> str:
    """Write a proxy's address without its login."""
    try:
        parts = urlsplit(url if "://" in url else f"http://{url}")
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return "[unreadable]"
    login = "***@" if parts.username else ""
    return f"{parts.scheme}://{login}{parts.hostname or ''}{port}"


def _system_proxy(look: Look) -> str | None:
    """What Windows' or macOS' own settings say; elsewhere there is only the environment."""
    known = urllib.request.getproxies()
    if any(name.lower() == f"{look.base.scheme}_proxy" for name in os.environ):
        return None
    return known.get(look.base.scheme)


async def _failure(look: Look, ways: list[str]) -> str | None:
    if look.settings.route != "direct":
        told = await look.gateway()
        return told.failure if (told.failure or "").startswith("proxy_") else None
    bound = min(look.settings.timeouts.connect, look.left_s)
    for way in dict.fromkeys(ways):
        parts = urlsplit(way if "://" in way else f"http://{way}")
        try:
            port = parts.port or (1080 if parts.scheme.startswith("socks") else 80)
        except ValueError:
            return "proxy_error"
        answer = await system_addresses(parts.hostname or "", look.target, timeout_s=bound)
        if not answer.addresses:
            return "proxy_error"
        knock = await try_one(answer.addresses[0], port, timeout_s=bound)
        if knock.failure:
            return "proxy_refused" if knock.failure == "connection_refused" else "proxy_error"
    return None


def decisions(scheme: str, host: str, port: int, environment: Mapping[str, str]) -> dict[str, str]:
    """Work out where each client would send a request for this host.

    Rules as documented by each project: they differ in whether a lower-case name goes first,
    in the meaning of NO_PROXY's dots, stars, ports and address ranges, and aiohttp asks only
    when told to (`trust_env`).

    Args:
        scheme: http or https.
        host: The target's host.
        port: Its port.
        environment: The proxy variables.

    Returns:
        For each client a proxy's address or "direct".
    """
    lower = {name: value for name, value in environment.items() if name.islower()}
    either = {**{name.lower(): value for name, value in environment.items()}, **lower}
    excluded = either.get("no_proxy", "")
    proxy = either.get(f"{scheme}_proxy") or either.get("all_proxy")
    plain = either.get(f"{scheme}_proxy")
    # curl takes HTTP_PROXY in lower case only: a CGI script could be handed the other by a visitor.
    curl_own = lower.get("http_proxy") if scheme == "http" else either.get("https_proxy")
    rules = {
        "urllib": (plain, _suffix(host, port, excluded)),
        "requests": (proxy, _suffix(host, port, excluded) or _in_range(host, excluded)),
        "httpx": (proxy, _httpx(host, port, excluded)),
        "curl": (
            curl_own or either.get("all_proxy"),
            _suffix(host, None, excluded) or _in_range(host, excluded),
        ),
        "aiohttp": (None, False),
    }
    return {client: way if way and not skip else "direct" for client, (way, skip) in rules.items()}


def _entries(excluded: str) -> list[str]:
    return [one.strip().lower() for one in excluded.replace(" ", ",").split(",") if one.strip()]


def _suffix(host: str, port: int | None, excluded: str) -> bool:
    names = {host.lower(), f"{host.lower()}:{port}"}
    for one in _entries(excluded):
        bare = one.lstrip(".")
        if one == "*" or any(name == bare or name.endswith("." + bare) for name in names):
            return True
    return False


def _httpx(host: str, port: int, excluded: str) -> bool:
    """httpx: an address or "localhost" matches itself, a name its subdomains; ranges are not known to it."""
    for one in _entries(excluded):
        name, _, wanted = one.partition(":") if one.count(":") == 1 else (one, "", "")
        if wanted and wanted != str(port):
            continue
        bare = name.lstrip(".")
        if one == "*" or host.lower() == bare or (not _number(bare) and host.lower().endswith("." + bare)):
            return True
    return False


def _number(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _in_range(host: str, excluded: str) -> bool:
    if not _number(host):
        return False
    for one in _entries(excluded):
        if "/" in one:
            try:
                if ipaddress.ip_address(host) in ipaddress.ip_network(one, strict=False):
                    return True
            except ValueError:
                continue
    return False
