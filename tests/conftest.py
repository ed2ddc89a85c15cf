"""Fixtures for every test: no request may leave this machine, no proxy or key is inherited."""

import contextlib
import gc
import ipaddress
import os
import socket
import sys
from collections.abc import Iterator
from itertools import count, islice
from typing import Any

import pytest
from hypothesis import settings

from deepkit.secret import SECRETS_MADE

settings.register_profile(
    "deepkit", deadline=None, derandomize=True
)  # the same on every machine, however busy
settings.load_profile("deepkit")

for _name in list(os.environ):
    if _name.lower().endswith("_proxy") or _name.endswith("_API_KEY") or _name.startswith("DEEPKIT_"):
        del os.environ[_name]


def _audit(event: str, arguments: tuple[Any, ...]) -> None:
    if event != "socket.connect":
        return
    address = arguments[1]
    if isinstance(address, tuple):
        try:
            host = ipaddress.ip_address(str(address[0]).split("%")[0])
        except ValueError:
            return  # a name: the connect to its address is seen as well
        if not (host.is_loopback or host.is_unspecified):
            message = f"A test tried to reach {address}; tests speak to loopback only."
            raise PermissionError(message)


sys.addaudithook(_audit)


def pytest_collection_finish() -> None:
    """Take what all tests share out of every later garbage collection: each would walk thousands of tests."""
    gc.freeze()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Any:
    """In continuous integration nothing may be skipped: what a test needs has to be installed."""
    report = yield
    if report.skipped and os.environ.get("CI") and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped although this is continuous integration: {report.longrepr}"
    return report


_ports = count(20_000 + os.getpid() % 10_000)


@pytest.fixture
def free_port() -> int:
    """A TCP port of loopback that stays free: below those that systems hand out by themselves, given once."""
    for port in islice(_ports, 1000):
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    message = "no port is free below the system's own range"
    raise OSError(message)


@pytest.fixture(autouse=True)
def _forgotten_secrets() -> Iterator[None]:
    """What one test made a secret is no secret of the next."""
    yield
    SECRETS_MADE.clear()
