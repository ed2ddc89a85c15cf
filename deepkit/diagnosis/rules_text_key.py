"""Rules for pasted texts: the key or the login was refused, and what the echo of a key shows."""

from functools import partial

from deepkit.diagnosis._read import Text, sign

ASK_KEY = "key: whether the key that the program sends is the whole one, and its issuer the server asked"


def _key_refused(text: Text) -> bool:
    return text.official and (text.status == 401 or bool(text.facts.get("deepseek_body")))


def _ends(text: Text, kind: str) -> bool:
    return text.facts.get("key_tail") == kind


_TAILS = (
    ("empty", "the key that came is empty.", "give the program the key; the variable it reads is not set"),
    (
        "placeholder",
        "the end it echoes is an example's or a template's, not a key's.",
        "put the real key where the example or the unfilled variable stands",
    ),
    ("quote", "the end it echoes is a quotation mark.", "take the quotation marks off the key"),
    ("odd", "the end it echoes is no character of a key.", "copy the key anew, without what stands after it"),
)


RULES = (
    sign(
        "text.key-own",
        "auth_failed",
        "shown",
        "auth_key_echo",
        where=_key_refused,
        says="DeepSeek echoes the end of the key that it refused.",
    ),
    *(
        sign(
            f"text.key-tail-{kind}",
            "auth_failed",
            "strong",
            "auth_key_echo",
            where=partial(_ends, kind=kind),
            says=says,
            next_check=f"key: {check}, then ask again",
        )
        for kind, says, check in _TAILS
    ),
    sign(
        "text.key",
        "auth_failed",
        "strong",
        "auth_deepseek",
        "auth_key_echo",
        says="DeepSeek refused the key or its header.",
        next_check=ASK_KEY,
    ),
    sign(
        "text.auth",
        "auth_failed",
        "strong",
        "auth",
        unless=(
            "block",
            "dns",
            "refused",
            "tls_untrusted",
            "tls",
            "proxy_auth",
            "connect_timeout",
            "extension",
        ),
        where=lambda text: text.status in (None, 200, 400, 401, 403),
        says="the key or the login was refused.",
        next_check=ASK_KEY,
    ),
    sign(
        "text.status-401",
        "auth_failed",
        "strong",
        status=(401,),
        unless=("proxy_auth",),
        says="401 refuses the key or the login.",
        next_check=ASK_KEY,
    ),
    sign(
        "text.key-unsent",
        "auth_failed",
        "weak",
        "key_unsent",
        says="the key holds a character that no header may carry, so that nothing was sent.",
        next_check=ASK_KEY,
    ),
    sign(
        "text.auth-page",
        "browser_state",
        "faint",
        "auth",
        where=lambda text: text.web,
        says="an old login kept by the browser is refused in the same words.",
    ),
)
