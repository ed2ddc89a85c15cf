"""Labels of the closed sets, each with the tone of its badge."""

from deepkit.causes import WHOSE

__all__ = ["ANSWERS", "CHECKS", "CLAIMS", "EFFECTS", "OUTCOMES", "STATES", "WHOSE", "spaced"]

CHECKS = {
    "local_net": "this machine's network",
    "dns.system": "name lookup, as this machine does it",
    "dns.servers": "name lookup, each server of this machine",
    "dns.fresh": "name lookup, asked elsewhere",
    "tcp": "connection",
    "tcp.fresh": "connection to the fresh addresses",
    "tls": "encryption and certificate",
    "http": "gateway without a key",
    "key": "your key",
    "balance": "your balance",
    "models": "model names",
    "chat.stream": "a few small questions, streamed",
    "chat.plain": "a small question, not streamed",
    "conversation": "your conversation",
    "web": "the chat page",
    "status": "the provider's status page",
    "routes": "other routes",
    "alternatives": "other providers",
    "proxy": "proxy settings",
    "local": "model servers on this machine",
    "path": "quality of the line",
    "text": "the pasted error",
    "har": "the HAR file",
}
OUTCOMES = {
    "ok": ("well", "good"),
    "fault": ("fault", "bad"),
    "partial": ("partly well", "warn"),
    "not_checked": ("not checked", "quiet"),
    "check_failed": ("check broke", "warn"),
}
STATES = {
    "SHOWN": ("shown", "bad"),
    "LIKELY": ("likely", "warn"),
    "POSSIBLE": ("possible", "info"),
    "INSUFFICIENT": ("cannot tell yet", "quiet"),
    "RULED_OUT": ("ruled out", "good"),
}
ANSWERS = {
    "yes": ("worth trying", "good"),
    "no": ("not for this case", "quiet"),
    "cannot_tell": ("cannot tell", "info"),
}
EFFECTS = {
    "helped": ("helped", "good"),
    "worse": ("made it worse", "bad"),
    "no_difference": ("no difference", "quiet"),
    "inconclusive": ("inconclusive", "warn"),
}
CLAIMS = {
    "holds": ("holds", "good"),
    "holds_in_part": ("holds in part", "info"),
    "outdated": ("outdated", "warn"),
    "contradicted": ("contradicted", "bad"),
    "cannot_be_told": ("cannot be told", "quiet"),
}


def spaced(name: str) -> str:
    """Write an identifier for people: "server_overloaded" is "server overloaded"."""
    return name.replace("_", " ")
