"""The chat page: what it declares, and that it works in a real browser."""

import base64
import hashlib
import os
import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from deepkit.records import Target
from deepkit.sandbox.web import MOST_COOKIES
from tests.sandbox.conftest import client

CHROMIUM = Path(os.environ.get("CHROMIUM", "/usr/bin/chromium"))


def ask(target: Target, **headers: str) -> httpx.Response:
    """The page's own question."""
    assert target.web_url is not None
    with client(target) as asking:
        return asking.post(
            "/api/v0/chat/completion", json={"prompt": "Hello?", "stream": True}, headers=headers
        )


def cookies(target: Target) -> str:
    """The Cookie header of the scenario's browser."""
    return "; ".join(f"{name}={value}" for name, value in target.profile.cookies.items())


def test_the_page_declares_what_it_serves(opened) -> None:
    """Every script and style has a hash in its name and its markup, and both are those of its content."""
    target = opened("healthy").target
    with client(target) as asking:
        text = asking.get("/").text
        files = re.findall(r'(?:src|href)="(/static/[^"]+)" integrity="sha256-([^"]+)"', text)
        assert len(files) == 3
        for path, declared in files:
            content = asking.get(path)
            digest = hashlib.sha256(content.content).digest()
            assert base64.b64encode(digest).decode() == declared
            assert f".{digest.hex()[:8]}." in path
            assert "immutable" in content.headers["cache-control"]
        assert asking.get("/static/app.00000000.js").status_code == 404


def test_the_chat_answers(opened) -> None:
    """The session is good and a question gets an event stream that ends."""
    target = opened("healthy").target
    with client(target) as asking:
        assert asking.get("/api/v0/users/current").json()["code"] == 0
    answer = ask(target)
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert answer.text.endswith("data: [DONE]\n\n")


def test_the_busy_chat_says_so_while_the_api_answers(opened) -> None:
    """The chat's own words for overload come with HTTP 200; the API and the quiet hour are fine."""
    target = opened("web_busy_api_fine").target
    answer = ask(target)
    assert (answer.status_code, answer.json()["msg"]) == (200, "The server is busy. Please try again later.")
    with client(target) as asking:
        body = {"model": target.model, "messages": [{"role": "user", "content": "Hello?"}]}
        assert asking.post("/chat/completions", json=body).status_code == 200
    assert ask(target.stand_ins["quiet_hour"]).text.endswith("data: [DONE]\n\n")


def test_a_stale_profile_is_refused_and_a_clean_one_is_not(opened) -> None:
    """The expired session gets 401 for session and question; the cached script is not the page's."""
    target = opened("stale_page").target
    with client(target) as asking:
        told = asking.get("/api/v0/users/current", headers={"Cookie": cookies(target)})
        page = asking.get("/", headers={"Cookie": cookies(target)}).text
    assert told.status_code == 401
    assert "invalid token" in told.text
    assert ask(target, Cookie=cookies(target)).status_code == 401
    ((path, held),) = target.profile.cached.items()
    assert path in page
    assert base64.b64encode(bytes.fromhex(held)).decode() not in page
    assert not target.stand_ins["clean_profile"].profile.cookies
    assert ask(target).status_code == 200


def test_oversized_cookies_get_the_web_servers_400(opened) -> None:
    """A Cookie header beyond the server's buffers is refused with its HTML page."""
    target = opened("healthy").target
    with client(target) as asking:
        answer = asking.get("/", headers={"Cookie": "a=" + "x" * MOST_COOKIES})
    assert answer.status_code == 400
    assert "Request Header Or Cookie Too Large" in answer.text


def test_the_blockers_list_stops_the_pages_own_requests(opened) -> None:
    """Each pattern stops something that the page asks for; without extensions nothing is stopped."""
    target = opened("blocked_by_extension").target
    with client(target) as asking:
        page = asking.get("/").text
    wanted = [*re.findall(r'"(/static/[^"]+)"', page), "/api/v0/analytics/events", "/api/v0/chat/completion"]
    for pattern in target.profile.blocked:
        core = pattern.strip("*")
        assert any(core in path for path in wanted), pattern
    assert target.stand_ins["no_extensions"].profile.blocked == ()


@pytest.fixture(scope="module")
def browser() -> Iterator[object]:
    """A real Chromium."""
    if not CHROMIUM.exists():
        pytest.skip(f"no Chromium at {CHROMIUM}; make test installs it, or name one in CHROMIUM")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=str(CHROMIUM), chromium_sandbox=False)
        yield chromium
        chromium.close()


@pytest.mark.browser
@pytest.mark.parametrize(
    ("scenario", "says", "trouble"),
    [
        ("healthy", "Hello! This is the sandbox", ""),
        ("web_busy_api_fine", "The server is busy. Please try again later.", ""),
    ],
)
def test_the_page_works_in_a_browser(opened, browser, scenario: str, says: str, trouble: str) -> None:
    """A person types, sends, and reads the answer or the busy words."""
    page = browser.new_page()
    page.goto(opened(scenario).target.web_url)
    page.fill("#prompt", "Hello?")
    page.click("#send")
    page.wait_for_selector(".answer[data-done=yes]")
    assert says in page.inner_text(".answer")
    assert page.inner_text("#trouble") == trouble
    page.close()


@pytest.mark.browser
def test_the_page_reports_what_was_stopped(opened, browser) -> None:
    """With the list's requests stopped, the page says busy and names what failed."""
    target = opened("blocked_by_extension").target
    page = browser.new_page()
    for pattern in target.profile.blocked:
        page.route(re.compile(re.escape(pattern.strip("*"))), lambda route: route.abort("blockedbyclient"))
    page.goto(target.web_url)
    page.fill("#prompt", "Hello?")
    page.click("#send")
    page.wait_for_selector(".answer[data-done=yes]")
    assert "server is busy" in page.inner_text(".answer")
    assert "analytics script" in page.inner_text("#trouble")
    assert "question (stopped" in page.inner_text("#trouble")
    page.close()
