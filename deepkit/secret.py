"""Keys and passwords: objects that never print, and that redaction knows of."""

from typing import Any

SECRETS_MADE: dict[str, None] = {}
"""The texts of the newest 64 secrets of this process, for redaction to look for."""


class Secret:
    """A key or password that never prints itself; `reveal()` is the only way out."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text
        SECRETS_MADE[text] = None
        if len(SECRETS_MADE) > 64:
            SECRETS_MADE.pop(next(iter(SECRETS_MADE)), None)

    def reveal(self) -> str:
        """Return the text. Call it only where the secret goes onto the wire."""
        return self._text

    def __repr__(self) -> str:
        return "Secret('***')"

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return repr(self)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._text == self._text

    def __hash__(self) -> int:
        return hash(self._text)

    def __reduce__(self) -> str | tuple[Any, ...]:
        return Secret, ("***",)  # a pickled secret is no secret any more
