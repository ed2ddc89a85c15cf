"""The typed facts of a HAR file, for the tests of its reader."""

from pathlib import Path

from deepkit.checks import Har
from deepkit.probes.har import read_har


def facts_of(source: str | Path | bytes) -> Har:
    """Read a recording and return its facts."""
    found = read_har(source).facts
    assert isinstance(found, Har)
    return found
