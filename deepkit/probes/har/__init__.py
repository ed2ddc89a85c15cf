"""Check `har`: a browser's recording of the failing page, taken apart into facts (`deepkit.checks.Har`).

Reads the recordings of Chrome, Edge, Firefox, Safari, Charles, mitmproxy and Playwright.
Headers, cookies, queries and texts are never kept; paths are.
"""

import time
from collections import deque
from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from deepkit.checks import Har, checked
from deepkit.probes._peers import classify
from deepkit.probes.har.entries import Entry, open_recording
from deepkit.probes.har.exchanges import Exchange, exchange_of, place, status_of
from deepkit.probes.har.file import MOST_BYTES
from deepkit.probes.har.findings import LISTED, findings_of, first_failure, has_troubles
from deepkit.records import Observation, Outcome
from deepkit.redaction import Redactor
from deepkit.schema import as_json

MOST_KEPT = 2_000
"""Most exchanges of a kind that the facts are drawn from, the last ones of the recording."""
MOST_HOST = 200
"""Most characters of a host that are kept; real names have at most 253."""
RECORD = "Record while the chat page fails, with the network panel open before you ask."


def read_har(path_or_bytes: str | Path | bytes, *, max_bytes: int = MOST_BYTES) -> Observation:
    """Read a HAR file without any network.

    Args:
        path_or_bytes: The file's path, or its content; gzip, UTF-16 and a byte order mark are undone.
        max_bytes: Larger files are refused, packed or not.

    Returns:
        The observation of check `har`. Without any exchange with DeepSeek its outcome is
        not_checked; when all is well as far as a cut-off file goes, partial. Nothing secret is in it.

    Raises:
        UsageError: When the file cannot be read as a HAR file; the message says what to do.
    """
    started = time.perf_counter()
    recording = open_recording(path_or_bytes, max_bytes)
    kept = _Kept()
    bad = kept.take(recording.entries())
    own, seen = kept.own(), len(recording.raw_entries)
    facts = replace(
        findings_of(own, kept.side) if own else Har(),
        exporter=recording.exporter,
        entries=seen,
        bad_entries=bad,
        cut=True if recording.cut else None,
        deepseek=len(own),
        look_alikes=tuple(kept.look_alikes),
    )
    outcome: Outcome = "not_checked"
    failure, reason = None, f"{_missing(seen)} {RECORD}"
    if own:
        failure = first_failure(facts)
        outcome, told = _outcome(facts)
        facts = replace(facts, ok=outcome == "ok")
        reason = f"{len(own)} of {seen} exchanges are with DeepSeek; {told}"
    if recording.cut:
        reason += " The file is cut off; only what stands before the cut was read."
    clean = checked(Har, Redactor().redact_tree(as_json(facts)))
    took = time.perf_counter() - started
    return Observation("har", outcome, failure, clean, reason, elapsed_s=took)


def _outcome(facts: Har) -> tuple[Outcome, str]:
    """Say how the recording ends, and the same in words."""
    if facts.ok and facts.cut:
        return "partial", "as far as it goes they are answered."
    if facts.ok:
        return "ok", "they are answered."
    if not facts.chat and not facts.failures and not has_troubles(facts):
        return "partial", f"nothing failed, but no question was recorded. {RECORD}"
    return "fault", "they are not all well."


def _missing(seen: int) -> str:
    if not seen:
        return "The recording holds no exchange at all."
    return f"The recording has {seen} exchange{'s' * (seen != 1)} and none with DeepSeek: it does not contain it."


class _Kept:
    """The exchanges that facts are drawn from: DeepSeek's, failed others, and those of this machine."""

    def __init__(self) -> None:
        self._official = deque[Exchange](maxlen=MOST_KEPT)
        self._local = deque[Exchange](maxlen=MOST_KEPT)
        self._asked_here: set[str] = set()
        self.side = deque[Exchange](maxlen=MOST_KEPT)
        self.look_alikes: dict[str, None] = {}

    def take(self, entries: Iterable[Entry | None]) -> int:
        """Sort entries by their hosts; returns how many are unreadable."""
        bad = 0
        for entry in entries:
            if entry is None:
                bad += 1
            else:
                self._sort(entry)
        return bad

    def own(self) -> list[Exchange]:
        """Return DeepSeek's exchanges; a loopback host counts when it was asked on the chat's paths."""
        return [*self._official, *(one for one in self._local if one.host in self._asked_here)]

    def _sort(self, entry: Entry) -> None:
        host, _ = place(entry.request.url)
        kind = _kind_of(host)
        if kind == "look_alike" and len(self.look_alikes) < LISTED:
            self.look_alikes[host[:MOST_HOST]] = None
        if kind == "official":
            self._official.append(exchange_of(entry))
        elif kind in ("local", "proxy"):
            self._local.append(exchange_of(entry))
            if self._local[-1].kind == "chat" and len(self._asked_here) < MOST_KEPT:
                self._asked_here.add(host)
        elif status_of(entry) <= 0:
            self.side.append(exchange_of(entry))


@lru_cache(maxsize=1024)
def _kind_of(host: str) -> str:
    """Say what kind of peer a host is."""
    return classify(host)[0] if host else "side"
