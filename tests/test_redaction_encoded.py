"""No secret survives, whatever shape it has, wherever it is planted and however it is wrapped."""

import base64
import json
from collections.abc import Callable
from urllib.parse import quote

import pytest

import deepkit
from deepkit.answers import document
from deepkit.checks import Har
from deepkit.probes.har import read_har
from deepkit.records import Evidence
from deepkit.redaction import Redactor, redact
from deepkit.triage import explain

SECRETS = {
    "deepseek": "sk-0123456789abcdef0123456789abcdef",
    "openrouter": "sk-or-v1-0a1b2c3d4e5f60718293a4b5c6d7e8f9",
    "google": "AIzaSyA0B1C2D3E4F5G6H7I8J9K0L1M2N3O4P5Q",
    "groq": "gsk_0a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8s9T",
    "jwt": "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9P",
}


def _b64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def _all_percent(text: str) -> str:
    return "".join(f"%{ord(sign):02x}" for sign in text)


def _broken(text: str) -> str:
    return f"{text[:20]}\n{text[20:]}"


WRAPPINGS: dict[str, Callable[[str], str]] = {
    "plain": str,
    "json": lambda s: json.dumps({"a": [{"Authorization": f"Bearer {s}"}]}),
    "json in json": lambda s: json.dumps({"body": json.dumps({"api_key": s})}),
    "json escapes": lambda s: '"' + "".join(f"\\u{ord(sign):04x}" for sign in s) + '"',
    "base64": _b64,
    "base64 of json": lambda s: _b64(json.dumps({"user": "ada", "key": s})),
    "base64 in a path": lambda s: f"https://x.example/files/a/{_b64('token is ' + s)}/raw",
    "base64url": lambda s: base64.urlsafe_b64encode(s.encode()).decode().rstrip("="),
    "base64 in lines": lambda s: base64.encodebytes((f"header of some length: {s} " * 2).encode()).decode(),
    "base64 twice": lambda s: _b64(_b64(s)),
    "percent": _all_percent,
    "query": lambda s: f"https://x.example/cb?next={quote('https://y.example/?api_key=' + s, safe='')}&a=1",
    "percent twice": lambda s: quote(_all_percent(s), safe=""),
    "percent of base64": lambda s: quote(_b64(s) + "==", safe=""),
}
PRIVATE = "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASC\nBKcwggSjAgEAAoIBAQC7\n-----END PRIVATE KEY-----"


@pytest.mark.parametrize("wrapping", WRAPPINGS)
@pytest.mark.parametrize("kind", SECRETS)
def test_a_wrapped_secret_vanishes(kind: str, wrapping: str) -> None:
    """Neither the secret nor its wrapped form survives in a text or a tree, and redacting twice changes nothing."""
    secret, wrapped = SECRETS[kind], WRAPPINGS[wrapping](SECRETS[kind])
    bare = max(wrapped.split("/") if wrapping == "base64 in a path" else wrapped.splitlines(), key=len)
    done = redact(f"the server said: {wrapped} and closed")
    assert secret not in done.text
    assert bare not in done.text
    assert done.removed
    assert redact(done.text).text == done.text
    tree = json.dumps(Redactor().redact_tree({"facts": [{"note": wrapped, wrapped: 1}]}))
    assert secret not in tree
    assert bare not in tree


@pytest.mark.parametrize("kind", ["deepseek", "jwt"])
def test_a_secret_broken_over_lines_vanishes(kind: str) -> None:
    """A terminal's line break in the middle leaves neither half."""
    secret = SECRETS[kind]
    done = redact(f"key: {_broken(secret)}\nnext line stays")
    assert secret[:20] not in done.text
    assert secret[20:] not in done.text
    assert "next line stays" in done.text


def test_a_private_key_vanishes() -> None:
    """A PEM block goes as a whole; a certificate, which is public, stays."""
    public = PRIVATE.replace("PRIVATE KEY", "CERTIFICATE")
    assert "MIIE" not in redact(PRIVATE).text
    assert redact(public).text == public


@pytest.mark.parametrize(
    "text",
    [
        "GET /v1/models?page=2%203&q=%E6%9C%8D%E5%8A%A1%E5%99%A8 HTTP/1.1",
        "https://chat.deepseek.com/static/main.1f2e3d4c5b6a79880011.js",
        "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
        "trace 0af7651916cd43dd8448eb211c80319c span b7ad6b7169203331",
        r"\u670d\u52a1\u5668\u7e41\u5fd9",
        "aGVsbG8gd29ybGQsIHRoaXMgaXMgb25seSBhIGdyZWV0aW5n",
        "deepseek-ai/DeepSeek-V3.1-Terminus",
    ],
)
def test_encoded_text_without_a_secret_stays(text: str) -> None:
    """Addresses, hashes, trace ids and encoded prose come back unchanged."""
    assert redact(text).text == text


PLACES: dict[str, Callable[[str], dict]] = {
    "header": lambda s: {"request": {"headers": [{"name": "Authorization", "value": f"Bearer {s}"}]}},
    "cookie": lambda s: {
        "request": {"headers": [{"name": "Cookie", "value": s}], "cookies": [{"name": "a", "value": s}]}
    },
    "query": lambda s: {"request": {"url": f"https://chat.deepseek.com/api/v0/chat/completion?token={s}"}},
    "login": lambda s: {"request": {"url": f"https://u:{s}@chat.deepseek.com/api/v0/chat/completion"}},
    "path": lambda s: {"request": {"url": f"https://chat.deepseek.com/{s}/api/v0/users/current"}},
    "method": lambda s: {"request": {"method": s}},
    "body": lambda s: {"response": {"status": 401, "content": {"text": f'{{"msg":"invalid token {s}"}}'}}},
    "base64 body": lambda s: {
        "response": {
            "status": 401,
            "content": {"text": _b64(f'{{"msg":"invalid token {s}"}}'), "encoding": "base64"},
        }
    },
    "error": lambda s: {"response": {"status": 0, "_error": f"net::ERR_BLOCKED_BY_CLIENT {s}"}},
    "redirect": lambda s: {
        "response": {"status": 302, "redirectURL": f"https://x.example/sign_in?token={s}"}
    },
    "event": lambda s: {"_eventSourceMessages": [{"time": 1777629601, "data": s}], "_initiator": {"url": s}},
}


@pytest.mark.parametrize("wrapping", ["plain", "base64", "percent", "json in json", "json escapes"])
@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("kind", ["deepseek", "jwt"])
def test_a_secret_in_a_recording_never_comes_out(kind: str, place: str, wrapping: str) -> None:
    """Planted anywhere in a HAR file, a secret is in neither the evidence nor the JSON nor its wrapped form."""
    secret = SECRETS[kind]
    wrapped = WRAPPINGS[wrapping](secret)
    entry: dict = {
        "startedDateTime": "2026-05-01T10:00:00Z",
        "request": {
            "method": "POST",
            "url": "https://chat.deepseek.com/api/v0/chat/completion",
            "headers": [],
        },
        "response": {"status": 503, "content": {"text": "busy"}},
    }
    for name, value in PLACES[place](wrapped).items():
        entry[name] = entry.get(name, {}) | value if isinstance(value, dict) else value
    raw = json.dumps({"log": {"creator": {"name": wrapped}, "entries": [entry]}}).encode()
    seen = read_har(raw)
    assert Evidence((seen,)).facts(Har).deepseek == 1
    told = repr(seen) + json.dumps(document(explain(har=raw)), ensure_ascii=False)
    for form in (secret, secret[3:], wrapped, json.dumps(wrapped)[1:-1]):
        assert form not in told


def test_the_public_name_is_the_same() -> None:
    """What is promised here holds for `deepkit.redact`."""
    assert deepkit.redact is redact
