"""What the operating system itself knows of a live TCP connection.

No right is needed for it, and no packet is sent: where ICMP is refused, as in most containers,
these counters are the one honest sign of loss. Each system's record grows with its version, so it
is read by its length; what is not there was not measured.
"""

import socket
import struct
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

LINUX_BYTES, MACOS_BYTES, WINDOWS_BYTES = 512, 256, 88
MACOS_OPTION, WINDOWS_CALL = 0x106, 0xD8000027
"""TCP_CONNECTION_INFO (xnu, bsd/netinet/tcp.h) and SIO_TCP_INFO (Windows, mstcpip.h)."""
UNMEASURED = 0xFFFFFFFF
"""What Linux says for a least round trip that it has not seen yet."""


@dataclass(frozen=True, slots=True)
class TcpInfo:
    """One connection as its kernel sees it; None is "the system does not tell".

    Args:
        retransmits: Segments sent again since the connection began.
        lost: Segments that are taken as lost and not yet sent again.
        rtt_s: Smoothed round trip, in seconds.
        rtt_least_s: Least round trip seen, in seconds.
        rtt_swing_s: Mean deviation of the round trip, in seconds.
        path_mtu: Largest packet that the way is known to pass, in bytes.
        segment_bytes: Largest segment that is sent, in bytes.
    """

    retransmits: int | None = None
    lost: int | None = None
    rtt_s: float | None = None
    rtt_least_s: float | None = None
    rtt_swing_s: float | None = None
    path_mtu: int | None = None
    segment_bytes: int | None = None


UNKNOWN = TcpInfo()


def tcp_info(sock: socket.socket) -> TcpInfo:
    """Ask the system about a connection.

    Args:
        sock: A TCP socket.

    Returns:
        What it tells; nothing where it does not.
    """
    system = str(sys.platform)
    try:
        if system.startswith("linux"):
            return read_linux(sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, LINUX_BYTES))
        if system == "darwin":
            return read_macos(sock.getsockopt(socket.IPPROTO_TCP, MACOS_OPTION, MACOS_BYTES))
        if system == "win32":
            return read_windows(_ask_windows(sock))
    except (OSError, AttributeError):  # an old system, or a socket that is closed
        return UNKNOWN
    return UNKNOWN


def _fields(raw: bytes, layout: Mapping[str, tuple[int, str]]) -> dict[str, int]:
    """Read the fields that a record is long enough to hold; layouts give offset and format."""
    return {
        name: int(struct.unpack_from(kind, raw, offset)[0])
        for name, (offset, kind) in layout.items()
        if len(raw) >= offset + struct.calcsize(kind)
    }


def _seconds(value: int | None, unit: float) -> float | None:
    return None if value is None else value * unit


def read_linux(raw: bytes) -> TcpInfo:
    """Read `struct tcp_info` (linux/tcp.h); times are in microseconds.

    What the other side reports as received twice (since Linux 4.19) was late and not lost, and is taken
    off what was sent again (RFC 3708).
    """
    got = _fields(
        raw,
        {"mss": (16, "=I"), "lost": (32, "=I"), "mtu": (60, "=I"), "rtt": (68, "=I"), "swing": (72, "=I"),
         "again": (100, "=I"), "least": (148, "=I"), "twice": (216, "=I")},
    )  # fmt: skip
    least, again = got.get("least"), got.get("again")
    return TcpInfo(
        None if again is None else max(0, again - got.get("twice", 0)),
        got.get("lost"),
        _seconds(got.get("rtt"), 1e-6),
        None if least == UNMEASURED else _seconds(least, 1e-6),
        _seconds(got.get("swing"), 1e-6),
        got.get("mtu"),
        got.get("mss"),
    )


def read_macos(raw: bytes) -> TcpInfo:
    """Read `struct tcp_connection_info` (xnu, bsd/netinet/tcp.h); times are in milliseconds."""
    got = _fields(
        raw, {"mss": (16, "=I"), "rtt": (44, "=I"), "swing": (48, "=I"), "again": (104, "=Q")}
    )  # fmt: skip
    return TcpInfo(
        retransmits=got.get("again"),
        rtt_s=_seconds(got.get("rtt"), 1e-3),
        rtt_swing_s=_seconds(got.get("swing"), 1e-3),
        segment_bytes=got.get("mss"),
    )


def read_windows(raw: bytes) -> TcpInfo:
    """Read `TCP_INFO_v0` (mstcpip.h); times are in microseconds, and repairs are counted, not segments."""
    got = _fields(
        raw,
        {"mss": (4, "=I"), "rtt": (20, "=I"), "least": (24, "=I"), "fast": (72, "=I"), "timeouts": (80, "=I"),
         "syn": (84, "=B")},
    )  # fmt: skip
    repairs = [got[name] for name in ("fast", "timeouts", "syn") if name in got]
    return TcpInfo(
        retransmits=sum(repairs) if len(repairs) == 3 else None,
        rtt_s=_seconds(got.get("rtt"), 1e-6),
        rtt_least_s=_seconds(got.get("least"), 1e-6),
        segment_bytes=got.get("mss"),
    )


def _ask_windows(sock: socket.socket) -> bytes:
    """Call WSAIoctl: Python's own ioctl() knows only three codes."""
    import ctypes

    version, told = ctypes.c_uint32(0), ctypes.create_string_buffer(WINDOWS_BYTES)
    length = ctypes.c_uint32(0)
    library: Any = getattr(ctypes, "windll").ws2_32  # noqa: B009  (there is none elsewhere)
    failed = library.WSAIoctl(
        ctypes.c_void_p(sock.fileno()), ctypes.c_uint32(WINDOWS_CALL),
        ctypes.byref(version), ctypes.c_uint32(ctypes.sizeof(version)),
        told, ctypes.c_uint32(WINDOWS_BYTES), ctypes.byref(length), None, None,
    )  # fmt: skip
    if failed:
        message = "WSAIoctl refused SIO_TCP_INFO"
        raise OSError(message)
    return told.raw[: length.value]
