"""Servers that never come to an end, asked by a client with endless patience: only the deadline ends the look."""

from deepkit.records import Timeouts
from tests.lab.answers import NEVER, QUEUED, QUEUED_PLAIN, SILENT
from tests.lab.replies import WELL, Face, Reply, chat, piece
from tests.lab.scenario import Scenario, Way

ENDLESS = Timeouts(connect=60.0, first_byte=60.0, idle=60.0, total=60.0)
DEADLINE_S = 1.5
HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n"


def _hang(name: str, face: Face = WELL, way: Way = Way()) -> Scenario:  # noqa: B008
    return Scenario(
        f"hang-{name}", "", face, way, deadline_s=DEADLINE_S, timeouts=ENDLESS, family="hangs", status=None
    )


SCENARIOS = (
    _hang("never-answers", chat(NEVER)),
    _hang("nothing-ever", Face(every=NEVER)),
    _hang("queue", Face((QUEUED,), (QUEUED_PLAIN,))),
    _hang("silent-stream", Face((SILENT,))),
    _hang("dripping-body", Face(every=Reply((HEAD, "drip"), piece(b"x")))),
    _hang("dripping-headers", Face(every=Reply((b"HTTP/1.1 200 OK\r\n", "drip"), b"x: y\r\n"))),
    _hang("half-a-body", Face(every=Reply((b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{", "hang")))),
    _hang("black-hole", way=Way(server="hole")),
    _hang("black-hole-named", way=Way(server="hole", tls="good")),
    _hang("silent-server", way=Way(server="silent")),
    _hang("silent-handshake", way=Way(server="silent", tls="good")),
    _hang("silent-names", way=Way(tls="good", dns="silent", fresh="same")),
    _hang("silent-proxy", way=Way(proxy="silent", tls="good")),
    _hang("proxy-black-hole", way=Way(proxy="hole", tls="good")),
    _hang("ipv6-black-hole", way=Way(tls="good", sixth="hole")),
)
