# ruff: noqa: E501 - inputs read better on one line than cut
"""Where the mutations begin: HAR files of several exporters, pasted errors, reports, and pieces to put into them."""

import gzip
import json
from typing import Any

INSTRUMENTED = ["deepkit.probes", "deepkit.redaction", "deepkit.diagnosis"]
"""Packages whose branches guide the mutations."""
KEY = "sk-fuzz-0123456789abcdef"
_CHAT = "https://chat.deepseek.com"


def _entry(url: str, status: int = 200, text: str = "", **more: Any) -> dict[str, Any]:
    secret = [{"name": "Authorization", "value": f"Bearer {KEY}"}, {"name": "Cookie", "value": f"ds={KEY}"}]
    response = {
        "status": status,
        "headers": [{"name": "Date", "value": "Fri, 01 May 2026 10:00:01 GMT"}],
        "content": {"text": text},
    }
    return {"startedDateTime": "2026-05-01T10:00:00Z", "time": 9.5, "request": {"method": "POST", "url": url, "headers": secret},
            "response": response | more.pop("response", {}), "timings": {"wait": 5, "receive": -1}, **more}  # fmt: skip


def _har(*entries: dict[str, Any], indent: int | None = None) -> bytes:
    return json.dumps(
        {"log": {"creator": {"name": "WebInspector"}, "entries": list(entries)}}, indent=indent
    ).encode()


_ASKED = _entry(f"{_CHAT}/api/v0/chat/completion?token={KEY}", 200, 'data: {"v":"x"}\n\ndata: [DONE]\n\n')
_BUSY = _entry(
    f"{_CHAT}/api/v0/chat/completion",
    200,
    'data: {"content":"服务器繁忙"}\n\n',
    _eventSourceMessages=[{"time": 1777629601.5}],
)
_BLOCKED = _entry(
    f"{_CHAT}/api/v0/users/current", 0, response={"_error": "net::ERR_BLOCKED_BY_CLIENT"}, _fromCache="disk"
)
_CHARLES = _entry("https://api.deepseek.com/chat/completions", 200, response={"_charlesStatus": "EXCEPTION"})
_SAFARI = _entry(
    f"{_CHAT}/static/a.0011aabb.js",
    404,
    _fetchType="Disk Cache",
    response={"_error": "cancelled", "redirectURL": "/sign_in"},
)
_ERRORS = (
    "openai.APIStatusError: Error code: 503 - {'error': {'message': 'Service is too busy.', 'type': 'service_unavailable_error'}}",
    '{"error":{"message":"Authentication Fails, Your api key: ****cdef is invalid","type":"authentication_error","param":null}}',
    f"curl -H 'Authorization: Bearer {KEY}' https://api.deepseek.com/v1/models\ncurl: (28) Operation timed out after 5000 ms",
    "requests.exceptions.SSLError: HTTPSConnectionPool(host='api.deepseek.com', port=443): certificate verify failed",
    "服务器繁忙，请稍后再试。", "Error 429: Your current concurrency is 26, which exceeds your concurrency limit of 25",
)  # fmt: skip
_REPORTS = (
    f'{{"headers":[{{"name":"Cookie","value":"a={KEY}"}}],"api_key":"{KEY}","host":"10.0.0.7","mail":"a@b.example"}}',
    f"HTTPS_PROXY=http://bob:pw1@10.0.0.1:3128 DEEPSEEK_API_KEY={KEY} /home/ada/x.py eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0.abcdefgh",
)
SEEDS: tuple[bytes, ...] = (
    *(b"\0\0" + _har(*some, indent=indent) for indent, some in (
        (None, (_ASKED, _BUSY)), (2, (_BLOCKED, _ASKED, _BLOCKED)), (None, (_CHARLES, _SAFARI, _BUSY)),
        (4, (_ASKED, _ASKED, _SAFARI)), (None, ()),
    )),
    b"\0\2" + gzip.compress(_har(_BUSY)),
    b"\1\1" + "\ufeff".encode("utf-16-le") + _har(_ASKED).decode().encode("utf-16-le"),
    *(b"\2\0" + one.encode() for one in _ERRORS),
    *(b"\3\0" + one.encode() for one in _REPORTS),
)  # fmt: skip
TOKENS: tuple[bytes, ...] = (
    b'"entries":[', b'"request":{', b'"response":{', b'"url":"https://chat.deepseek.com/api/v0/chat/completion"', b'"status":', b'"_error":"net::ERR_',
    b'"headers":[', b'{"name":"', b'"value":"', b'"content":{"text":"', b'"encoding":"base64"', b"},{", b"]}}", b'"log":{', b"NaN", b"1e999", b"-1",
    b"\\ud800", b"\\u0000", b"\\", b'\\"', b"\xff\xfe", b"\xe6\x9c", b"\x00", b"\n", b"[[[[[[[[[[[[[[[[", b'{"a":{"a":{"a":', b"null", b"true", b'"',
    b"Error code: ", b"503", b"429", b"timed out", b"Traceback (most recent call last):\n", b"api.deepseek.com", b"127.0.0.1:8080", b"***",
    KEY.encode(), b"Bearer ", b"api_key=", b"Cookie: ", b"https://", b"@", b"%73%6b-", b"c2stZnV6eg==", b"ip-1", b"[removed:key]", b"::1", b"10.0.0.1",
)  # fmt: skip
