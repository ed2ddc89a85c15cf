"""Check `text`: an error that a user pasted, taken apart into facts.

Facts (a missing key means that the text does not say):

    signals       {name: excerpt}: what was recognised; the names stand in `_signals_*.py`
    http_status   the status the report is about, given or read; `statuses` lists all read
    peers         [{host, kind, port, path, name}]; kinds: official, provider, local, private, proxy, look_alike, side
    peer          kind of the host that the request was for
    provider      who stands between, by host or by name ("openrouter", "new-api", ...)
    failed_at     kind of the address at which the connection itself failed
    look_alikes   hosts that bear DeepSeek's name without being DeepSeek's; never to be suggested
    surface       web, api, local, third_party or unknown; client: the program's name
    deepseek_body the error object has DeepSeek's shape (type, "param": null, code)
    key_tail      what is wrong with the end of the key that a 401 echoes
    phase         the last step named: dns, proxy, connect, tls, request, stream, answer
    exceptions    names of exceptions; language: en or zh; encoding, characters, shortened, removed

Secrets are dropped before anything is searched, and only short excerpts are kept.
"""

import re
import time
from collections.abc import Mapping
from functools import cache
from typing import Any

from deepkit.checks import Text, checked
from deepkit.probes import _signals_account, _signals_network, _signals_server
from deepkit.probes._peers import Peer, classify, peers, provider_in
from deepkit.probes._signals_loose import loose
from deepkit.probes._statuses import decisive, statuses
from deepkit.probes._unwrap import MOST_BYTES, MOST_CHARACTERS, decode, flat, joined, repair, shorten, unwrap
from deepkit.records import Observation
from deepkit.redaction import Redactor

EXCERPT = 140
"""Longest excerpt that is kept for a signal, in characters."""

_BODY = re.compile(
    r"[\"']?type[\"']?\s*:\s*[\"'](?:authentication_error|unknown_error|rate_limit_error|invalid_request_error|"
    r"service_unavailable_error)[\"']\s*,\s*[\"']?param[\"']?\s*:\s*(?:null|None)",
    re.IGNORECASE,
)
_EXCEPTION = re.compile(r"\b([A-Z]\w{2,40}(?:Error|Exception|Timeout|Failure|Warning))\b")
_FAILED_AT = re.compile(
    r"(?:connect(?:ing|ion)?(?:ex)?(?: to| [A-Z]+)?|dial tcp|(?:read|write) tcp \S{1,60}->|at|to|refused|"
    r"HTTPConnectionPool\(host=')\s*[:(]?\s*"
    r"(?:https?://)?(?P<host>localhost|host\.docker\.internal|\d{1,3}(?:\.\d{1,3}){3}|::1|\[[0-9a-f:]+\])"
    r"[',]*(?: port=|\s+port |:)(?P<port>\d{2,5})",
    re.IGNORECASE,
)
_TAIL = re.compile(r"your api key: ?\*+(?P<tail>\S{0,200}?) is invalid", re.IGNORECASE)
_PHASES = (
    ("answer", ("empty", "empty_json", "parser")),
    ("stream", ("stream_cut", "stream_silent")),
    ("tls", ("tls", "tls_untrusted", "tls_expired", "tls_hostname")),
    ("proxy", ("proxy", "proxy_auth")),
    ("dns", ("dns",)),
    ("connect", ("refused", "connect_timeout", "unreachable")),
    ("request", ("reset", "read_timeout")),
)
_HINTS = re.compile(
    r"(?:\bhints?\b|\btips?\b|possible (?:causes?|reasons?)|troubleshoot\w*|please (?:check|verify|ensure|make sure)|"
    r"\bcheck (?:your|the|that|network|if)\b|make sure|\bensure\b|this (?:may|might|could) (?:be|indicate)|"
    r"提示(?!词)|可能(?:的)?原因|请(?:检查|确认|确保|核对)|检查(?:您|你)?的?|建议)[^\n。！!]{0,400}",
    re.IGNORECASE,
)
"""A client's advice names every layer; it says nothing about what happened."""
_WEB_HOSTS = re.compile(
    r"(?:chat|www|coder)\.deepseek\.com|\bdeepseek (?:web|app|platform)|网页版|web chat", re.IGNORECASE
)


@cache
def _patterns() -> Mapping[str, re.Pattern[str]]:
    """Compile the tables in lower case: searching lowered text is twice as fast as ignoring case."""
    tables = {**_signals_account.SIGNALS, **_signals_network.SIGNALS, **_signals_server.SIGNALS}
    return {name: re.compile(_lowered("|".join(parts))) for name, parts in tables.items()}


def _lowered(pattern: str) -> str:
    r"""Return a pattern in lower case, its escapes ("\\S") as they are."""
    return re.sub(r"\\.|[A-Z]", lambda found: found[0] if found[0][0] == "\\" else found[0].lower(), pattern)


def _lower(text: str) -> str:
    """Return the text in lower case and of the same length, so that places in it stay what they are."""
    low = text.lower()
    return low if len(low) == len(text) else "".join(one.lower()[:1] for one in text)


def read_text(
    text: str | bytes,
    *,
    http_status: int | None = None,
    surface: str | None = None,
    client: str | None = None,
) -> Observation:
    """Read a pasted error without any network.

    Args:
        text: The error as the user saw it, in any language; bytes in any encoding.
        http_status: The HTTP status, where it is known apart from the text.
        surface: Where it was seen: "web", "api", "local", "third_party" or "unknown".
        client: The program that showed it.

    Returns:
        The observation of check `text`. Nothing secret is in it, and of the text only
        short excerpts. The same text always gives the same facts.
    """
    started = time.perf_counter()
    raw, encoding = decode(text[:MOST_BYTES]) if isinstance(text, bytes) else (text[:MOST_BYTES], "text")
    cut = shorten(raw.replace("\x00", ""))
    plain = unwrap(cut)
    if not plain.strip() and http_status is None:
        return Observation("text", "not_checked", reason="The text is empty; paste the error as you saw it.")
    fixed = repair(cut)
    plain += "\n" + unwrap(fixed) if fixed else ""
    redactor = Redactor()
    clean = redactor.redact(plain).text
    facts = _facts(plain, clean, redactor, http_status, surface, client)
    facts |= {"encoding": encoding, "characters": len(raw), "shortened": len(raw) > MOST_CHARACTERS}
    facts["removed"] = dict(redactor.removed)
    known = bool(facts["signals"]) or facts.get("http_status") is not None
    reason = (
        f"{len(facts['signals'])} signs were recognised." if known else "Nothing in the text was recognised."
    )
    return Observation(
        "text",
        "fault" if known else "partial",
        facts=checked(Text, facts),
        reason=reason,
        elapsed_s=time.perf_counter() - started,
    )


def _facts(
    plain: str, clean: str, redactor: Redactor, status: int | None, surface: str | None, client: str | None
) -> dict[str, Any]:
    line = flat(clean)
    found = peers(plain)
    bare = _HINTS.sub(" ", clean)
    facts: dict[str, Any] = {"signals": _signals(bare, flat(bare)) or _signals(clean, line)}
    read = statuses(line)
    facts["statuses"] = read
    if not facts["signals"] and decisive(read, status) is None:
        facts["signals"] = loose(flat(bare), EXCERPT)
    facts["http_status"] = decisive(read, status)
    facts["peers"] = [
        {
            "host": redactor.redact(one.host).text,
            "kind": one.kind,
            "port": one.port,
            "path": one.path[:80],
            "name": one.name,
        }
        for one in found[:20]
    ]
    facts |= _who(found, flat(plain), surface, client)
    facts["look_alikes"] = [one.host for one in found if one.kind == "look_alike"][:5]
    facts["deepseek_body"] = bool(_BODY.search(line))
    tail = _TAIL.search(flat(plain))
    facts["key_tail"] = _tail_problem(tail["tail"]) if tail else None
    facts["phase"] = next(
        (phase for phase, names in _PHASES if any(n in facts["signals"] for n in names)), None
    )
    facts["exceptions"] = list(dict.fromkeys(_EXCEPTION.findall(line)))[:10]
    facts["language"] = "zh" if re.search(r"[\u4e00-\u9fff]{2}", line) else "en"
    facts["words"] = len(line.split())
    return {key: value for key, value in facts.items() if value is not None}


def _signals(clean: str, line: str) -> dict[str, str]:
    """Search the line, and once more with the terminal's breaks closed where there were any."""
    whole = joined(clean)[:20_000]
    low, low_whole = _lower(line), _lower(whole)
    seen: dict[str, str] = {}
    for name, pattern in _patterns().items():
        match, source = pattern.search(low), line
        if match is None and whole:
            match, source = pattern.search(low_whole), whole
        if match is not None:
            start = max(0, match.start() - 20)
            seen[name] = flat(source[start : start + EXCERPT])
    return seen


def _who(found: list[Peer], line: str, surface: str | None, client: str | None) -> dict[str, Any]:
    """Tell whom the request was for, who stands between, and where a connection failed."""
    asked = [one for one in found if one.kind in {"official", "provider", "local", "private", "look_alike"}]
    by_path = [
        one
        for one in asked
        if re.search(r"/(?:v\d|chat|completions|responses|models|api|beta|messages)\b", one.path)
    ]
    # An address that answered under a path of the API was asked; a bare host may only be mentioned.
    ranked = by_path or [one for one in asked if one.kind == "official"] or asked or found
    first = ranked[0] if ranked else None
    facts: dict[str, Any] = {"client": client, "peer": first.kind if first else None}
    named = first.name if first is not None and first.kind in {"provider", "local"} else ""
    facts["provider"] = named or provider_in(f"{client or ''} {line[:4000]}") or None
    at = _FAILED_AT.search(line)
    if at:
        facts["failed_at"] = classify(at["host"], int(at["port"]))[0]
    facts["surface"] = surface or _surface(facts, line, client or "")
    return facts


def _surface(facts: Mapping[str, Any], line: str, client: str) -> str:
    if facts["peer"] == "local":
        return "local"
    if facts["peer"] == "provider" or (facts["peer"] != "official" and facts["provider"]):
        return "third_party"
    if _WEB_HOSTS.search(f"{client} {line[:4000]}"):
        return "web"
    return "api" if facts["peer"] == "official" else "unknown"


def _tail_problem(tail: str) -> str | None:
    """Say what is odd about the last characters of a key that the server echoes."""
    if not tail:
        return "empty"
    if tail[-1] in "\"'`":
        return "quote"
    if tail[-1] in "{}<>$%" or re.search(
        r"(?:null|none|json|here|undefined|nil|true|_key|key|test)$", tail, re.IGNORECASE
    ):
        return "placeholder"
    return "odd" if not tail[-1].isalnum() else None
