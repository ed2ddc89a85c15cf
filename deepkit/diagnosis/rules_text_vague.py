"""Rules for pasted texts that come last: what they read fits many causes."""

from deepkit.diagnosis._read import Text, sign
from deepkit.diagnosis.rules_text_network import PROBE


def _bare(text: Text) -> bool:
    return any(
        one.get("kind") == "official" and one.get("path", "") in ("", "/")
        for one in text.facts.get("peers", ())
    )


LOOSE = {
    "loose_history": ("session_context_corrupted", "a turn of the stored conversation does not fit"),
    "loose_balance": ("insufficient_balance", "it speaks of credit"),
    "loose_key": ("auth_failed", "it speaks of the key or the login"),
    "loose_model": ("model_not_found", "it speaks of the model"),
    "loose_proxy": ("proxy_fault", "it speaks of the proxy"),
    "loose_address": ("wrong_endpoint", "it speaks of the address"),
    "loose_empty": ("empty_response_under_load", "it speaks of an answer without content"),
    "loose_request": ("invalid_request", "it speaks of the request's form"),
    "loose_lost": ("connection_reset", "it speaks of a connection that ended"),
}
"""What a text without any known wording speaks of."""

RULES = (
    sign(
        "text.address",
        "wrong_endpoint",
        "strong",
        "bad_url",
        unless=("cors",),
        says="the address itself is malformed.",
    ),
    sign(
        "text.read-timeout",
        "read_timeout",
        "weak",
        "read_timeout",
        where=lambda text: text.status in (None, 200, 408, 499),
        says="the connection stood but no answer came in time; a timeout alone fits many causes.",
        next_check="chat.stream: whether keep-alives flow while it waits (deepkit doctor)",
    ),
    sign("text.status-408", "read_timeout", "weak", status=(408, 499), says="the waiting was given up."),
    sign(
        "text.read-timeout-load",
        "server_overloaded",
        "faint",
        "read_timeout",
        where=lambda text: not text.local,
        says="a queue on the server looks the same from here.",
    ),
    sign(
        "text.cors-bare",
        "wrong_endpoint",
        "weak",
        "cors",
        where=lambda text: _bare(text),
        says="the address has no path of the API, and the browser reports that as CORS.",
    ),
    sign(
        "text.cors",
        "other",
        "weak",
        "cors",
        says="a browser may not call this API from a page: cross-origin rules.",
    ),
    sign(
        "text.own-program",
        "other",
        "weak",
        "own_program",
        says="the program's own environment failed; the server was not asked.",
    ),
    sign(
        "text.vague-local",
        "connection_refused",
        "weak",
        "connection_vague",
        where=lambda text: text.local,
        says="the server on this machine was not reached.",
        next_check="local: which model servers answer here",
    ),
    *(
        sign(
            f"text.vague-{cause.replace('_', '-')}",
            cause,
            "needs",
            "connection_vague",
            where=lambda text: not text.local,
            says="a failed connection without a reason fits every fault of the way.",
            next_check=PROBE,
        )
        for cause in ("connection_reset", "proxy_fault", "connect_timeout", "dns_failure", "tls_intercepted")
    ),
    *(
        sign(
            f"text.{name.replace('_', '-')}",
            cause,
            "weak",
            name,
            says=f"{says}; no known wording was found.",
            next_check=PROBE,
        )
        for name, (cause, says) in LOOSE.items()
    ),
)
