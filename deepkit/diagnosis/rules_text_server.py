"""Rules for pasted texts: busy, failed, blank, cut off, misread, or asked at the wrong address.

Who answered decides: the same 503 is DeepSeek's load, a reseller's fault, or a full
model server on the user's own machine.
"""

from deepkit.diagnosis._read import Text, sign
from deepkit.diagnosis.rules_text_account import ASK_DIRECTLY

OTHER_SURFACE = "chat.stream and status: whether the API answers now and what the status page says"
_FIVE = (500, 502, 503, 504, 520, 521, 522, 523, 524, 525, 526, 527, 529, 530)


def _between(text: Text) -> bool:
    return text.between


def _official(text: Text) -> bool:
    return text.official


def model_server_here(text: Text) -> bool:
    """Tell whether a model server on this machine answered."""
    named = text.provider in (
        "ollama",
        "lmstudio",
        "llamacpp",
        "vllm",
        "sglang",
        "koboldcpp",
        "xinference",
        "jan",
    )
    return (text.local and (named or text.has("local_log"))) or text.has("local_busy")


def _asked_badly(text: Text) -> bool:
    """It names what is wrong with the request, and no status says that the server failed."""
    return text.has("request") and not text.has("server") and text.status in (None, 400)


RULES = (
    sign(
        "text.malformed-address",
        "wrong_endpoint",
        "strong",
        "bad_url",
        unless=("cors", "dns", "proxy", "connect_timeout"),
        where=lambda text: text.status in (None, 400, 404),
        says="the address itself is malformed.",
    ),
    sign(
        "text.own-environment",
        "other",
        "strong",
        "own_program",
        where=lambda text: text.status is None,
        unless=(
            "dns",
            "refused",
            "reset",
            "connect_timeout",
            "tls",
            "tls_untrusted",
            "proxy",
            "local_busy",
            "busy",
            "stream_cut",
        ),
        says="the program's own environment failed; the server was not asked.",
    ),
    sign(
        "text.local-busy",
        "local_server_overloaded",
        "strong",
        "local_busy",
        where=lambda text: not text.between,
        says="a model server on this machine has no free slot or memory.",
    ),
    sign(
        "text.busy-own",
        "server_overloaded",
        "shown",
        "busy_deepseek",
        where=lambda text: text.official and text.status in (None, 503, 200),
        says="DeepSeek's own 503: it has more requests than servers.",
    ),
    sign(
        "text.busy-relayed",
        "server_overloaded",
        "strong",
        "busy_deepseek",
        says="DeepSeek's own sentence for too much load, passed on.",
    ),
    sign(
        "text.no-resource",
        "server_overloaded",
        "shown",
        "no_resource_deepseek",
        where=_official,
        says="DeepSeek's own finish reason when it has no inference resources left.",
    ),
    sign(
        "text.no-resource-relayed",
        "server_overloaded",
        "strong",
        "no_resource_deepseek",
        says="DeepSeek's finish reason for missing resources, passed on.",
    ),
    sign(
        "text.keep-alive",
        "server_overloaded",
        "strong",
        "keep_alive_only",
        says="keep-alives without an answer are DeepSeek's queue.",
    ),
    sign(
        "text.gateway-own",
        "other",
        "strong",
        "gateway_empty_handed",
        where=lambda text: text.local,
        says="your own gateway has nothing that serves this model.",
    ),
    sign(
        "text.gateway-empty",
        "upstream_provider_fault",
        "strong",
        "gateway_empty_handed",
        says="the service between has nothing that serves this model.",
    ),
    sign(
        "text.crash-5xx",
        "client_parser_fault",
        "strong",
        "crash",
        where=lambda text: not text.between and not model_server_here(text),
        unless=("server_page", "busy_deepseek"),
        status=_FIVE,
        says="a program's own crash, which a gateway in front passes on as a server's; DeepSeek never words it so.",
        next_check=ASK_DIRECTLY,
    ),
    sign(
        "text.html-5xx",
        "server_error",
        "strong",
        "server_page",
        "server",
        where=_official,
        status=(500, 501, 502, 504, *_FIVE[5:]),
        says="DeepSeek's own gateway reports a fault behind it.",
    ),
    sign(
        "text.local-5xx",
        "local_server_overloaded",
        "strong",
        status=_FIVE,
        where=model_server_here,
        says="the model server on this machine answered, not DeepSeek.",
    ),
    sign(
        "text.local-timeout",
        "read_timeout",
        "weak",
        "read_timeout",
        where=lambda text: text.local and not text.has("server", "gateway", "local_log"),
        status=_FIVE,
        says="the client gave up waiting for a server on this machine.",
        next_check="local: which model servers answer here, and how fast",
    ),
    sign(
        "text.local-gateway",
        "upstream_provider_fault",
        "weak",
        "gateway",
        where=lambda text: text.local,
        status=_FIVE,
        says="your own gateway passes on a failure behind it.",
    ),
    sign(
        "text.local-helper",
        "other",
        "weak",
        status=_FIVE,
        where=lambda text: text.local,
        says="a helper program on this machine answered, not DeepSeek.",
    ),
    sign(
        "text.relay-5xx",
        "upstream_provider_fault",
        "strong",
        status=_FIVE,
        where=_between,
        says="the service between answered; DeepSeek itself did not say so.",
        next_check=ASK_DIRECTLY,
    ),
    sign(
        "text.relay-words",
        "upstream_provider_fault",
        "strong",
        "gateway",
        "busy",
        "server",
        where=lambda text: (
            text.between and text.status not in (404, 405, 413, 415, 422) and not _asked_badly(text)
        ),
        unless=("empty_json", "parser", "stream_cut", "empty"),
        says="the service between reports a failure; DeepSeek itself did not say so.",
        next_check=ASK_DIRECTLY,
    ),
    sign(
        "text.relay-load",
        "server_overloaded",
        "faint",
        "busy",
        "gateway",
        where=_between,
        says="it may pass on DeepSeek's load.",
        next_check=ASK_DIRECTLY,
    ),
    sign(
        "text.busy-web",
        "server_overloaded",
        "weak",
        "busy_web",
        where=lambda text: not text.local,
        says="the words for too much load; the page also uses them for one broken chat.",
        next_check=OTHER_SURFACE,
    ),
    sign(
        "text.busy",
        "server_overloaded",
        "strong",
        "busy",
        where=lambda text: text.official and text.status in (None, 200, 429, 500, 503, 529),
        says="the server reports too much load.",
        next_check=OTHER_SURFACE,
    ),
    sign(
        "text.status-503",
        "server_overloaded",
        "weak",
        status=(503, 529),
        where=_official,
        says="503 is the documented status for too much load.",
        next_check=OTHER_SURFACE,
    ),
    sign(
        "text.status-503-fault",
        "server_error",
        "faint",
        status=(503, 529),
        where=_official,
        says="a failing gateway sends 503 too.",
    ),
    sign(
        "text.status-500",
        "server_error",
        "strong",
        status=(500, 501, 502, 504, *_FIVE[5:]),
        where=_official,
        says="a status of the server's own failure.",
    ),
    sign(
        "text.unavailable",
        "server_overloaded",
        "weak",
        "server",
        where=lambda text: text.official and "navailable" in text.signals["server"],
        unless=("connection_vague", "empty_json"),
        says="the service calls itself unavailable, which is its word for load.",
        next_check=OTHER_SURFACE,
    ),
)
