"""From exceptions and answers to the closed set of failures: the only place that does it."""

import errno
import socket
import ssl
from collections.abc import Iterator

import httpcore

from deepkit.records import FAILURES
from deepkit.redaction import redact
from deepkit.sse import TooLargeError

DETAIL_CHARS = 200
"""Longest detail that is kept."""
SEARCHED_CHARS = 2_400
"""How much of a text is searched for secrets; more than is ever kept, so that none is cut in two."""

_UNREACHABLE = {
    errno.ENETUNREACH, errno.EHOSTUNREACH, errno.EADDRNOTAVAIL, errno.ENETDOWN, errno.EHOSTDOWN,
    errno.EPERM, errno.EACCES, errno.EAFNOSUPPORT, 10051, 10065, 10049, 10013,
}  # fmt: skip
_NO_NAME = {socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME), 11001, 11004}
_NOT_TLS = ("WRONG_VERSION_NUMBER", "HTTP_REQUEST", "UNKNOWN_PROTOCOL", "PACKET_LENGTH_TOO_LONG",
            "RECORD_LAYER_FAILURE", "HTTPS_PROXY_REQUEST")  # fmt: skip
_EXPIRED, _NOT_YET, _HOSTNAME, _ADDRESS = 10, 9, 62, 64  # X509_V_ERR_* of OpenSSL

_TIMEOUTS = {"dns": "dns_timeout", "connect": "connect_timeout", "tls": "tls_handshake"}
_STATUS: dict[int, str] = {
    code: f"http_{code}" for code in (400, 401, 402, 403, 404, 413, 422, 429, 500, 502, 503, 504)
}


class FaultError(Exception):
    """A failure that was recognised where it happened.

    Args:
        failure: One of FAILURES.
        detail: One short line.
    """

    def __init__(self, failure: str, detail: str = "") -> None:
        assert failure in FAILURES
        super().__init__(detail or failure)
        self.failure, self.detail = failure, detail


def chain(error: BaseException) -> Iterator[BaseException]:
    """Yield an exception and what caused it, outermost first; of a group, its first member."""
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        yield current
        if isinstance(current, BaseExceptionGroup):
            current = current.exceptions[0]
        else:
            # A suppressed context counts too: httpcore's pool raises again "from None", which drops the cause.
            current = current.__cause__ or current.__context__


def failure_of(error: BaseException, stage: str = "") -> str:
    """Name what an exception means.

    Args:
        error: What was raised; its causes are walked.
        stage: How far the attempt had come: dns, connect, proxy, tls, send or read.

    Returns:
        One of FAILURES.
    """
    for one in chain(error):
        name = _name(one, stage)
        if name is not None:
            return name
    return "unknown"


def detail_of(error: BaseException, *, secret: str | None = None) -> str:
    """Return one short line on an exception, without secrets."""
    told = [one for one in chain(error) if str(one).strip()]
    text = f"{type(told[-1]).__name__}: {told[-1]}" if told else type(error).__name__
    return clean(text, secret=secret)[:DETAIL_CHARS]


def clean(text: str, *, secret: str | None = None) -> str:
    """Take secrets out of the beginning of a text, the given one first, and fold its white space."""
    text = text[:SEARCHED_CHARS]
    if secret and len(secret.strip()) >= 4:
        text = text.replace(secret.strip(), "[removed:key]")
    return redact(" ".join(text.split())).text


def failure_of_status(status: int) -> str | None:
    """Name what an HTTP status means; None for 2xx."""
    if 200 <= status < 300:
        return None
    if 300 <= status < 400:
        return "redirected"
    if status == 407:  # only a proxy asks for this login; for plain HTTP it answers in the server's place
        return "proxy_auth"
    return _STATUS.get(status) or ("http_5xx" if status >= 500 else "http_4xx")


def _name(error: BaseException, stage: str) -> str | None:
    if isinstance(error, FaultError):
        return error.failure
    if isinstance(error, TooLargeError):
        return "too_large"
    if isinstance(error, httpcore.ProxyError):
        return "proxy_auth" if str(error).startswith("407") else "proxy_error"
    if type(error).__module__.startswith("dns."):
        return _dns(error)
    if isinstance(error, httpcore.UnsupportedProtocol | httpcore.LocalProtocolError | UnicodeError):
        return "bad_address"
    if stage == "proxy" and isinstance(
        error, OSError | httpcore.TimeoutException | httpcore.RemoteProtocolError
    ):
        return "proxy_refused" if isinstance(error, ConnectionRefusedError) else "proxy_error"
    if isinstance(error, socket.gaierror):
        return "dns_nxdomain" if error.errno in _NO_NAME else "dns_error"
    if isinstance(error, ssl.SSLError):
        return _tls(error)
    if isinstance(error, httpcore.RemoteProtocolError):
        return _protocol(str(error))
    if isinstance(error, TimeoutError | httpcore.TimeoutException):
        return _TIMEOUTS.get(stage, "read_timeout")
    if isinstance(error, ConnectionRefusedError):
        return "connection_refused"
    if isinstance(error, ConnectionResetError | ConnectionAbortedError | BrokenPipeError):
        return "connection_reset"
    return "network_unreachable" if isinstance(error, OSError) and error.errno in _UNREACHABLE else None


def _dns(error: BaseException) -> str:
    name = type(error).__name__
    if name in ("NXDOMAIN", "NoAnswer"):
        return "dns_nxdomain"
    return "dns_timeout" if "Timeout" in name else "dns_error"


def _tls(error: ssl.SSLError) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        code, text = getattr(error, "verify_code", 0), str(error).lower()
        if code in (_EXPIRED, _NOT_YET) or "expired" in text:
            return "tls_expired"
        if code in (_HOSTNAME, _ADDRESS) or "hostname mismatch" in text:
            return "tls_hostname"
        return "tls_untrusted"
    reason = getattr(error, "reason", None) or ""  # wrappers make some without it
    return "not_tls" if reason in _NOT_TLS else "tls_handshake"


def _protocol(text: str) -> str:
    text = text.lower()
    if "disconnected" in text or "peer closed connection" in text or "incomplete" in text:
        return "closed_early"
    return "too_large" if "too long" in text else "not_http"
