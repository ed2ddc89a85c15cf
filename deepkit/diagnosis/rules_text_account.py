"""Rules for pasted texts: what a server said about key, credit, limits, content and the request.

A server that speaks is reached, so these come before everything about the network. SHOWN
are only sentences that DeepSeek alone writes and that have one reading.
"""

from deepkit.diagnosis import rules_text_key
from deepkit.diagnosis._read import Text, sign

ASK_DIRECTLY = "chat.stream: ask DeepSeek itself with the same key (deepkit doctor --target deepseek)"
ASK_BALANCE = "balance: what the account of this key holds (GET /user/balance; deepkit doctor asks it)"
ASK_FRESH = "conversation: ask one line in a new conversation; if that works, the old one is broken"


def _own(text: Text) -> bool:
    return text.official


def _not_web(text: Text) -> bool:
    return not text.web


def _about_content(text: Text) -> bool:
    """A block page may speak of policies too; words about what was written are a filter's."""
    written = ("内容", "敏感", "违规", "合规", "inappropriate", "sensitive", "risk")
    return not text.has("block") or any(word in text.signals.get("content", "").lower() for word in written)


def _throttled(text: Text) -> bool:
    """Too many tokens in a minute, not in one request."""
    said = f"{text.signals.get('context', '')} {text.signals.get('rate', '')}".lower()
    return any(word in said for word in ("throttl", "每分钟", "per minute", "tpm"))


def _turns(text: Text) -> bool:
    return text.has("session_broken")


RULES = (
    sign(
        "text.concurrency",
        "rate_limited",
        "shown",
        "concurrency_deepseek",
        where=_own,
        says="DeepSeek's own 429 with your account's limit in it; the servers are not full.",
    ),
    sign(
        "text.concurrency-relayed",
        "rate_limited",
        "strong",
        "concurrency_deepseek",
        says="an account's concurrency limit, here of whoever holds the key.",
    ),
    sign(
        "text.balance-own",
        "insufficient_balance",
        "shown",
        "balance_deepseek",
        where=_own,
        unless=("rate_upstream",),
        says="DeepSeek's own answer when an account has no credit left.",
        next_check=ASK_BALANCE,
    ),
    sign(
        "text.balance",
        "insufficient_balance",
        "strong",
        "balance",
        "balance_deepseek",
        unless=("concurrency_deepseek",),
        says="the account that answered has no credit or quota left.",
        next_check=ASK_BALANCE,
    ),
    sign(
        "text.status-402",
        "insufficient_balance",
        "strong",
        status=(402,),
        says="402 asks for payment.",
        next_check=ASK_BALANCE,
    ),
    sign(
        "text.content-own",
        "content_blocked",
        "shown",
        "content_deepseek",
        where=_own,
        says="DeepSeek's own sentence when its content filter refuses.",
    ),
    sign(
        "text.content",
        "content_blocked",
        "strong",
        "content",
        "content_deepseek",
        unless=("context_deepseek", "rate", "extension"),
        where=_about_content,
        says="a content filter refused the request.",
    ),
    sign(
        "text.context-own",
        "context_too_long",
        "shown",
        "context_deepseek",
        says="the server counts more tokens than the model can take.",
    ),
    sign(
        "text.session-empty-turn",
        "session_context_corrupted",
        "strong",
        "history_empty_turn",
        says="an interrupted turn left an empty message in the history, and every further call sends it again.",
        next_check=ASK_FRESH,
    ),
    sign(
        "text.session-unanswered",
        "session_context_corrupted",
        "strong",
        "history_unanswered",
        says="an interrupted tool call stays without its answer in the history, and every further call sends it again.",
        next_check=ASK_FRESH,
    ),
    sign(
        "text.session-thinking",
        "session_context_corrupted",
        "weak",
        "thinking_back",
        where=_turns,
        says="the stored turn lacks its reasoning, so that each further call of this conversation is refused.",
        next_check=ASK_FRESH,
    ),
    sign(
        "text.thinking-back",
        "invalid_request",
        "strong",
        "thinking_back",
        says="the client does not send the reasoning of earlier turns back.",
        next_check=ASK_FRESH,
    ),
    sign(
        "text.thinking-session",
        "session_context_corrupted",
        "faint",
        "thinking_back",
        "history_order",
        says="a broken stored turn would be refused in the same words.",
        next_check=ASK_FRESH,
    ),
    sign(
        "text.history-order",
        "invalid_request",
        "strong",
        "history_order",
        says="the client put the messages into an order that the server does not take.",
        next_check=ASK_FRESH,
    ),
    sign(
        "text.session-broken",
        "session_context_corrupted",
        "strong",
        "session_broken",
        unless=("balance", "context", "auth", "dns", "refused", "rate", "model", "tls_untrusted"),
        says="it is bound to one conversation.",
        next_check=ASK_FRESH,
    ),
    sign(
        "text.request-form",
        "invalid_request",
        "strong",
        "deserialize",
        says="the server could not read the request's body: a fault of its form.",
    ),
    sign(
        "text.value-range",
        "invalid_request",
        "strong",
        "value_range",
        where=lambda text: text.status in (None, 400, 422) or text.between,
        says="the server names the value that is out of its range; a client's own guess beside it says less.",
    ),
    sign(
        "text.model-names",
        "model_not_found",
        "shown",
        "model_names_deepseek",
        where=_own,
        says="DeepSeek lists the names it takes; yours is not among them.",
    ),
    sign(
        "text.model-own",
        "model_not_found",
        "shown",
        "model_deepseek",
        where=lambda text: text.official and bool(text.facts.get("deepseek_body")),
        says="DeepSeek's own answer to a model's name that it does not know.",
    ),
    sign(
        "text.context",
        "context_too_long",
        "strong",
        "context",
        unless=("model_deepseek",),
        where=lambda text: not _throttled(text) and not (text.web and text.has("busy_web")),
        says="the conversation is longer than this model or server takes.",
    ),
    sign(
        "text.status-413",
        "context_too_long",
        "strong",
        status=(413,),
        says="413 refuses a request that is too large.",
    ),
    sign(
        "text.own-guard",
        "other",
        "strong",
        "own_program",
        where=lambda text: text.status == 403,
        says="the program refused it itself; nothing left the machine.",
    ),
    sign(
        "text.unsupported",
        "invalid_request",
        "strong",
        "unsupported",
        unless=("model_deepseek", "model_names_deepseek", "block"),
        where=lambda text: text.status in (None, 400, 404, 422, 500),
        says="the request asks for something that this model cannot do.",
    ),
    sign(
        "text.model-file",
        "other",
        "strong",
        "model_file",
        unless=("local_busy", "auth", "balance"),
        where=lambda text: text.surface in ("local", "unknown"),
        says="the model's file or its format does not load; no server is full and no name is wrong.",
    ),
    sign(
        "text.model",
        "model_not_found",
        "strong",
        "model",
        "model_deepseek",
        "model_names_deepseek",
        unless=("gateway_empty_handed", "local_busy", "busy_deepseek", "block", "auth_deepseek"),
        says="the server or library does not know a model of this name.",
    ),
    *rules_text_key.RULES,
    sign(
        "text.busy-relayed-429",
        "upstream_provider_fault",
        "strong",
        "busy",
        where=lambda text: text.between,
        status=(429,),
        unless=("rate", "busy_deepseek"),
        says="the service between is full; the limit is not your account's.",
    ),
    sign(
        "text.rate-upstream",
        "upstream_provider_fault",
        "strong",
        "rate_upstream",
        where=lambda text: text.between or text.has("gateway"),
        unless=("busy_deepseek",),
        says="the limit is that of the service between you and the model, not of your account.",
    ),
    sign(
        "text.rate",
        "rate_limited",
        "strong",
        "rate",
        unless=("connect_timeout", "dns", "busy_deepseek", "refused"),
        where=lambda text: text.status in (None, 200, 400, 403, 429),
        says="the account's own limit was reached.",
    ),
    sign(
        "text.status-429",
        "rate_limited",
        "strong",
        status=(429,),
        unless=("busy_deepseek",),
        says="429 is a limit of the account.",
    ),
    sign(
        "text.rate-relay",
        "upstream_provider_fault",
        "faint",
        "rate",
        where=lambda text: text.between,
        says="a reseller's own limit would read the same.",
        next_check=ASK_DIRECTLY,
    ),
    sign(
        "text.upstream-failed",
        "upstream_provider_fault",
        "strong",
        "upstream_failed",
        where=lambda text: text.between and text.status not in (404, 405, 413, 422),
        unless=(
            "unsupported",
            "deserialize",
            "thinking_back",
            "history_order",
            "history_unanswered",
            "block",
        ),
        says="the service between only says that what stands behind it failed, not that the request was wrong.",
        next_check=ASK_DIRECTLY,
    ),
    sign(
        "text.request",
        "invalid_request",
        "strong",
        "request",
        status=(400, 422),
        unless=("model", "gateway_empty_handed", "block", "stale_page"),
        says="the server refused the form of the request.",
    ),
    sign(
        "text.status-422",
        "invalid_request",
        "strong",
        status=(415, 422, 406),
        says="the server refused the form of the request.",
    ),
    sign(
        "text.status-400",
        "invalid_request",
        "weak",
        status=(400,),
        unless=("block", "html", "stream_cut", "stale_page", "own_program", "gateway_empty_handed"),
        says="400 refuses the form of the request, without saying what is wrong.",
    ),
    sign(
        "text.new-chat",
        "session_context_corrupted",
        "faint",
        "thinking_back",
        "request",
        where=_not_web,
        status=(400,),
        says="a history broken by an interrupted turn is refused with 400 too.",
        next_check=ASK_FRESH,
    ),
)
