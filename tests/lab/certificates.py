"""Throw-away certificates: a public root, a company's, somebody's own, and the ways in which one is wrong."""

import ssl
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import trustme

HOST = "api.deepseek.test"
COMPANY = "Example Company Web Gateway"


@dataclass(frozen=True)
class Roots:
    """Files of roots, and a server's context for each kind of certificate.

    Args:
        public: Stands for the roots that programs bring along.
        machine: Stands for the machine's own store: the public roots and the company's.
        contexts: By kind: good, expired, future, wrong_host, self_signed, company, stranger.
    """

    public: str
    machine: str
    contexts: dict[str, ssl.SSLContext]


def make(folder: Path) -> Roots:
    """Make everything in a folder."""
    public = trustme.CA(organization_name="Lab public roots")
    company = trustme.CA(organization_name=COMPANY)
    stranger = trustme.CA(organization_name="Nobody's Filter")
    now, day = datetime.now(UTC), timedelta(days=1)
    files = folder / "public.pem", folder / "machine.pem"
    public.cert_pem.write_to_path(files[0])
    files[1].write_bytes(public.cert_pem.bytes() + company.cert_pem.bytes())
    leaves = {
        "good": public.issue_cert(HOST, "127.0.0.1"),
        "expired": public.issue_cert(HOST, not_before=now - 90 * day, not_after=now - day),
        "future": public.issue_cert(HOST, not_before=now + day, not_after=now + 90 * day),
        "wrong_host": public.issue_cert("www.elsewhere.test"),
        "company": company.issue_cert(HOST),
        "stranger": stranger.issue_cert(HOST),
    }
    contexts = {kind: _context(leaf) for kind, leaf in leaves.items()}
    return Roots(str(files[0]), str(files[1]), {**contexts, "self_signed": _self_signed(folder)})


def _context(leaf: trustme.LeafCert) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_alpn_protocols(["http/1.1"])
    leaf.configure_cert(context)
    return context


def _self_signed(folder: Path) -> ssl.SSLContext:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, HOST)])
    cert = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=90))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(HOST)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    file = folder / "self-signed.pem"
    plain = serialization.NoEncryption()
    written = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    file.write_bytes(written + cert.public_bytes(serialization.Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context
