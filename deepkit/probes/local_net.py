"""This machine: interfaces, the largest packet, IPv6, and its clock beside the server's."""

import ipaddress
import socket
from dataclasses import replace
from email.utils import parsedate_to_datetime
from typing import Any

from deepkit.checks import LocalNet
from deepkit.probes._context import Context, Observations, Stopwatch
from deepkit.transport import Exchange

CHECKS = ("local_net",)
CLOCK_S = 300.0
"""A clock that is further off breaks certificates and logins."""
SENSIBLE_S = 1e9
"""A header that is further off, some 30 years, says nothing about this machine's clock."""
DATE_S = 1.0
"""The Date header has whole seconds (RFC 9110, section 6.6.1)."""


async def probe(context: Context) -> Observations:
    """Context at the machine's interfaces; the clock is compared once the gateway has answered."""
    watch = Stopwatch()
    facts = interfaces(await _address(context))
    told = await context.gateway()
    offset = clock_offset(told)
    if offset is not None:
        facts = replace(facts, clock_offset_s=offset, clock_bound_s=clock_bound(told))
    local_target = not context.target.live
    if not facts.interfaces_up and not local_target:
        yield watch.saw(facts, "fault", "no network interface is up", failure="network_unreachable")
    elif offset is not None and abs(offset) > CLOCK_S:
        yield watch.saw(facts, "partial", f"this machine's clock is {offset:.0f} s off")
    else:
        yield watch.saw(facts, "ok")


async def _address(context: Context) -> str | None:
    answer = await context.system_dns()
    return answer.addresses[0] if answer.addresses else None


def clock_offset(told: Exchange) -> float | None:
    """Return how far this machine's clock is ahead of the server's Date header, in seconds."""
    text = told.headers.get("date")
    if not text or told.headers_s is None:
        return None
    try:
        theirs = parsedate_to_datetime(text).timestamp() + DATE_S / 2
    except (ValueError, OverflowError, TypeError):
        return None
    offset = told.at + told.headers_s - theirs
    return offset if abs(offset) < SENSIBLE_S else None


def clock_bound(told: Exchange) -> float:
    """Return by how much the offset may be wrong: half of the header's second, and the wait for the answer."""
    stood = max(stamp or 0.0 for stamp in (told.connect_s, told.proxy_s, told.tls_s))
    return DATE_S / 2 + max(0.0, (told.headers_s or 0.0) - stood)


def interfaces(address: str | None) -> LocalNet:
    """Look at the interfaces, above all at the one over which an address is reached."""
    import psutil

    states, addresses = psutil.net_if_stats(), psutil.net_if_addrs()
    loopbacks = {
        name
        for name, known in addresses.items()
        if any(one.family == socket.AF_INET and one.address.startswith("127.") for one in known)
    }
    up = [name for name, state in states.items() if state.isup and name not in loopbacks]
    own = _own_address(address)
    used = [name for name, known in addresses.items() if own and any(one.address == own for one in known)]
    mtus = [states[name].mtu for name in (used or up) if name in states and states[name].mtu > 0]
    return LocalNet(interfaces_up=len(up), has_ipv6=_has_ipv6(addresses, up), mtu=min(mtus) if mtus else None)


def _own_address(address: str | None) -> str | None:
    """Ask the routing table which address would speak; a UDP "connect" sends nothing."""
    if address is None:
        return None
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe_socket:
            probe_socket.connect((address, 9))
            return str(probe_socket.getsockname()[0])
    except OSError:
        return None


def _has_ipv6(addresses: Any, up: list[str]) -> bool:
    for name in up:
        for one in addresses.get(name, ()):
            if one.family == socket.AF_INET6 and ipaddress.ip_address(one.address.split("%")[0]).is_global:
                return True
    return False
