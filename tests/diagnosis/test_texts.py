"""Pasted errors: the right cause comes first, and what is doubtful is called so."""

import pytest

from deepkit.diagnosis import RULES, diagnose, explain_rule
from deepkit.errors import UnknownNameError
from deepkit.probes.text import read_text
from deepkit.records import Diagnosis, Evidence, Settings
from tests.diagnosis.corpus import API, BETWEEN, CASES, Case, body, cases


def judged(text: str, **known: object) -> Diagnosis:
    """The diagnosis of one pasted text."""
    surface = "web" if known.get("surface") == "web" else "api"
    return diagnose(Evidence((read_text(text, **known),), settings=Settings(surface=surface)))  # type: ignore[arg-type]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case[0]}-{case[1][:40]}")
def test_right_cause_first(case: Case) -> None:
    """Each client's dialect leads to its cause; a text without a reason stays inconclusive."""
    cause, text, known = case
    found = judged(text, **known)
    assert found.verdict == cause
    if found.accusations and found.accusations[0].state == "SHOWN":
        assert found.accusations[0].cause == cause


@pytest.mark.parametrize("case", cases("account"), ids=lambda case: f"{case[0]}-{case[1][:40]}")
def test_wrapping_changes_nothing(case: Case) -> None:
    """Colours, frames, a log's prefix and a terminal's line breaks do not change the cause."""
    cause, text, known = case
    wrapped = f"\x1b[31m2026-05-04 12:00:00,104 ERROR app:\x1b[0m │ {text} │\n"
    assert judged(wrapped, **known).verdict == cause
    lines = "\n".join(text[at : at + 76] for at in range(0, len(text), 76))
    assert judged(lines, **known).verdict == cause


@pytest.mark.parametrize(
    "text",
    [
        "JSONDecodeError: Expecting value: line 1 column 1 (char 0)",
        "Connection error.",
        "Request timed out.",
        "unexpected end of JSON input",
        "503 Service Unavailable",
        "The `reasoning_content` in the thinking mode must be passed back to the API.",
        "Authentication Fails (no such user)",
        "CERTIFICATE_VERIFY_FAILED",
        "The server is busy. Please try again later.",
    ],
)
def test_words_with_two_readings_are_never_shown(text: str) -> None:
    """What has more than one reading is at most LIKELY."""
    assert all(one.state != "SHOWN" for one in judged(text, **API).accusations)


def test_blank_json_lists_both_readings() -> None:
    """Blank JSON is load first and a wrong address second; the check that decides is named."""
    found = judged("JSONDecodeError: Expecting value: line 1 column 1 (char 0)", **API)
    causes = [one.cause for one in found.accusations]
    assert causes[:2] == ["empty_response_under_load", "wrong_endpoint"]
    assert found.next_check


def test_own_sentences_passed_on_by_others_are_not_shown() -> None:
    """The same sentence through a reseller speaks of the reseller's account: at most LIKELY."""
    text = body("Insufficient Balance", "unknown_error")
    assert judged(text, **API, http_status=402).accusations[0].state == "SHOWN"
    assert judged(text, **BETWEEN, http_status=402).accusations[0].state == "LIKELY"


def test_advice_in_a_text_is_no_evidence() -> None:
    """A client's hint names every layer; only what happened counts."""
    advice = "Hint: check your DNS, your proxy, your API key and that the certificate has not expired."
    assert judged(f"HTTP 402 Insufficient Balance\n{advice}", **API).verdict == "insufficient_balance"
    assert judged(f"Connection error.\n{advice}", **API).verdict == "inconclusive"


def test_rules_have_one_id_each_and_explain_themselves() -> None:
    """Ids are unique, and each says what it concludes, needs, proves and rests on; an unknown one names its neighbours."""
    ids = [rule.id for rule in RULES]
    assert len(set(ids)) == len(ids)
    for rule in ids:
        heads = [line.partition(":")[0] for line in explain_rule(rule).splitlines()]
        assert heads == [rule, "Needs", "Proves", "Source"]
    with pytest.raises(UnknownNameError, match=r"server\.queue"):
        explain_rule("server.qeue")


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("401 Authentication Fails, Your api key: ****null is invalid", "unfilled"),
        ('401 Authentication Fails, Your api key: ****9c2" is invalid', "quotation"),
        ("401 Authentication Fails, Your api key: ****9c2f is invalid", "whole one"),
        ("402 Insufficient Balance", "balance"),
        ("Error: connect ECONNREFUSED 127.0.0.1:11434", "this machine"),
        ("dial tcp 203.0.113.7:443: connect: connection refused", "dns.fresh"),
        ("POST https://example.org/v1/v1/chat/completions 404 page not found", "address"),
    ],
)
def test_what_to_look_at_next(text: str, word: str) -> None:
    """The next check fits what was read: the key's end, the local server, the address."""
    assert word in (judged(text).next_check or "")


OWN = [
    case
    for case in CASES
    if (found := judged(case[1], **case[2])).accusations and found.accusations[0].state == "SHOWN"
]


@pytest.mark.parametrize(
    "host", ["api-deepseek.com", "api.deepseek.com.cn", "api.deepseeek.com", "deepseek-api.top"]
)
@pytest.mark.parametrize("case", OWN, ids=lambda case: f"{case[0]}-{case[1][:40]}")
def test_a_look_alike_shows_nothing_of_deepseek(case: Case, host: str) -> None:
    """DeepSeek's own sentence from a host that only bears its name is at most LIKELY; only the length limit counts anywhere."""
    _, text, known = case
    asked = f"{text}\nPOST https://{host}/v1/chat/completions"
    shown = [one.cause for one in judged(asked, **known).accusations if one.state == "SHOWN"]
    assert set(shown) <= {"context_too_long"}
