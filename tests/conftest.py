"""Fixtures for every test: no request may leave this machine, no proxy or key is inherited."""

import ipaddress
import os
import socket
import sys
from collections.abc import Iterator
from typing import Any

import pytest

for _name in list(os.environ):
    if _name.lower().endswith("_proxy") or _name.endswith("_API_KEY") or _name.startswith("DEEPKIT_"):
        del os.environ[_name]


def _audit(event: str, arguments: tuple[Any, ...]) -> None:
    if event != "socket.connect":
        return
    address = arguments[1]
    if isinstance(address, tuple):
        host = ipaddress.ip_address(str(address[0]).split("%")[0])
        if not (host.is_loopback or host.is_unspecified):
            message = f"A test tried to reach {address}; tests speak to loopback only."
            raise PermissionError(message)


sys.addaudithook(_audit)


@pytest.fixture
def free_port() -> Iterator[int]:
    """A TCP port of loopback that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        yield probe.getsockname()[1]
