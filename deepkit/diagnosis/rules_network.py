"""Rules for the way below HTTP: connect, resets, loss, size of packets.

The scheme is that of OONI: what fails here and works for a control is shown; without the
control the state is one step lower. https://ooni.org
"""

from collections import Counter
from collections.abc import Iterator

from deepkit.checks import Connect, Dns, DnsFresh, DnsSystem, LocalNet, Path, Tcp, TcpFresh, Tls
from deepkit.diagnosis.reachability import (
    FRESH,
    OTHER_ROUTE,
    WORKS,
    addresses,
    connected,
    lost_stalls,
    made,
    reachable,
    route_that_works,
    works,
)
from deepkit.diagnosis.rule import Finding, Rule, Strength
from deepkit.diagnosis.samples import CHAT, Samples
from deepkit.records import Evidence

AT_ONCE_S = 0.1
"""A connect that fails faster never left the machine, in seconds."""
SILENT = ("connect_timeout", "network_unreachable")
CUT = ("connection_reset", "closed_early")
START_SERVER = "tcp: start the server that should answer at this address, then ask again"
AGAIN = "path: repeat it, and once over another line"


def connect(evidence: Evidence) -> Iterator[Finding]:
    """Every connect failed; the way in which it did names the cause."""
    tried = evidence.facts(Tcp).connects
    if not tried:
        return
    if reachable(evidence):
        for cause in ("connect_timeout", "connection_refused"):
            yield Finding(cause, "excludes", "A connection to the server was set up.", "tcp")
        return
    how, checked = Counter(one.failure for one in tried), _no_other_address(evidence)
    if how["connection_refused"] == len(tried) and all(_on_this_machine(one.address) for one in tried):
        sentence = f"Nothing listens at {tried[0].address}: this machine itself refused the connection."
        # A stale lookup may lead here too, so that a name proves it only with the other servers' answer.
        strength: Strength = "shown" if checked or not _looked_up(evidence) else "strong"
        yield Finding("connection_refused", strength, sentence, "tcp", len(tried), START_SERVER, "you")
        return
    if refused := how["connection_refused"]:
        sure = checked and refused == len(tried)
        sentence = f"{refused} of {len(tried)} addresses refused the connection."
        decides = None if checked else FRESH
        yield Finding("connection_refused", "shown" if sure else "strong", sentence, "tcp", refused, decides)
    if silent := sum(how[name] for name in SILENT):
        route = route_that_works(evidence)
        sentence = f"{silent} of {len(tried)} addresses did not answer a connect"
        if route and checked:
            sentence = f"{sentence}, while route {route} works."
            yield Finding("connect_timeout", "shown", sentence, "tcp", silent)
        else:
            strength = "strong" if checked else "weak"
            yield Finding("connect_timeout", strength, f"{sentence}.", "tcp", silent, OTHER_ROUTE)
    if cut := how["connection_reset"]:
        sentence = "The connection was reset as soon as it stood."
        yield Finding("connection_reset", "strong", sentence, "tcp", cut)


def _on_this_machine(address: str) -> bool:
    return address.startswith(("127.", "[::1]", "::1"))


def _no_other_address(evidence: Evidence) -> bool:
    """Tell whether other name servers were asked and give no address that takes a connection."""
    fresh = evidence.facts(TcpFresh).connects
    others = addresses(evidence, DnsFresh) - addresses(evidence, DnsSystem)
    return made(evidence, "dns.fresh") and (not connected(fresh) if fresh else not others)


def _looked_up(evidence: Evidence) -> bool:
    """Tell whether a name had to be looked up, as far as is known."""
    seen = evidence.get("dns.system")
    return not (seen is not None and isinstance(seen.facts, Dns) and seen.facts.needed is False)


def reset(evidence: Evidence) -> Iterator[Finding]:
    """Connections stand and are then cut, before an answer began."""
    gateway, chat = evidence.get("http"), Samples(evidence)
    if works(evidence) or (gateway is not None and gateway.failure == "not_http"):
        return
    steps = ("tls", "http", "key")
    where = [name for name in steps if (seen := evidence.get(name)) and seen.failure in CUT]
    cut = chat.count(*CUT)
    if not where and not cut:
        return
    sentence = f"The connection was cut in {', '.join([*where, *(['chat'] if cut else [])])}"
    route, n = route_that_works(evidence), len(where) + cut
    if route and (where or chat.all_failed(*CUT)):
        sentence = f"{sentence}, while route {route} works."
        yield Finding("connection_reset", "shown", sentence, "tls", n)
    elif (len(where) > 1 or (where and cut)) and made(evidence, "http") and not chat.ok:
        sentence = f"{sentence}: every time, at every step."
        yield Finding("connection_reset", "shown", sentence, "tls", n)
    else:
        check = "chat.stream" if cut else where[0]
        yield Finding("connection_reset", "strong", f"{sentence}.", check, max(1, cut), OTHER_ROUTE)


MET_IN_CHAT = {
    "connection_refused": "connection_refused",
    "connect_timeout": "connect_timeout",
    "network_unreachable": "connect_timeout",
    "dns_nxdomain": "dns_failure",
    "dns_timeout": "dns_failure",
    "dns_error": "dns_failure",
}
"""Failures of single questions below HTTP, and the cause that they fit."""


def connect_in_chat(evidence: Evidence) -> Iterator[Finding]:
    """Some answers failed at connect although others got through."""
    chat = Samples(evidence)
    for failure, cause in MET_IN_CHAT.items():
        if n := chat.count(failure):
            sentence = f"{chat.share(failure)} failed with {failure}."
            yield Finding(cause, "weak", sentence, "chat.stream", n)


def ipv6(evidence: Evidence) -> Iterator[Finding]:
    """IPv6 connects fail where IPv4 ones work."""
    tcp = evidence.facts(Tcp)
    sixth = [one for one in tcp.connects if one.family == 6]
    fourth = [one for one in tcp.connects if one.family == 4]
    broken = [one for one in sixth if one.failure]
    if not sixth or not fourth:
        return
    # A machine without IPv6 loses nothing: its connects end at once. A refusal or a wait came from a way that exists.
    if evidence.facts(LocalNet).has_ipv6 is False and all(_never_left(one) for one in broken):
        return
    if len(broken) == len(sixth) and not any(one.failure for one in fourth):
        how, raced = ", ".join(sorted({one.failure or "" for one in broken})), tcp.race_s or 0.0
        costs = f"; a client that races both loses {raced:.2f} s each time" if raced >= AT_ONCE_S else ""
        sentence = f"All {len(sixth)} IPv6 connects failed ({how}), all {len(fourth)} IPv4 ones work{costs}."
        yield Finding("ipv6_broken", "shown", sentence, "tcp")
    elif not broken:
        yield Finding("ipv6_broken", "excludes", "Connects over IPv6 work.", "tcp")


def _never_left(one: Connect) -> bool:
    return one.failure == "network_unreachable" and (one.connect_s or 0.0) < AT_ONCE_S


def loss(evidence: Evidence) -> Iterator[Finding]:
    """Lost datagrams, stalls of a retransmission's size and counted retransmits are three independent artefacts."""
    path = evidence.facts(Path)
    lost, stalls, again, n = path.udp_lost or 0, lost_stalls(evidence), path.retransmits or 0, path.n or 0
    if (
        lost == path.udp_sent
    ):  # not one came back: a name server that is slow or silent, which says nothing of the line
        lost = 0
    signs = {
        f"{lost} of {path.udp_sent or 0} datagrams were lost": lost,
        f"{stalls} of {n} exchanges stalled for the time of a retransmission": stalls,
        f"the system counted {again} retransmits": again,
    }
    seen = [sentence for sentence, count in signs.items() if count >= 1]
    clear = [sentence for sentence, count in signs.items() if count >= 2]
    if len(clear) > 1:
        yield Finding("packet_loss", "shown", f"{' and '.join(seen)}.", "path", len(seen))
    elif clear and (lost or again > 1) and len(seen) > 1:
        yield Finding("packet_loss", "strong", f"{' and '.join(seen)}.", "path", len(seen), AGAIN)
    elif clear:
        # A segment sent again that held nothing up was late and not lost: each exchange here waits for its own.
        strength: Strength = "strong" if max(lost, stalls) >= 4 else "weak"
        yield Finding("packet_loss", strength, f"{clear[0]}.", "path", next_check=AGAIN)
    elif n >= 20 and not path.stalls and not lost:
        yield Finding("packet_loss", "excludes", f"{n} exchanges passed without a stall.", "path")


def mtu(evidence: Evidence) -> Iterator[Finding]:
    """Large packets vanish where small ones pass."""
    path = evidence.facts(Path)
    if path.large_ok is False and path.small_ok is True:
        lossy = path.stalls or path.udp_lost or path.retransmits  # then a large packet may be lost by chance
        sentence = "Large packets vanish, small ones over the same way arrive."
        yield Finding("path_mtu", "strong" if lossy else "shown", sentence, "path")


def hello_size(evidence: Evidence) -> Iterator[Finding]:
    """A first TLS message of more than one packet is swallowed, a small one answered."""
    tls = evidence.facts(Tls)
    pairs = tls.hello_pairs or 0
    if pairs >= 2 and tls.small_hello_ok == pairs and not tls.large_hello_ok:
        sentence = f"None of {pairs} long first messages of TLS was answered, each short one was."
        yield Finding("path_mtu", "strong", sentence, "tls")


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
