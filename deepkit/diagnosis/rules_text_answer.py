"""Rules for pasted texts: something answered, and it was blank, cut off, misread, or not the API at all."""

from deepkit.diagnosis._read import Text, sign
from deepkit.diagnosis.rules_text_server import model_server_here

RAW = "chat.plain: look at the raw answer's status, content type and first bytes"


def _official(text: Text) -> bool:
    return text.official


def _answered(text: Text) -> bool:
    return text.status in (None, 200)


RULES = (
    sign("text.double-path", "wrong_endpoint", "strong", "double_path", says="the path stands there twice."),
    sign(
        "text.status-404",
        "wrong_endpoint",
        "strong",
        status=(404, 405),
        says="nothing lives at that address.",
    ),
    sign(
        "text.not-found", "wrong_endpoint", "strong", "not_found_page", says="nothing lives at that address."
    ),
    sign(
        "text.redirect",
        "wrong_endpoint",
        "strong",
        "redirect",
        where=lambda text: not text.web,
        says="the address only points somewhere else.",
    ),
    sign(
        "text.status-3xx",
        "wrong_endpoint",
        "weak",
        status=(301, 302, 307, 308),
        says="the address only points somewhere else.",
    ),
    sign(
        "text.html-instead",
        "wrong_endpoint",
        "weak",
        "html_instead",
        where=_answered,
        says="a web page came where the API's JSON was expected.",
        next_check=RAW,
    ),
    sign(
        "text.html-instead-block",
        "firewall_or_geo_block",
        "faint",
        "html_instead",
        "html",
        says="a block page is HTML too.",
        next_check=RAW,
    ),
    sign(
        "text.html-instead-fault",
        "server_error",
        "faint",
        "html_instead",
        says="a gateway's error page is HTML too.",
        next_check=RAW,
    ),
    sign(
        "text.blank-lines",
        "empty_response_under_load",
        "strong",
        "blank_lines",
        where=_answered,
        says="only the blank lines came that hold a waiting request open.",
    ),
    sign(
        "text.blank-ok",
        "empty_response_under_load",
        "strong",
        "empty_json",
        status=(200,),
        says="success without a body, as DeepSeek answers under load.",
    ),
    sign(
        "text.stream-cut",
        "stream_cut",
        "strong",
        "stream_cut",
        where=_answered,
        says="the answer had begun and ended without its end.",
    ),
    sign(
        "text.local-not-json",
        "client_parser_fault",
        "weak",
        "empty_json",
        where=lambda text: text.local and text.status in (None, 200),
        says="a model on this machine sends no blank lines under load: the client wanted JSON from it and got prose.",
        next_check=RAW,
    ),
    sign(
        "text.web-not-json",
        "firewall_or_geo_block",
        "weak",
        "empty_json",
        "html_instead",
        where=lambda text: text.web and text.status in (None, 200, 202),
        says="the chat site answers a program without JSON when it wants a bot check; it sends no blank lines.",
        next_check=RAW,
    ),
    sign(
        "text.blank",
        "empty_response_under_load",
        "weak",
        "empty_json",
        where=_answered,
        unless=("html_instead",),
        says="nothing came where JSON was expected; a wrong address can look the same.",
        next_check=RAW,
    ),
    sign(
        "text.blank-address",
        "wrong_endpoint",
        "faint",
        "empty_json",
        where=_answered,
        says="a wrong address can answer with nothing readable.",
        next_check=RAW,
    ),
    sign(
        "text.crash",
        "client_parser_fault",
        "strong",
        "crash",
        where=_answered,
        unless=("empty_json", "read_timeout", "html_instead"),
        says="the client crashed on the answer that it got.",
    ),
    sign(
        "text.empty",
        "empty_response_under_load",
        "weak",
        "empty",
        where=_answered,
        says="an answer without content, as DeepSeek sends under load.",
        next_check=RAW,
    ),
    sign(
        "text.stream-silent",
        "stream_cut",
        "weak",
        "stream_silent",
        where=_answered,
        says="the stream fell silent.",
        next_check="chat.stream: whether the silence comes before or after the first text",
    ),
    sign(
        "text.parser",
        "client_parser_fault",
        "strong",
        "parser",
        where=lambda text: text.status in (None, 200) and not text.has("read_timeout"),
        says="the client could not read what came.",
    ),
    sign(
        "text.html",
        "firewall_or_geo_block",
        "weak",
        "html",
        where=_answered,
        says="a page answered instead of the API.",
        next_check=RAW,
    ),
    sign(
        "text.server-words",
        "server_error",
        "weak",
        "server",
        where=_official,
        unless=("connection_vague", "read_timeout", "cors"),
        says="the server reports a failure of its own.",
    ),
    sign(
        "text.local-words",
        "local_server_overloaded",
        "weak",
        "busy",
        "server",
        "busy_web",
        where=model_server_here,
        says="the model server on this machine answered, not DeepSeek.",
    ),
    sign(
        "text.request-words",
        "invalid_request",
        "weak",
        "request",
        where=lambda text: text.status is None,
        unless=("connection_vague", "read_timeout", "cors", "bad_url"),
        says="the form of the request was refused.",
    ),
)
