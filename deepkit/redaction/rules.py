"""What each rule removes, in words for people."""

from collections.abc import Mapping, Sequence

RULES: Mapping[str, str] = {
    "known": "values that this process knows to be secret",
    "key": "API keys",
    "header": "authorization and cookie headers",
    "bearer": "bearer tokens",
    "login": "logins in addresses",
    "jwt": "signed tokens",
    "field": "secret fields",
    "encoded": "encoded secrets",
    "token": "random tokens",
    "email": "e-mail addresses",
    "home": "user names and home folders",
    "host": "private host names",
    "name": "this machine's own names",
    "mac": "hardware addresses",
    "ip": "network addresses",
    "phone": "telephone numbers",
}
"""A rule's id never changes."""


def removed_words(removed: Sequence[tuple[str, int]]) -> str:
    """Say what was taken out, in words.

    Args:
        removed: Pairs of rule and count.

    Returns:
        One line.
    """
    if not removed:
        return "nothing had to be removed"
    return ", ".join(f"{count} × {RULES.get(rule, rule)}" for rule, count in removed)
