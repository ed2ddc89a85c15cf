"""Rules for the server: overload in its faces, failures of its own, cut and silent streams, waiting.

The faces of DeepSeek's overload follow its own pages (rate limit, error codes) and reports
of 2025 and 2026: a fast 503, keep-alives without an answer, success without a body,
`insufficient_system_resource`, streams that fall silent.
"""

import re
from collections.abc import Iterator

from deepkit.causes import Whose
from deepkit.checks import ChatPlain, ChatStream, Http, Indicator, StatusPage
from deepkit.diagnosis.reachability import (
    FAR_END,
    WORKS,
    alternative_that_works,
    end_to_end,
    line_loses,
    lost_stalls,
    of_far_end,
    peer,
    unless_page_works,
    who_answers,
    works,
)
from deepkit.diagnosis.rule import Finding, Rule
from deepkit.diagnosis.samples import CHAT, Samples
from deepkit.records import Evidence

BUSY = re.compile(r"too busy|overload|server is busy|繁忙|capacity|负载|temporarily switch", re.IGNORECASE)
RELAY = re.compile(
    r"upstream|provider returned|available provider|error from provider|no available (?:channel|provider)|渠道|上游|"
    r"cannot connect to host|all connection attempts failed|failed to establish a new connection|"
    r"litellm\.[A-Za-z]*(?:connection|timeout)",
    re.IGNORECASE,
)
OWN = re.compile(r"advise users to temporarily switch", re.IGNORECASE)
"""DeepSeek's own sentence, which some gateways pass on."""
MEMORY = re.compile(r"requires more system memory|out of memory", re.IGNORECASE)
NO_PATH = re.compile(r"unexpected endpoint", re.IGNORECASE)
LOADING = re.compile(
    r"loading model|no slots? available|maximum pending requests|slot unavailable", re.IGNORECASE
)
OUTAGES = (Indicator.DEGRADED, Indicator.PARTIAL_OUTAGE, Indicator.FULL_OUTAGE)
OWN_FAILURES = ("http_500", "http_502", "http_504", "http_5xx")
LATE = ("read_timeout", "deadline")
STATUS = "status: what DeepSeek's status page says"


def _incident(evidence: Evidence) -> str | None:
    status = evidence.facts(StatusPage)
    if status.indicator not in OUTAGES:
        return None
    return f"the status page says {status.indicator}" + (f" ({status.incident})" if status.incident else "")


def _with(evidence: Evidence, sentence: str) -> str:
    """Add what else points at the server to a sentence: an announced incident, another provider that answers."""
    other = alternative_that_works(evidence)
    more = (_incident(evidence), f"{other} answers over the same line" if other else None)
    return "; ".join((sentence.rstrip("."), *(one for one in more if one))) + "."


def overload(evidence: Evidence) -> Iterator[Finding]:
    """The faces of overload that name themselves."""
    chat = Samples(evidence)
    if chat.count("http_503"):
        yield _busy(evidence, chat)
    if lack := chat.count("insufficient_system_resource"):
        sentence = f"{chat.share('insufficient_system_resource')} ended with insufficient_system_resource."
        yield Finding("server_overloaded", "shown", sentence, "chat.stream", lack)


def _busy(evidence: Evidence, chat: Samples) -> Finding:
    """Say whose 503 it is."""
    n, said, who = chat.count("http_503"), chat.message, peer(evidence)
    refused = f"{chat.share('http_503')} were refused with 503"
    if LOADING.search(said):
        sentence = f"The model server is full or still loading: {said[:120]}"
        return Finding("local_server_overloaded", "shown", sentence, "chat.stream", n)
    if who in ("between", "local") and not OWN.search(said):
        cause = "upstream_provider_fault" if who == "between" else "local_server_overloaded"
        sentence = f"{who_answers(evidence)} refused with 503, which is not DeepSeek's word: {said[:120]}"
        return Finding(cause, "strong", sentence, "chat.stream", n)
    if RELAY.search(said):
        sentence = f"The service between failed (503): {said[:120]}"
        return Finding("upstream_provider_fault", "strong", sentence, "chat.stream", n)
    if BUSY.search(said):
        sentence, sure = _with(evidence, f"{refused}: {said[:120]}"), OWN.search(said) or who == "official"
        return Finding("server_overloaded", "shown" if sure else "strong", sentence, "chat.stream", n)
    return Finding("server_overloaded", "strong", _with(evidence, refused), "chat.stream", n)


def queue(evidence: Evidence) -> Iterator[Finding]:
    """Keep-alives flow and no token comes: the request waits in the server's own queue."""
    chat, cause = Samples(evidence), "server_overloaded"
    vain = chat.count(*LATE, "stream_silent", "closed_early")
    if waited := chat.count("queue_timeout"):
        share = chat.share("queue_timeout")
        sentence = _with(evidence, f"{share} got keep-alives and no word: they waited in the server's queue")
        yield Finding(cause, "shown", sentence, "chat.stream", waited)
    elif chat.keep_alives and vain and not chat.ok:
        sentence = f"{chat.keep_alives} keep-alives came and no word of an answer."
        yield Finding(cause, "shown", sentence, "chat.stream", vain)
    elif chat.keep_alives and chat.ok < chat.n:
        sentence = f"{chat.keep_alives} keep-alives show that requests wait in the server's queue."
        yield Finding(cause, "weak", sentence, "chat.stream", 0)


def blank(evidence: Evidence) -> Iterator[Finding]:
    """Success without a body."""
    chat = Samples(evidence)
    if n := chat.count("empty_body"):
        sentence = _with(evidence, f"{chat.share('empty_body')} were a success without content")
        found = Finding("empty_response_under_load", "shown", sentence, "chat.stream", n)
        yield of_far_end(evidence, found, "empty_body")


def cut(evidence: Evidence) -> Iterator[Finding]:
    """Answers that began and did not end."""
    chat, loses = Samples(evidence), line_loses(evidence)
    if n := chat.count("stream_cut", "stream_silent"):
        how = "fell silent" if chat.count("stream_silent") >= chat.count("stream_cut") else "were cut off"
        also = ", over a line that loses packets" if loses else ""
        sentence = f"{chat.share('stream_cut', 'stream_silent')} began and {how} before the end{also}."
        broken = Finding("stream_cut", "weak" if loses else "shown", sentence, "chat.stream", n)
        yield of_far_end(evidence, broken, "stream_cut", "stream_silent")
    if n := chat.count("stream_error"):
        cause = "upstream_provider_fault" if RELAY.search(chat.message) else "server_error"
        if NO_PATH.search(chat.message):
            cause = "wrong_endpoint"
        sentence = f"{chat.share('stream_error')} carried an error in the stream: {chat.message[:120]}"
        yield Finding(cause, "strong", sentence, "chat.stream", n)


def failure(evidence: Evidence) -> Iterator[Finding]:
    """5xx that are no overload."""
    chat, who = Samples(evidence), peer(evidence)
    n = chat.count(*OWN_FAILURES) or (chat.count("http_4xx") if chat.status == 408 else 0)
    if not n:
        return
    if MEMORY.search(chat.message):
        yield Finding("local_server_overloaded", "shown", chat.message[:160], "chat.stream", n)
    elif RELAY.search(chat.message) or who == "between":
        sentence = f"The service between failed: {chat.message[:120] or chat.status}"
        yield Finding("upstream_provider_fault", "strong", sentence, "chat.stream", n)
    else:
        sure = who == "official" and (chat.count("http_500") or _incident(evidence))
        names = ", ".join(sorted(name for name in OWN_FAILURES if chat.count(name)))
        sentence = _with(evidence, f"{chat.share(*OWN_FAILURES)} failed on the server ({names})")
        if _streams_only(evidence):
            sentence = f"{sentence} The answer asked for whole came: ask without streaming."
        yield Finding("server_error", "shown" if sure else "strong", sentence, "chat.stream", n)


def _streams_only(evidence: Evidence) -> bool:
    """Tell whether every streamed question failed on the server and every plain one was answered."""
    streamed, whole = evidence.facts(ChatStream), evidence.facts(ChatPlain)
    failed = sum(streamed.failures.get(name, 0) for name in OWN_FAILURES)
    return bool(whole.ok) and whole.ok == whole.n and 0 < failed == streamed.n


def waiting(evidence: Evidence) -> Iterator[Finding]:
    """A timeout alone fits everything; what else was measured decides how much it says."""
    chat = Samples(evidence)
    n, sentence = chat.count(*LATE), f"{chat.share(*LATE)} did not come in time."
    if not n or chat.keep_alives:
        return
    if lost_stalls(evidence) >= 2:  # the line explains them: a timeout alone moves nothing
        yield Finding("read_timeout", "faint", sentence, "chat.stream")
    elif chat.all_failed(*LATE) and evidence.facts(Http).status is not None:
        sentence = f"{chat.share(*LATE)} never came, without a keep-alive, while the gateway answers."
        yield Finding("read_timeout", "strong", sentence, "chat.stream", n, STATUS)
    else:
        yield Finding("read_timeout", "weak", sentence, "chat.stream", n, STATUS)
    same = "A queue on the server could look the same."
    yield Finding("server_overloaded", "faint", same, "chat.stream", next_check=STATUS)


def announced(evidence: Evidence) -> Iterator[Finding]:
    """An announced incident supports a failure that was measured; alone it accuses nobody."""
    told = _incident(evidence)
    if told and Samples(evidence) and not works(evidence):
        full = evidence.facts(StatusPage).indicator is Indicator.FULL_OUTAGE
        cause = "server_error" if full else "server_overloaded"
        yield Finding(cause, "faint", f"{told[0].upper()}{told[1:]}.", "status")


def misread(evidence: Evidence) -> Iterator[Finding]:
    """The answer came and could not be read."""
    chat = Samples(evidence)
    n = chat.count("bad_body", "too_large")
    if n and not evidence.facts(Http).block_page:
        why = next((f": {part.detail}" for part in chat.parts if part.detail), "")
        sentence = f"{chat.share('bad_body', 'too_large')} could not be read{why}."
        raw = "chat.plain: look at the raw answer"
        whose: Whose | None = None if end_to_end(evidence) else "between"
        yield Finding("client_parser_fault", "weak", sentence, "chat.stream", n, raw, whose)


def well(evidence: Evidence) -> Iterator[Finding]:
    """Every sample was answered: the server's causes are ruled out."""
    chat = Samples(evidence)
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
        ("status", "alternatives", *CHAT, *WORKS, *FAR_END),
        "SHOWN",
        "https://github.com/deepseek-ai/DeepSeek-V3/issues/450",
    ),
    Rule(
        "server.cut",
        "server",
        "Answers begin and do not end; shown unless the line loses packets or something may stand between.",
        unless_page_works(cut),
        ("path", *CHAT, *WORKS, *FAR_END),
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
        ("http", "tls", *CHAT, *WORKS),
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
