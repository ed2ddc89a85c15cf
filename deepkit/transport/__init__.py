"""The one HTTP client that obeys Settings; the only place where exceptions become failures.

The path of one question, each step in its own module:

    ask              question.py    one question: fails over to the named alternatives
    with_retries     question.py    one target: tries again as the policy says
    _attempt         question.py    one attempt: messages, model, mended once if the server says how
    chat_on          completion.py  one chat request, and the reader of its answer
    Client.request   request.py     one HTTP request: budget, key, deadline, the failure's name

Below it httpcore speaks HTTP over connections of Backend (backend.py: names, raced connects, proxy, TLS,
each with its stamp). On the web `visit` (web.py) loads the page before `chat_on`. A Target is used as it
is: whoever takes changes as made (`Settings.assume`) applies them first (`Target.under`). Every request
leaves an Exchange, and none raises for what the network does.
"""

from deepkit.transport.completion import chat
from deepkit.transport.conversations import estimate_tokens, problems_of, repair_messages
from deepkit.transport.exchange import Connect, Exchange
from deepkit.transport.meter import Meter
from deepkit.transport.question import Asked, ask, listed_models, pick_model
from deepkit.transport.request import Client, open_client, send
from deepkit.transport.web import Visit, visit

__all__ = [
    "Asked",
    "Client",
    "Connect",
    "Exchange",
    "Meter",
    "Visit",
    "ask",
    "chat",
    "estimate_tokens",
    "listed_models",
    "open_client",
    "pick_model",
    "problems_of",
    "repair_messages",
    "send",
    "visit",
]
