"""A large HAR file as a browser exports it: many exchanges, few of them DeepSeek's, most of it bodies nobody reads.

The mix follows the web at large: about 45 kB of body a request, median 10 kB, of which a third is
packed text in base64 (images, fonts) and the rest scripts, styles and JSON with their escapes
(https://httparchive.org/reports/page-weight: 2.6 MB in some 70 requests). An exchange has the headers,
cookies and call stack that Chrome writes.
"""

import base64
import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

MEDIAN_BODY, SPREAD = 10_000, 1.7
"""Of the bodies' sizes, which are lognormal, in bytes."""
WORDS = (
    *(
        "function",
        "return",
        "const",
        '"name"',
        '"value"',
        "null",
        "{}",
        "[]",
        "=>",
        "this.state",
        "=",
        "props;\n",
    ),
    *(
        "//",
        "eslint",
        "var",
        "if",
        "else",
        '{"id":',
        '"url\\/path"',
        "window.dataLayer",
        "0.25s",
        "#ffffff\t",
        "<",
        "&amp;",
    ),
    *("été", "服务器繁忙", "🙂"),  # one sign like these is in every recording of the chat page
)
CHAT = "https://chat.deepseek.com"
BUSY = 'data: {"type":"error","content":"服务器繁忙，请稍后再试。 The server is busy."}\n\n'


def _text(rng: random.Random, size: int) -> str:
    piece = " ".join(rng.choices(WORDS, k=400))
    return (piece * (size // len(piece) + 1))[:size]


def _content(rng: random.Random) -> dict[str, Any]:
    size = min(5_000_000, int(rng.lognormvariate(0.0, SPREAD) * MEDIAN_BODY))
    if rng.random() < 0.35:
        body = base64.b64encode(rng.randbytes(size * 3 // 4)).decode()
        return {"size": size, "mimeType": "image/webp", "text": body, "encoding": "base64"}
    return {"size": size, "mimeType": "text/javascript", "text": _text(rng, size)}


def _headers(rng: random.Random, n: int) -> list[dict[str, str]]:
    return [{"name": f"x-header-{i}", "value": f"{rng.getrandbits(64):x} max-age={i}"} for i in range(n)]


def exchange(rng: random.Random, url: str, content: dict[str, Any], method: str = "GET") -> dict[str, Any]:
    """One exchange in the order and with the fields of Chrome's export."""
    frames = [
        {"functionName": f"f{i}", "scriptId": "7", "url": "https://cdn.example.com/app.js", "lineNumber": i}
        for i in range(8)
    ]
    return {
        "_connectionId": str(rng.randrange(99999)),
        "_initiator": {"type": "script", "stack": {"callFrames": frames}},
        "_priority": "High",
        "_resourceType": "script",
        "cache": {},
        "connection": "443",
        "pageref": "page_1",
        "request": {
            "method": method,
            "url": url,
            "httpVersion": "h2",
            "headers": _headers(rng, 18),
            "queryString": [],
            "cookies": [{"name": f"c{i}", "value": f"{rng.getrandbits(128):x}"} for i in range(6)],
            "headersSize": -1,
            "bodySize": 0,
        },
        "response": {
            "status": 200,
            "statusText": "",
            "httpVersion": "h2",
            "headers": _headers(rng, 16),
            "cookies": [],
            "content": content,
            "redirectURL": "",
            "headersSize": -1,
            "bodySize": -1,
            "_transferSize": content["size"],
            "_error": None,
        },
        "serverIPAddress": "203.0.113.9",
        "startedDateTime": "2026-05-01T10:00:00.000Z",
        "time": 120.5,
        "timings": {"blocked": 1.0, "dns": -1, "ssl": -1, "connect": -1, "send": 0.1, "wait": 100.0, "receive": 19.4},
    }  # fmt: skip


def exchanges(megabytes: int, seed: int, *, ascii_only: bool) -> Iterator[str]:
    """Yield exchanges as text until they make up so many megabytes; the last question is told that it is busy."""
    rng = random.Random(seed)
    left = megabytes * 1_000_000
    while left > 0:
        number = rng.randrange(10**6)
        one = exchange(rng, f"https://cdn{number % 7}.example.com/static/{number}.js", _content(rng))
        text = _written(one, ascii_only=ascii_only)
        left -= len(text.encode())
        yield text
    busy = {"size": len(BUSY), "mimeType": "text/event-stream", "text": BUSY}
    yield _written(exchange(rng, f"{CHAT}/api/v0/chat/completion", busy, "POST"), ascii_only=ascii_only)


def _written(one: dict[str, Any], *, ascii_only: bool) -> str:
    """Write an exchange as the browsers do, two spaces a level."""
    return json.dumps(one, indent=2, ensure_ascii=ascii_only).replace("\n", "\n" + " " * 6)


def write(path: Path, megabytes: int, seed: int = 0, *, ascii_only: bool = False) -> int:
    """Write the file; returns how many exchanges it holds."""
    n = 0
    head = '{"log": {"version": "1.2", "creator": {"name": "WebInspector", "version": "537.36"}, "pages": ['
    page = (
        '{"startedDateTime": "2026-05-01T10:00:00.000Z", "id": "page_1", "title": "chat", "pageTimings": {}}'
    )
    with path.open("w", encoding="utf-8") as out:
        out.write(f'{head}{page}],\n    "entries": [')
        for text in exchanges(megabytes, seed, ascii_only=ascii_only):
            out.write((",\n" if n else "\n") + " " * 6 + text)
            n += 1
        out.write("\n    ]\n  }\n}")
    return n
