"""The one HTTP client that obeys Settings; the only place where exceptions become failures."""

from deepkit.transport.exchange import Connect, Exchange, TlsFacts
from deepkit.transport.failures import failure_of
from deepkit.transport.meter import Meter
from deepkit.transport.send import Line, open_line, send

__all__ = [
    "Connect",
    "Exchange",
    "Line",
    "Meter",
    "TlsFacts",
    "failure_of",
    "open_line",
    "send",
]
