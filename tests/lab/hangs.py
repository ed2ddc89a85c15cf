"""Servers that never come to an end, asked by a client with endless patience: only the deadline ends the check-up."""

from deepkit.records import Timeouts
from tests.lab.answers import NEVER, QUEUED, QUEUED_PLAIN, SILENT
from tests.lab.replies import WELL, Behaviour, Reply, chat
from tests.lab.scenario import Network, Scenario
from tests.servers import chunk

ENDLESS = Timeouts(connect=60.0, first_byte=60.0, idle=60.0, total=60.0)
DEADLINE_S = 1.5
HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n"


def _hang(name: str, behaviour: Behaviour = WELL, network: Network = Network()) -> Scenario:
    return Scenario(
        f"hang-{name}",
        "",
        behaviour,
        network,
        deadline_s=DEADLINE_S,
        timeouts=ENDLESS,
        family="hangs",
        status=None,
    )


SCENARIOS = (
    _hang("never-answers", chat(NEVER)),
    _hang("nothing-ever", Behaviour(every=NEVER)),
    _hang("queue", Behaviour((QUEUED,), (QUEUED_PLAIN,))),
    _hang("silent-stream", Behaviour((SILENT,))),
    _hang("dripping-body", Behaviour(every=Reply((HEAD, "drip"), chunk(b"x")))),
    _hang("dripping-headers", Behaviour(every=Reply((b"HTTP/1.1 200 OK\r\n", "drip"), b"x: y\r\n"))),
    _hang(
        "half-a-body", Behaviour(every=Reply((b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{", "hang")))
    ),
    _hang("black-hole", network=Network(server="hole")),
    _hang("black-hole-named", network=Network(server="hole", tls="good")),
    _hang("silent-server", network=Network(server="silent")),
    _hang("silent-handshake", network=Network(server="silent", tls="good")),
    _hang("silent-names", network=Network(tls="good", dns="silent", fresh="same")),
    _hang("silent-proxy", network=Network(proxy="silent", tls="good")),
    _hang("proxy-black-hole", network=Network(proxy="hole", tls="good")),
    _hang("ipv6-black-hole", network=Network(tls="good", sixth="hole")),
)
