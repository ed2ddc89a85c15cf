"""Whether waiting helps at all, before any policy is chosen."""

from collections.abc import Mapping

from deepkit.causes import BY_NAME
from deepkit.checks import ChatPlain, ChatStream
from deepkit.records import Diagnosis, Evidence
from deepkit.retries.retryability import PASSING, is_final

WHAT: Mapping[str, str] = {
    "dns_nxdomain": "the server's name was not found",
    "connection_refused": "the connection was refused",
    "connection_reset": "the connection was cut",
    "connect_timeout": "nothing answered at the server's address",
    "network_unreachable": "the network could not be reached",
    "tls_untrusted": "the certificate was not trusted",
    "tls_expired": "the certificate had expired",
    "proxy_auth": "the proxy wanted a login",
    "proxy_refused": "the proxy refused the connection",
    "block_page": "a block page came back",
    "http_400": "the request was refused as invalid",
    "http_401": "the key was refused",
    "http_402": "the account had no balance left",
    "http_403": "access was refused",
    "http_404": "the address or the model was unknown",
    "http_413": "the request was too large",
    "http_422": "the request's parameters were refused",
    "http_429": "the account's quota was used up",
}
"""What happened, in words, of failures that waiting does not cure; a 429 only where its words speak of a quota."""


def times(count: int) -> str:
    """Write how often: "once", "7 times"."""
    return "once" if count == 1 else f"{count} times"


def passing(failures: Mapping[str, int], words: str = "") -> dict[str, int]:
    """Return those failures that may be gone after a wait."""
    return {} if is_final(words) else {name: count for name, count in failures.items() if name in PASSING}


def no_use(failures: Mapping[str, int], words: str = "") -> str | None:
    """Say that waiting will not help.

    Args:
        failures: How often each failure came, by its name in `deepkit.records.FAILURES`.
        words: Words of the server's errors.

    Returns:
        A sentence for people; None when nothing failed, or at least half of it may pass by itself.
    """
    total = sum(failures.values())
    if not total or 2 * sum(passing(failures, words).values()) >= total:
        return None
    name = max(failures, key=lambda one: (one not in PASSING or is_final(words), failures[one]))
    what = f"{WHAT[name]} {times(failures[name])}" if name in WHAT else f"{name} came {times(failures[name])}"
    return f"Waiting will not help: {what}, for a reason that does not pass."


def in_vain(evidence: Evidence, diagnosis: Diagnosis | None = None) -> str | None:
    """Say that waiting will not help, from the diagnosis first and then from the failures; None when it may."""
    cause = BY_NAME.get(diagnosis.verdict) if diagnosis is not None else None
    asked = [evidence.facts(kind) for kind in (ChatStream, ChatPlain)]
    failures: dict[str, int] = {}
    for chat in asked:
        for name, count in chat.failures.items():
            failures[name] = failures.get(name, 0) + count
    said = no_use(failures, " ".join(f"{chat.error_type or ''} {chat.error_message or ''}" for chat in asked))
    if said is None and cause is not None and not {"backoff", "off_peak"} & set(cause.fixes):
        return f"Waiting will not help: {cause.means[0].lower()}{cause.means[1:]}"
    return said
