"""What each check may find: one frozen record of facts a check, and the only place where that is written.

Probes build these records, rules and fixes read their attributes, evidence files and JSON are made from them,
and the table in docs/checks.md is generated from them. A field that is None, or an empty list or table, was not
measured. Seconds end in `_s`. Values that a server or a file may have filled are read with `checked`, which
takes what fits and names the rest in `unreadable`.
"""

from deepkit.checks.api import (
    Alternatives,
    Answered,
    Balance,
    Chat,
    ChatPlain,
    ChatStream,
    Concurrency,
    Conversation,
    Http,
    Key,
    Local,
    Models,
    ModelServer,
    ProviderAsked,
    Purse,
    Routes,
    RouteTried,
    TcpInfo,
    Usage,
)
from deepkit.checks.kinds import WAIT_WORDS, BodyKind, Facts, Indicator, KeyShape, Wait, checked
from deepkit.checks.network import (
    Certificate,
    Connect,
    Dns,
    DnsFresh,
    DnsServer,
    DnsServers,
    DnsSystem,
    LocalNet,
    Path,
    Proxy,
    Stall,
    SystemProxy,
    Tcp,
    TcpFresh,
    Tls,
)
from deepkit.checks.pasted import BlockedRequest, Har, NamedHost, RecordedQuestion, StaleAsset, Text
from deepkit.checks.web import Asset, StatusPage, Web

__all__ = [
    "BY_CHECK",
    "WAIT_WORDS",
    "Alternatives",
    "Answered",
    "Asset",
    "Balance",
    "BlockedRequest",
    "BodyKind",
    "Certificate",
    "Chat",
    "ChatPlain",
    "ChatStream",
    "Concurrency",
    "Connect",
    "Conversation",
    "Dns",
    "DnsFresh",
    "DnsServer",
    "DnsServers",
    "DnsSystem",
    "Facts",
    "Har",
    "Http",
    "Indicator",
    "Key",
    "KeyShape",
    "Local",
    "LocalNet",
    "ModelServer",
    "Models",
    "NamedHost",
    "Path",
    "ProviderAsked",
    "Proxy",
    "Purse",
    "RecordedQuestion",
    "RouteTried",
    "Routes",
    "StaleAsset",
    "Stall",
    "StatusPage",
    "SystemProxy",
    "Tcp",
    "TcpFresh",
    "TcpInfo",
    "Text",
    "Tls",
    "Usage",
    "Wait",
    "Web",
    "checked",
]  # fmt: skip

BY_CHECK: dict[str, type[Facts]] = {
    one.check: one
    for one in (
        LocalNet, DnsSystem, DnsServers, DnsFresh, Tcp, TcpFresh, Tls, Http, Key, Balance, Models, ChatStream,
        ChatPlain, Conversation, Web, StatusPage, Routes, Alternatives, Proxy, Local, Path, Text, Har,
    )
}  # fmt: skip
"""A check's name to the class of its facts."""
