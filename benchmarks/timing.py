"""How late our stamps are: beside a raw blocking socket on the same stream, and beside curl's timers.

The server runs in a process of its own and writes into each chunk the monotonic clock's reading
just before it is sent, so that its own lateness does not count; rounds of the peers alternate,
so that a busy moment of the machine meets both.
"""

import contextlib
import json
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import accumulate
from pathlib import Path

import trustme

from benchmarks.timing_server import DIGITS
from deepkit.loops import run
from deepkit.records import Budget, Secret, Settings, Target
from deepkit.transport import Meter, chat, send

ROUNDS, CURLS = 12, 80
LATE_S, CURL_S = 0.0002, 0.0003
"""The bounds, in seconds: later than the raw socket, and apart from curl."""
LOCAL = "localhost"
PHASES = ("DNS", "TCP", "TLS")

Times = tuple[float, float, float]
Lateness = tuple[float, list[float]]
"""Of the first chunk, and of each later one, in seconds."""


@contextlib.contextmanager
def server(host: str) -> Iterator[tuple[int, int, str]]:
    """Run the server under a name; yields its plain port, its TLS port and the file of its root."""
    with tempfile.TemporaryDirectory() as folder:
        root, own = Path(folder, "root.pem"), trustme.CA()
        leaf = own.issue_cert(host, "127.0.0.1")
        chain, key = Path(folder, "chain.pem"), Path(folder, "key.pem")
        own.cert_pem.write_to_path(root)
        key.write_bytes(leaf.private_key_pem.bytes())
        chain.write_bytes(b"".join(one.bytes() for one in leaf.cert_chain_pems))
        words = [sys.executable, "-m", "benchmarks.timing_server", str(chain), str(key)]
        with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
            assert child.stdin
            assert child.stdout
            plain, tls = json.loads(child.stdout.readline())
            try:
                yield plain, tls, str(root)
            finally:
                child.stdin.close()
                child.wait(5)


def target(port: int, host: str = "127.0.0.1", *, root: str | None = None) -> Target:
    """The server as a target, with TLS where a root is given."""
    url = f"{'https' if root else 'http'}://{host}:{port}"
    return Target("timing", url, key=Secret("sk-timing"), model="m", live=False, ca_file=root)


def raw(port: int) -> Lateness:
    """Read one stream with a blocking socket; the stamp is taken when `recv` returns."""
    late = []
    with socket.create_connection(("127.0.0.1", port)) as sock:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.sendall(b"POST / HTTP/1.1\r\nhost: x\r\n\r\n")
        while data := sock.recv(65536):
            now = time.monotonic_ns()
            _, found, rest = data.partition(b'"content": "')
            if found:
                late.append((now - int(rest[:DIGITS])) / 1e9)
    return late[0], late[1:]


def ours(port: int) -> Lateness:
    """Read one stream with `transport.chat`; its stamps are what a user would be shown."""
    told = run(chat(target(port), Settings(), Meter(Budget(1, 100)), [{"role": "user", "content": "x"}]))
    to_monotonic = time.monotonic() - time.time()
    assert told.ok, told.detail
    assert told.role_s is not None
    sent = [int(told.text[at : at + DIGITS]) / 1e9 for at in range(0, len(told.text), DIGITS)]
    came = accumulate(told.gaps, initial=told.at + to_monotonic + told.role_s)
    late = [one - other for one, other in zip(came, sent, strict=True)]
    return late[0], late[1:]


def lateness(readers: dict[str, Callable[[], Lateness]]) -> dict[str, tuple[float, float, float]]:
    """Let the readers take turns; returns the medians of first and later chunks, and the 99th percentile."""
    seen: dict[str, list[Lateness]] = {name: [] for name in readers}
    for number in range(ROUNDS + 1):
        for name in sorted(readers, reverse=bool(number % 2)):
            one = readers[name]()
            if number:  # the first round loads what is loaded once
                seen[name].append(one)
    told = {}
    for name, rounds in seen.items():
        later = sorted(each for _, chunks in rounds for each in chunks)
        first = statistics.median(first for first, _ in rounds)
        told[name] = first, statistics.median(later), later[int(0.99 * len(later))]
    return told


def chunks(port: int) -> None:
    """Print how late each reader's chunk stamps are."""
    told = lateness({"raw socket": lambda: raw(port), "transport.chat": lambda: ours(port)})
    print("   stamps, µs after the server's own   first chunk   chunk median   chunk p99")
    for name, (first, middle, worst) in told.items():
        print(f"   {name:<34} {first * 1e6:11.0f} {middle * 1e6:14.0f} {worst * 1e6:11.0f}")
    (raw_first, raw_middle, _), (our_first, our_middle, _) = told["raw socket"], told["transport.chat"]
    more = max(our_first - raw_first, our_middle - raw_middle)
    print(
        f"   later than the raw socket: first {(our_first - raw_first) * 1e6:.0f} µs "
        f"(ratio {our_first / raw_first:.2f}), chunks {(our_middle - raw_middle) * 1e6:.0f} µs "
        f"(ratio {our_middle / raw_middle:.2f}); {verdict(more, LATE_S)}"
    )


def other_name() -> str | None:
    """Find a name of this machine that curl looks up; it answers "localhost" by itself."""
    with contextlib.suppress(OSError):
        for line in Path("/etc/hosts").read_text(encoding="utf-8", errors="replace").splitlines():
            address, *names = line.split("#")[0].split() or [""]
            for name in names:
                if address == "127.0.0.1" and not name.startswith("localhost"):
                    return name
    return None


def curl_phases(port: int, root: str, host: str) -> Times:
    """Three GETs by one curl, each over a connection of its own; returns its DNS, TCP and TLS times in seconds.

    The lookup is the first one's, later ones find it remembered; TCP and TLS are the last one's,
    since the first loads the library, as a long-running client has done.
    """
    form = "%{time_namelookup} %{time_connect} %{time_appconnect}\\n"
    words = ["curl", "-qs4", "--http1.1", "--no-sessionid", "--noproxy", "*", "--cacert", root, "-w", form]
    for number in range(3):
        words += ["-o", os.devnull, f"https://{host}:{port}/{number}"]
    done = subprocess.run(words, capture_output=True, timeout=10, check=True)
    rows = [[float(one) for one in line.split()] for line in done.stdout.splitlines()]
    name, tcp, tls = rows[-1]
    return rows[0][0], tcp - name, tls - tcp


def our_phases(port: int, root: str, host: str) -> Times:
    """One GET by the transport."""
    settings = replace(Settings(), family="ipv4")
    told = run(send(target(port, host, root=root), settings, Meter(Budget(1, 0)), "GET", "/"))
    assert told.dns_s is not None, told.detail
    assert told.connect_s is not None, told.detail
    assert told.tls_s is not None, told.detail
    return told.dns_s, told.connect_s - told.dns_s, told.tls_s - told.connect_s


def phases(port: int, root: str, host: str) -> None:
    """Print DNS, TCP and TLS beside curl's."""
    if shutil.which("curl") is None:
        print("   curl is not installed: its half was not measured")
        return
    pairs: list[tuple[Times, Times]] = []
    for number in range(CURLS + 1):
        both = curl_phases(port, root, host), our_phases(port, root, host)
        if number:
            pairs.append(both)
    if host == LOCAL:
        print("   DNS: the hosts file has no other name for 127.0.0.1, and curl answers localhost by itself")
    for at, phase in enumerate(PHASES):
        if host == LOCAL and phase == "DNS":
            continue
        theirs, own = (statistics.median(pair[who][at] for pair in pairs) for who in (0, 1))
        apart = statistics.median(mine[at] - curls[at] for curls, mine in pairs)
        print(
            f"   {phase}: curl {theirs * 1e6:6.0f} µs, ours {own * 1e6:6.0f} µs "
            f"(ratio {own / theirs:.2f}), apart {apart * 1e6:+5.0f} µs in the median pair; "
            f"{verdict(abs(apart), CURL_S)}"
        )


def verdict(value_s: float, most_s: float) -> str:
    """Say whether a bound holds."""
    return f"at most {most_s * 1e6:.0f}: {'held' if value_s <= most_s else 'MISSED'}"


def main() -> None:
    """Print both halves."""
    host = other_name() or LOCAL
    with server(host) as (plain, tls, root):
        chunks(plain)
        phases(tls, root, host)


if __name__ == "__main__":
    main()
