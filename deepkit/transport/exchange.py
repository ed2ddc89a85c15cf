"""What one HTTP attempt leaves behind: an Exchange, and the ledger that is written while it runs."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from time import perf_counter, time
from typing import Any, Literal

from deepkit.transport.tcp_info import UNKNOWN, TcpInfo

EndReason = Literal["done", "finish", "close", "silence", "deadline", "error"]
BodyKind = Literal["json", "html", "text", "empty"]
Stamp = Literal[
    "dns_s", "connect_s", "proxy_s", "tls_s", "headers_s", "keep_alive_s", "role_s", "reasoning_s", "answer_s", "end_s"
]  # fmt: skip

MOST_GAPS = 512
"""Most gaps between chunks that are kept; a tiny answer has a dozen."""

KEPT_HEADERS: frozenset[str] = frozenset({
    "age", "cache-control", "cf-cache-status", "cf-mitigated", "cf-ray", "connection", "content-encoding",
    "content-length", "content-type", "date", "eo-cache-status", "eo-log-uuid", "etag", "location", "proxy-status",
    "retry-after", "retry-after-ms", "server", "strict-transport-security", "transfer-encoding", "via",
    "x-amzn-waf-action", "x-cache", "x-content-type-options", "x-ds-trace-id", "x-litellm-call-id",
    "x-litellm-version", "x-new-api-version", "x-oneapi-request-id", "x-request-id", "x-siliconcloud-trace-id",
    "x-squid-error",
})  # fmt: skip
"""Response headers that are kept. A list of the harmless ones: the next secret header has no name yet."""


@dataclass(frozen=True, slots=True)
class Connect:
    """One raced TCP connect.

    Args:
        address: "ip:port".
        family: 4 or 6.
        failure: One of FAILURES, or None; also None for the attempts that lost the race.
        connect_s: How long it took, in seconds; None when it lost the race.
    """

    address: str
    family: int
    failure: str | None = None
    connect_s: float | None = None


@dataclass(frozen=True, slots=True)
class Certificate:
    """One certificate of a chain: whom it names, who vouches for it, and until when, in Unix seconds."""

    subject: str
    issuer: str
    not_after: float


@dataclass(frozen=True, slots=True)
class TlsFacts:
    """What is known of a handshake.

    Args:
        issuer: Common or organisation name of the issuer.
        subject: Common name of the certificate.
        alpn: The protocol that was agreed on.
        version: "TLSv1.3".
        self_signed: Issuer and subject are the same.
        not_after: End of validity in Unix seconds.
        chain: The certificates that were sent, the server's own first; empty unless asked for.
    """

    issuer: str = ""
    subject: str = ""
    alpn: str | None = None
    version: str | None = None
    self_signed: bool | None = None
    not_after: float | None = None
    chain: tuple[Certificate, ...] = ()


@dataclass(slots=True)
class Exchange:
    """One HTTP attempt, written while it runs. Stamps are seconds since its start; None means "did not come".

    The start is the first act on the network: the name lookup or, over a kept connection, the request.

    Args:
        failure: One of FAILURES, or None.
        detail: One short line on the failure, free of secrets.
        status: HTTP status.
        headers: The harmless response headers, names in lower case.
        body: The body of an answer that is no event stream, bounded.
        address: "ip:port" that was spoken to.
        at: When it began, Unix seconds.
        began: The same by perf_counter, for differences.
        dns_s: The name was resolved.
        connect_s: TCP stood.
        proxy_s: The proxy had opened the tunnel.
        tls_s: TLS stood.
        headers_s: The response's headers had come.
        keep_alive_s: The first keep-alive comment or blank line had come.
        role_s: The first chunk had come, with or without text.
        reasoning_s: The first reasoning text had come.
        answer_s: The first answer text had come.
        end_s: The attempt was over.
        end_reason: How it ended.
        finish_reason: What the server says of the end.
        usage: The server's token counts.
        keep_alives: How many keep-alive comments or blank lines came.
        gaps: Seconds between data chunks, at most MOST_GAPS.
        text_chars: Characters of answer text.
        reasoning_chars: Characters of reasoning text.
        text: The beginning of the answer text, bounded.
        error_message: The error body's message, free of secrets.
        error_type: The error body's type.
        body_kind: json, html, text or empty.
        block_page: Name of the block page, if it is one.
        tls: What is known of the TLS handshake.
        connects: Each raced address with its result.
        tcp: What the operating system says of the connection.
        model: The model that says it answered.
        key_sent: Whether the request carried the key; None when no request was sent.
        other_key: Whether the refusal names a key that ends otherwise than the one that was sent.
    """

    failure: str | None = None
    detail: str = ""
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    address: str | None = None
    at: float = 0.0
    began: float = 0.0
    dns_s: float | None = None
    connect_s: float | None = None
    proxy_s: float | None = None
    tls_s: float | None = None
    headers_s: float | None = None
    keep_alive_s: float | None = None
    role_s: float | None = None
    reasoning_s: float | None = None
    answer_s: float | None = None
    end_s: float | None = None
    end_reason: EndReason | None = None
    finish_reason: str | None = None
    usage: Mapping[str, Any] | None = None
    keep_alives: int = 0
    gaps: list[float] = field(default_factory=list)
    text_chars: int = 0
    reasoning_chars: int = 0
    text: str = ""
    error_message: str | None = None
    error_type: str | None = None
    body_kind: BodyKind | None = None
    block_page: str | None = None
    tls: TlsFacts | None = None
    connects: list[Connect] = field(default_factory=list)
    tcp: TcpInfo = UNKNOWN
    model: str | None = None
    key_sent: bool | None = None
    other_key: bool | None = None

    @property
    def ok(self) -> bool:
        """Whether the attempt did what it was for."""
        return self.failure is None

    @property
    def retransmits(self) -> int | None:
        """Segments that were sent again on this connection; None where the system does not tell."""
        return self.tcp.retransmits

    @property
    def first_token_s(self) -> float | None:
        """When the first text came, answer or reasoning."""
        known = [stamp for stamp in (self.answer_s, self.reasoning_s) if stamp is not None]
        return min(known) if known else None


class Ledger:
    """The exchange of a running attempt, and where the attempt stands.

    The backend stamps the connection's part, the readers the rest, so that a failure at any
    point still hands over everything measured before it.
    """

    def __init__(self) -> None:
        self.exchange = Exchange(at=time(), began=perf_counter())
        self.last_read = self.exchange.began
        self.stage = "dns"
        self.halt_at: float | None = None
        self.first_bytes = b""

    def begin(self) -> None:
        """Start the clock again: now the first thing is done on the network. Without effect once stamped."""
        if self.exchange.dns_s is None and not self.exchange.connects:
            self.exchange.at, self.exchange.began = time(), perf_counter()
            self.last_read = self.exchange.began

    def halt(self, grace_s: float = 0.0) -> None:
        """Let no read begin after a grace: enough of the answer is known."""
        if self.halt_at is None:
            self.halt_at = perf_counter() + grace_s

    def stamp(self, name: Stamp, at: float | None = None) -> None:
        """Write a stamp once; the first one holds.

        Args:
            name: Which.
            at: A reading of perf_counter; now unless given.
        """
        if getattr(self.exchange, name) is None:
            setattr(self.exchange, name, (perf_counter() if at is None else at) - self.exchange.began)

    def close(self, failure: str | None, detail: str = "") -> Exchange:
        """Return the finished exchange."""
        self.stamp("end_s")
        self.exchange.failure, self.exchange.detail = failure, detail
        return self.exchange
