"""Throw-away certificate authorities: one that stands for the public roots, one for a company's own."""

import ssl
from pathlib import Path

import trustme

NAMES = ("api.deepseek.test", "chat.deepseek.test", "status.deepseek.test", "127.0.0.1", "localhost")
COMPANY = "Example Company Web Gateway"


class Authorities:
    """Both authorities, with their roots in files.

    Args:
        folder: Where the files go; it is removed with the sandbox.
    """

    def __init__(self, folder: Path) -> None:
        public = trustme.CA(organization_name="DeepKit sandbox public roots")
        company = trustme.CA(organization_name=COMPANY, organization_unit_name="TLS inspection")
        self.ca_file, self.system_ca_file = folder / "public-roots.pem", folder / "machine-store.pem"
        public.cert_pem.write_to_path(self.ca_file)
        both = public.cert_pem.bytes() + company.cert_pem.bytes()
        self.system_ca_file.write_bytes(both)
        self.genuine, self.forged = _context(public), _context(company)


def _context(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_alpn_protocols(["http/1.1"])
    authority.issue_cert(*NAMES).configure_cert(context)
    return context
