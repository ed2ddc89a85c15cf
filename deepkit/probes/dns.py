"""What the user's machine gets for the API's name, and what other servers say."""

import asyncio
import ipaddress
import os
import sys
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

from deepkit.probes._look import Look, Stopwatch
from deepkit.probes._stalls import LOOKUPS, mechanism
from deepkit.records import Observation, Outcome
from deepkit.transport.configured import Configured
from deepkit.transport.resolve import Answer, literal

CHECKS = ("dns.system", "dns.servers", "dns.fresh")
HOSTS_BYTES = 1_000_000


async def probe(look: Look) -> AsyncIterator[Observation]:
    """Ask the system, each server that it is told to ask, and the target's other servers, side by side."""
    watch = Stopwatch()
    reason = "the address is written as a number, so no name is looked up" if literal(look.host) else ""
    if look.settings.route != "direct":
        reason = "the route goes through a proxy, which looks the name up in this machine's place"
    if reason:
        for check in CHECKS:
            yield watch.saw(check, "not_checked", reason, facts={"needed": False})
        return
    servers, fresh = asyncio.create_task(_servers(look)), asyncio.create_task(_fresh(look))
    try:
        yield _system(look, watch, await look.system_dns())
        yield await servers
        yield await fresh
    finally:
        for task in (servers, fresh):
            task.cancel()
        await asyncio.gather(servers, fresh, return_exceptions=True)


def _system(look: Look, watch: Stopwatch, answer: Answer) -> Observation:
    waited = mechanism(answer.elapsed_s, LOOKUPS)
    facts = {
        "host": look.host,
        "addresses": list(answer.addresses),
        "elapsed_s": answer.elapsed_s,
        "ttl_s": answer.ttl_s,
        "waited_for": waited if waited != "unknown" else None,
        "hosts_file": in_hosts_file(look.host) if look.target.system_dns is None else False,
    }
    if answer.failure:
        return watch.saw("dns.system", "fault", answer.detail, failure=answer.failure, facts=facts)
    odd = [one for one in answer.addresses if look.target.live and not ipaddress.ip_address(one).is_global]
    if odd:
        reason = "the name leads to an address that is not on the public internet"
        return watch.saw("dns.system", "partial", reason, facts=facts)
    if waited != "unknown":
        reason = f"the lookup took {answer.elapsed_s:.1f} s: {waited}"
        return watch.saw("dns.system", "partial", reason, facts=facts)
    return watch.saw("dns.system", "ok", facts=facts)


async def _servers(look: Look) -> Observation:
    """Ask each server that this machine is told to ask, and for the names that it would try first."""
    watch, known = Stopwatch(), await look.configured()
    if not known.servers:
        return watch.not_checked("dns.servers", "this machine names no server that could be asked by itself")
    answers, hit = await asyncio.gather(look.asked(known.servers, look.host), _searched(look, known))
    facts = {"search_domains": len(known.search), "ndots": known.ndots, "search_addresses": hit}
    return _summed(look, watch, "dns.servers", answers, facts)


async def _searched(look: Look, known: Configured) -> list[str] | None:
    """Return the addresses that a search domain gives in the API's place; None where none is tried.

    The names themselves are the user's private ones, so they are counted and not written down.
    """
    before = known.tried_before(look.host)
    if not before:
        return None
    told = await asyncio.gather(*(look.asked(known.servers[:1], name) for name in before))
    return list(dict.fromkeys(address for some in told for one in some for address in one.addresses))


async def _fresh(look: Look) -> Observation:
    watch = Stopwatch()
    if not look.target.fresh_dns:
        return watch.not_checked("dns.fresh", "no other server is known to compare with")
    return _summed(look, watch, "dns.fresh", await look.fresh_dns())


def _summed(
    look: Look, watch: Stopwatch, check: str, answers: list[Answer], more: Mapping[str, Any] | None = None
) -> Observation:
    servers = [
        {
            "server": one.server,
            "addresses": list(one.addresses),
            "ttl_s": one.ttl_s,
            "failure": one.failure,
            "elapsed_s": one.elapsed_s,
        }
        for one in answers
    ]
    addresses = list(dict.fromkeys(address for one in answers for address in one.addresses))
    facts = {"host": look.host, "addresses": addresses, "servers": servers, **(more or {})}
    failed = [one for one in answers if one.failure]
    if not failed:
        return watch.saw(check, "ok", facts=facts)
    outcome: Outcome = "partial" if addresses else "fault"
    reason = f"{len(failed)} of {len(answers)} servers gave no address"
    return watch.saw(check, outcome, reason, failure=failed[0].failure, facts=facts)


def hosts_path() -> Path:
    """Return where this system keeps its hosts file."""
    if sys.platform == "win32":
        return Path(os.environ.get("SYSTEMROOT", r"C:\Windows")) / "System32/drivers/etc/hosts"
    return Path("/etc/hosts")


def in_hosts_file(host: str, path: Path | None = None) -> bool:
    """Tell whether the hosts file overrides a name."""
    try:
        with (path or hosts_path()).open(encoding="utf-8", errors="replace") as lines:
            text = lines.read(HOSTS_BYTES)
    except OSError:
        return False
    wanted = host.rstrip(".").lower()
    return any(wanted in line.split("#")[0].lower().split()[1:] for line in text.splitlines())
