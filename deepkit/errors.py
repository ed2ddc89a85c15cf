"""The exceptions that DeepKit raises, as a tree.

    DeepkitError
      + UsageError          the call itself is wrong: unknown scenario, bad address, unreadable file
        + UnknownNameError  a name that is not in a closed set; carries the names that are
        + MissingExtraError a part of DeepKit is not installed; also an ImportError
      + ReportError         a report could not be written
      + HistoryError        the history could not be read or written; it is as it was
      + PlaceError          where a result was to be written nothing can be written

A failure of the *network* is never an exception: it is a value of the closed set
`FAILURES` inside an Observation. Each message says what happened,
why it matters and what to do next, in that order.
"""

from collections.abc import Iterable

FAILURES: frozenset[str] = frozenset({
    "dns_nxdomain", "dns_timeout", "dns_error",
    "connection_refused", "connection_reset", "connect_timeout", "network_unreachable",
    "tls_untrusted", "tls_expired", "tls_hostname", "tls_handshake", "not_tls",
    "proxy_refused", "proxy_auth", "proxy_error",
    "read_timeout", "deadline", "closed_early", "not_http", "too_large", "redirected", "bad_body",
    "http_400", "http_401", "http_402", "http_403", "http_404", "http_413", "http_422", "http_429",
    "http_4xx", "http_500", "http_502", "http_503", "http_504", "http_5xx", "block_page", "wrong_content",
    "empty_body", "stream_cut", "stream_silent", "stream_error", "queue_timeout", "insufficient_system_resource",
    "blocked_by_client", "stale_page", "bad_address", "budget_spent", "interrupted", "unknown",
})  # fmt: skip
"""The closed set of failure names; `deepkit.transport.failures` alone assigns them to exceptions."""


class DeepkitError(Exception):
    """The root of all exceptions that DeepKit raises on purpose."""


class UsageError(DeepkitError):
    """The call itself is wrong; the command line exits with status 64."""


class UnknownNameError(UsageError):
    """A name that is not one of a closed set.

    Args:
        kind: What was looked for, in the singular ("scenario").
        name: What was given.
        known: The names there are.
    """

    def __init__(self, kind: str, name: str, known: Iterable[str]) -> None:
        from difflib import get_close_matches  # takes longer to import than all the rest of a short command

        names = sorted(known)
        close = get_close_matches(name, names, n=1)
        hint = f"did you mean {close[0]!r}?" if close else f"there are: {', '.join(names)}"
        super().__init__(f"There is no {kind} {name!r}; {hint}")
        self.kind, self.name, self.known = kind, name, tuple(names)

    def __reduce__(self) -> tuple[type["UnknownNameError"], tuple[str, str, tuple[str, ...]]]:
        return type(self), (self.kind, self.name, self.known)


class MissingExtraError(UsageError, ImportError):
    """A library of an extra is not installed.

    Args:
        library: What is missing.
        extra: The extra of the distribution that brings it, or "core".
    """

    def __init__(self, library: str, extra: str) -> None:
        what = "deepkit-jupyter" if extra == "core" else f"'deepkit-jupyter[{extra}]'"
        super().__init__(f"{library} is not installed; install it with: pip install {what}")
        self.library, self.extra = library, extra

    def __reduce__(self) -> tuple[type["MissingExtraError"], tuple[str, str]]:
        return type(self), (self.library, self.extra)


class HistoryError(DeepkitError):
    """The history could not be read or written; what was in it is as it was."""


class PlaceError(DeepkitError):
    """Where a result was to be written nothing can be written."""


class ReportError(DeepkitError):
    """A report could not be written; nothing half written is left behind."""
