"""What the user's machine gets for the API's name, and what other servers say."""

import ipaddress
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path

from deepkit.probes._look import Look, Stopwatch
from deepkit.records import Observation, Outcome
from deepkit.transport.resolve import Answer, literal

CHECKS = ("dns.system", "dns.fresh")
HOSTS_BYTES = 1_000_000


async def probe(look: Look) -> AsyncIterator[Observation]:
    """Ask the system, then compare with the target's other servers."""
    watch = Stopwatch()
    if literal(look.host):
        reason = "the address is written as a number, so no name is looked up"
        yield watch.not_checked("dns.system", reason)
        yield watch.not_checked("dns.fresh", reason)
        return
    yield _system(look, watch, await look.system_dns())
    if not look.target.fresh_dns:
        yield watch.not_checked("dns.fresh", "no other server is known to compare with")
        return
    answers = await look.fresh_dns()
    yield _fresh(look, watch, answers)


def _system(look: Look, watch: Stopwatch, answer: Answer) -> Observation:
    facts = {
        "host": look.host,
        "addresses": list(answer.addresses),
        "elapsed_s": answer.elapsed_s,
        "ttl_s": answer.ttl_s,
        "hosts_file": in_hosts_file(look.host) if look.target.system_dns is None else False,
    }
    if answer.failure:
        return watch.saw("dns.system", "fault", answer.detail, failure=answer.failure, facts=facts)
    odd = [one for one in answer.addresses if look.target.live and not ipaddress.ip_address(one).is_global]
    if odd:
        reason = "the name leads to an address that is not on the public internet"
        return watch.saw("dns.system", "partial", reason, facts=facts)
    return watch.saw("dns.system", "ok", facts=facts)


def _fresh(look: Look, watch: Stopwatch, answers: list[Answer]) -> Observation:
    servers = [
        {
            "server": one.server,
            "addresses": list(one.addresses),
            "ttl_s": one.ttl_s,
            "failure": one.failure,
        }
        for one in answers
    ]
    addresses = list(dict.fromkeys(address for one in answers for address in one.addresses))
    facts = {"host": look.host, "addresses": addresses, "servers": servers}
    failed = [one for one in answers if one.failure]
    if not failed:
        return watch.saw("dns.fresh", "ok", facts=facts)
    outcome: Outcome = "partial" if addresses else "fault"
    reason = f"{len(failed)} of {len(answers)} servers gave no address"
    return watch.saw("dns.fresh", outcome, reason, failure=failed[0].failure, facts=facts)


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
