"""Rules for key, credit, limits, and the form and length of the request."""

import re
from collections.abc import Iterator

from deepkit.checks import Balance, Conversation, Facts, Key, KeyShape, Models
from deepkit.diagnosis.reachability import FAR_END, api_only, conversation_fails, found, of_far_end
from deepkit.diagnosis.rule import Finding, Rule
from deepkit.diagnosis.samples import CHAT, NO_KEY_CAME, Samples
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
    KeyShape.BLANK: "The key is blank",
    KeyShape.QUOTES: "The key holds quotation marks, which no key has; they probably came with copying",
    KeyShape.SPACES: "The key holds white space, which no key has; it probably came with copying",
}
ODD = {
    KeyShape.MISSING: "; no key was given",
    KeyShape.BLANK: "; the key is blank",
    KeyShape.QUOTES: "; the key carries quote marks",
    KeyShape.SPACES: "; the key carries blanks",
}
FORM = ("http_400", "http_422", "http_413", "http_4xx")
"""Refusals of the form or length of a request."""
GIVE_KEY = "key: give your API key, so that the chat can be measured"
SEND_KEY = "key: let the key be sent, and ask again"
PAST_IT = "routes: ask over another way, past the gateway or proxy"
ONE_LINE = "conversation: ask one line in a new conversation"


def key_refused(evidence: Evidence) -> Iterator[Finding]:
    """401 (or 403 that names the key), from the cheap request or the chat; what carried no key accuses nobody."""
    chat, key, seen = Samples(evidence), evidence.facts(Key), evidence.get("key")
    if seen is not None and seen.outcome == "not_checked" and not chat.n:
        why = seen.reason or "No key was given, so that nothing could be asked."
        yield Finding("auth_failed", "needs", why, "key", next_check=GIVE_KEY)
        return
    told = seen is not None and (key.status == 401 or seen.failure == "http_401")
    sent = told and key.key_sent is not False
    if not sent and not chat.refused_keys:
        if told or chat.count("http_401") or (chat.key_withheld and chat.blames_key):
            yield _none_sent(seen.facts if seen is not None else key)
        elif key.status == 200 and key.key_sent is not False:
            yield Finding("auth_failed", "excludes", "The server took the key.", "key")
        return
    odd = ODD.get(key.key_shape or KeyShape.OK, "")
    said = f"{key.error_message or ''} {chat.message}"
    if chat.ok:
        sentence = f"The key was refused although {chat.ok} answers came."
        yield Finding("auth_failed", "weak", sentence, "key")
    elif NO_KEY_CAME.search(said):
        sentence = "The key was sent, and the server says that none came: something between takes it out."
        yield Finding("auth_failed", "strong", sentence, "key", next_check=PAST_IT, whose="between")
    elif key.other_key or chat.other_key:
        sentence = "The refusal names a key that ends otherwise than yours: it is that of a gateway between."
        yield Finding("auth_failed", "shown", sentence, "key", max(1, chat.refused_keys), whose="between")
    elif "no such user" in said.lower() and not odd:
        sentence = "The server does not know the key's user; it has said so of good keys during an outage."
        announced = "status: whether an incident is announced"
        yield Finding("auth_failed", "strong", sentence, "key", next_check=announced)
    else:
        status = 401 if told or chat.count("http_401") else 403
        sentence = f"The server refused the key ({status}){odd}."
        refused = Finding("auth_failed", "shown", sentence, "key", max(1, chat.refused_keys))
        own = chat.own_words or bool(key.error_message and key.error_type)
        yield of_far_end(evidence, refused, "http_401", own_words=own)


def _none_sent(key: Facts) -> Finding:
    """Judge a refusal of a request without a key: it says that one is wanted, and nothing about the user's own."""
    if isinstance(key, Key) and key.key_shape is KeyShape.MISSING:
        why = "The server wants a key, and none was given."
        return Finding("auth_failed", "needs", why, "key", next_check=GIVE_KEY)
    why = "The server wants a key, and the request carried none."
    return Finding("auth_failed", "needs", why, "key", next_check=SEND_KEY)


def no_database(evidence: Evidence) -> Iterator[Finding]:
    """LiteLLM without a database knows its master key alone, and says "No connected db." to any other."""
    chat = Samples(evidence)
    if chat.no_database and not chat.key_withheld and (n := chat.count(*FORM, "http_500")):
        sentence = "The gateway (LiteLLM without a database) takes its master key only, and this is another."
        yield Finding("auth_failed", "strong", sentence, "key", n)


def key_unusable(evidence: Evidence) -> Iterator[Finding]:
    """A key that no server can take, seen without sending it."""
    key = evidence.facts(Key)
    why = UNUSABLE.get(key.key_shape or KeyShape.OK)
    if why and key.status is None:
        sure = key.key_shape is KeyShape.BLANK
        yield Finding("auth_failed", "shown" if sure else "strong", f"{why}; it was not sent.", "key")


def balance(evidence: Evidence) -> Iterator[Finding]:
    """402, and what the balance itself says."""
    chat, purse, cause = Samples(evidence), evidence.facts(Balance), "insufficient_balance"
    empty = purse.is_available is False
    if n := chat.count("http_402"):
        also = f"; the balance is {credit(purse)}" if empty else ""
        sentence = f"{chat.share('http_402')} were refused for lack of credit (402){also}."
        own = chat.own_words or empty or chat.lacks_credit
        lacking = Finding(cause, "shown", sentence, "chat.stream", n)
        yield of_far_end(evidence, lacking, "http_402", own_words=own)
    elif chat.lacks_credit and (n := chat.count("http_403")):
        yield Finding(cause, "shown", f"Refused (403): {chat.message[:120]}", "chat.stream", n)
    elif empty and not chat.ok:
        yield Finding(cause, "strong", "The account says that its credit does not suffice.", "balance")
    elif purse.is_available is True:
        yield Finding(cause, "excludes", "The account has credit.", "balance")


def credit(purse: Balance) -> str:
    """Write the account's credit: "0.00 CNY"."""
    return "not known" if purse.total is None else f"{purse.total:.2f} {purse.currency or ''}".rstrip()


def limits(evidence: Evidence) -> Iterator[Finding]:
    """429: whose limit it is stands in the message."""
    chat = Samples(evidence)
    n = chat.count("http_429")
    if not n:
        return
    if CONCURRENCY.search(chat.message):
        sentence = f"{chat.share('http_429')} were refused (429): {chat.message[:220]}"
        yield Finding("rate_limited", "shown", sentence, "chat.stream", n)
    elif UPSTREAM.search(chat.message):
        sentence = "The limit is that of the service between."
        yield Finding("upstream_provider_fault", "strong", sentence, "chat.stream", n)
        yield Finding("rate_limited", "faint", "429 is a limit of the account.", "chat.stream", n)
    else:
        sentence = f"{chat.share('http_429')} were refused with 429, the account's limit."
        yield Finding("rate_limited", "strong", sentence, "chat.stream", n)


def request(evidence: Evidence) -> Iterator[Finding]:
    """400, 404, 413 and 422 by what the server says of a one-line question."""
    chat = Samples(evidence)
    yield from _model(evidence, chat)
    if chat.finish_reason == "content_filter" and (filtered := chat.count("wrong_content")):
        sentence = f"{chat.share('wrong_content')} ended with content_filter."
        yield Finding("content_blocked", "shown", sentence, "chat.stream", filtered)
    if chat.count(*FORM) and not MODEL.search(chat.message) and not chat.no_database:
        yield from _form(chat)


def _form(chat: Samples) -> Iterator[Finding]:
    n, said = chat.count(*FORM), chat.message
    if CONTENT.search(said):
        sentence = f"The content filter refused: {said[:120]}"
        yield Finding("content_blocked", "shown", sentence, "chat.stream", n)
    elif chat.count("http_413") and PER_MINUTE.search(said):
        yield Finding("rate_limited", "strong", f"Refused (413): {said[:160]}", "chat.stream", n)
    elif CONTEXT.search(said):
        yield Finding("context_too_long", "shown", f"Too long: {said[:160]}", "chat.stream", n)
    elif chat.count("http_413"):
        yield Finding("context_too_long", "strong", f"Too long: {said[:160]}", "chat.stream", n)
    elif chat.count("http_400", "http_422"):
        sentence = "The server refused the form of the request" + (f": {said[:160]}" if said else "")
        yield Finding("invalid_request", "strong", sentence, "chat.stream", n)


def _model(evidence: Evidence, chat: Samples) -> Iterator[Finding]:
    models, cause = evidence.facts(Models), "model_not_found"
    unlisted, refused = models.listed is False, chat.count("http_400", "http_404", "http_422")
    if refused and MODEL.search(chat.message):
        also = f"; the server lists {', '.join(models.ids)[:120]}" if unlisted else ""
        sentence = f"The server does not know the model {models.wanted or ''}{also}."
        yield Finding(cause, "shown", sentence, "chat.stream", refused)
    elif unlisted and chat and not chat.ok:
        sentence = f"The server does not list the model {models.wanted}."
        yield Finding(cause, "weak", sentence, "models")
    elif models.listed is True:
        yield Finding(cause, "excludes", "The server lists the model.", "models")


def conversation(evidence: Evidence) -> Iterator[Finding]:
    """The user's own messages fail; a one-line question is the control."""
    talk, seen = found(evidence, Conversation), evidence.get("conversation")
    if talk is None or seen is None:
        return
    if not conversation_fails(evidence):
        for cause in ("session_context_corrupted", "context_too_long"):
            yield Finding(cause, "excludes", "The conversation itself was answered.", "conversation")
        return
    names = {*talk.failures, *((seen.failure,) if seen.failure else ())}
    said, control = talk.error_message or "", talk.fresh_ok is True
    short = " while a one-line question works" if control else ""
    if CONTEXT.search(said) or "http_413" in names:
        sure = bool(CONTEXT.search(said))
        sentence = f"The conversation is too long{short}: {said[:160]}"
        yield Finding("context_too_long", "shown" if sure else "strong", sentence, "conversation")
    elif CONTENT.search(said):
        sentence = f"The content filter refused the conversation{short}."
        yield Finding("content_blocked", "shown", sentence, "conversation")
    elif names & {"http_400", "http_422", "http_4xx"}:
        yield from _history(talk, said)
    elif control and (names or talk.problems):
        sentence = f"The conversation fails{short} ({', '.join(sorted(names))})."
        yield Finding("session_context_corrupted", "weak", sentence, "conversation")


def _history(talk: Conversation, said: str) -> Iterator[Finding]:
    """A refused form lies in the history where a one-line question works, and else perhaps."""
    cause, why = "session_context_corrupted", said[:160] or "; ".join(talk.problems)[:160]
    known = bool(HISTORY.search(said)) or bool(talk.problems)
    if talk.fresh_ok is True:
        sentence = f"The conversation is refused while a one-line question works: {why}"
        yield Finding(cause, "shown" if known else "strong", sentence, "conversation")
        return
    form = f"The request is refused: {why}"
    yield Finding("invalid_request", "faint" if known else "strong", form, "conversation")
    sentence = f"Its history has a fault: {why}"
    yield Finding(cause, "strong" if known else "faint", sentence, "conversation", next_check=ONE_LINE)


RULES = (
    Rule(
        "account.key",
        "account",
        "The key was refused with 401, or with 403 and words about it; by a gateway's words, whose key it was.",
        api_only(key_refused),
        ("key", *CHAT, *FAR_END),
        "SHOWN",
        "https://api-docs.deepseek.com/quick_start/error_codes",
    ),
    Rule(
        "account.no-database",
        "account",
        "LiteLLM without a database met another key than its master key.",
        api_only(no_database),
        CHAT,
        "LIKELY",
        "https://docs.litellm.ai/docs/proxy/virtual_keys",
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
        ("balance", *CHAT, *FAR_END),
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
