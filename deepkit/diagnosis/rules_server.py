"""Rules for the server: overload in its faces, failures of its own, cut and silent streams, waiting.

The faces of DeepSeek's overload follow its own pages (rate limit, error codes) and reports
of 2025 and 2026: a fast 503, keep-alives without an answer, success without a body,
`insufficient_system_resource`, streams that fall silent.
"""

import re
from collections.abc import Iterator
from typing import Any

from deepkit.diagnosis._chat import Chat
from deepkit.diagnosis._rule import Finding, Rule, facts, number
from deepkit.diagnosis._way import (
    CHAT,
    WORKS,
    alternative_that_works,
    line_loses,
    peer,
    unless_page_works,
    who_answers,
    works,
)
from deepkit.records import Evidence

BUSY = re.compile(r"too busy|overload|server is busy|繁忙|capacity|负载|temporarily switch", re.IGNORECASE)
RELAY = re.compile(
    r"upstream|provider returned|available provider|error from provider|no available (?:channel|provider)|渠道|上游",
    re.IGNORECASE,
)
OWN = re.compile(r"advise users to temporarily switch", re.IGNORECASE)
"""DeepSeek's own sentence, which some gateways pass on."""
MEMORY = re.compile(r"requires more system memory|out of memory", re.IGNORECASE)
NO_PATH = re.compile(r"unexpected endpoint", re.IGNORECASE)
LOADING = re.compile(
    r"loading model|no slots? available|maximum pending requests|slot unavailable", re.IGNORECASE
)
OUTAGES = ("degraded", "partial_outage", "full_outage")
STATUS = "status: what DeepSeek's status page says"


def _incident(evidence: Evidence) -> str | None:
    found = facts(evidence, "status")
    if found.get("indicator") in OUTAGES:
        return f"the status page says {found['indicator']}" + (
            f" ({found['incident']})" if found.get("incident") else ""
        )
    return None


def _with(evidence: Evidence, sentence: str) -> str:
    """Add what else points at the server to a sentence: an announced incident, another provider that answers."""
    more = [text for text in (_incident(evidence),) if text]
    other = alternative_that_works(evidence)
    if other:
        more.append(f"{other} answers over the same line")
    return sentence.rstrip(".") + ("; " + "; ".join(more) if more else "") + "."


def overload(evidence: Evidence) -> Iterator[Finding]:
    """The faces of overload that name themselves."""
    chat = Chat(evidence)
    n = chat.count("http_503")
    if n and LOADING.search(chat.message):
        yield Finding(
            "local_server_overloaded",
            "shown",
            f"The model server is full or still loading: {chat.message[:120]}",
            "chat.stream",
            n,
        )
    elif n and (who := peer(evidence)) in ("between", "local") and not OWN.search(chat.message):
        yield Finding(
            "upstream_provider_fault" if who == "between" else "local_server_overloaded",
            "strong",
            f"{who_answers(evidence)} refused with 503, which is not DeepSeek's word: {chat.message[:120]}",
            "chat.stream",
            n,
        )
    elif n and BUSY.search(chat.message) and not RELAY.search(chat.message):
        sure = OWN.search(chat.message) or peer(evidence) == "official"
        yield Finding(
            "server_overloaded",
            "shown" if sure else "strong",
            _with(evidence, f"{chat.share('http_503')} were refused with 503: {chat.message[:120]}"),
            "chat.stream",
            n,
        )
    elif n and RELAY.search(chat.message):
        yield Finding(
            "upstream_provider_fault",
            "strong",
            f"The service between failed (503): {chat.message[:120]}",
            "chat.stream",
            n,
        )
    elif n:
        yield Finding(
            "server_overloaded",
            "strong",
            _with(evidence, f"{chat.share('http_503')} were refused with 503"),
            "chat.stream",
            n,
        )
    lack = chat.count("insufficient_system_resource")
    if lack:
        yield Finding(
            "server_overloaded",
            "shown",
            f"{chat.share('insufficient_system_resource')} ended with insufficient_system_resource.",
            "chat.stream",
            lack,
        )


def queue(evidence: Evidence) -> Iterator[Finding]:
    """Keep-alives flow and no token comes: the request waits in the server's own queue."""
    chat = Chat(evidence)
    waited = chat.count("queue_timeout")
    if waited:
        yield Finding(
            "server_overloaded",
            "shown",
            _with(
                evidence,
                f"{chat.share('queue_timeout')} got keep-alives and no word: they waited in the server's queue",
            ),
            "chat.stream",
            waited,
        )
        return
    alive = sum(number(part.get("keep_alives")) for part in chat.parts)
    vain = chat.count("read_timeout", "deadline", "stream_silent", "closed_early")
    if alive and vain and not chat.ok:
        yield Finding(
            "server_overloaded",
            "shown",
            f"{alive:.0f} keep-alives came and no word of an answer.",
            "chat.stream",
            vain,
        )
    elif alive and chat.ok < chat.n:
        yield Finding(
            "server_overloaded",
            "weak",
            f"{alive:.0f} keep-alives show that requests wait in the server's queue.",
            "chat.stream",
            0,
        )


def blank(evidence: Evidence) -> Iterator[Finding]:
    """Success without a body."""
    chat = Chat(evidence)
    if chat.count("empty_body"):
        yield Finding(
            "empty_response_under_load",
            "shown",
            _with(evidence, f"{chat.share('empty_body')} were a success without content"),
            "chat.stream",
            chat.count("empty_body"),
        )


def cut(evidence: Evidence) -> Iterator[Finding]:
    """Answers that began and did not end."""
    chat = Chat(evidence)
    names = ("stream_cut", "stream_silent")
    n = chat.count(*names)
    if n:
        how = "fell silent" if chat.count("stream_silent") >= chat.count("stream_cut") else "were cut off"
        sentence = f"{chat.share(*names)} began and {how} before the end"
        if line_loses(evidence):
            sentence += ", over a line that loses packets"
        yield Finding(
            "stream_cut", "weak" if line_loses(evidence) else "shown", f"{sentence}.", "chat.stream", n
        )
    if chat.count("stream_error"):
        relay = RELAY.search(chat.message)
        cause = "upstream_provider_fault" if relay else "server_error"
        if NO_PATH.search(chat.message):
            cause = "wrong_endpoint"
        yield Finding(
            cause,
            "strong",
            f"{chat.share('stream_error')} carried an error in the stream: {chat.message[:120]}",
            "chat.stream",
            chat.count("stream_error"),
        )


def failure(evidence: Evidence) -> Iterator[Finding]:
    """5xx that are no overload."""
    chat = Chat(evidence)
    names = ("http_500", "http_502", "http_504", "http_5xx")
    n = chat.count(*names) or (chat.count("http_4xx") if chat.status == 408 else 0)
    if not n:
        return
    if MEMORY.search(chat.message):
        yield Finding("local_server_overloaded", "shown", f"{chat.message[:160]}", "chat.stream", n)
        return
    if RELAY.search(chat.message) or peer(evidence) == "between":
        yield Finding(
            "upstream_provider_fault",
            "strong",
            f"The service between failed: {chat.message[:120] or chat.status}",
            "chat.stream",
            n,
        )
        return
    shown = chat.count("http_500") or _incident(evidence)
    strength: Any = "shown" if shown and peer(evidence) == "official" else "strong"
    yield Finding(
        "server_error",
        strength,
        _with(
            evidence,
            f"{chat.share(*names)} failed on the server ({', '.join(sorted(set(names) & set(chat.failures)))})",
        ),
        "chat.stream",
        n,
    )


def waiting(evidence: Evidence) -> Iterator[Finding]:
    """A timeout alone fits everything; what else was measured decides how much it says."""
    chat = Chat(evidence)
    names = ("read_timeout", "deadline")
    n = chat.count(*names)
    alive = sum(number(part.get("keep_alives")) for part in chat.parts)
    if not n or alive:
        return
    gateway = facts(evidence, "http").get("status") is not None
    stalls = [str(one.get("mechanism")) for one in facts(evidence, "path").get("stalls") or ()]
    if sum("lost" in one for one in stalls) >= 2:  # the line explains them: a timeout alone moves nothing
        yield Finding("read_timeout", "faint", f"{chat.share(*names)} did not come in time.", "chat.stream")
    elif chat.all_failed(*names) and gateway:
        yield Finding(
            "read_timeout",
            "strong",
            f"{chat.share(*names)} never came, without a keep-alive, while the gateway answers.",
            "chat.stream",
            n,
            STATUS,
        )
    else:
        yield Finding(
            "read_timeout", "weak", f"{chat.share(*names)} did not come in time.", "chat.stream", n, STATUS
        )
    yield Finding(
        "server_overloaded",
        "faint",
        "A queue on the server could look the same.",
        "chat.stream",
        next_check=STATUS,
    )


def announced(evidence: Evidence) -> Iterator[Finding]:
    """An announced incident supports a failure that was measured; alone it accuses nobody."""
    found = _incident(evidence)
    if found and Chat(evidence) and not works(evidence):
        cause = (
            "server_error"
            if facts(evidence, "status").get("indicator") == "full_outage"
            else "server_overloaded"
        )
        yield Finding(cause, "faint", f"{found[0].upper()}{found[1:]}.", "status")


def misread(evidence: Evidence) -> Iterator[Finding]:
    """The answer came and could not be read."""
    chat = Chat(evidence)
    if chat.count("bad_body", "too_large") and not facts(evidence, "http").get("block_page"):
        n = chat.count("bad_body", "too_large")
        yield Finding(
            "client_parser_fault",
            "weak",
            f"{chat.share('bad_body', 'too_large')} could not be read.",
            "chat.stream",
            n,
            "chat.plain: look at the raw answer",
        )


def well(evidence: Evidence) -> Iterator[Finding]:
    """Every sample was answered: the server's causes are ruled out."""
    chat = Chat(evidence)
    if evidence.settings.surface == "web" or chat.n == 0 or chat.ok < chat.n:
        return
    for cause in ("server_overloaded", "server_error", "empty_response_under_load", "stream_cut"):
        yield Finding(cause, "excludes", f"All {chat.n} questions were answered in full.", "chat.stream")


RULES = (
    Rule(
        "server.overload",
        "server",
        "503 with the busy sentence, or insufficient_system_resource.",
        unless_page_works(overload),
        ("http", "status", "alternatives", *CHAT, *WORKS),
        "SHOWN",
        "https://api-docs.deepseek.com/quick_start/error_codes",
    ),
    Rule(
        "server.queue",
        "server",
        "Keep-alives flow and no answer comes.",
        unless_page_works(queue),
        ("status", "alternatives", *CHAT, *WORKS),
        "SHOWN",
        "https://api-docs.deepseek.com/quick_start/rate_limit",
    ),
    Rule(
        "server.blank",
        "server",
        "HTTP 200 without a body.",
        unless_page_works(blank),
        ("status", "alternatives", *CHAT, *WORKS),
        "SHOWN",
        "https://github.com/deepseek-ai/DeepSeek-V3/issues/450",
    ),
    Rule(
        "server.cut",
        "server",
        "Answers begin and do not end; shown unless the line itself loses packets.",
        unless_page_works(cut),
        ("path", *CHAT, *WORKS),
        "SHOWN",
        "https://github.com/deepseek-ai/DeepSeek-V3/issues/1608",
    ),
    Rule(
        "server.failure",
        "server",
        "5xx of the server's own; shown for DeepSeek's 500 or with an announced incident.",
        unless_page_works(failure),
        ("http", "status", "alternatives", *CHAT, *WORKS),
        "SHOWN",
        "https://api-docs.deepseek.com/quick_start/error_codes",
    ),
    Rule(
        "server.waiting",
        "server",
        "No answer in time, and no keep-alive.",
        unless_page_works(waiting),
        ("http", "path", *CHAT, *WORKS),
        "LIKELY",
        "https://api-docs.deepseek.com/quick_start/rate_limit",
    ),
    Rule(
        "server.announced",
        "server",
        "The status page announces an incident that fits.",
        unless_page_works(announced),
        ("status", *CHAT, *WORKS),
        "POSSIBLE",
        "https://status.deepseek.com",
    ),
    Rule(
        "server.misread",
        "server",
        "Answers that could not be read.",
        unless_page_works(misread),
        ("http", *CHAT, *WORKS),
        "POSSIBLE",
        "https://api-docs.deepseek.com/api/create-chat-completion",
    ),
    Rule(
        "server.well",
        "server",
        "All samples were answered.",
        unless_page_works(well),
        (*CHAT, *WORKS),
        "RULED_OUT",
        "https://api-docs.deepseek.com/api/create-chat-completion",
    ),
)
