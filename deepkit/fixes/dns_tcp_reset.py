"""Fix 2: fresh DNS answers, and the reset of the network stack."""

from dataclasses import replace

from deepkit.checks import WAIT_WORDS, DnsFresh, DnsSystem, Tcp, TcpFresh
from deepkit.fixes._evidence import UNREACHED, cannot_tell, mostly, no, reached, refused_here, seen, yes
from deepkit.fixes._fix import SYSTEMS, claim_of, define, listed
from deepkit.fixes._reset import FLUSH, RESET, RESET_NOTES
from deepkit.records import Evidence, Guide, Settings, Verdict

CLAIM = claim_of(
    "2",
    causes=(
        "dns_failure",
        "dns_stale",
        "ipv6_broken",
        "connection_refused",
        "connect_timeout",
        "tls_failure",
    ),
    changes=("resolver", "family"),
    cost="Seconds for a flush; a reset of the stack needs a restart.",
    risk="A flush is harmless. A reset deletes static addresses and breaks VPN and filter software until restored.",
    least_ratio=0.8,
)


def ipv6_only_fails(evidence: Evidence) -> bool:
    """Tell whether every IPv6 connect fails where IPv4 works."""
    tried = evidence.facts(Tcp).connects
    sixth = [bool(one.failure) for one in tried if one.family == 6]
    fourth = [bool(one.failure) for one in tried if one.family == 4]
    return bool(sixth) and all(sixth) and bool(fourth) and not all(fourth)


def check(evidence: Evidence) -> Verdict:
    """Compare the machine's own answer with fresh ones, and the addresses behind both."""
    if ipv6_only_fails(evidence):
        good, bad = reached(evidence.facts(Tcp).connects)
        return yes(f"IPv6 leads nowhere ({listed(bad)}) while IPv4 connects ({listed(good)}).")
    if seen(evidence, "dns.system") is None or evidence.facts(DnsSystem).needed is False:
        return _without_lookup(evidence)
    system, others = evidence.facts(DnsSystem), set(evidence.facts(DnsFresh).addresses)
    if not system.addresses:
        return _without_answer(others)
    if system.waited_for and others:
        took, waited = system.elapsed_s or 0.0, WAIT_WORDS[system.waited_for]
        return yes(f"The lookup took {took:.1f} s ({waited}), while other name servers answer.")
    good, bad = reached(evidence.facts(Tcp).connects)
    if bad and not good:
        return _dead(evidence, bad)
    if others and others.isdisjoint(system.addresses):
        return _different(evidence, others)
    if not others:
        return cannot_tell(
            "The machine's lookup works; no other server's answer was there to compare it with."
        )
    mine = listed(sorted(set(system.addresses)))
    return no(f"The lookup is not the problem: it gives {mine}, as fresh ones do, and it connects.")


def _without_lookup(evidence: Evidence) -> Verdict:
    looked = evidence.get("dns.system")
    if looked is not None and isinstance(looked.facts, DnsSystem) and looked.facts.needed is False:
        return no(f"No lookup of this machine is involved: {looked.reason}.")
    if refused_here(evidence):
        return no("The connection was refused by this very machine; no name server stands between.")
    return cannot_tell("The lookup was not measured, so nothing tells whether an old address is in use.")


def _override(evidence: Evidence) -> str:
    return " from the hosts file" if evidence.facts(DnsSystem).hosts_file else ""


def _dead(evidence: Evidence, bad: list[str]) -> Verdict:
    """Judge an address in use that does not connect."""
    fresh, _ = reached(evidence.facts(TcpFresh).connects)
    if fresh:
        return yes(
            f"The address{_override(evidence)} in use does not connect ({listed(bad)}); a fresh lookup gives one "
            f"that does ({listed(fresh)})."
        )
    return no(f"A fresh lookup would not help: {listed(bad)} does not connect, and no fresh address does.")


def _without_answer(others: set[str]) -> Verdict:
    if others:
        return yes(f"This machine's lookup fails, while other servers answer {listed(sorted(others))}.")
    return no(
        "This machine's lookup fails, and so does every other server's: flushing a cache cannot cure that."
    )


BEFORE_THE_API = UNREACHED | {"read_timeout", "http_404", "wrong_content", "block_page"}
"""Failures that a wrong address explains."""


def _different(evidence: Evidence, others: set[str]) -> Verdict:
    """Judge an address in use that connects and that no other server gives."""
    mine, override = listed(sorted(set(evidence.facts(DnsSystem).addresses))), _override(evidence)
    told = f"The lookup{override} gives {mine}, fresh ones {listed(sorted(others))}"
    good, bad = reached(evidence.facts(TcpFresh).connects)
    if bad and not good:
        return no(f"{told}, but the fresh addresses do not connect.")
    if override or mostly(evidence, BEFORE_THE_API):
        return yes(f"{told}; questions to the one in use fail before the API answers.")
    return cannot_tell(
        f"{told}.", "Delivery networks answer differently all the time; a trial in pairs would tell."
    )


def guide(evidence: Evidence, variant: str) -> Guide:
    """Steps and commands for one system; a reset only where a local fault was measured."""
    local_fault = any(
        (found := seen(evidence, check)) is not None and found.outcome == "fault"
        for check in ("dns.system", "tcp")
    )
    steps = [
        "Try the fresh answer in the client first: this fix, tried in pairs, changes nothing on the machine."
    ]
    if evidence.facts(DnsSystem).hosts_file:
        place = r"C:\Windows\System32\drivers\etc\hosts" if variant == "windows" else "/etc/hosts"
        steps.append(
            f"Look into {place}: a line there overrides every lookup. Remove the API's line if you know it."
        )
    steps.append("If that helped, flush the machine's cache with the command shown here.")
    steps.append("Close and reopen the browser: open connections keep the old address.")
    steps.append("In Chrome or Edge open chrome://net-internals/#dns and #sockets and clear both.")
    reset = RESET[variant] if local_fault else ()
    if evidence.facts(DnsSystem).waited_for:
        steps.append(
            "A name server in this machine's settings does not answer: take it out or put a working one first "
            "(Windows: adapter settings, macOS: Network, DNS; Linux: resolvectl status, /etc/resolv.conf)."
        )
    if reset:
        steps.append(
            "Only if the fault stays and is measured on this machine: save first, then reset, then restart."
        )
    notes = (
        RESET_NOTES[variant]
        if local_fault
        else ("No stack reset is shown: no fault of this machine was measured.",)
    )
    return Guide(variant, tuple(steps), FLUSH[variant] + reset, notes)


def apply(settings: Settings, evidence: Evidence) -> Settings:
    """Ask fresh servers, and leave IPv6 aside where only it fails."""
    family = "ipv4" if ipv6_only_fails(evidence) else settings.family
    return replace(settings, resolver="fresh", family=family)


FIX = define(
    number=2,
    key="dns_tcp_reset",
    title="Flush DNS, reset TCP/IP",
    claim=CLAIM,
    needs=("dns.system", "dns.fresh", "tcp", "tcp.fresh", "chat.stream"),
    check=check,
    guide=guide,
    apply=apply,
    variants=SYSTEMS,
)
