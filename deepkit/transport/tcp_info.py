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
UNMEASURED = 0xFFFFFFFF * 1e-6
"""What Linux says for a least round trip that it has not seen yet, in seconds."""


@dataclass(frozen=True, slots=True)
class TcpInfo:
    """One connection as its kernel sees it; None is "the system does not tell".

    Args:
        retransmits: Segments sent again since the connection began.
        lost: Segments that are taken as lost and not yet sent again.
        rtt_s: Smoothed round trip, in seconds.
        rtt_least_s: Least round trip seen, in seconds.
        rtt_swing_s: Mean deviation of the round trip, in seconds.
        path_mtu: Largest packet that the path is known to pass, in bytes.
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


Layout = Mapping[str, tuple[int, str, float]]
"""Where each field stands in a record: offset, format, and unit in seconds (1 for a count)."""
LINUX: Layout = {
    "segment_bytes": (16, "=I", 1), "lost": (32, "=I", 1), "path_mtu": (60, "=I", 1), "rtt_s": (68, "=I", 1e-6),
    "rtt_swing_s": (72, "=I", 1e-6), "retransmits": (100, "=I", 1), "rtt_least_s": (148, "=I", 1e-6),
    "twice": (216, "=I", 1),
}  # fmt: skip
"""`struct tcp_info` (linux/tcp.h)."""
MACOS: Layout = {
    "segment_bytes": (16, "=I", 1), "rtt_s": (44, "=I", 1e-3), "rtt_swing_s": (48, "=I", 1e-3),
    "retransmits": (104, "=Q", 1),
}  # fmt: skip
"""`struct tcp_connection_info` (xnu, bsd/netinet/tcp.h)."""
WINDOWS: Layout = {
    "segment_bytes": (4, "=I", 1), "rtt_s": (20, "=I", 1e-6), "rtt_least_s": (24, "=I", 1e-6),
    "fast": (72, "=I", 1), "timeouts": (80, "=I", 1), "syn": (84, "=B", 1),
}  # fmt: skip
"""`TCP_INFO_v0` (mstcpip.h)."""


def _fields(raw: bytes, layout: Layout) -> dict[str, Any]:
    """Read the fields that a record is long enough to hold."""
    return {
        name: struct.unpack_from(kind, raw, offset)[0] * unit
        for name, (offset, kind, unit) in layout.items()
        if len(raw) >= offset + struct.calcsize(kind)
    }


def read_linux(raw: bytes) -> TcpInfo:
    """Read Linux' record.

    What the other side reports as received twice (since Linux 4.19) was late and not lost, and is taken
    off what was sent again (RFC 3708).
    """
    got = _fields(raw, LINUX)
    twice = got.pop("twice", 0)
    if "retransmits" in got:
        got["retransmits"] = max(0, got["retransmits"] - twice)
    if got.get("rtt_least_s") == UNMEASURED:
        del got["rtt_least_s"]
    return TcpInfo(**got)


def read_macos(raw: bytes) -> TcpInfo:
    """Read macOS' record."""
    return TcpInfo(**_fields(raw, MACOS))


def read_windows(raw: bytes) -> TcpInfo:
    """Read Windows' record; it counts repairs, not segments."""
    got = _fields(raw, WINDOWS)
    repairs = [got.pop(name) for name in ("fast", "timeouts", "syn") if name in got]
    return TcpInfo(**got, retransmits=sum(repairs) if len(repairs) == 3 else None)


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
