"""The one HTTP client that obeys Settings; the only place where exceptions become failures."""

from deepkit.transport.asking import Asked, ask, ask_fully, listed_models, messages_for, pick_model
from deepkit.transport.chatting import chat
from deepkit.transport.exchange import Connect, Exchange, TlsFacts
from deepkit.transport.failures import failure_of
from deepkit.transport.history import estimate_tokens, problems_of, repair_messages
from deepkit.transport.meter import Meter
from deepkit.transport.sending import Line, open_line, send
from deepkit.transport.web import Asset, Visit, visit

__all__ = [
    "Asked",
    "Asset",
    "Connect",
    "Exchange",
    "Line",
    "Meter",
    "TlsFacts",
    "Visit",
    "ask",
    "ask_fully",
    "chat",
    "estimate_tokens",
    "failure_of",
    "listed_models",
    "messages_for",
    "open_line",
    "pick_model",
    "problems_of",
    "repair_messages",
    "send",
    "visit",
]
