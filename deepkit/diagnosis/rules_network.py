"""Rules for the way below HTTP: lookup, addresses, connect, resets, loss.

The scheme is that of OONI: what fails here and works for a control is shown; without the
control the state is one step lower. https://ooni.org
"""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from deepkit.diagnosis._chat import Chat
from deepkit.diagnosis._rule import Finding, Rule, facts, made, number
from deepkit.diagnosis._way import CHAT, WORKS, route_that_works, works
from deepkit.records import Evidence

DNS_FAILURES = ("dns_nxdomain", "dns_timeout", "dns_error")
AT_ONCE_S = 0.1
"""A connect that fails faster never left the machine, in seconds."""
SILENT = ("connect_timeout", "network_unreachable")
FRESH = "dns.fresh: ask other name servers for the same name"
OTHER_ROUTE = "routes: ask over another connection (a phone's hotspot, a VPN)"


def _connects(evidence: Evidence, check: str) -> list[dict[str, Any]]:
    listed = facts(evidence, check).get("connects")
    return [one for one in listed if isinstance(one, dict)] if isinstance(listed, list | tuple) else []


def _addresses(evidence: Evidence, check: str) -> set[str]:
    return {str(one) for one in facts(evidence, check).get("addresses") or ()}


def _reachable(evidence: Evidence) -> bool:
    return any(not one.get("failure") for one in _connects(evidence, "tcp"))


def dns_lookup(evidence: Evidence) -> Iterator[Finding]:
    """The system's lookup failed; what the other servers say decides how sure that is."""
    seen = evidence.get("dns.system")
    if seen is None or seen.failure not in DNS_FAILURES:
        if _addresses(evidence, "dns.system") and not seen_waiting(evidence):
            yield Finding("dns_failure", "excludes", "This machine's lookup gave an address.", "dns.system")
        return
    what = f"This machine's lookup failed ({seen.failure})"
    if _addresses(evidence, "dns.fresh"):
        yield Finding("dns_failure", "shown", f"{what} while other name servers answer.", "dns.system")
    elif _addresses(evidence, "dns.servers"):
        own = f"{what}, although a name server that this machine is told to ask does answer."
        yield Finding("dns_failure", "shown", own, "dns.system")
    elif made(evidence.get("dns.fresh")):
        yield Finding("dns_failure", "strong", f"{what}, and so did the other name servers'.", "dns.system")
        yield Finding("wrong_endpoint", "faint", "A misspelt host has no address anywhere.", "dns.fresh")
    else:
        yield Finding(
            "dns_failure", "strong", f"{what}; no other server was asked.", "dns.system", next_check=FRESH
        )


def seen_waiting(evidence: Evidence) -> str:
    """Return what a lookup waited for, known by the size of its stall; nothing when it was quick."""
    return str(facts(evidence, "dns.system").get("waited_for") or "")


def dns_slow(evidence: Evidence) -> Iterator[Finding]:
    """The lookup came to a result, but only after a wait whose size names a silent name server."""
    waited = seen_waiting(evidence)
    if not waited or not _addresses(evidence, "dns.system"):
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
    system, fresh = _addresses(evidence, "dns.system"), _addresses(evidence, "dns.fresh")
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
    tried, fresh = _connects(evidence, "tcp"), _connects(evidence, "tcp.fresh")
    if not tried or _reachable(evidence):
        return
    answers = [one for one in fresh if not one.get("failure")]
    override = facts(evidence, "dns.system").get("hosts_file") is True
    why = "a hosts file sets it" if override else "the lookup is out of date"
    if answers:
        yield Finding(
            "dns_stale",
            "shown",
            f"None of the {len(tried)} looked-up addresses answers, a fresh one does; {why}.",
            "tcp.fresh",
        )
        return
    system, other = _addresses(evidence, "dns.system"), _addresses(evidence, "dns.fresh")
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


def connect(evidence: Evidence) -> Iterator[Finding]:
    """Every connect failed; the way in which it did names the cause."""
    tried = _connects(evidence, "tcp")
    if not tried:
        return
    if _reachable(evidence):
        yield Finding("connect_timeout", "excludes", "A connection to the server was set up.", "tcp")
        yield Finding("connection_refused", "excludes", "A connection to the server was set up.", "tcp")
        return
    how = Counter(str(one["failure"]) for one in tried)
    fresh = _connects(evidence, "tcp.fresh")
    others = _addresses(evidence, "dns.fresh") - _addresses(evidence, "dns.system")
    checked = made(evidence.get("dns.fresh")) and (
        all(one.get("failure") for one in fresh) if fresh else not others
    )
    if how["connection_refused"]:
        strength: Any = "shown" if checked and how["connection_refused"] == len(tried) else "strong"
        yield Finding(
            "connection_refused",
            strength,
            f"{how['connection_refused']} of {len(tried)} addresses refused the connection.",
            "tcp",
            how["connection_refused"],
            None if checked else FRESH,
        )
    silent = sum(how[name] for name in SILENT)
    if silent:
        route = route_that_works(evidence)
        sentence = f"{silent} of {len(tried)} addresses did not answer a connect"
        if route and checked:
            yield Finding(
                "connect_timeout", "shown", f"{sentence}, while route {route} works.", "tcp", silent
            )
        else:
            yield Finding(
                "connect_timeout", "strong" if checked else "weak", f"{sentence}.", "tcp", silent, OTHER_ROUTE
            )
    if how["connection_reset"]:
        yield Finding(
            "connection_reset",
            "strong",
            "The connection was reset as soon as it stood.",
            "tcp",
            how["connection_reset"],
        )


def reset(evidence: Evidence) -> Iterator[Finding]:
    """Connections stand and are then cut, before an answer began."""
    gateway = evidence.get("http")
    if works(evidence) or (gateway is not None and gateway.failure == "not_http"):
        return
    where = [
        name
        for name in ("tls", "http", "key")
        if (seen := evidence.get(name)) and seen.failure in ("connection_reset", "closed_early")
    ]
    chat = Chat(evidence)
    cut = chat.count("connection_reset", "closed_early")
    if not where and not cut:
        return
    sentence = f"The connection was cut in {', '.join([*where, *(['chat'] if cut else [])])}"
    route = route_that_works(evidence)
    if route and (where or chat.all_failed("connection_reset", "closed_early")):
        yield Finding(
            "connection_reset", "shown", f"{sentence}, while route {route} works.", "tls", len(where) + cut
        )
    elif (len(where) > 1 or (where and cut)) and made(gateway) and not chat.ok:
        yield Finding(
            "connection_reset", "shown", f"{sentence}: every time, at every step.", "tls", len(where) + cut
        )
    else:
        yield Finding(
            "connection_reset",
            "strong",
            f"{sentence}.",
            "chat.stream" if cut else where[0],
            max(1, cut),
            OTHER_ROUTE,
        )


def connect_in_chat(evidence: Evidence) -> Iterator[Finding]:
    """Some answers failed at connect although others got through."""
    chat = Chat(evidence)
    for failure, cause in (
        ("connection_refused", "connection_refused"),
        ("connect_timeout", "connect_timeout"),
        ("network_unreachable", "connect_timeout"),
        ("dns_nxdomain", "dns_failure"),
        ("dns_timeout", "dns_failure"),
        ("dns_error", "dns_failure"),
    ):
        if chat.count(failure):
            yield Finding(
                cause,
                "weak",
                f"{chat.share(failure)} failed with {failure}.",
                "chat.stream",
                chat.count(failure),
            )


def ipv6(evidence: Evidence) -> Iterator[Finding]:
    """IPv6 connects fail where IPv4 ones work."""
    tried = _connects(evidence, "tcp")
    sixth = [one for one in tried if one.get("family") == 6]
    fourth = [one for one in tried if one.get("family") == 4]
    broken = [one for one in sixth if one.get("failure")]
    if not sixth or not fourth:
        return
    # A machine without IPv6 loses nothing: its connects end at once. A refusal or a wait came from a way that exists.
    if facts(evidence, "local_net").get("has_ipv6") is False and all(
        one["failure"] == "network_unreachable" and number(one.get("connect_s")) < AT_ONCE_S for one in broken
    ):
        return
    if len(broken) == len(sixth) and not any(one.get("failure") for one in fourth):
        how = ", ".join(sorted({str(one["failure"]) for one in broken}))
        raced = number(facts(evidence, "tcp").get("race_s"))
        costs = f"; a client that races both loses {raced:.2f} s each time" if raced >= AT_ONCE_S else ""
        yield Finding(
            "ipv6_broken",
            "shown",
            f"All {len(sixth)} IPv6 connects failed ({how}), all {len(fourth)} IPv4 ones work{costs}.",
            "tcp",
        )
    elif not broken:
        yield Finding("ipv6_broken", "excludes", "Connects over IPv6 work.", "tcp")


def _retransmission(stall: dict[str, Any]) -> bool:
    named = str(stall.get("mechanism") or "").lower()
    return any(word in named for word in ("retrans", "resent", "loss", "lost", "syn"))


def loss(evidence: Evidence) -> Iterator[Finding]:
    """Lost datagrams, stalls of a retransmission's size and counted retransmits are three independent artefacts."""
    found = facts(evidence, "path")
    if not found:
        return
    n, sent, lost = (number(found.get(key)) for key in ("n", "udp_sent", "udp_lost"))
    stalls = sum(_retransmission(one) for one in found.get("stalls") or () if isinstance(one, dict))
    again = number(found.get("retransmits"))
    signs = {
        f"{lost:.0f} of {sent:.0f} datagrams were lost": lost,
        f"{stalls} of {n:.0f} exchanges stalled for the time of a retransmission": float(stalls),
        f"the system counted {again:.0f} retransmits": again,
    }
    seen = [sentence for sentence, count in signs.items() if count >= 1]
    clear = [sentence for sentence, count in signs.items() if count >= 2]
    repeat = "path: repeat it, and once over another line"
    if len(clear) > 1:
        yield Finding("packet_loss", "shown", f"{' and '.join(seen)}.", "path", len(seen))
    elif len(seen) > 1 and clear:
        yield Finding("packet_loss", "strong", f"{' and '.join(seen)}.", "path", len(seen), repeat)
    elif clear:
        strength: Any = "strong" if max(signs.values()) >= 4 else "weak"
        yield Finding("packet_loss", strength, f"{clear[0]}.", "path", next_check=repeat)
    elif n >= 20 and not found.get("stalls") and not lost:
        yield Finding("packet_loss", "excludes", f"{n:.0f} exchanges passed without a stall.", "path")


def mtu(evidence: Evidence) -> Iterator[Finding]:
    """Large packets vanish where small ones pass."""
    found = facts(evidence, "path")
    named = [one for one in found.get("stalls") or () if "mtu" in str(one.get("mechanism") or "").lower()]
    if found.get("large_ok") is False and found.get("small_ok") is True:
        lossy = found.get("stalls") or number(found.get("udp_lost")) or number(found.get("retransmits"))
        yield Finding(
            "path_mtu",
            "strong"
            if lossy
            else "shown",  # where packets of any size are lost, a large one may be by chance
            "Large packets vanish, small ones over the same way arrive.",
            "path",
        )
    elif named:
        yield Finding("path_mtu", "strong", "Large exchanges stall where small ones pass.", "path")


def hello_size(evidence: Evidence) -> Iterator[Finding]:
    """A first TLS message of more than one packet is swallowed, a small one answered."""
    found = facts(evidence, "tls")
    pairs, small, large = (
        number(found.get(key)) for key in ("hello_pairs", "small_hello_ok", "large_hello_ok")
    )
    if pairs >= 2 and small == pairs and large == 0:
        yield Finding(
            "path_mtu",
            "strong",
            f"None of {pairs:.0f} long first messages of TLS was answered, each short one was.",
            "tls",
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
    Rule(
        "tcp.connect",
        "tcp",
        "Every connect failed; refused or silent is told apart.",
        connect,
        ("tcp", "tcp.fresh", "dns.system", "dns.fresh", "routes"),
        "SHOWN",
        "RFC 9293; OONI, https://github.com/ooni/spec/blob/master/data-formats/df-007-errors.md",
    ),
    Rule(
        "tcp.reset",
        "tcp",
        "Connections stand and are cut; shown when another route works or every step is cut.",
        reset,
        ("http", "tls", "key", "routes", *CHAT, *WORKS),
        "SHOWN",
        "RFC 9293, section 3.5.2",
    ),
    Rule(
        "tcp.some-answers",
        "tcp",
        "Some answers failed at connect or lookup.",
        connect_in_chat,
        (*CHAT,),
        "POSSIBLE",
        "RFC 9293",
    ),
    Rule(
        "tcp.ipv6",
        "tcp",
        "All IPv6 connects fail and all IPv4 ones work.",
        ipv6,
        ("tcp", "local_net"),
        "SHOWN",
        "RFC 8305",
    ),
    Rule(
        "path.loss",
        "tcp",
        "Lost datagrams, retransmission stalls, counted retransmits: two of them show loss.",
        loss,
        ("path",),
        "SHOWN",
        "RFC 6298; tcp(7)",
    ),
    Rule(
        "path.mtu",
        "tcp",
        "Large packets vanish and small ones pass.",
        mtu,
        ("path",),
        "SHOWN",
        "RFC 2923, section 2.1",
    ),
    Rule(
        "tls.hello-size",
        "tls",
        "Long first messages of TLS vanish and short ones are answered.",
        hello_size,
        ("tls",),
        "LIKELY",
        "https://tldr.fail",
    ),
)
