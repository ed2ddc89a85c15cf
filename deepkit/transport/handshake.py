"""A TLS handshake and nothing after it: who answers, and would it be believed?"""

import asyncio
from urllib.parse import urlsplit

from deepkit.records import Settings, Target
from deepkit.transport.exchange import Exchange, Ledger, TlsFacts
from deepkit.transport.failures import FaultError, detail_of, failure_of
from deepkit.transport.stream import SocketStream
from deepkit.transport.trust import blind_context, context_for
from deepkit.transport.wire import Wire


async def handshake(
    target: Target, settings: Settings, *, verify: bool = True, long_hello: bool = False
) -> Exchange:
    """Connect, do the TLS handshake, close. No byte of HTTP is sent, so no key can be.

    Args:
        target: Whom to connect to; its own HTTP proxy route is not used (SOCKS is).
        settings: Gives resolver, family, trust and timeouts.
        verify: False looks at whoever answers without believing them.
        long_hello: Send a ClientHello longer than one packet; only without verification.

    Returns:
        An exchange with the connection's stamps and `tls`; no request was sent or counted.
    """
    actual = target.under(settings)
    parts = urlsplit(actual.base_url)
    context = context_for(actual, settings) if verify else blind_context(long_hello=long_hello)
    wire, ledger, failure, detail = Wire(actual, settings), Ledger(), None, ""
    wire.patience.ledger, wire.tunnel = ledger, wire.proxy is not None
    bound = settings.timeouts.connect
    try:
        async with asyncio.timeout(min(2 * bound, settings.timeouts.total)):
            stream = await wire.connect_tcp(parts.hostname or "", parts.port or 443, timeout=bound)
            await stream.start_tls(context, parts.hostname, timeout=bound)
            if not verify and isinstance(stream, SocketStream):
                ledger.put(tls=_unverified(stream, ledger.fields.get("tls")))
    except (OSError, FaultError, EOFError) as error:
        failure, detail = failure_of(error, ledger.stage), detail_of(error)
    finally:
        wire.read_kernel()
        wire.close()
    return ledger.close(failure, detail)


def _unverified(stream: SocketStream, known: TlsFacts | None) -> TlsFacts:
    """Read the certificate itself: Python's own dictionary is empty when nothing was verified."""
    from cryptography import x509
    from cryptography.x509.oid import NameOID

    talk = stream.get_extra_info("ssl_object")
    raw = talk.getpeercert(binary_form=True)
    if raw is None:
        return known or TlsFacts()

    def name(of: x509.Name) -> str:
        found = of.get_attributes_for_oid(NameOID.ORGANIZATION_NAME) or of.get_attributes_for_oid(
            NameOID.COMMON_NAME
        )
        return str(found[0].value) if found else ""

    seen = x509.load_der_x509_certificate(raw)
    return TlsFacts(
        name(seen.issuer),
        name(seen.subject),
        talk.selected_alpn_protocol(),
        talk.version(),
        seen.issuer == seen.subject,
        seen.not_valid_after_utc.timestamp(),
    )
