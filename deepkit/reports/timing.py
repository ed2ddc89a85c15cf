"""How wrong are the clocks of this machine? A self-test on loopback, in a process of its own.

A server thread sends the chunks of a streamed answer and notes when; DeepKit's transport
reads them as it reads every answer. What its gaps between chunks differ from the
server's is the timing error. A bare blocking socket is measured beside it: the part of
the error that no Python client escapes.

    python -m deepkit.reports.timing        prints one JSON object
"""

import asyncio
import json
import socket
import subprocess
import sys
import threading
import time
from dataclasses import asdict, dataclass
from itertools import pairwise
from statistics import median

from deepkit.records import Budget, Settings, Target, Timeouts
from deepkit.transport import Meter, chat

CHUNKS = 60
SPACING_S = 0.004
LIMIT_S = 20.0
"""The whole self-test, process start included, takes about two seconds."""


@dataclass(frozen=True, slots=True)
class TimingError:
    """What the self-test found, in seconds.

    Args:
        n: Gaps compared.
        median_s: Median absolute error of a gap between two chunks, DeepKit's transport.
        worst_s: The largest.
        raw_median_s: Median absolute error of a bare blocking socket.
    """

    n: int
    median_s: float
    worst_s: float
    raw_median_s: float


class _Server:
    """Answers one request with a stream of chunks and notes when each was sent."""

    def __init__(self) -> None:
        self.sent: list[float] = []
        self._door = socket.create_server(("127.0.0.1", 0))
        self._door.settimeout(LIMIT_S)
        self.port: int = self._door.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> "_Server":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._thread.join(LIMIT_S)
        self._door.close()

    def _serve(self) -> None:
        guest, _ = self._door.accept()
        with guest:
            guest.settimeout(LIMIT_S)
            guest.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            asked = b""
            while b"\r\n\r\n" not in asked:
                asked += guest.recv(65536)
            guest.sendall(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n")
            for number in range(CHUNKS):
                time.sleep(SPACING_S)
                words = {"choices": [{"index": 0, "delta": {"content": f"{number} "}, "finish_reason": None}]}
                self.sent.append(time.perf_counter())
                guest.sendall(b"data: " + json.dumps(words).encode() + b"\n\n")
            guest.sendall(
                b'data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n'
            )
            guest.shutdown(socket.SHUT_WR)
            while guest.recv(65536):
                pass


def _gaps(stamps: list[float]) -> list[float]:
    return [later - earlier for earlier, later in pairwise(stamps)]


def _errors(seen: list[float], true: list[float]) -> list[float]:
    return [abs(one - other) for one, other in zip(seen, true, strict=False)]


def _through_transport() -> list[float]:
    with _Server() as server:
        target = Target(name="self-test", base_url=f"http://127.0.0.1:{server.port}", live=False)
        settings = Settings(
            timeouts=Timeouts(connect=LIMIT_S, first_byte=LIMIT_S, idle=LIMIT_S, total=LIMIT_S)
        )
        ask = [{"role": "user", "content": "count"}]
        told = asyncio.run(chat(target, settings, Meter(Budget()), ask, max_tokens=CHUNKS))
    return _errors(list(told.gaps), _gaps(server.sent))


def _through_socket() -> list[float]:
    seen: list[float] = []
    with _Server() as server, socket.create_connection(("127.0.0.1", server.port), LIMIT_S) as line:
        line.sendall(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n")
        while part := line.recv(65536):
            seen += [time.perf_counter()] * part.count(b'"content"')
    return _errors(_gaps(seen), _gaps(server.sent))


def self_test() -> TimingError:
    """Measure in this process; nothing else should be running in it.

    Returns:
        The errors.
    """
    raw, own = _through_socket(), _through_transport()
    return TimingError(len(own), median(own), max(own), median(raw))


def timing_error() -> TimingError | None:
    """Measure in a child process, away from this one's load.

    Returns:
        The errors, or None when the child did not finish in time.
    """
    command = [sys.executable, "-m", "deepkit.reports.timing"]
    try:
        done = subprocess.run(  # noqa: S603 - this interpreter, a module of ours
            command, capture_output=True, timeout=LIMIT_S, check=True, stdin=subprocess.DEVNULL
        )
        return TimingError(**json.loads(done.stdout))
    except (OSError, subprocess.SubprocessError, ValueError, TypeError):
        return None


if __name__ == "__main__":
    sys.stdout.write(json.dumps(asdict(self_test())))
