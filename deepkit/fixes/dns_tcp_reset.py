"""Fix 2: fresh DNS answers, and the reset of the network stack."""

from dataclasses import replace

from deepkit.fixes._evidence import UNREACHED, cannot_tell, entries, facts, mostly, no, seen, yes
from deepkit.fixes._fix import SYSTEMS, Fix, claim_of, listed
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


def _connects(evidence: Evidence, check: str) -> tuple[list[str], list[str]]:
    """Return the addresses that answered a connect, and those that did not."""
    rows = entries(evidence, check, "connects")
    good = [str(row.get("address")) for row in rows if not row.get("failure")]
    return good, [str(row.get("address")) for row in rows if row.get("failure")]


def ipv6_only_fails(evidence: Evidence) -> bool:
    """Tell whether every IPv6 connect fails where IPv4 works."""
    rows = entries(evidence, "tcp", "connects")
    fails = {
        family: [bool(row.get("failure")) for row in rows if row.get("family") == family] for family in (4, 6)
    }
    return bool(fails[6]) and all(fails[6]) and bool(fails[4]) and not all(fails[4])


def refused_here(evidence: Evidence) -> bool:
    """Tell whether a pasted text shows this machine itself refusing the connection."""
    text = facts(evidence, "text")
    here = "local" in (text.get("peer"), text.get("failed_at"), text.get("surface"))
    return here and "refused" in (text.get("signals") or ())


def judge(evidence: Evidence) -> Verdict:
    """Compare the machine's own answer with fresh ones, and the addresses behind both."""
    system, fresh = seen(evidence, "dns.system"), facts(evidence, "dns.fresh")
    if ipv6_only_fails(evidence):
        good, bad = _connects(evidence, "tcp")
        return yes(f"IPv6 leads nowhere ({listed(bad)}) while IPv4 connects ({listed(good)}).")
    looked = evidence.get("dns.system")
    if looked is not None and looked.facts.get("needed") is False:
        return no(f"No lookup of this machine is involved: {looked.reason}.")
    if system is None and refused_here(evidence):
        return no("The connection was refused by this very machine; no name server stands between.")
    if system is None:
        return cannot_tell("The lookup was not measured, so nothing tells whether an old address is in use.")
    mine, others = set(system.facts.get("addresses") or ()), set(fresh.get("addresses") or ())
    if not mine:
        return _without_answer(others)
    if system.facts.get("waited_for") and others:
        took = float(system.facts.get("elapsed_s") or 0.0)
        return yes(
            f"The lookup took {took:.1f} s ({system.facts['waited_for']}), while other name servers answer."
        )
    good, bad = _connects(evidence, "tcp")
    new_good, new_bad = _connects(evidence, "tcp.fresh")
    override = " from the hosts file" if system.facts.get("hosts_file") else ""
    if bad and not good and new_good:
        return yes(
            f"The address{override} in use does not connect ({listed(bad)}); a fresh lookup gives one "
            f"that does ({listed(new_good)})."
        )
    if bad and not good:
        return no(
            f"A fresh lookup would not help: {listed(bad)} does not connect, and no fresh address does."
        )
    if others and mine.isdisjoint(others):
        return _different(evidence, mine, others, new_good, new_bad, override)
    if not others:
        return cannot_tell(
            "The machine's lookup works; no other server's answer was there to compare it with."
        )
    return no(
        f"The lookup is not the problem: it gives {listed(sorted(mine))}, as fresh ones do, and it connects."
    )


def _without_answer(others: set[str]) -> Verdict:
    if others:
        return yes(f"This machine's lookup fails, while other servers answer {listed(sorted(others))}.")
    return no(
        "This machine's lookup fails, and so does every other server's: flushing a cache cannot cure that."
    )


def _different(
    evidence: Evidence, mine: set[str], others: set[str], good: list[str], bad: list[str], override: str
) -> Verdict:
    told = f"The lookup{override} gives {listed(sorted(mine))}, fresh ones {listed(sorted(others))}"
    if bad and not good:
        return no(f"{told}, but the fresh addresses do not connect.")
    if override or mostly(evidence, UNREACHED | {"read_timeout", "http_404", "wrong_content", "block_page"}):
        return yes(f"{told}; questions to the one in use fail before the API answers.")
    return cannot_tell(
        f"{told}. Delivery networks answer differently all the time; a trial in pairs would tell."
    )


def write(evidence: Evidence, variant: str) -> Guide:
    """Steps and commands for one system; a reset only where a local fault was measured."""
    local_fault = any(
        (found := seen(evidence, check)) is not None and found.outcome == "fault"
        for check in ("dns.system", "tcp")
    )
    steps = [
        "Try the fresh answer in the client first: this fix, tried in pairs, changes nothing on the machine."
    ]
    if facts(evidence, "dns.system").get("hosts_file"):
        place = r"C:\Windows\System32\drivers\etc\hosts" if variant == "windows" else "/etc/hosts"
        steps.append(
            f"Look into {place}: a line there overrides every lookup. Remove the API's line if you know it."
        )
    steps.append("If that helped, flush the machine's cache with the command shown here.")
    steps.append("Close and reopen the browser: open connections keep the old address.")
    steps.append("In Chrome or Edge open chrome://net-internals/#dns and #sockets and clear both.")
    reset = RESET[variant] if local_fault else ()
    if facts(evidence, "dns.system").get("waited_for"):
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


def change(settings: Settings, evidence: Evidence) -> Settings:
    """Ask fresh servers, and leave IPv6 aside where only it fails."""
    family = "ipv4" if ipv6_only_fails(evidence) else settings.family
    return replace(settings, resolver="fresh", family=family)


FIX = Fix(
    number=2,
    key="dns_tcp_reset",
    title="Flush DNS, reset TCP/IP",
    claim=CLAIM,
    needs=("dns.system", "dns.fresh", "tcp", "tcp.fresh", "chat.stream"),
    judge=judge,
    write=write,
    change=change,
    variants=SYSTEMS,
)
