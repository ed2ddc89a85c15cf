"""Which name servers this machine is told to ask, and what it does to a name before it asks."""

from dataclasses import dataclass
from pathlib import Path

BEHIND_STUB = Path("/run/systemd/resolve/resolv.conf")
"""Where systemd-resolved writes the servers that its stub at 127.0.0.53 asks (systemd-resolved.service(8))."""
STUBS = ("127.0.0.53", "127.0.0.54")
MOST = 4
"""Most servers that are kept; glibc itself reads three (resolv.conf(5))."""


@dataclass(frozen=True, slots=True)
class Configured:
    """The machine's name service.

    Args:
        servers: Addresses, those behind a local stub included.
        search: Domains that are put behind short names, in order.
        ndots: A name with fewer dots is first tried with each search domain behind it.
    """

    servers: tuple[str, ...] = ()
    search: tuple[str, ...] = ()
    ndots: int = 1

    def tried_before(self, host: str) -> tuple[str, ...]:
        """Return the names that are asked for before the host itself, as resolv.conf(5) has it.

        Args:
            host: The name; one with a dot at its end is never changed.
        """
        if host.endswith(".") or host.count(".") >= self.ndots:
            return ()
        return tuple(f"{host}.{domain}" for domain in self.search)


def configured(path: Path | None = None, behind: Path = BEHIND_STUB) -> Configured:
    """Read the machine's settings; it may take seconds on Windows, so call it in a thread.

    Args:
        path: A resolv.conf to read instead.
        behind: The one that holds the servers behind a local stub.

    Returns:
        The settings; nothing where there are none that can be read.
    """
    found = _read(path)
    if any(one in STUBS for one in found.servers) and behind.is_file():
        servers = dict.fromkeys((*found.servers, *_read(behind).servers))
        return Configured(tuple(servers)[:MOST], found.search, found.ndots)
    return found


def _read(path: Path | None) -> Configured:
    import dns.resolver

    try:
        resolver = dns.resolver.Resolver(str(path)) if path else dns.resolver.Resolver()
    except Exception:  # dnspython raises its own kinds, and the registry's, where there is no configuration
        return Configured()
    search = tuple(
        text for one in resolver.search if (text := one.to_text(omit_final_dot=True)) not in ("", ".")
    )
    servers = tuple(str(one) for one in resolver.nameservers)
    return Configured(servers[:MOST], search[:MOST], 1 if resolver.ndots is None else int(resolver.ndots))
