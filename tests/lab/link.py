"""A slow, shaking, swelling or lossy line between the two namespaces: `python -m tests.lab.link JSON`.

Runs in the server's namespace. Two TUN devices take the cable's place; every packet passes through this
program, so that delay and loss strike the handshake too. No kernel has to know a delay queue for it.
JSON: `user` (the other namespace), and of one direction `delay_s`, `jitter_s` (at random on top), `swell_s`
(what a filling queue adds, from nothing to all of it in 3 s, over and over), `pauses` (share of packets before which
everything waits for 0.3 s), `drop` (share), `largest` (bytes).
"""

import asyncio
import fcntl
import json
import os
import struct
import subprocess
import sys
from dataclasses import dataclass
from random import Random

from tests.lab.netns import SERVER, SERVER6, USER, USER6

TUNSETIFF, IFF_TUN, IFF_NO_PI = 0x400454CA, 0x0001, 0x1000
SWELLS_S, PAUSE_S = 3.0, 0.3
PACKET = 65536


@dataclass
class Direction:
    """One way over the line.

    Args:
        delay_s: Every packet's delay, in seconds.
        jitter_s: Most that chance adds.
        swell_s: Most that the queue adds.
        pauses: Share of packets before which the line stands still for a moment.
        drop: Share of packets that are lost.
        largest: Longest packet that passes, in bytes; longer ones vanish without a word.
        seed: Seed of chance.
    """

    delay_s: float = 0.0
    jitter_s: float = 0.0
    swell_s: float = 0.0
    pauses: float = 0.0
    drop: float = 0.0
    largest: int = PACKET
    seed: int = 1

    def __post_init__(self) -> None:
        self._rng, self._last = Random(self.seed), 0.0

    def due(self, size: int, now: float) -> float | None:
        """Return when a packet comes out, never before the one ahead of it; None when it is lost."""
        if size > self.largest or self._rng.random() < self.drop:
            return None
        now += PAUSE_S * (self._rng.random() < self.pauses)
        queue = self.swell_s * (now % SWELLS_S) / SWELLS_S
        self._last = max(self._last, now + self.delay_s + queue + self._rng.uniform(0.0, self.jitter_s))
        return self._last


def device(name: str) -> int:
    """Make a TUN device; returns its descriptor."""
    found = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(found, TUNSETIFF, struct.pack("16sH22x", name.encode(), IFF_TUN | IFF_NO_PI))
    return found


def join(loop: asyncio.AbstractEventLoop, source: int, sink: int, direction: Direction) -> None:
    """Carry packets one way."""

    def write(packet: bytes) -> None:
        try:
            os.write(sink, packet)
        except OSError:
            return  # a full device loses packets, as every line does

    def ready() -> None:
        packet = os.read(source, PACKET)
        due = direction.due(len(packet), loop.time())
        if due is not None:
            loop.call_at(due, write, packet)

    loop.add_reader(source, ready)


def configure(user: str) -> None:
    """Give one device to the user's namespace, and both their addresses."""
    steps = ["link set u1 netns " + user]
    for where, name, address, sixth in (("", "s1", SERVER, SERVER6), (f"-n {user} ", "u1", USER, USER6)):
        steps += [
            f"{where}addr add {address}/24 dev {name}",
            f"{where}-6 addr add {sixth}/64 dev {name} nodad",
            f"{where}link set {name} up",
        ]
    for step in steps:
        subprocess.run(["ip", *step.split()], check=True, timeout=10)


async def main(user: str, **what: float) -> None:
    """Carry packets until ended."""
    loop = asyncio.get_running_loop()
    server, client = device("s1"), device("u1")
    join(loop, server, client, Direction(**what, seed=1))  # type: ignore[arg-type]
    join(loop, client, server, Direction(**what, seed=2))  # type: ignore[arg-type]
    configure(user)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(**json.loads(sys.argv[1])))
