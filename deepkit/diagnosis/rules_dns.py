"""Rules for names: lookups that fail, wait, lead astray or are out of date.

The scheme is that of OONI: what fails here and works for a control is shown; without the
control the state is one step lower. https://ooni.org
"""

from collections.abc import Iterator

from deepkit.checks import WAIT_WORDS, DnsFresh, DnsServers, DnsSystem, Tcp, TcpFresh, Wait
from deepkit.diagnosis.reachability import FRESH, addresses, connected, made, reachable
from deepkit.diagnosis.rule import Finding, Rule
from deepkit.records import Evidence

DNS_FAILURES = ("dns_nxdomain", "dns_timeout", "dns_error")
TRY_FRESH = "tcp.fresh: connect to the address that the other servers give"
ASK_EACH = "dns.servers: repeat the lookup, and ask each configured name server by itself"
SILENT_SERVERS = (Wait.SILENT_NAME_SERVER, Wait.TWO_SILENT_NAME_SERVERS)
"""What a lookup that took long waited for."""


def dns_lookup(evidence: Evidence) -> Iterator[Finding]:
    """The system's lookup failed; what the other servers say decides how sure that is."""
    seen = evidence.get("dns.system")
    if seen is None or seen.failure not in DNS_FAILURES:
        if addresses(evidence, DnsSystem) and evidence.facts(DnsSystem).waited_for not in SILENT_SERVERS:
            yield Finding("dns_failure", "excludes", "This machine's lookup gave an address.", "dns.system")
        return
    what = f"This machine's lookup failed ({seen.failure})"
    if addresses(evidence, DnsFresh):
        yield Finding("dns_failure", "shown", f"{what} while other name servers answer.", "dns.system")
    elif addresses(evidence, DnsServers):
        own = f"{what}, although a name server that this machine is told to ask does answer."
        yield Finding("dns_failure", "shown", own, "dns.system")
    elif made(evidence, "dns.fresh"):
        yield Finding("dns_failure", "strong", f"{what}, and so did the other name servers'.", "dns.system")
        yield Finding("wrong_endpoint", "faint", "A misspelt host has no address anywhere.", "dns.fresh")
    else:
        alone = f"{what}; no other server was asked."
        yield Finding("dns_failure", "strong", alone, "dns.system", next_check=FRESH)


def dns_slow(evidence: Evidence) -> Iterator[Finding]:
    """The lookup came to a result, but only after a wait whose size names a silent name server."""
    system, asked = evidence.facts(DnsSystem), evidence.facts(DnsServers).servers
    if system.waited_for not in SILENT_SERVERS or not system.addresses:
        return
    silent = sum(one.failure == "dns_timeout" for one in asked)
    also = f"; {silent} of {len(asked)} configured servers did not answer" if silent else ""
    sentence = (
        f"The lookup took {system.elapsed_s or 0:.1f} s, the size of {WAIT_WORDS[system.waited_for]}{also}."
    )
    yield Finding("dns_failure", "strong", sentence, "dns.system", next_check=ASK_EACH)


def dns_search(evidence: Evidence) -> Iterator[Finding]:
    """A search domain of this machine answers in the API's place (resolv.conf: search and ndots)."""
    hit = set(evidence.facts(DnsServers).search_addresses)
    system, fresh = addresses(evidence, DnsSystem), addresses(evidence, DnsFresh)
    if system and system <= hit and fresh and not system & fresh:
        sentence = "A search domain of this machine answers the API's name, with addresses that no other server gives."
        yield Finding("dns_stale", "strong", sentence, "dns.servers", next_check=TRY_FRESH)


def dns_stale(evidence: Evidence) -> Iterator[Finding]:
    """The system's addresses fail and one that only fresh servers give works."""
    tried, fresh = evidence.facts(Tcp).connects, evidence.facts(TcpFresh).connects
    if not tried or reachable(evidence):
        return
    override = evidence.facts(DnsSystem).hosts_file is True
    system, other = addresses(evidence, DnsSystem), addresses(evidence, DnsFresh)
    if connected(fresh):
        why = "a hosts file sets it" if override else "the lookup is out of date"
        yield Finding("dns_stale", "shown", f"{_none_of(len(tried))}, a fresh one does; {why}.", "tcp.fresh")
    elif system and other and not system & other and not fresh:
        sentence = "No looked-up address answers, and other name servers give different ones."
        yield Finding("dns_stale", "strong", sentence, "dns.fresh", next_check=TRY_FRESH)
    elif override:
        sentence = "A hosts file sets the address, and it does not answer."
        yield Finding("dns_stale", "weak", sentence, "dns.system", next_check=FRESH)


def _none_of(n: int) -> str:
    return "The looked-up address does not answer" if n == 1 else f"None of {n} looked-up addresses answers"


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
