"""Who is named in a text: DeepSeek, a reseller, this machine, a look-alike.

A 502 or 503 mostly comes from somebody between; host and port tell from whom. Vendors and
local servers are those of `deepkit.vendors`, proxies' ports those of `data/hosts.toml`.
Nothing here ever suggests a host: a name found in a text is only sorted.
"""

import ipaddress
import re
import tomllib
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from deepkit.facts import data_path
from deepkit.vendors import mentions, on_port, speaker

_URL = re.compile(
    r"\b(?P<scheme>https?|wss?|socks[45][ah]?)://(?P<rest>[^\s\"'<>`|\\^,;{}]{1,2000})", re.IGNORECASE
)
_BARE = re.compile(
    r"(?<![\w@/.-])(?P<host>(?:[a-z0-9-]{1,63}\.){1,6}(?:com|cn|ai|net|org|dev|app|io|co|xyz|top|cc|me|tech|site|vip|"
    r"pro|online|shop|cloud|run|fun|store|info))(?::(?P<port>\d{2,5}))?(?![\w.(@-])",
    re.IGNORECASE,
)
_ADDRESS = re.compile(
    r"(?<![\w.:])(?P<host>localhost|host\.docker\.internal|\d{1,3}(?:\.\d{1,3}){3}|\[[0-9a-f:]{2,39}\]|::1)"
    r"(?:(?::|['\"]?,? port[ =:]{1,2})(?P<port>\d{2,5}))?(?![\w.])",
    re.IGNORECASE,
)
_SIXTH = re.compile(
    r"(?<![\w.:\[])(?P<host>(?:[0-9a-f]{1,4}:){2,7}(?::?[0-9a-f]{1,4}){1,6}):(?P<port>443|80)\b",
    re.IGNORECASE,
)
_HELP = re.compile(
    r"^(?:docs?|help|support|status|wiki|learn|api-docs|developer)\.|^(?:curl\.se|go\.dev|aka\.ms)$"
)


@dataclass(frozen=True, slots=True)
class Peer:
    """One host in a text: its kind (official, provider, local, private, proxy, look_alike, side), port and path."""

    host: str
    kind: str
    port: int | None = None
    path: str = ""
    name: str = ""


@cache
def _hosts() -> dict[str, Any]:
    return tomllib.loads(data_path("hosts.toml").read_text(encoding="utf-8"))


def classify(host: str, port: int | None = None) -> tuple[str, str]:
    """Sort one host name or address.

    Args:
        host: As it stands in the text.
        port: The port beside it, if any.

    Returns:
        Its kind, see `Peer`, and the provider's name where it is one.
    """
    name = host.strip("[]").lower().rstrip(".")
    if name in {"localhost", "host.docker.internal", "gateway.docker.internal", "ollama", "0.0.0.0"}:  # noqa: S104
        return _at_home(port)
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        return _classify_name(name)
    if address.is_loopback:
        return _at_home(port)
    return ("private", "") if address.is_private else ("address", "")


def _at_home(port: int | None) -> tuple[str, str]:
    """Tell a proxy program on this machine from a model server, by its port."""
    if port in _hosts()["proxy_ports"]:
        return "proxy", ""
    server = on_port(port) if port else None
    return "local", server.name if server else ""


def _classify_name(name: str) -> tuple[str, str]:
    known = speaker(name)
    if known is not None:
        return ("official", known.name) if known.kind == "official" else ("provider", known.name)
    if looks_alike(name):
        return "look_alike", ""
    return "side", "client_files" if any(part in name for part in _hosts()["client_files"]) else ""


def looks_alike(name: str) -> bool:
    """Tell whether a host that is not DeepSeek's bears DeepSeek's name in the part that somebody registered."""
    labels = name.split(".")
    if len(labels) < 2 or speaker(name) is not None:
        return False
    registered = labels[-3] if labels[-2] in {"com", "net", "org", "co"} and len(labels) > 2 else labels[-2]
    plain = registered.replace("-", "").replace("0", "o").replace("1", "l")
    if "deepseek" in plain or (labels[-2] == "com" and "deepseek" in labels):
        return True
    return len(plain) > 6 and SequenceMatcher(None, plain, "deepseek").ratio() >= 0.8


def peers(text: str) -> list[Peer]:
    """List the hosts that a text names, in their order, each once.

    Args:
        text: Unwrapped text, not yet redacted.

    Returns:
        The peers; links to help pages are left out.
    """
    found: dict[tuple[str, int | None], Peer] = {}

    def keep(host: str, port: str | int | None, path: str = "", scheme: str = "") -> None:
        number = int(port) if port else None
        name = host.strip("[]").lower()
        if not name or _HELP.search(name) or (number or 0) > 65535:
            return
        kind, provider = classify(name, number)
        if scheme.startswith("socks"):
            kind = "proxy"
        known = found.get((name, number))
        if known is None or (path and not known.path):
            found[name, number] = Peer(name, kind, number, path, provider)

    for match in _URL.finditer(text):
        try:
            split = urlsplit(f"{match['scheme']}://{match['rest']}")
            keep(split.hostname or "", split.port, split.path.rstrip(".):]`"), match["scheme"].lower())
        except ValueError:
            continue
    rest = _URL.sub(" ", text)
    for pattern in (_ADDRESS, _SIXTH, _BARE):
        for match in pattern.finditer(rest):
            if (match["host"].lower(), int(match["port"]) if match["port"] else None) not in found:
                keep(match["host"], match["port"])
    return list(found.values())


def named_by(text: str, client: str) -> tuple[str, str]:
    """Return what tells the vendor that answered, a mark before a name, and which it is; or two empty strings.

    Programs that the user runs, and networks that stand before many sites, are no vendors here. Whoever serves
    other models than DeepSeek's is often only mentioned, so that a word is not enough for it.
    """
    for one in mentions(text, client):
        kind, name = one.provider.kind, one.provider.name
        told = one.by in ("host", "mark", "page") or (one.by in ("word", "client") and kind != "vendor")
        if told and kind != "official" and name not in _hosts()["no_vendors"]:
            return one.by, name
    return "", ""
