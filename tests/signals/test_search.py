"""Finding wordings: fast, and never at the price of missing one."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deepkit.signals import loose_wording, recognised, signals_in, table
from deepkit.signals._literals import required_literals
from deepkit.signals._search import _lowered
from tests.diagnosis.corpus import CASES

PATTERNS = sorted({_lowered(pattern) for one in table().wordings.values() for pattern in one.patterns})


def outside_brackets(pattern: str) -> str:
    """The pattern without escapes, sets and groups."""
    pattern = re.sub(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]", "", pattern)
    while "(" in pattern:
        pattern = re.sub(r"\([^()]*\)", "", pattern)
    return pattern


def test_a_pattern_is_a_line_of_its_own() -> None:
    """Alternatives outside brackets are separate patterns, and none matches an empty text."""
    assert [one for one in PATTERNS if "|" in outside_brackets(one) or re.search(one, "")] == []


def test_nothing_is_missed() -> None:
    """Seeking fixed words first finds what all patterns find."""
    compiled = {
        one.id: [re.compile(_lowered(pattern)) for pattern in one.patterns]
        for one in table().wordings.values()
        if not (one.within or one.loose or one.topic)
    }
    narrow = {one.id for one in table().wordings.values() if one.within}
    for _, text, _ in CASES:
        line = text.replace("\n", " ")
        low = line.lower()
        wanted = {name for name, some in compiled.items() if any(one.search(low) for one in some)}
        assert set(recognised(line)) - narrow == wanted, text


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(PATTERNS).flatmap(lambda one: st.tuples(st.just(one), st.from_regex(one))))
def test_required_literals_stand_in_every_match(case: tuple[str, str]) -> None:
    """Whatever a pattern matches holds one of its fixed words."""
    pattern, text = case
    words = required_literals(pattern)
    assert not words or any(word in text for word in words)


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        ("busy", {"busy"}),
        ("abcdx?", {"abcd"}),
        ("abcd+efg", {"abcd"}),
        (r"(?:busy|full)\W", {"busy", "full"}),
        ("(?:busy|full)? now", {" now"}),
        ("(?!busy)later", {"later"}),
        (r"\bmtu\b", {"mtu"}),
        (r"[abcd]{3}\d+", set()),
        ("(?:服务|系统)繁忙", {"繁忙"}),
        ("a.?b", set()),
    ],
)
def test_required_literals(pattern: str, words: set[str]) -> None:
    """Optional parts, sets and looks around give no fixed words; alternatives give one each."""
    assert required_literals(pattern) == words


def test_an_excerpt_keeps_case_and_place() -> None:
    """Searching happens in lower case; what is quoted stands as it was written, from just before it."""
    text = "x" * 500 + " Fatal: CERTIFICATE_VERIFY_FAILED by MyCorp " + "y" * 500
    excerpt = recognised(text)["tls_untrusted"]
    assert "CERTIFICATE_VERIFY_FAILED by MyCorp" in excerpt
    assert len(excerpt) <= 140


def test_letters_that_grow_in_lower_case_move_nothing() -> None:
    """A letter whose lower case is two letters does not shift the excerpts behind it."""
    assert recognised("İ" * 50 + " ECONNREFUSED")["refused"].endswith("ECONNREFUSED")


def test_loose_wordings_read_identifiers() -> None:
    """Literals in camel case and snake case are words; at most one loose wording is given."""
    assert list(loose_wording("ModelMissing")) == ["loose_model"]
    assert list(loose_wording("tool_result missing, model unknown")) == ["loose_history"]
    assert loose_wording("it does not work") == {}


BUSY = '{"error": {"message": "Service is too busy. We advise users to temporarily switch", "code": 503}}'


@pytest.mark.parametrize(
    ("peer", "surface", "first"),
    [
        ("official", "api", ("server_overloaded", "shown")),
        ("provider", "api", ("server_overloaded", "strong")),
        ("look_alike", "api", ("server_overloaded", "strong")),
    ],
)
def test_who_answered_decides(peer: str, surface: str, first: tuple[str, str]) -> None:
    """DeepSeek's own sentence proves its load where DeepSeek answered, and is hearsay from anybody else."""
    first_match = signals_in(BUSY, status=503, surface=surface, peer=peer)[0]
    assert (first_match.signal.cause, first_match.signal.strength) == first
    assert "too busy" in first_match.excerpt


def test_a_status_alone_speaks() -> None:
    """Without any known wording the status is judged; without both there is nothing to say."""
    assert signals_in("no", status=402, surface="api")[0].signal.cause == "insufficient_balance"
    assert signals_in("no", surface="api") == []
