"""Rules for names: lookups that fail, wait, lead astray or are out of date.

The scheme is that of OONI: what fails here and works for a control is shown; without the
control the state is one step lower. https://ooni.org
"""

from collections.abc import Iterator

from deepkit.diagnosis._addresses import FRESH, addresses, connects, reachable
from deepkit.diagnosis._rule import Finding, Rule, facts, made, number
from deepkit.records import Evidence

DNS_FAILURES = ("dns_nxdomain", "dns_timeout", "dns_error")


def dns_lookup(evidence: Evidence) -> Iterator[Finding]:
    """The system's lookup failed; what the other servers say decides how sure that is."""
    seen = evidence.get("dns.system")
    if seen is None or seen.failure not in DNS_FAILURES:
        if addresses(evidence, "dns.system") and not seen_waiting(evidence):
            yield Finding("dns_failure", "excludes", "This machine's lookup gave an address.", "dns.system")
        return
    what = f"This machine's lookup failed ({seen.failure})"
    if addresses(evidence, "dns.fresh"):
        yield Finding("dns_failure", "shown", f"{what} while other name servers answer.", "dns.system")
    elif addresses(evidence, "dns.servers"):
        own = f"{what}, although a name server that this machine is told to ask does answer."
        yield Finding("dns_failure", "shown", own, "dns.system")
    elif made(evidence.get("dns.fresh")):
        yield Finding("dns_failure", "strong", f"{what}, and so did the other name servers'.", "dns.system")
        yield Finding("wrong_endpoint", "faint", "A misspelt host has no address anywhere.", "dns.fresh")
    else:
        yield Finding(
            "dns_failure", "strong", f"{what}; no other server was asked.", "dns.system", next_check=FRESH
        )


def _none_of(n: int) -> str:
    return "The looked-up address does not answer" if n == 1 else f"None of {n} looked-up addresses answers"


def seen_waiting(evidence: Evidence) -> str:
    """Return what a lookup waited for, known by the size of its stall; nothing when it was quick."""
    return str(facts(evidence, "dns.system").get("waited_for") or "")


def dns_slow(evidence: Evidence) -> Iterator[Finding]:
    """The lookup came to a result, but only after a wait whose size names a silent name server."""
    waited = seen_waiting(evidence)
    if not waited or not addresses(evidence, "dns.system"):
        return
    took = number(facts(evidence, "dns.system").get("elapsed_s"))
    asked = facts(evidence, "dns.servers").get("servers") or ()
    silent = [one for one in asked if isinstance(one, dict) and one.get("failure") == "dns_timeout"]
    also = f"; {len(silent)} of {len(asked)} configured servers did not answer" if silent else ""
    yield Finding(
        "dns_failure",
        "strong",
        f"The lookup took {took:.1f} s, the size of {waited}{also}.",
        "dns.system",
        next_check="dns.servers: repeat the lookup, and ask each configured name server by itself",
    )


def dns_search(evidence: Evidence) -> Iterator[Finding]:
    """A search domain of this machine answers in the API's place (resolv.conf: search and ndots)."""
    listed = facts(evidence, "dns.servers").get("search_addresses")
    hit = {str(one) for one in listed} if isinstance(listed, list | tuple) else set()
    system, fresh = addresses(evidence, "dns.system"), addresses(evidence, "dns.fresh")
    if hit and system and system <= hit and fresh and not system & fresh:
        yield Finding(
            "dns_stale",
            "strong",
            "A search domain of this machine answers the API's name, with addresses that no other server gives.",
            "dns.servers",
            next_check="tcp.fresh: connect to the address that the other servers give",
        )


def dns_stale(evidence: Evidence) -> Iterator[Finding]:
    """The system's addresses fail and one that only fresh servers give works."""
    tried, fresh = connects(evidence, "tcp"), connects(evidence, "tcp.fresh")
    if not tried or reachable(evidence):
        return
    answers = [one for one in fresh if not one.get("failure")]
    override = facts(evidence, "dns.system").get("hosts_file") is True
    why = "a hosts file sets it" if override else "the lookup is out of date"
    if answers:
        yield Finding(
            "dns_stale",
            "shown",
            f"{_none_of(len(tried))}, a fresh one does; {why}.",
            "tcp.fresh",
        )
        return
    system, other = addresses(evidence, "dns.system"), addresses(evidence, "dns.fresh")
    if system and other and not system & other and not fresh:
        yield Finding(
            "dns_stale",
            "strong",
            "No looked-up address answers, and other name servers give different ones.",
            "dns.fresh",
            next_check="tcp.fresh: connect to the address that the other servers give",
        )
    elif override:
        yield Finding(
            "dns_stale",
            "weak",
            "A hosts file sets the address, and it does not answer.",
            "dns.system",
            next_check=FRESH,
        )


RULES = (
    Rule(
        "dns.lookup",
        "dns",
        "The system's lookup failed; shown when other name servers answer.",
        dns_lookup,
        ("dns.system", "dns.servers", "dns.fresh"),
        "SHOWN",
        "OONI, https://github.com/ooni/spec/blob/master/nettests/ts-017-web-connectivity.md",
    ),
    Rule(
        "dns.slow",
        "dns",
        "The lookup's wait has the size of a silent name server's.",
        dns_slow,
        ("dns.system", "dns.servers"),
        "LIKELY",
        "resolv.conf(5): a silent server is waited for 5 s; https://github.com/kubernetes/kubernetes/issues/56903",
    ),
    Rule(
        "dns.search",
        "dns",
        "A search domain answers in the API's place.",
        dns_search,
        ("dns.system", "dns.servers", "dns.fresh"),
        "LIKELY",
        "resolv.conf(5), search and ndots",
    ),
    Rule(
        "dns.stale",
        "dns",
        "Looked-up addresses fail and one from other name servers works.",
        dns_stale,
        ("tcp", "tcp.fresh", "dns.system", "dns.fresh"),
        "SHOWN",
        "OONI, https://github.com/ooni/spec/blob/master/nettests/ts-017-web-connectivity.md",
    ),
)
