"""Stamps are taken when bytes came, and no peer can stop the clock by sending fast."""

import asyncio
import socket
import threading
import time

import pytest

from deepkit.transport.timed_socket import Receiver, connected
from tests.servers import black_hole, refused_port
from tests.transport.kit import run

HOG_S = 0.02


def test_the_stamp_does_not_wait_for_the_task() -> None:
    """Between the read and the waking of the task other work may run for long; the stamp is the read's."""

    async def body() -> float:
        here, there = socket.socketpair()
        loop, over = asyncio.get_running_loop(), False

        def hog() -> None:
            time.sleep(HOG_S)
            if not over:
                loop.call_soon(hog)

        with here, there:
            here.setblocking(False)
            waiting = asyncio.create_task(Receiver(here).take(100))
            await asyncio.sleep(0)
            loop.call_soon(hog)
            there.sendall(b"x")
            data, came = await waiting
            woke, over = time.perf_counter(), True
            await asyncio.sleep(0)
            assert data == b"x"
        await asyncio.sleep(HOG_S)
        return woke - came

    assert run(body()) > 0.8 * HOG_S


@pytest.mark.timeout(30)
def test_a_flood_does_not_stop_the_clock() -> None:
    """A peer whose bytes are always there already cannot keep a timeout from firing."""
    over = threading.Event()

    def pour(sock: socket.socket) -> None:
        try:
            while not over.is_set():
                sock.sendall(b"x" * 65536)
        except OSError:
            pass

    async def swallow(receiver: Receiver) -> None:
        while True:
            assert (await receiver.take(1))[0]

    async def body() -> None:
        here, there = socket.socketpair()
        feeder = threading.Thread(target=pour, args=(there,))
        with here, there:
            here.setblocking(False)
            feeder.start()
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(swallow(Receiver(here)), 0.2)
            over.set()
            here.shutdown(socket.SHUT_RDWR)
        feeder.join(5)

    run(body())


def test_a_broken_connection_is_raised() -> None:
    """A reset while waiting is the OSError that it is, not silence."""

    async def body() -> None:
        with socket.create_server(("127.0.0.1", 0)) as listener, socket.socket() as here:
            here.setblocking(False)
            await connected(here, *listener.getsockname())
            there, _ = listener.accept()
            waiting = asyncio.create_task(Receiver(here).take(100))
            await asyncio.sleep(0)
            there.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
            there.close()
            with pytest.raises(ConnectionResetError):
                await waiting

    run(body())


def test_connecting_names_refusal_and_waits_for_nobody() -> None:
    """A refused connect raises at once; one that nobody answers waits until it is cancelled."""

    async def to(port: int) -> None:
        with socket.socket() as sock:
            sock.setblocking(False)
            async with asyncio.timeout(0.2):
                await connected(sock, "127.0.0.1", port)

    with refused_port() as port, pytest.raises(ConnectionRefusedError):
        run(to(port))
    with black_hole() as port, pytest.raises(TimeoutError):
        run(to(port))
