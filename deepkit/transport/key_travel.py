"""Whether the key may go out: never in the clear where a stranger could read it, unless the user said so."""

import ipaddress
from urllib.parse import SplitResult, urlsplit

from deepkit.records import Target
from deepkit.transport.resolve import literal

NETWORKS = tuple(
    ipaddress.ip_network(one)
    for one in ("0.0.0.0/32", "10.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16",
                "::/128", "::1/128", "fc00::/7", "fe80::/10")
)  # fmt: skip
"""This machine and its private networks (RFC 1918, 3927, 4193, 4291). Python's own `is_private` holds more: networks
for tests, from which some proxies' name servers make up the addresses of every public name, and mapped addresses."""
ALLOW = "--send-key-in-clear sends it all the same"


def is_private(address: str) -> bool:
    """Tell whether an address leads no further than this machine or its private network."""
    try:
        known = ipaddress.ip_address(address.split("%")[0])
    except ValueError:
        return False
    mapped = known.ipv4_mapped if known.version == 6 else None
    return any((mapped or known) in one for one in NETWORKS)


def is_loopback(host: str) -> bool:
    """Tell whether a host is this machine, by its address or as "localhost"."""
    known = literal(host)
    return host == "localhost" if known is None else ipaddress.ip_address(known).is_loopback


def is_own_server(url: str, target: Target) -> bool:
    """Tell whether an address is the API's own: the key belongs to it and to nobody else."""
    asked, own = urlsplit(url), urlsplit(target.base_url)
    return (asked.scheme, asked.hostname, asked.port) == (own.scheme, own.hostname, own.port)


def withheld(target: Target, proxy: SplitResult | None) -> str:
    """Say why the target's key is not sent.

    Args:
        target: Whom the key is for.
        proxy: What the request goes through; None for the direct way.

    Returns:
        One sentence for people; empty where the key is sent.
    """
    parts = urlsplit(target.base_url)
    host = parts.hostname or ""
    if target.key is None or target.key_in_clear or parts.scheme == "https":
        return ""
    if not (target.private or is_loopback(host) or is_private(host)):
        return (
            f"The key is not sent to http://{host}: that address leads beyond this machine's own network, "
            f"and anybody on the way could read it; {ALLOW}."
        )
    if proxy is not None and not is_loopback(proxy.hostname or ""):
        return (
            f"The key is not sent to http://{host}: it would pass through the proxy {proxy.hostname} "
            f"in the clear; name the server in NO_PROXY, or {ALLOW}."
        )
    return ""
