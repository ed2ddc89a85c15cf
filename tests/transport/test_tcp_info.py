"""The kernel's record of a connection: read by its length, never guessed."""

import socket
import struct
import sys
from dataclasses import asdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deepkit.transport.tcp_info import TcpInfo, read_linux, read_macos, read_windows, tcp_info

READERS = (read_linux, read_macos, read_windows)


@given(st.binary(max_size=400), st.integers(0, 400))
def test_a_shorter_record_tells_less_and_nothing_else(raw: bytes, cut: int) -> None:
    """Whatever a prefix tells, the whole record tells the same, but for what it knows to have been late."""
    for read in READERS:
        whole, part = asdict(read(raw)), asdict(read(raw[:cut]))
        late = {"retransmits"} if read is read_linux else set()
        assert all(value in (None, whole[name]) for name, value in part.items() if name not in late)
        assert (part["retransmits"] or 0) >= (whole["retransmits"] or 0) or part["retransmits"] is None
        assert read(b"") == TcpInfo()


def test_the_fields_stand_where_the_headers_put_them() -> None:
    """A record written field by field by the systems' own headers is read back."""
    linux = bytearray(280)
    for offset, value in (
        (16, 1448),
        (32, 2),
        (60, 1500),
        (68, 20_000),
        (72, 5_000),
        (100, 7),
        (148, 19_000),
    ):
        struct.pack_into("=I", linux, offset, value)
    assert read_linux(bytes(linux)) == TcpInfo(7, 2, 0.02, 0.019, 0.005, 1500, 1448)
    struct.pack_into("=I", linux, 148, 0xFFFFFFFF)
    assert read_linux(bytes(linux)).rtt_least_s is None
    macos = struct.pack("=4B13I6Q", 4, 0, 0, 0, 0, 0, 230, 1448, *(0,) * 5, 21, 22, 3, 0, *(0,) * 6)
    assert len(macos) == 104
    told = read_macos(macos + struct.pack("=Q", 9))
    assert told == TcpInfo(retransmits=9, rtt_s=0.022, rtt_swing_s=0.003, segment_bytes=1448)
    windows = struct.pack(
        "=IIQB3x7I2Q5IB3x", 4, 1460, 80, 1, 20_000, 18_000, *(0,) * 5, 0, 0, 0, 0, 2, 0, 3, 1
    )
    assert len(windows) == 88
    assert read_windows(windows) == TcpInfo(retransmits=6, rtt_s=0.02, rtt_least_s=0.018, segment_bytes=1460)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the record of this system is another")
def test_a_live_connection_tells_its_round_trip_and_its_packets() -> None:
    """On loopback the kernel knows a round trip, a packet size and no loss; of a closed socket it knows nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        mine = socket.create_connection(server.getsockname())
        theirs, _ = server.accept()
        with mine, theirs:
            theirs.sendall(b"x" * 1000)
            assert mine.recv(1000)
            mine.sendall(b"y")
            assert theirs.recv(1)
            told = tcp_info(mine)
    assert told.rtt_s is not None
    assert 0 < told.rtt_s < 1
    assert told.path_mtu is not None
    assert told.segment_bytes is not None
    assert told.path_mtu > told.segment_bytes > 500
    assert (told.retransmits, told.lost) == (0, 0)
    assert tcp_info(mine) == TcpInfo()
