"""Secrets and private names out of any text, with the list of what was removed.

Secrets (keys, logins, cookies) are replaced by `[removed:<rule>]`. Names that a reader
must be able to follow (addresses, hosts, users) become numbered stand-ins (`ip-1`,
`host-2`, `user-1`) that stay the same throughout one Redactor, so that "the second
address was slow" survives. Loopback addresses say nothing about anybody and are kept.

What this process knows to be secret is looked for first, in every spelling (`known`); then what a label says
is a secret (`labels`), what looks like a key (`tokens`), and names (`names`). Everything that is printed or
written passes `gate` and `files`. docs/redaction.md has the figures.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from deepkit.redaction.known import local_names
    from deepkit.redaction.redactor import Redacted, Redactor, redact

__all__ = ["Redacted", "Redactor", "local_names", "redact"]


def __getattr__(name: str) -> Any:
    """Import a name when it is first asked for: a command that prints a list needs no pattern."""
    if name not in __all__:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    return getattr(import_module(f"{__name__}.{'known' if name == 'local_names' else 'redactor'}"), name)
