"""Rules for key, credit, limits, and the form and length of the request."""

import re
from collections.abc import Iterator
from typing import Any

from deepkit.diagnosis._chat import Chat
from deepkit.diagnosis._rule import Finding, Rule, facts
from deepkit.diagnosis._way import CHAT, api_only, conversation_fails
from deepkit.diagnosis.rules_http import CREDIT
from deepkit.records import Evidence

CONCURRENCY = re.compile(r"current concurrency is \d+.{0,40}concurrency limit", re.IGNORECASE)
CONTEXT = re.compile(
    r"maximum context length|context[_ ](?:length|size)|too (?:long|many tokens)|reduce the length|"
    r"上下文.{0,8}(?:超|过长)",
    re.IGNORECASE,
)
MODEL = re.compile(
    r"model not exist|supported api model names|unknown model|not a valid model|no models? loaded|模型.{0,20}不存在|"
    r"model[^.]{0,60}(?:not found|not exist|unknown|not supported|decommissioned)",
    re.IGNORECASE,
)
CONTENT = re.compile(
    r"content exists risk|content[_ ]filter|content management policy|data_inspection", re.IGNORECASE
)
HISTORY = re.compile(
    r"must be followed by tool messages|did not have response messages|content or tool_calls must be set|"
    r"invalid assistant message|must be passed back|role 'tool'|tool_call_id|successive user|interleave",
    re.IGNORECASE,
)
PER_MINUTE = re.compile(r"tokens per minute|\bTPM\b", re.IGNORECASE)
UPSTREAM = re.compile(r"upstream|provider returned|error from provider", re.IGNORECASE)


UNUSABLE = {
    "blank": "The key is blank",
    "quotes": "The key holds quotation marks, which no key has; they probably came with copying",
    "spaces": "The key holds white space, which no key has; it probably came with copying",
}


def _key_message(evidence: Evidence) -> tuple[Any, str]:
    found = facts(evidence, "key")
    return found.get("status"), str(found.get("error_message") or "")


def key_refused(evidence: Evidence) -> Iterator[Finding]:
    """401, from the cheap request or from the chat itself."""
    chat = Chat(evidence)
    status, message = _key_message(evidence)
    shape = facts(evidence, "key").get("key_shape")
    seen = evidence.get("key")
    refused = status == 401 or (seen is not None and seen.failure == "http_401")
    if seen is not None and seen.outcome == "not_checked" and not chat.n:
        why = seen.reason or "No key was given, so that nothing could be asked."
        yield Finding(
            "auth_failed",
            "needs",
            why,
            "key",
            next_check="key: give your API key, so that the chat can be measured",
        )
        return
    if not refused and not chat.count("http_401"):
        if status == 200 and not chat.count("http_401"):
            yield Finding("auth_failed", "excludes", "The server took the key.", "key")
        return
    text = f"{message} {chat.message}"
    odd = {
        "missing": "; no key was given",
        "blank": "; the key is blank",
        "quotes": "; the key carries quote marks",
        "spaces": "; the key carries blanks",
    }.get(str(shape), "")
    if chat.ok:
        yield Finding("auth_failed", "weak", f"The key was refused although {chat.ok} answers came.", "key")
    elif "no such user" in text.lower() and not odd:
        yield Finding(
            "auth_failed",
            "strong",
            "The server does not know the key's user; it has said so of good keys during an outage.",
            "key",
            next_check="status: whether an incident is announced",
        )
    else:
        yield Finding(
            "auth_failed",
            "shown",
            f"The server refused the key (401){odd}.",
            "key",
            max(1, chat.count("http_401")),
        )


def key_unusable(evidence: Evidence) -> Iterator[Finding]:
    """A key that no server can take, seen without sending it."""
    found = facts(evidence, "key")
    shape = str(found.get("key_shape"))
    if found.get("status") is not None or shape not in UNUSABLE:
        return
    yield Finding(
        "auth_failed",
        "shown" if shape == "blank" else "strong",
        f"{UNUSABLE[shape]}; it was not sent.",
        "key",
    )


def balance(evidence: Evidence) -> Iterator[Finding]:
    """402, and what the balance itself says."""
    chat, found = Chat(evidence), facts(evidence, "balance")
    empty = found.get("is_available") is False
    if chat.count("http_402"):
        also = f"; the balance is {found.get('total')} {found.get('currency', '')}".rstrip() if empty else ""
        yield Finding(
            "insufficient_balance",
            "shown",
            f"{chat.share('http_402')} were refused for lack of credit (402){also}.",
            "chat.stream",
            chat.count("http_402"),
        )
    elif chat.count("http_403") and CREDIT.search(chat.message):
        yield Finding(
            "insufficient_balance",
            "shown",
            f"Refused (403): {chat.message[:120]}",
            "chat.stream",
            chat.count("http_403"),
        )
    elif empty and not chat.ok:
        yield Finding(
            "insufficient_balance", "strong", "The account says that its credit does not suffice.", "balance"
        )
    elif found.get("is_available") is True:
        yield Finding("insufficient_balance", "excludes", "The account has credit.", "balance")


def limits(evidence: Evidence) -> Iterator[Finding]:
    """429: whose limit it is stands in the message."""
    chat = Chat(evidence)
    if not chat.count("http_429"):
        return
    n = chat.count("http_429")
    if CONCURRENCY.search(chat.message):
        yield Finding(
            "rate_limited",
            "shown",
            f"{chat.share('http_429')} were refused (429): {chat.message[:220]}",
            "chat.stream",
            n,
        )
    elif UPSTREAM.search(chat.message):
        yield Finding(
            "upstream_provider_fault", "strong", "The limit is that of the service between.", "chat.stream", n
        )
        yield Finding("rate_limited", "faint", "429 is a limit of the account.", "chat.stream", n)
    else:
        yield Finding(
            "rate_limited",
            "strong",
            f"{chat.share('http_429')} were refused with 429, the account's limit.",
            "chat.stream",
            n,
        )


def request(evidence: Evidence) -> Iterator[Finding]:
    """400, 404, 413 and 422 by what the server says of a one-line question."""
    chat = Chat(evidence)
    yield from _model(evidence, chat)
    filtered = chat.count("wrong_content") if chat.first("finish_reason") == "content_filter" else 0
    if filtered:
        yield Finding(
            "content_blocked",
            "shown",
            f"{chat.share('wrong_content')} ended with content_filter.",
            "chat.stream",
            filtered,
        )
    n = chat.count("http_400", "http_422", "http_413", "http_4xx")
    if not n or MODEL.search(chat.message):
        return
    if CONTENT.search(chat.message):
        yield Finding(
            "content_blocked", "shown", f"The content filter refused: {chat.message[:120]}", "chat.stream", n
        )
    elif chat.count("http_413") and PER_MINUTE.search(chat.message):
        yield Finding("rate_limited", "strong", f"Refused (413): {chat.message[:160]}", "chat.stream", n)
    elif CONTEXT.search(chat.message) or chat.count("http_413"):
        yield Finding(
            "context_too_long",
            "shown" if CONTEXT.search(chat.message) else "strong",
            f"Too long: {chat.message[:160]}",
            "chat.stream",
            n,
        )
    elif chat.count("http_400", "http_422"):
        said = f": {chat.message[:160]}" if chat.message else ""
        yield Finding(
            "invalid_request", "strong", f"The server refused the form of the request{said}", "chat.stream", n
        )


def _model(evidence: Evidence, chat: Chat) -> Iterator[Finding]:
    found = facts(evidence, "models")
    unlisted = found.get("listed") is False
    said = bool(MODEL.search(chat.message)) and chat.count("http_400", "http_404", "http_422") > 0
    if said:
        also = f"; the server lists {', '.join(map(str, found.get('ids') or ()))[:120]}" if unlisted else ""
        yield Finding(
            "model_not_found",
            "shown",
            f"The server does not know the model {found.get('wanted') or ''}{also}.",
            "chat.stream",
            chat.count("http_400", "http_404", "http_422"),
        )
    elif unlisted and chat and not chat.ok:
        yield Finding(
            "model_not_found", "weak", f"The server does not list the model {found.get('wanted')}.", "models"
        )
    elif found.get("listed") is True:
        yield Finding("model_not_found", "excludes", "The server lists the model.", "models")


def conversation(evidence: Evidence) -> Iterator[Finding]:
    """The user's own messages fail; a one-line question is the control."""
    found = facts(evidence, "conversation")
    if not found:
        return
    if not conversation_fails(evidence):
        for cause in ("session_context_corrupted", "context_too_long"):
            yield Finding(cause, "excludes", "The conversation itself was answered.", "conversation")
        return
    seen = evidence.get("conversation")
    failures = found.get("failures")
    names = set(failures) if isinstance(failures, dict) else set()
    names |= {seen.failure} if seen is not None and seen.failure else set()
    message = str(found.get("error_message") or "")
    problems = [str(one) for one in found.get("problems") or ()]
    control = found.get("fresh_ok") is True
    short = " while a one-line question works" if control else ""
    if CONTEXT.search(message) or "http_413" in names:
        yield Finding(
            "context_too_long",
            "shown" if CONTEXT.search(message) else "strong",
            f"The conversation is too long{short}: {message[:160]}",
            "conversation",
        )
    elif CONTENT.search(message):
        yield Finding(
            "content_blocked", "shown", f"The content filter refused the conversation{short}.", "conversation"
        )
    elif names & {"http_400", "http_422", "http_4xx"}:
        why = message[:160] or "; ".join(problems)[:160]
        known = bool(HISTORY.search(message)) or bool(problems)
        if control:
            yield Finding(
                "session_context_corrupted",
                "shown" if known else "strong",
                f"The conversation is refused{short}: {why}",
                "conversation",
            )
        else:
            yield Finding("invalid_request", "strong", f"The request is refused: {why}", "conversation")
            yield Finding(
                "session_context_corrupted",
                "weak" if known else "faint",
                f"Its history has a fault: {why}",
                "conversation",
                next_check="conversation: ask one line in a new conversation",
            )
    elif control and (names or problems):
        yield Finding(
            "session_context_corrupted",
            "weak",
            f"The conversation fails{short} ({', '.join(sorted(names))}).",
            "conversation",
        )


RULES = (
    Rule(
        "account.key",
        "account",
        "The key was refused with 401.",
        api_only(key_refused),
        ("key", *CHAT),
        "SHOWN",
        "https://api-docs.deepseek.com/quick_start/error_codes",
    ),
    Rule(
        "account.key-unusable",
        "account",
        "The key is blank or holds what no key has.",
        api_only(key_unusable),
        ("key",),
        "SHOWN",
        "RFC 6750, section 2.1",
    ),
    Rule(
        "account.balance",
        "account",
        "402, or a balance that does not suffice.",
        api_only(balance),
        ("balance", *CHAT),
        "SHOWN",
        "https://api-docs.deepseek.com/quick_start/error_codes",
    ),
    Rule(
        "account.limit",
        "account",
        "429: the account's limit, or that of a service between.",
        api_only(limits),
        (*CHAT,),
        "SHOWN",
        "https://api-docs.deepseek.com/quick_start/rate_limit",
    ),
    Rule(
        "request.form",
        "request",
        "400, 404, 413, 422 by what the server says.",
        api_only(request),
        ("models", *CHAT),
        "SHOWN",
        "https://api-docs.deepseek.com/quick_start/error_codes",
    ),
    Rule(
        "request.conversation",
        "request",
        "The user's conversation fails where a one-line question works.",
        conversation,
        ("conversation",),
        "SHOWN",
        "https://api-docs.deepseek.com/quick_start/error_codes",
    ),
)
