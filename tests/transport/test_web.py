"""The browser's part: page, assets, session and question, with the profile's cookies, cache and blocker."""

import base64
import hashlib
from typing import Any

import msgspec
import pytest

from deepkit.records import Profile
from deepkit.transport import Visit, visit
from deepkit.transport.web import is_blocked, same_hash
from tests.servers import GOOD, Handler, answer, request, serving
from tests.transport.kit import FAST, meter, run, target

APP = b"console.log('app')"
DIGEST = hashlib.sha256(APP).hexdigest()
SRI = "sha256-" + base64.b64encode(hashlib.sha256(APP).digest()).decode()
PAGE = f"""<!doctype html><html><head><title>Chat</title>
<link rel="stylesheet" href="/static/app.css"><script src="/static/app.js" integrity="{SRI}"></script>
<script src="https://stats.example/x.js"></script></head><body><img src="/logo.png">
<template>The server is busy.</template></body></html>"""
PATHS = {
    "/": answer(200, PAGE, "text/html"),
    "/static/app.css": answer(200, "a{}", "text/css"),
    "/static/app.js": answer(200, APP, "text/javascript"),
    "/logo.png": answer(200, "png", "image/png"),
    "/api/v0/users/current": answer(200, '{"data": {"id": 1}}'),
    "/api/v0/chat/completion": GOOD,
}


def site(heard: list[Any], **changed: bytes) -> Handler:
    """The chat site; keyword arguments replace single answers by the last part of their path."""
    paths = {
        path: next((reply for name, reply in changed.items() if path.endswith("/" + name)), usual)
        for path, usual in PATHS.items()
    }
    paths["/"] = changed.get("page", paths["/"])

    async def handler(reader: Any, writer: Any) -> None:
        while True:
            line, headers, body = await request(reader)
            heard.append((line.split()[1], headers, body))
            writer.write(paths.get(line.split()[1], answer(404, "", "text/plain")))
            await writer.drain()

    return handler


def visited(profile: Profile = Profile(), *, live: bool = False, **changed: bytes) -> tuple[Visit, list[Any]]:
    heard: list[Any] = []

    async def body() -> Visit:
        async with serving(site(heard, **changed)) as port:
            whom = target(port, web_url=f"http://127.0.0.1:{port}/", profile=profile, live=live)
            return await visit(whom, FAST, meter(), prompt="ping", max_tokens=8, deadline_s=None)

    return run(body()), heard


def test_a_good_visit() -> None:
    """Page, own assets, session, question, in this order, over the same origin only; the key stays home."""
    seen, heard = visited(Profile(cookies={"ds_session_id": "abc"}))
    assert (seen.failure, seen.page_status, seen.session_status, seen.asked) == (None, 200, 200, True)
    assert [path for path, _, _ in heard] == list(PATHS)
    assert all(headers["cookie"] == "ds_session_id=abc" for _, headers, _ in heard)
    assert not any("authorization" in headers for _, headers, _ in heard)
    assert msgspec.json.decode(heard[-1][2])["prompt"] == "ping"
    assert seen.question is not None
    assert seen.question.text == "pong"
    assert (seen.busy_text, seen.cookie_bytes) == ("", len("ds_session_id=abc"))


def test_a_good_cache_saves_the_request() -> None:
    """A cached file of the declared content is used and not fetched."""
    seen, heard = visited(Profile(cached={"/static/app.js": DIGEST}))
    assert seen.failure is None
    assert "/static/app.js" not in [path for path, _, _ in heard]


def test_a_stale_cache_breaks_the_page() -> None:
    """A cached script of another content is refused by the page's own hash; no question is asked."""
    seen, _ = visited(Profile(cached={"/static/app.js": "00" * 32}))
    assert (seen.failure, seen.asked) == ("stale_page", False)
    assert [one.path for one in seen.assets if one.stale] == ["/static/app.js"]


@pytest.mark.parametrize(
    ("pattern", "failure"),
    [("/static/app.js", "blocked_by_client"), ("*/users/*", "blocked_by_client"), ("/chat/completion", "blocked_by_client"),
     ("logo.png", None), ("stats.example", None)],
)  # fmt: skip
def test_a_blocker(pattern: str, failure: str | None) -> None:
    """What the blocker names is never sent; only what the page cannot do without is a failure."""
    seen, heard = visited(Profile(blocked=(pattern,)))
    assert seen.failure == failure
    assert not any(is_blocked(f"http://127.0.0.1{path}", (pattern,)) for path, _, _ in heard)


def test_busy_words() -> None:
    """The busy text in an answer is kept, in Chinese too; the page's own hidden template is none."""
    reply = answer(200, '{"code": 1, "msg": "服务器繁忙，请稍后再试"}')
    seen, _ = visited(completion=reply)
    assert (seen.failure, seen.busy_text) == ("stream_error", "服务器繁忙")


@pytest.mark.parametrize(
    ("changed", "failure"),
    [
        ({"page": answer(403, "<html><title>Just a moment...</title>", "text/html")}, "block_page"),
        ({"page": answer(200, "{}")}, "wrong_content"),
        ({"page": answer(500, "")}, "http_500"),
        ({"app.js": answer(404, "")}, "http_404"),
        ({"current": answer(401, "{}")}, "http_401"),
        ({"completion": answer(503, "{}")}, "http_503"),
    ],
)
def test_each_step_can_fail(changed: dict[str, bytes], failure: str) -> None:
    """The first failure on the way is the visit's."""
    assert visited(**changed)[0].failure == failure


def test_live_without_a_session_nothing_is_asked() -> None:
    """A stranger cannot ask the real chat: that the site answers is then all that is claimed."""
    seen, heard = visited(live=True, current=answer(401, '{"code": 40003}'))
    assert (seen.failure, seen.asked, seen.question) == (None, False, None)
    assert len(heard) == 5


def test_hashes_compare_in_any_form() -> None:
    """SRI, hexadecimal and its beginning are the same content; nothing equals nothing."""
    assert same_hash(SRI, DIGEST)
    assert same_hash(DIGEST[:8], DIGEST)
    assert not same_hash(SRI, "00" * 32)
    assert not same_hash("", DIGEST)
