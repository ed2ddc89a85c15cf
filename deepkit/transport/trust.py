"""TLS contexts, built outside every timed region and kept: loading the roots costs 25 ms."""

import ssl
from functools import lru_cache
from pathlib import Path

from deepkit.errors import UsageError
from deepkit.records import Settings, Target

UNUSED, UNUSED_BYTES = 6, 250
"""How many protocols that nobody speaks a long hello names, and the length of each: together over 1500 bytes."""


def context_for(target: Target, settings: Settings) -> ssl.SSLContext:
    """Return the context for a target under some settings.

    "default" trusts the bundled roots and the target's own file; "system" trusts the
    machine's store (or the file that stands in for it) beside them.

    Args:
        target: Gives the files.
        settings: Gives the kind of trust.

    Returns:
        A context that verifies; shared, so leave it unchanged.

    Raises:
        UsageError: When a file of roots cannot be read.
    """
    system = settings.trust == "system"
    files = [target.ca_file, target.system_ca_file if system else None]
    try:
        stamped = tuple((name, Path(name).stat().st_mtime_ns) for name in files if name)
        return _built(system and target.system_ca_file is None, stamped)
    except OSError as error:
        message = (
            f"The file of certificate roots cannot be read ({error.strerror}); check the target's ca_file."
        )
        raise UsageError(message) from error


@lru_cache(maxsize=32)
def _built(machine: bool, files: tuple[tuple[str, int], ...]) -> ssl.SSLContext:
    import certifi

    context: ssl.SSLContext
    if machine:
        import truststore

        context = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    else:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_verify_locations(cafile=certifi.where())
    for name, _ in files:
        context.load_verify_locations(cafile=name)
    context.set_alpn_protocols(["http/1.1"])
    return context


@lru_cache(maxsize=4)
def blind_context(
    *, long_hello: bool = False, newest: ssl.TLSVersion = ssl.TLSVersion.MAXIMUM_SUPPORTED
) -> ssl.SSLContext:
    """Return a context that verifies nothing, to look at who answered. Nothing is ever sent over it.

    Args:
        long_hello: Make the ClientHello longer than one packet, as a post-quantum key share does, by
            naming protocols that nobody speaks; a server takes the one that it knows (RFC 7301).
        newest: The newest version of TLS to offer.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.maximum_version = newest
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE  # looking only: see the docstring
    if ssl.OPENSSL_VERSION_INFO >= (3, 5):  # which otherwise sends a post-quantum key, so none would be short
        context.set_ecdh_curve("prime256v1")
    unused = [f"unused-{number}-".ljust(UNUSED_BYTES, "x") for number in range(UNUSED)] if long_hello else []
    context.set_alpn_protocols(["http/1.1", *unused])
    return context
