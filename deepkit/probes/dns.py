"""What the user's machine gets for the API's name, and what other servers say."""

import asyncio
import ipaddress
import os
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from deepkit.checks import WAIT_WORDS, DnsFresh, DnsServer, DnsServers, DnsSystem, Wait
from deepkit.probes._context import Context, Observations, Stopwatch
from deepkit.probes._stalls import LOOKUPS, mechanism
from deepkit.records import Observation, Outcome
from deepkit.transport.configured import Configured
from deepkit.transport.resolve import Answer, literal

CHECKS = ("dns.system", "dns.servers", "dns.fresh")
HOSTS_BYTES = 1_000_000
D = TypeVar("D", DnsServers, DnsFresh)


async def probe(context: Context) -> Observations:
    """Ask the system, each server that it is told to ask, and the target's other servers, side by side."""
    watch = Stopwatch()
    reason = "the address is written as a number, so no name is looked up" if literal(context.host) else ""
    if context.settings.route != "direct":
        reason = "the route goes through a proxy, which looks the name up in this machine's place"
    if reason:
        for facts in (DnsSystem(needed=False), DnsServers(needed=False), DnsFresh(needed=False)):
            yield watch.saw(facts, "not_checked", reason)
        return
    servers, fresh = asyncio.create_task(_servers(context)), asyncio.create_task(_fresh(context))
    try:
        yield _system(context, watch, await context.system_dns())
        yield await servers
        yield await fresh
    finally:
        for task in (servers, fresh):
            task.cancel()
        await asyncio.gather(servers, fresh, return_exceptions=True)


def _system(context: Context, watch: Stopwatch, answer: Answer) -> Observation:
    waited = mechanism(answer.elapsed_s, LOOKUPS)
    facts = DnsSystem(
        host=context.host,
        addresses=answer.addresses,
        elapsed_s=answer.elapsed_s,
        ttl_s=answer.ttl_s,
        waited_for=waited if waited is not Wait.UNKNOWN else None,
        hosts_file=in_hosts_file(context.host) if context.target.system_dns is None else False,
    )
    if answer.failure:
        return watch.saw(facts, "fault", answer.detail, failure=answer.failure)
    odd = [one for one in answer.addresses if context.target.live and not ipaddress.ip_address(one).is_global]
    if odd:
        reason = "the name leads to an address that is not on the public internet"
        return watch.saw(facts, "partial", reason)
    if waited is not Wait.UNKNOWN:
        reason = f"the lookup took {answer.elapsed_s:.1f} s: {WAIT_WORDS[waited]}"
        return watch.saw(facts, "partial", reason)
    return watch.saw(facts, "ok")


async def _servers(context: Context) -> Observation:
    """Ask each server that this machine is told to ask, and for the names that it would try first."""
    watch, known = Stopwatch(), await context.configured()
    if not known.servers:
        return watch.not_checked(DnsServers, "this machine names no server that could be asked by itself")
    answers, hit = await asyncio.gather(context.asked(known.servers, context.host), _searched(context, known))
    facts = replace(
        _asked(DnsServers, context.host, answers),
        search_domains=len(known.search),
        ndots=known.ndots,
        search_addresses=hit,
    )
    return _summed(watch, facts)


async def _searched(context: Context, known: Configured) -> tuple[str, ...]:
    """Return the addresses that a search domain gives in the API's place; none where none is tried.

    The names themselves are the user's private ones, so they are counted and not written down.
    """
    before = known.tried_before(context.host)
    if not before:
        return ()
    told = await asyncio.gather(*(context.asked(known.servers[:1], name) for name in before))
    return tuple(dict.fromkeys(address for some in told for one in some for address in one.addresses))


async def _fresh(context: Context) -> Observation:
    watch = Stopwatch()
    if not context.target.fresh_dns:
        return watch.not_checked(DnsFresh, "no other server is known to compare with")
    return _summed(watch, _asked(DnsFresh, context.host, await context.fresh_dns()))


def _asked(record: type[D], host: str, answers: Sequence[Answer]) -> D:
    return record(
        host=host,
        addresses=tuple(dict.fromkeys(address for one in answers for address in one.addresses)),
        servers=tuple(
            DnsServer(one.server, one.addresses, one.ttl_s, one.failure, one.elapsed_s) for one in answers
        ),
    )


def _summed(watch: Stopwatch, facts: DnsServers | DnsFresh) -> Observation:
    failed = [one for one in facts.servers if one.failure]
    if not failed:
        return watch.saw(facts, "ok")
    outcome: Outcome = "partial" if facts.addresses else "fault"
    reason = f"{len(failed)} of {len(facts.servers)} servers gave no address"
    return watch.saw(facts, outcome, reason, failure=failed[0].failure)


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
