"""Rules for the way below HTTP: connect, resets, loss, size of packets.

The scheme is that of OONI: what fails here and works for a control is shown; without the
control the state is one step lower. https://ooni.org
"""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from deepkit.diagnosis._addresses import FRESH, addresses, connects, reachable
from deepkit.diagnosis._chat import Chat
from deepkit.diagnosis._rule import Finding, Rule, facts, made, number
from deepkit.diagnosis._way import CHAT, WORKS, route_that_works, works
from deepkit.records import Evidence

AT_ONCE_S = 0.1
"""A connect that fails faster never left the machine, in seconds."""
SILENT = ("connect_timeout", "network_unreachable")
OTHER_ROUTE = "routes: ask over another connection (a phone's hotspot, a VPN)"


def connect(evidence: Evidence) -> Iterator[Finding]:
    """Every connect failed; the way in which it did names the cause."""
    tried = connects(evidence, "tcp")
    if not tried:
        return
    if reachable(evidence):
        yield Finding("connect_timeout", "excludes", "A connection to the server was set up.", "tcp")
        yield Finding("connection_refused", "excludes", "A connection to the server was set up.", "tcp")
        return
    how = Counter(str(one["failure"]) for one in tried)
    fresh = connects(evidence, "tcp.fresh")
    others = addresses(evidence, "dns.fresh") - addresses(evidence, "dns.system")
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
    tried = connects(evidence, "tcp")
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
        # A segment sent again that held nothing up was late and not lost: each exchange here waits for its own.
        strength: Any = "strong" if max(lost, float(stalls)) >= 4 else "weak"
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
