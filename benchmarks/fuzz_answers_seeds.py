# ruff: noqa: E501 - answers read better on one line than cut
"""Where the mutations begin: whole answers, each with its three leading bytes, and pieces to put into them."""

import gzip
import zlib

INSTRUMENTED = ["h11", "httpcore", "deepkit.transport"]
"""Packages whose branches guide the mutations."""


def _plain(status: str, body: bytes, *headers: str) -> bytes:
    head = [f"HTTP/1.1 {status}", f"content-length: {len(body)}", *headers]
    return "\r\n".join(head).encode() + b"\r\n\r\n" + body


def _streamed(*pieces: bytes) -> bytes:
    head = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
    return head + b"".join(f"{len(one):x}\r\n".encode() + one + b"\r\n" for one in pieces) + b"0\r\n\r\n"


_SAID = b'data: {"model":"m","choices":[{"index":0,"delta":{"content":"p"},"finish_reason":null}]}\n\n'
_LAST = b'data: {"choices":[{"delta":{"reasoning_content":"h"},"finish_reason":"stop"}],"usage":{"completion_tokens":3}}\n\n'
_WHOLE = (
    b'{"choices":[{"message":{"content":"pong"},"finish_reason":"stop"}],"usage":{"completion_tokens":1}}'
)
_BUSY = b'{"error":{"message":"Service is too busy. sk-fuzz-0123456789abcdef","type":"busy","code":50508}}'
_JSON, _HTML = "content-type: application/json", "content-type: text/html; charset=utf-8"

SEEDS: tuple[bytes, ...] = tuple(
    bytes((how, cut, end)) + answer
    for how, cut, end, answer in (
        (0, 5, 0, _streamed(b": keep-alive\n\n", _SAID, _SAID, _LAST, b"data: [DONE]\n\n")),
        (0, 3, 0, _streamed((_SAID + _LAST).replace(b"\n", b"\r\n") + b"id: 1\r\nretry: 5\r\n\r\ndata:\r\n\r\n")),
        (0, 6, 2, _streamed(_SAID, "data: {\"error\": \"服务器繁忙\"}\n\n".encode())[:-9]),
        (0, 6, 3, _streamed(_SAID)[:-5]),
        (0, 6, 0, _plain("200 OK", _SAID + _LAST, "content-type: text/event-stream")),
        (1, 4, 0, b"HTTP/1.1 100 Continue\r\n\r\n" + _plain("200 OK", _WHOLE, _JSON)),
        (1, 6, 0, _plain("200 OK", b"\n\n\n" + _WHOLE, _JSON, "connection: close")),
        (1, 6, 0, _plain("503 Busy", _BUSY, _JSON, "retry-after: 20", "x-ds-trace-id: abc")),
        (1, 6, 0, _plain("200 OK", gzip.compress(_WHOLE), _JSON, "content-encoding: gzip")),
        (2, 6, 0, _plain("200 OK", zlib.compress(b'{"data":[{"id":"m","owned_by":"vllm"}]}'), "content-encoding: deflate")),
        (2, 6, 0, _plain("302 Found", b"", "location: http://login.example/")),
        (2, 6, 0, _plain("403 No", b"<!doctype html><title>Just a moment...</title>", _HTML, "cf-mitigated: challenge")),
        (2, 6, 0, _plain("200 OK", b'{"data":{"page":{"components":[{"component_id":"1","name":"API"}]},"active_changes":[]}}', _JSON)),
        (2, 6, 0, b"HTTP/1.0 200 OK\r\nserver: x\r\n\r\n" + _WHOLE),
        (2, 6, 0, b"SSH-2.0-OpenSSH_9.2\r\n"),
        (2, 6, 0, b""),
    )
)  # fmt: skip
TOKENS: tuple[bytes, ...] = (
    b"HTTP/1.1 ", b"HTTP/2 ", b"200", b"429", b"503", b"999", b"101", b"\r\n", b"\r\n\r\n", b"\r", b"\n", b"\n\n", b"0\r\n\r\n",
    b"content-length: ", b"transfer-encoding: chunked\r\n", b"content-encoding: gzip\r\n", b"content-type: text/event-stream\r\n",
    b"content-type: application/json\r\n", b"ffffffffffffffff", b"-1", b"1e999", b"data: ", b"data:", b"event: ", b": ", b"[DONE]",
    b'{"choices":[', b'"delta":{', b'"message":{', b'"content":', b'"finish_reason":', b'"error":', b'"message":', b'"code":',
    b'"usage":{"completion_tokens":', b"null", b"true", b'"', b"{", b"}", b"[", b"]", b"[[[[[[[[[[[[", b"\\ud800", b"\x00", b"\xff\xfe",
    b"\xef\xbb\xbf", b"\xe6\x9c", b"<html>", b"<title>", b"\x1f\x8b\x08",
)  # fmt: skip
