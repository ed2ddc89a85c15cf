"""What is read out of a pasted error, whatever its encoding, and what is left out."""

import json

import pytest

from deepkit.checks import Text
from deepkit.probes.text import read_text
from deepkit.records import Evidence, Observation
from deepkit.schema import as_json

BUSY = "服务器繁忙，请稍后再试"
KEY = "sk-4f9d1c7be02a4d5a8c3e6f7a9b0c1d2e"


def found(text: str | bytes, **known: object) -> Text:
    """The facts of a text."""
    return typed(read_text(text, **known))  # type: ignore[arg-type]


def typed(seen: Observation) -> Text:
    """The facts of an observation of a text."""
    return Evidence((seen,)).facts(Text)


def said(seen: Observation) -> str:
    """Everything an observation says, as one text."""
    return json.dumps([seen.reason, as_json(seen.facts)], ensure_ascii=False)


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "gb18030", "utf-32"]
)
def test_encodings(encoding: str) -> None:
    """The same words are recognised in every encoding that a console writes."""
    text = f"Error: {BUSY} (the request was sent to api.deepseek.com)"
    assert "busy_web" in found(text.encode(encoding)).signals


@pytest.mark.parametrize("table", ["cp1252", "latin-1", "gb18030"])
def test_mojibake(table: str) -> None:
    """Chinese that was decoded with the wrong table is still recognised."""
    spoilt = "余额不足，请先充值".encode().decode(table, "ignore")
    assert "balance" in found(f"error: {spoilt}").signals


def test_cut_and_odd_bytes_survive() -> None:
    """Cut letters, zeros and lone surrogates never raise."""
    for raw in (
        BUSY.encode()[:-1],
        b"\xff\xfe\x00",
        b"\x00" * 50,
        bytes(range(256)),
        b"\x80\x81 402 Insufficient Balance",
    ):
        read_text(raw)
    read_text("lone \ud83d surrogate \\ud83d and 503")


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("HTTP/1.1 503 Service Unavailable", 503),
        ("Error code: 401 - {}", 401),
        ('"HTTP/1.1 400 Bad Request"', 400),
        ("请求失败，状态码：429", 429),
        ("[GIN] 2026/01/02 - 10:00:00 | 503 |  41.2ms | 127.0.0.1 | POST", 503),
        ("status=504 after 60000 ms", 504),
        ("unexpected status 404 Not Found", 404),
        ("waited 500 ms, then 429 Too Many Requests", 429),
        ("requested 400 tokens of 500", None),
        ('File "client.py", line 404, in ask\nTimeoutError', None),
        ("connect ECONNREFUSED 203.0.113.9:443", None),
    ],
)
def test_status_in_many_dialects(text: str, status: int | None) -> None:
    """Statuses are read in every dialect, and other numbers are none."""
    assert found(text).http_status == status


def test_given_status_wins() -> None:
    """What is known apart from the text is not overruled by it."""
    assert found("HTTP 500", http_status=503).http_status == 503


@pytest.mark.parametrize(
    ("text", "peer"),
    [
        ("POST https://api.deepseek.com/v1/chat/completions failed", "official"),
        ("request to http://localhost:11434/v1/chat/completions failed", "local"),
        ("POST http://192.168.3.20:3000/v1/chat/completions 503", "private"),
        ("POST https://openrouter.ai/api/v1/chat/completions 502", "provider"),
        ("POST https://api.deepseek-pro.example.com/v1/chat/completions 502", "side"),
        ('Post "https://api-deepseek.com/v1/chat/completions": 404', "look_alike"),
        ("https://api.deepseeek.com/v1/chat/completions 403", "look_alike"),
    ],
)
def test_who_was_asked(text: str, peer: str) -> None:
    """Host and port tell who was asked: DeepSeek, a reseller, this machine, or a look-alike."""
    assert found(text).peer == peer


def test_look_alikes_are_named_and_others_are_not() -> None:
    """A host that bears DeepSeek's name is flagged; DeepSeek's own, packages and files are not."""
    assert found("base_url=https://api.deepseek.com.cn/v1").look_alikes
    calm = "chat.deepseek.com io.github.pigmesh.ai.deepseek.core.Utils deepseek.py models--deepseek-ai https://github.com/deepseek-ai"
    assert not found(calm).look_alikes


def test_key_tails() -> None:
    """The end of an echoed key shows a stray quote or an unexpanded template."""
    for tail, problem in (
        ('3f"', "quote"),
        ("KEY}", "placeholder"),
        ("null", "placeholder"),
        ("here", "placeholder"),
        ("9ab1", None),
    ):
        text = f"Authentication Fails, Your api key: ****{tail} is invalid"
        assert found(text).key_tail == problem


def test_secrets_are_dropped() -> None:
    """Neither keys, passwords, user names nor private addresses are in what is kept."""
    text = (
        f"Authorization: Bearer {KEY}\nproxy http://anna:hunter2@10.1.2.3:3128 failed: ProxyError\n"
        f'File "C:\\Users\\annamaria\\app.py" api_key="{KEY}" 401 Unauthorized from 10.1.2.3'
    )
    kept = said(read_text(text))
    for secret in (KEY, "hunter2", "annamaria", "10.1.2.3", KEY[3:20]):
        assert secret not in kept
    assert found(text).removed


@pytest.mark.timeout(30)
@pytest.mark.parametrize("where", [0, 10_000, 19_999])
def test_size_is_bounded(where: int) -> None:
    """A long log is read wherever its error stands, and the facts stay small."""
    lines = ["2026-01-01 INFO all is well, 17 items"] * 20_000
    lines[where] = "httpx.ConnectTimeout: timed out"
    seen = read_text("\n".join(lines))
    assert "connect_timeout" in typed(seen).signals
    assert typed(seen).shortened is True
    assert len(said(seen)) < 20_000


@pytest.mark.timeout(60)
@pytest.mark.parametrize("piece", ["a", "a.", "(", "http://", "\\", "key ", "1.1.1."])
def test_a_hostile_text_is_no_hang(piece: str) -> None:
    """Long runs of what patterns repeat over do not blow up, and show nothing."""
    assert found(piece * (100_000 // len(piece))).signals == {}


def test_same_text_same_facts() -> None:
    """Reading is a pure function of what was given."""
    text = "HTTP 503 Service is too busy from https://api.deepseek.com/chat/completions"
    assert read_text(text).facts == read_text(text).facts


def test_empty_text_is_not_checked() -> None:
    """Nothing pasted is nothing observed, with a sentence that says what to do."""
    seen = read_text("  \n")
    assert seen.outcome == "not_checked"
    assert "paste" in seen.reason


def test_excerpts_keep_their_case() -> None:
    """Patterns are searched in lower case; what is quoted stands as it was pasted."""
    seen = read_text("Fatal: CERTIFICATE_VERIFY_FAILED by MyCorp", surface="api")
    assert "CERTIFICATE_VERIFY_FAILED" in typed(seen).signals["tls_untrusted"]


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("openai.RateLimitError: slow down, please", 429),
        ("the gateway returned a 402", 402),
        ("curl: (56) CONNECT tunnel failed, response 403", None),
        ("OSError: Tunnel connection failed: 407 Proxy Authentication Required", None),
        ("app.py, line 407, in ask", None),
    ],
)
def test_status_is_the_servers(text: str, status: int | None) -> None:
    """An exception's class and a sentence give a status; a tunnel's refusal and a line number do not."""
    assert found(text).http_status == status


def test_loose_words_only_where_nothing_else_is_known() -> None:
    """A noun near a word of failure counts when no known wording and no status was found."""
    alone = found("Widget says: deployment unsupported", surface="third_party")
    assert list(alone.signals) == ["loose_model"]
    known = found("402 Insufficient Balance, deployment unsupported", surface="api")
    assert not [name for name in known.signals if name.startswith("loose_")]
    for nothing in ("The request failed.", "API request to the server failed", "请求失败"):
        assert not [name for name in found(nothing).signals if name.startswith("loose_")]


@pytest.mark.parametrize(
    "text",
    [
        "it took 500 ms",
        "generated 404 tokens",
        "a limit of 500",
        "main.js:404:12",
        "version 5.0.3 build 1.429",
        "共有 500 个",
        "10.0.0.1:502",
    ],
)
def test_a_count_is_no_status(text: str) -> None:
    """A bare number is read as a status only where it counts nothing."""
    assert found(text, surface="api").http_status is None
