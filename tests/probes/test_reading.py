"""How a pasted text is taken apart: logs, texts without an error, particulars, languages, own network code."""

from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deepkit.checks import Text
from deepkit.diagnosis import diagnose
from deepkit.probes._details import details
from deepkit.probes._entries import take_apart
from deepkit.probes._language import language_of
from deepkit.probes._nothing import says_nothing_wrong
from deepkit.probes.text import read_text
from deepkit.records import Diagnosis, Evidence

CURED = "10:00:01 WARN  llm 503 Service is too busy, trying again\n10:00:03 INFO  llm ok after one retry"
FATAL = "10:07:00 ERROR llm 401 Authentication Fails, Your api key: ****zzzz is invalid"
GIVING_UP = "10:07:01 ERROR worker stopped, giving up"


def facts(text: str, **known: str) -> Text:
    """The facts of one text."""
    found = read_text(text, **known).facts
    assert isinstance(found, Text)
    return found


def judged(text: str, **known: str) -> Diagnosis:
    """The diagnosis of one text by itself."""
    return diagnose(Evidence((read_text(text, **known),)))


def test_the_last_error_that_was_not_cured_counts() -> None:
    """What a retry cured, and "giving up", are not what stopped the work."""
    log = f"{CURED}\n{FATAL}\n{GIVING_UP}"
    assert judged(log, surface="api").verdict == "auth_failed"
    assert any("503" in one for one in facts(log, surface="api").others)


def test_where_all_failed_the_one_asked_first_counts() -> None:
    """A relay that tried one after the other failed because the first one did."""
    log = (
        "[relay] 09:00:01 deepseek 503 Service is too busy\n"
        "[relay] 09:00:02 groq 429 rate limit reached\n"
        "[relay] 09:00:03 all 2 providers failed"
    )
    assert judged(log, surface="api").verdict == "server_overloaded"


@pytest.mark.parametrize("noise", list(permutations((
    "POST https://gator.volces.com/list net::ERR_BLOCKED_BY_CLIENT",
    "[Violation] 'message' handler took 200ms",
    "The resource https://chat.deepseek.com/x.css was preloaded using link preload but not used",
))))  # fmt: skip
def test_what_a_page_only_complains_of_is_not_the_error(noise: tuple[str, ...]) -> None:
    """Telemetry that a blocker stops and warnings of the page stand in any order around the failed question."""
    log = "\n".join(
        (*noise, "POST https://chat.deepseek.com/api/v0/chat/completion 503 (Service Unavailable)")
    )
    assert judged(log, surface="web").verdict == "server_overloaded"


def test_one_error_is_no_log() -> None:
    """A trace of one error is read whole."""
    assert (
        take_apart("Traceback (most recent call last):\n  File x\nopenai.APIError: 402 Insufficient Balance")
        is None
    )


@pytest.mark.parametrize(("text", "kind"), [
    ("--- PASS: TestRetry503 (0.00s)\n--- PASS: TestInsufficientBalance (0.00s)\nok  pkg/llm 0.3s", "tests"),
    ("## 2.4.0\n- Fixed: 429 shown as connection lost\n- Added: waits for 503", "notes"),
    ("fix(api): a 402 is no longer retried\n\nCloses #12", "notes"),
    ("10:00 INFO POST /chat/completions 200 in 2 s\n10:01 INFO job done, 0 errors", "log"),
    ('{"choices":[{"message":{"content":"Hello."},"finish_reason":"stop"}]}', "answer"),
    ("def call():\n    try:\n        ask()\n    except APIError as error:\n        if error.status == 503:\n            wait()", "code"),
    ("Write a Python function that retries on 429 and 503", "prompt"),
    ("请写一个函数，遇到 402 就停止", "prompt"),
    ("429 と 503 を再試行するコードを書いてください", "prompt"),
    ("Thanks, it works again now", "fine"),
])  # fmt: skip
def test_a_text_that_reports_no_error_accuses_nobody(text: str, kind: str) -> None:
    """It may name any error; the verdict is no_error, and it is nobody's fault."""
    found = judged(text)
    assert says_nothing_wrong(text) == kind
    assert (found.verdict, found.whose, found.accusations) == ("no_error", "nobody", ())


@pytest.mark.parametrize("text", [
    "Traceback (most recent call last):\n  raise RateLimitError\nopenai.RateLimitError: 429",
    "I wrote a function that retries but it fails with 402 Insufficient Balance",
    "--- FAIL: TestRetry (0.10s)\n    want 200, got 503",
])  # fmt: skip
def test_a_report_stays_one(text: str) -> None:
    """Code and tests beside a real error do not hide it."""
    assert judged(text, surface="api").verdict != "no_error"


@pytest.mark.parametrize(("text", "said"), [
    ("Please try again in 1m30s", {"wait_s": 90.0}),
    ("retry-after: 12", {"wait_s": 12.0}),
    ("banned until March 3, 2031 07:05", {"until": "2031-03-03T07:05"}),
    ("禁言至 2031年3月3日", {"until": "2031-03-03"}),
    ("заблокирован до 03.03.2031", {"until": "2031-03-03"}),
    ('"mute_until": 1900000000', {"until": "2030-03-17T17:46Z"}),
    ("Limit 5000, Requested 7200", {"limit": 5000, "asked": 7200}),
    ("model: deepseek-v9 is unknown", {"model": "deepseek-v9"}),
    ("messages[3].content: invalid type", {"field": "messages[3].content"}),
])  # fmt: skip
def test_particulars_are_said_back(text: str, said: dict[str, object]) -> None:
    """What a text gives of times, limits, models and fields is read."""
    assert said.items() <= details(text).items()


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=300))
def test_no_text_breaks_the_reading(text: str) -> None:
    """Any text is read, and what is read of it fits the facts' bounds."""
    found = facts(text) if text.strip() else Text()
    assert not found.unreadable


@pytest.mark.parametrize(("text", "language"), [
    ("The page does not load and I see nothing", "en"),
    ("网页打不开", "zh"),
    ("Страница не открывается", "ru"),
    ("La página no carga desde ayer", "es"),
    ("ページが開きません", "ja"),
    ("Die Seite lädt seit gestern nicht", "de"),
    ("A página não abre desde ontem", "pt"),
    ("La page ne s'ouvre pas depuis hier", "fr"),
    ("Error code: 402 - {'error': {'message': 'no balance'}}", "en"),
])  # fmt: skip
def test_the_language_is_told(text: str, language: str) -> None:
    """By script, and by short words that only one language has often."""
    assert language_of(text) == language


def test_own_network_code_outranks_a_wrappers_guess() -> None:
    """Where the machine's own code failed, no server said what the wrapper says, its status included."""
    wrapped = (
        'Please check your API key! {"code":503,"message":"busy","cause":"PKIX path building failed: '
        'unable to find valid certification path"}'
    )
    assert judged(wrapped, surface="api").verdict == "tls_intercepted"


def test_a_mention_proves_nothing() -> None:
    """DeepSeek's own sentence is an artefact where it came as an answer, and hearsay in a bare text."""
    sentence = "our docs explain Insufficient Balance"
    assert judged(sentence).accusations[0].state != "SHOWN"
    assert judged("HTTP 402: Insufficient Balance", surface="api").accusations[0].state == "SHOWN"
