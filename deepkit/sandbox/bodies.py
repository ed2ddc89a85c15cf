"""Error bodies and headers as DeepSeek's servers send them.

Source: bodies observed in public issues and captures. The documents publish none;
`code` is nearly always "invalid_request_error", whatever the fault.
"""

import json
from dataclasses import dataclass
from random import Random
from typing import Any

OVERLOADED = (
    "Service is too busy. We advise users to temporarily switch to alternative LLM API service providers."
)
WEB_BUSY = "The server is busy. Please try again later."


@dataclass(frozen=True, slots=True)
class Refusal:
    """An answer that is an error: status, body and its type."""

    status: int
    body: bytes
    content_type: str = "application/json"


def trace(rng: Random) -> list[tuple[str, str]]:
    """Return the headers that every answer of the API bears; a request id or Retry-After is not among them."""
    return [
        ("Server", "openresty"),
        ("x-ds-trace-id", f"{rng.getrandbits(128):032x}"),
        ("Strict-Transport-Security", "max-age=31536000; includeSubDomains; preload"),
        ("X-Content-Type-Options", "nosniff"),
        ("EO-LOG-UUID", str(rng.getrandbits(63))),
        ("EO-Cache-Status", "MISS"),
    ]


def refusal(status: int, message: str, kind: str, code: str = "invalid_request_error") -> Refusal:
    """Return an error in the API's shape.

    Args:
        status: HTTP status.
        message: The text that names the fault.
        kind: The body's `type`.
        code: The body's `code`.
    """
    return Refusal(status, dumps({"error": {"message": message, "type": kind, "param": None, "code": code}}))


def invalid(message: str) -> Refusal:
    """Return a 400 of the usual type."""
    return refusal(400, message, "invalid_request_error")


def overloaded() -> Refusal:
    """Return the fast 503 of a full fleet."""
    return refusal(503, OVERLOADED, "service_unavailable_error", "service_unavailable_error")


def unauthenticated(tail: str | None, rng: Random) -> Refusal:
    """Return a 401; `tail` is the key's end, or None when the header has no Bearer form."""
    if tail is None:
        message = "Authentication Fails (auth header format should be Bearer sk-...)"
    else:
        number = f"{rng.getrandbits(128):032x}"
        request = "-".join((number[:8], number[8:12], number[12:16], number[16:20], number[20:]))
        message = f"Authentication Fails, Your api key: ****{tail} is invalid (request_id: {request})"
    return refusal(401, message, "authentication_error")


def crowded(current: int, limit: int) -> Refusal:
    """Return the 429 of an account whose own requests exceed what its balance allows."""
    return refusal(
        429,
        f"Too many requests. Your current concurrency is {current}, which exceeds your concurrency limit of {limit} "
        "based on your remaining balance. Please top up your balance to restore your concurrency.",
        "rate_limit_error",
    )


def page(status: int, reason: str, note: str = "") -> Refusal:
    """Return an error page of the web server itself."""
    text = (
        f"<html>\r\n<head><title>{status} {reason}</title></head>\r\n<body>\r\n<center><h1>{status} {reason}</h1>"
        f"</center>\r\n{note}<hr><center>openresty</center>\r\n</body>\r\n</html>\r\n"
    )
    return Refusal(status, text.encode(), "text/html")


def block_page(region: str) -> Refusal:
    """Return the page of an edge that refuses a shared exit address."""
    text = (
        "<!DOCTYPE html><html><head><title>Access Denied</title></head><body><h1>Access Denied</h1>"
        "<p>Sorry, you have been blocked: the address you come from has been restricted by the security policy "
        f"of this site (EdgeOne).</p><p>Exit: {region}</p></body></html>"
    )
    return Refusal(403, text.encode(), "text/html")


def dumps(value: Any) -> bytes:
    """Return compact JSON, as the servers send it."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
