"""Check `text`: an error that a user pasted, taken apart into facts.

The facts are those of `deepkit.checks.Text`; the wordings in `signals` are those of
`data/signals/`, and docs/add-a-signal.md says how to add one.

Secrets are dropped before anything is searched, and only short excerpts are kept.
"""

import re
import time
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from deepkit.checks import Text, checked
from deepkit.probes._details import details
from deepkit.probes._entries import take_apart
from deepkit.probes._language import language_of
from deepkit.probes._nothing import says_nothing_wrong
from deepkit.probes._peers import Peer, classify, named_by, peers
from deepkit.probes._prose import is_story, told, without_cures
from deepkit.probes._statuses import decisive, statuses
from deepkit.probes._unwrap import MOST_BYTES, MOST_CHARACTERS, decode, flat, joined, repair, shorten, unwrap
from deepkit.records import Observation
from deepkit.redaction import Redactor
from deepkit.signals import loose_wording, recognised, table, topics
from deepkit.vendors import meaning, provider

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
_PHASES = ("answer", "stream", "tls", "proxy", "dns", "connect", "request")
"""The steps of a call; the first that a wording names is the one it got to."""
_HINTS = re.compile(
    r"(?:\bhints?\b|\btips?\b|possible (?:causes?|reasons?)|troubleshoot\w*|please (?:check|verify|ensure|make sure)|"
    r"\bcheck (?:your|the|that|network|if)\b|make sure|\bensure\b|this (?:may|might|could) (?:be|indicate)|"
    r"提示(?!词)|可能(?:的)?原因|请(?:检查|确认|确保|核对)|检查(?:您|你)?的?|建议)[^\n。！!\"]{0,400}",
    re.IGNORECASE,
)
"""A client's advice names every layer; it says nothing about what happened."""
_STACK = re.compile(
    r"PKIX path|SunCertPathBuilder|getaddrinfo|name resolution|NameResolutionError|UnknownHostException|"
    r"nodename nor servname|"
    r"dial tcp|tunneling socket|certificate verify failed|SSL_ERROR_\w+|\bcurl(?: error)?:? ?\(?\d{1,2}\b|"
    r"\bE(?:NOTFOUND|AI_AGAIN|CONNREFUSED|HOSTUNREACH|NETUNREACH)\b|connection reset by peer|"
    r"UNABLE_TO_\w+_(?:ISSUER|LEAF|CERT)\w*|self[- _]signed certificate|Errno -?\d+|WinError \d+|os error \d+",
    re.IGNORECASE,
)
_ANSWERED = re.compile(
    r"[\"']error[\"']\s*:\s*\{|HTTP/\d(?:\.\d)?[\" ]+[45]\d\d|\b[45]\d\d (?:[A-Z][a-z]+ )+(?:for url|from)|upstream",
    re.IGNORECASE,
)
"""What stands there only if a server answered."""
GUESSES = frozenset(
    {"auth", "balance", "rate", "model", "busy", "busy_web", "server", "server_unavailable", "request"}
)
"""Wordings in which clients guess at a cause."""
VAGUE = frozenset({"connection_vague"})
"""Wordings that fit every cause."""
SPOKEN = frozenset(
    {"busy_deepseek", "balance_deepseek", "concurrency_deepseek", "content_deepseek", "context_deepseek"}
)
"""Wordings that DeepSeek alone writes."""
_DEEPSEEK = re.compile(r"deep ?seek|深度求索", re.IGNORECASE)
_WEB_HOSTS = re.compile(
    r"(?:chat|www|coder)\.deepseek\.com|\bdeepseek (?:web|app|platform)|网页版|web chat", re.IGNORECASE
)


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
    found = checked(Text, {**facts, "removed": dict(redactor.removed)})
    errors = [name for name in found.signals if not table().wordings[name].topic]
    known = found.reports == "error" and (bool(errors) or found.http_status is not None)
    reason = f"{len(errors)} signs were recognised." if known else "Nothing in the text was recognised."
    if found.reports != "error":
        reason = "The text reports no error."
    return Observation(
        "text",
        "fault" if known else "partial",
        facts=found,
        reason=reason,
        elapsed_s=time.perf_counter() - started,
    )


def _facts(
    plain: str, clean: str, redactor: Redactor, status: int | None, surface: str | None, client: str | None
) -> dict[str, Any]:
    """Read the entry that stopped the work where a log has one, and else the whole."""
    parts = take_apart(plain)
    if parts and not _telling(redactor.redact(parts.decisive).text):
        parts = None
    part = parts.decisive if parts else plain
    line = flat(clean if parts is None else redactor.redact(part).text)
    found = peers(part) or peers(plain)
    who = _who(found, flat(part), flat(plain), surface, client)
    read = statuses(line)
    about = decisive(read, status)
    said = clean if parts is None else redactor.redact(part).text
    signals = _signals(said, line, about, web=who["surface"] == "web")
    if _own_stack(signals, line) and who["peer"] not in ("provider", "local"):
        signals = {name: said for name, said in signals.items() if name not in GUESSES}
        about = None if (about or 0) >= 400 else about
    if who["surface"] == "web" or (who["surface"] in ("unknown", "third_party") and about is None):
        signals |= topics(told(flat(clean)))
    tail = _TAIL.search(line)
    nothing = says_nothing_wrong(plain) if (status or 200) < 400 else None
    return {
        "signals": signals,
        "statuses": read,
        "http_status": about,
        "peers": [
            {**asdict(one), "host": redactor.redact(one.host).text, "path": one.path[:80]}
            for one in found[:20]
        ],
        **who,
        **_meaning(who["provider"], about, line),
        **details(line),
        "reports": nothing or "error",
        "others": [redactor.redact(one).text for one in parts.others] if parts else [],
        "look_alikes": [one.host for one in found if one.kind == "look_alike"][:5],
        "deepseek_body": bool(_BODY.search(line)),
        "key_tail": _tail_problem(tail["tail"]) if tail else None,
        "phase": _phase(signals),
        "exceptions": list(dict.fromkeys(_EXCEPTION.findall(line)))[:10],
        "language": language_of(flat(clean)),
        "words": len(flat(clean).split()),
    }


def _signals(clean: str, line: str, status: int | None, *, web: bool) -> dict[str, str]:
    """Search without the client's advice first, then with it, then for loose wordings where no status was read.

    On the chat page a person's ideas of a cure are no signs, and loose wordings would read too much into prose.
    """
    if web:
        clean, line = without_cures(clean), without_cures(line)
    bare = _HINTS.sub(" ", clean)
    flat_bare = flat(bare)
    return (
        recognised(flat_bare, joined(bare)[:20_000])
        or recognised(line, joined(clean)[:20_000])
        or (loose_wording(flat_bare) if status is None and not (web and is_story(line)) else {})
    )


def _telling(entry: str) -> bool:
    """Whether one entry of a log tells its cause by itself."""
    line = flat(entry)
    return (decisive(statuses(line), None) or 0) >= 400 or bool(set(recognised(line)) - VAGUE)


def _own_stack(signals: Mapping[str, str], line: str) -> bool:
    """Whether the machine's own network code failed, so that no server can have said what a wrapper says."""
    return bool(_STACK.search(line)) and not _ANSWERED.search(line) and not SPOKEN.intersection(signals)


def _meaning(name: str | None, status: int | None, line: str) -> dict[str, str]:
    """Say what the error means at whoever sent it."""
    said = meaning(provider(name), status, line) if name else None
    return {"meaning": said.category, "meaning_by": "code" if said.code else "status"} if said else {}


def _phase(signals: Mapping[str, str]) -> str | None:
    named = {table().wordings[name].phase for name in signals}
    return next((phase for phase in _PHASES if phase in named), None)


def _who(found: list[Peer], line: str, whole: str, surface: str | None, client: str | None) -> dict[str, Any]:
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
    by, speaks = ("host", named) if named else named_by(line[:4000], client or "")
    facts |= {"provider": speaks or None, "provider_by": by or None}
    facts["meant"] = "deepseek" if _DEEPSEEK.search(f"{client or ''} {whole[:4000]}") else None
    at = _FAILED_AT.search(line)
    if at:
        facts["failed_at"] = classify(at["host"], int(at["port"]))[0]
    facts["surface"] = surface or _surface(facts, line, client or "")
    return facts


def _surface(facts: Mapping[str, Any], line: str, client: str) -> str:
    between = facts["provider"]
    if facts["peer"] == "local" or (between and provider(between).kind == "local" and facts["peer"] is None):
        return "local"
    if facts["peer"] == "provider" or (facts["peer"] != "official" and between):
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
