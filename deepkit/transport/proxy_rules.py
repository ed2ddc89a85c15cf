"""Which way each common client takes, given the proxy settings of a machine.

There is no standard for these variables: clients differ in whether capitals count, and in what
dots, stars, ports and address ranges in NO_PROXY mean. Each rule below is that of one project's own
source (named beside it), and tests hold it against the real program where it can run.
"""

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

DIRECT = "direct"
NAMES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")
NODE_SWITCH = "NODE_USE_ENV_PROXY"
READERS = ("urllib", "requests", "httpx", "httpx2", "curl", "browser")
"""Clients that read the machine's settings unasked; the others go direct unless a switch is set."""


@dataclass(frozen=True, slots=True)
class SystemProxies:
    """The system's own proxy settings, as browsers take them.

    Args:
        source: Whose settings these are ("windows", "macos", "gnome"); empty where there are none.
        proxies: Scheme to proxy address.
        exceptions: Hosts that are not sent through a proxy, in the system's own way of writing.
        pac: Address of an automatic configuration script; it is named and not run.
    """

    source: str = ""
    proxies: Mapping[str, str] = field(default_factory=dict)
    exceptions: tuple[str, ...] = ()
    pac: str | None = None


@dataclass(frozen=True, slots=True)
class Destination:
    """Where a request goes.

    Args:
        scheme: http or https.
        host: Name or address, in lower case, an IPv6 address without brackets.
        port: The port in the address; None where it is left to the scheme.
    """

    scheme: str
    host: str
    port: int | None = None

    @property
    def real_port(self) -> int:
        """The port that is spoken to."""
        return self.port or (443 if self.scheme == "https" else 80)


def decisions(
    place: Destination, environment: Mapping[str, str], system: SystemProxies | None = None
) -> dict[str, str]:
    """Work out where each client sends a request.

    Args:
        place: Where it is to go.
        environment: The environment's variables.
        system: The system's own settings.

    Returns:
        For each client a proxy's address, "direct", or one sentence why it cannot go anywhere.
    """
    own, known = system or SystemProxies(), _python_view(environment)
    if not any(name != "no" for name in known) and own.proxies:  # urllib.request.getproxies()
        known = {**own.proxies, "no": ",".join(own.exceptions)}
    plain, either = known.get(place.scheme), known.get(place.scheme) or known.get("all")
    skip = known.get("no", "")
    aiohttp = plain if plain and not plain.startswith("https:") else None
    broken = _breaks_httpx(skip) if either else None
    return {
        "urllib": _way(plain, urllib_skips(place, skip)),
        "requests": _way(either, requests_skips(place, skip)),
        "httpx": broken or _way(either, httpx_skips(place, skip, ranges=False)),
        "httpx2": _way(either, httpx_skips(place, skip, ranges=True)),
        "aiohttp": DIRECT,  # asks only when told to
        "aiohttp with trust_env": _way(aiohttp, urllib_skips(Destination(place.scheme, place.host), skip)),
        "curl": _curl(place, environment),
        "node": _node(place, environment),
        "browser": _browser(place, environment, own),
    }


def disagreeing(decided: Mapping[str, str]) -> bool:
    """Tell whether clients that all read the settings take different ways."""
    return len({decided[name] for name in READERS if name in decided}) > 1


def _way(proxy: str | None, skipped: bool) -> str:
    return proxy if proxy and not skipped else DIRECT


def _python_view(environment: Mapping[str, str]) -> dict[str, str]:
    """Return scheme to proxy as `urllib.request.getproxies_environment` does: lower case wins, even when empty."""
    known: dict[str, str] = {}
    for name, value in environment.items():
        if value and name.lower().endswith("_proxy"):
            known[name.lower()[:-6]] = value
    if "REQUEST_METHOD" in environment:  # a CGI script could be handed HTTP_PROXY by a visitor
        known.pop("http", None)
    for name, value in environment.items():
        if name.endswith("_proxy"):
            known.pop(name.lower()[:-6], None)
            if value:
                known[name.lower()[:-6]] = value
    return known


def _ends(host: str, suffix: str) -> bool:
    return host == suffix or host.endswith("." + suffix)


def address_of(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """Return the address that a text is; None for a name."""
    try:
        return ipaddress.ip_address(text.strip("[]"))
    except ValueError:
        return None


def _within(host: str, text: str) -> bool:
    address = address_of(host)
    try:
        return address is not None and "/" in text and address in ipaddress.ip_network(text, strict=False)
    except ValueError:
        return False


def urllib_skips(place: Destination, skip: str) -> bool:
    """`urllib.request.proxy_bypass_environment`: suffixes at a dot, with or without the port; `*` only alone."""
    if skip == "*":
        return True
    whole = place.host if place.port is None else f"{place.host}:{place.port}"
    entries = [one.strip().lstrip(".").lower() for one in skip.split(",") if one.strip()]
    return any(_ends(place.host, one) or _ends(whole, one) for one in entries)


def requests_skips(place: Destination, skip: str) -> bool:
    """`requests.utils.should_bypass_proxies`: IPv4 ranges as well; then what urllib says of the host alone."""
    entries = [one for one in skip.replace(" ", "").split(",") if one]
    whole = place.host if place.port is None else f"{place.host}:{place.port}"
    if isinstance(address_of(place.host), ipaddress.IPv4Address):
        found = any(_within(place.host, one) if "/" in one else place.host == one for one in entries)
    else:
        bare = [one.lstrip(".") for one in entries]
        found = any(_ends(place.host, one) or _ends(whole, one) for one in bare)
    return found or urllib_skips(Destination(place.scheme, place.host), skip)


def httpx_skips(place: Destination, skip: str, *, ranges: bool) -> bool:
    """Httpx `_utils.get_environment_proxies`: a star anywhere, a leading dot means subdomains only.

    Args:
        place: Where the request goes.
        skip: NO_PROXY.
        ranges: httpx2 knows address ranges and `*.name`, httpx does not.
    """
    entries = [one.strip() for one in skip.split(",") if one.strip()]
    return "*" in entries or any(_httpx_entry(place, one.lower(), ranges=ranges) for one in entries)


def _httpx_entry(place: Destination, entry: str, *, ranges: bool) -> bool:
    if "://" in entry:
        scheme, _, entry = entry.partition("://")
        host, port = _with_port(entry)
        return scheme in ("all", place.scheme) and place.host == host and port in (None, place.port)
    if "/" in entry:
        name = entry.partition("/")[0]
        return _within(place.host, entry) if ranges else address_of(name) is not None and place.host == name
    host, port = (entry, None) if address_of(entry) else _with_port(entry)
    if port is not None and port != place.port:
        return False
    if address_of(host) or host == "localhost":
        return address_of(place.host) == address_of(host) if address_of(host) else place.host == host
    if host.startswith("*."):
        return ranges and place.host.endswith(host[1:])
    if host.startswith("."):
        return place.host.endswith(host)
    return _ends(place.host, host)


def _with_port(entry: str) -> tuple[str, int | None]:
    found = re.fullmatch(r"(.+):(\d+)", entry)
    return (found[1].strip("[]"), int(found[2])) if found else (entry.strip("[]"), None)


def _breaks_httpx(skip: str) -> str | None:
    """Httpx refuses to start over an entry that is no address of its kind; httpx2 leaves it out."""
    entries = [one.strip() for one in skip.split(",")]
    refused = (one for one in entries if one.startswith("[") or (one.count(":") > 1 and "/" in one))
    entry = None if "*" in entries else next(refused, None)
    return f"does not start: NO_PROXY has {entry!r}" if entry else None


def curl_skips(place: Destination, skip: str) -> bool:
    """Curl `lib/noproxy.c` (7.86 and later): commas or blanks, ranges, no ports; `*` only alone."""
    if skip == "*":
        return True
    for entry in re.split(r"[,\s]+", skip.lower()):
        if address_of(place.host):
            if place.host == entry or _within(place.host, entry):
                return True
        elif (bare := entry.strip(".")) and _ends(place.host.rstrip("."), bare):
            return True
    return False


def _curl(place: Destination, environment: Mapping[str, str]) -> str:
    # HTTP_PROXY counts in lower case only: a CGI script could be handed the other by a visitor.
    names = ["http_proxy"] if place.scheme == "http" else ["https_proxy", "HTTPS_PROXY"]
    proxy = next(
        (environment[one] for one in [*names, "all_proxy", "ALL_PROXY"] if environment.get(one)), None
    )
    skip = environment.get("no_proxy") or environment.get("NO_PROXY") or ""
    return _way(proxy, curl_skips(place, skip))


def node_skips(place: Destination, skip: str) -> bool:
    """Undici `env-http-proxy-agent.js` (7.x), which Node's fetch uses: suffixes, ports; `*` only alone."""
    if skip == "*":
        return True
    for entry in filter(None, re.split(r"[,\s]", skip)):
        found = re.fullmatch(r"(.+):(\d+)", entry)
        host, port = (found[1], int(found[2])) if found else (entry, 0)
        bare = re.sub(r"^\*?\.", "", host).lower()
        if (not port or port == place.real_port) and _ends(place.host, bare):
            return True
    return False


def _node(place: Destination, environment: Mapping[str, str]) -> str:
    """Node reads the variables only when NODE_USE_ENV_PROXY is set (nodejs.org/api/cli.html), from version 22.21."""
    if environment.get(NODE_SWITCH) != "1":
        return DIRECT
    plain = environment.get("http_proxy", environment.get("HTTP_PROXY"))
    secure = environment.get("https_proxy", environment.get("HTTPS_PROXY")) or plain
    skip = environment.get("no_proxy", environment.get("NO_PROXY", ""))
    return _way(secure if place.scheme == "https" else plain, node_skips(place, skip))


def _browser(place: Destination, environment: Mapping[str, str], system: SystemProxies) -> str:
    """A browser takes the system's settings; the environment only on a Linux desktop that has none."""
    if system.pac:
        return "a configuration script (PAC) decides; it was not run"
    if system.source:
        own = system.proxies.get(place.scheme) or system.proxies.get("socks")
        return _way(own, any(_system_skips(place, one) for one in system.exceptions))
    either = _python_view(environment)
    proxy = either.get(place.scheme) or either.get("all")
    entries = [one.strip() for one in either.get("no", "").split(",") if one.strip()]
    return _way(proxy, any(one == "*" or _system_skips(place, one) for one in entries))


def _system_skips(place: Destination, entry: str) -> bool:
    """The systems' exceptions: `*` stands for anything, `<local>` for names without a dot, a range for addresses."""
    entry = entry.strip().lower()
    if entry == "<local>":
        return "." not in place.host and ":" not in place.host
    if "/" in entry:
        return _within(place.host, entry)
    if "*" in entry:
        pattern = ".*".join(map(re.escape, entry.split("*")))
        return re.fullmatch(pattern, place.host) is not None
    return _ends(place.host, entry.lstrip(".")) if entry else False


def masked(url: str) -> str:
    """Write a proxy's address without its login."""
    try:
        parts = urlsplit(url if "://" in url else f"http://{url}")
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return "[unreadable]"
    login = "***@" if parts.username else ""
    return f"{parts.scheme}://{login}{parts.hostname or ''}{port}"
