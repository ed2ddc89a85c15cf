"""What `benchmarks.fuzz_texts` feeds: one mutated HAR file, pasted text or report, and what must then hold.

The first byte of an input chooses the reader, the second how it is asked.
"""

import time
from collections.abc import Hashable

import msgspec

from benchmarks.fuzz_readers_seeds import KEY, SEEDS, TOKENS
from deepkit.answers import document
from deepkit.checks import Har
from deepkit.errors import UsageError
from deepkit.probes.har import read_har
from deepkit.records import FAILURES, Evidence, Settings
from deepkit.redaction import Redactor, redact
from deepkit.triage import explain, judge

__all__ = ["SEEDS", "TOKENS", "feed"]

SLOWEST_S = 3.0
"""An input that takes longer hangs, in seconds of the processor: the process may have to wait for others."""
MOST_TOLD = 300_000
"""Longest JSON that may be made of an input of a few kilobytes, in bytes."""


def feed(given: bytes) -> Hashable:
    """Read one input and hold what was made of it to its laws; returns what it came to.

    Raises:
        AssertionError: When a law is broken.
    """
    how, size = (given + b"\0\0")[:2]
    began = time.process_time()
    outcome = (_har, _har, _text, _redacted)[how % 4](given[2:], size)
    assert time.process_time() - began < SLOWEST_S, "it hangs"
    return (how % 4, outcome)


def _har(raw: bytes, _size: int) -> Hashable:
    try:
        seen = read_har(raw, max_bytes=10_000_000)
    except UsageError as refused:
        told = str(refused)
        assert "\n" not in told
        assert told.endswith(".")
        return told[:60]
    assert seen.failure is None or seen.failure in FAILURES
    body = msgspec.json.encode(document(judge(Evidence((seen,), settings=Settings(surface="web")))))
    assert len(body) < MOST_TOLD
    assert f"Bearer {KEY}".encode() not in body
    found = Evidence((seen,)).facts(Har)
    assert not found.unreadable, found.unreadable
    told = tuple(sorted(key for key, value in vars(found).items() if value))
    return seen.outcome, seen.failure, (found.bad_entries or 0) > 0, told


def _text(raw: bytes, size: int) -> Hashable:
    told = document(explain(raw, client="fuzz" if size & 1 else None, surface=("web", "api", None)[size % 3]))
    body = msgspec.json.encode(told)
    assert len(body) < MOST_TOLD
    assert f"Bearer {KEY}".encode() not in body
    return told["verdict"], tuple(cause["cause"] for cause in told["causes"][:3])


def _redacted(raw: bytes, _size: int) -> Hashable:
    """Redact a text with a key at its end: the key goes, and doing it twice changes nothing."""
    text = raw.decode("utf-8", "replace")
    once = redact(f"{text}\n{KEY}\n")
    assert KEY not in once.text.splitlines()
    again = redact(once.text)
    assert again.text == once.text, (once.text, again.text)
    try:
        value = msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return once.removed[:3]
    clean = Redactor().redact_tree(value)
    assert Redactor().redact_tree(clean) == clean
    return "tree", once.removed[:3]
