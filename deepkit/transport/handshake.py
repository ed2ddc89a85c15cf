"""A TLS handshake and nothing after it: who answers, and would it be believed?"""

import asyncio
import ssl
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from deepkit.records import Settings, Target
from deepkit.transport.backend import Backend
from deepkit.transport.exchange import Certificate, Exchange, TlsFacts
from deepkit.transport.failures import FaultError, detail_of, failure_of
from deepkit.transport.stream import SocketStream
from deepkit.transport.trust import blind_context, context_for

if TYPE_CHECKING:
    from cryptography import x509

MOST_CERTIFICATES = 10
"""Most certificates of a chain that are read; a real one has two to four."""
ENCODING_DER = 2
"""`_ssl.ENCODING_DER`."""


async def handshake(
    target: Target,
    settings: Settings,
    *,
    verify: bool = True,
    long_hello: bool = False,
    read_chain: bool = False,
    newest: ssl.TLSVersion = ssl.TLSVersion.MAXIMUM_SUPPORTED,
) -> Exchange:
    """Connect, do the TLS handshake, close. No byte of HTTP is sent, so no key can be.

    Args:
        target: Whom to connect to; its own HTTP proxy route is not used (SOCKS is).
        settings: Gives resolver, family, trust and timeouts.
        verify: False looks at whoever answers without believing them.
        long_hello: Send a ClientHello longer than one packet; only without verification.
        read_chain: Read every certificate that was sent; without verification it is always read.
        newest: The newest version of TLS to offer; only without verification.

    Returns:
        An exchange with the connection's stamps and `tls`; no request was sent or counted.
    """
    parts = urlsplit(target.base_url)
    context = context_for(target, settings) if verify else blind_context(long_hello=long_hello, newest=newest)
    backend, failure, detail = Backend(target, settings), None, ""
    backend.tunnel = backend.proxy is not None
    ledger, bound = backend.ledger, settings.timeouts.connect
    try:
        async with asyncio.timeout(min(2 * bound, settings.timeouts.total)):
            stream = await backend.connect_tcp(parts.hostname or "", parts.port or 443, timeout=bound)
            await stream.start_tls(context, parts.hostname, timeout=bound)
            if (read_chain or not verify) and isinstance(stream, SocketStream):
                ledger.exchange.tls = _seen(stream, ledger.exchange.tls, verified=verify)
    except (OSError, FaultError, EOFError) as error:
        failure, detail = failure_of(error, ledger.stage), detail_of(error)
    finally:
        backend.read_tcp_info()
        backend.close()
    return ledger.close(failure, detail)


def _seen(stream: SocketStream, known: TlsFacts | None, *, verified: bool) -> TlsFacts:
    """Read the certificates themselves: Python's own dictionary is empty when nothing was verified."""
    talk = stream.get_extra_info("ssl_object")
    chain = certificates(talk)
    if not chain:
        return known or TlsFacts()
    links = tuple(
        Certificate(_name(one.subject), _name(one.issuer), one.not_valid_after_utc.timestamp())
        for one in chain
    )
    if verified and known is not None:
        return replace(known, chain=links)
    return TlsFacts(
        links[0].issuer,
        links[0].subject,
        talk.selected_alpn_protocol(),
        talk.version(),
        chain[0].issuer == chain[0].subject,
        links[0].not_after,
        links,
    )


def certificates(talk: ssl.SSLObject) -> "list[x509.Certificate]":
    """Return the certificates that the other side sent, its own first, at most MOST_CERTIFICATES.

    The whole chain is public from Python 3.13 on; before, the same method sits on the inner object,
    and where that is missing too only the server's own certificate is known.
    """
    from cryptography import x509

    public: Any = getattr(talk, "get_unverified_chain", None)
    inner: Any = getattr(getattr(talk, "_sslobj", None), "get_unverified_chain", None)
    if public is not None:
        raw = list(public() or ())
    elif inner is not None:
        raw = [one.public_bytes(ENCODING_DER) for one in inner() or ()]
    else:
        own = talk.getpeercert(binary_form=True)
        raw = [own] if own else []
    return [x509.load_der_x509_certificate(one) for one in raw[:MOST_CERTIFICATES]]


def _name(of: "x509.Name") -> str:
    from cryptography.x509.oid import NameOID

    found = of.get_attributes_for_oid(NameOID.ORGANIZATION_NAME) or of.get_attributes_for_oid(
        NameOID.COMMON_NAME
    )
    return str(found[0].value) if found else ""
