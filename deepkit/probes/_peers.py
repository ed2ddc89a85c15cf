"""Who is named in a text: DeepSeek, a reseller, this machine, a look-alike.

A 502 or 503 mostly comes from somebody between; host and port tell from whom. The known
providers are those of the bundled facts. Nothing here ever suggests a host: a name found
in a text is only sorted.
"""

import ipaddress
import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cache
from urllib.parse import urlsplit

from deepkit.facts import providers

PROXY_PORTS = frozenset({1080, 1086, 1087, 1089, 2080, 3128, 6152, 6153, 7078, 7890, 7891, 7892, 7893, 7897, 7899,
                         8118, 8123, 8889, 10080, 10808, 10809, 12333, 20170, 20171, 20172, 33210})  # fmt: skip
"""Ports on which proxy programs listen by default (squid, privoxy, Clash, v2ray, Surge and others)."""
LOCAL_PORTS = {11434: "ollama", 1234: "lmstudio", 8080: "llamacpp", 8000: "vllm", 30000: "sglang", 9997: "xinference",
               5001: "koboldcpp", 1337: "jan"}  # fmt: skip
"""Ports on which model servers listen by default."""

CLIENT_FILES = ("openaipublic", "huggingface", "hf-mirror", "tiktoken", "fonts.googleapis", "gstatic", "recaptcha",
                "cloudflareinsights")  # fmt: skip
"""Parts of the names of hosts that serve files to a client; no model is asked there."""

_URL = re.compile(
    r"\b(?P<scheme>https?|wss?|socks[45][ah]?)://(?P<rest>[^\s\"'<>`|\\^,;{}]{1,2000})", re.IGNORECASE
)
_BARE = re.compile(
    r"(?<![\w@/.-])(?P<host>(?:[a-z0-9-]{1,63}\.){1,6}(?:com|cn|ai|net|org|dev|app|io|co|xyz|top|cc|me|tech|site|vip|"
    r"pro|online|shop|cloud|run|fun|store|info))(?::(?P<port>\d{2,5}))?(?![\w.(@-])",
    re.IGNORECASE,
)
_ADDRESS = re.compile(
    r"(?<![\w.:])(?P<host>localhost|host\.docker\.internal|\d{1,3}(?:\.\d{1,3}){3}|\[[0-9a-f:]{2,39}\]|::1)"
    r"(?:(?::|['\"]?,? port[ =:]{1,2})(?P<port>\d{2,5}))?(?![\w.])",
    re.IGNORECASE,
)
_SIXTH = re.compile(
    r"(?<![\w.:\[])(?P<host>(?:[0-9a-f]{1,4}:){2,7}(?::?[0-9a-f]{1,4}){1,6}):(?P<port>443|80)\b",
    re.IGNORECASE,
)
_HELP = re.compile(
    r"^(?:docs?|help|support|status|wiki|learn|api-docs|developer)\.|^(?:curl\.se|go\.dev|aka\.ms)$"
)
_WORDS = {
    "openrouter": r"open[ _-]?router",
    "siliconflow": r"silicon[ _-]?flow|硅基流动|siliconcloud",
    "volcengine": r"volc(?:engine|es)|火山|\bark\b|doubao|豆包",
    "alibaba": r"dashscope|bailian|百炼|aliyun|阿里云",
    "azure": r"azure|microsoft foundry",
    "bedrock": r"bedrock|amazonaws",
    "together": r"\btogether\b[ ._-]?ai",
    "fireworks": r"fireworks",
    "groq": r"\bgroq\b",
    "nvidia": r"nvidia nim|integrate\.api\.nvidia|\bnim\b",
    "huggingface": r"router\.huggingface|hf[ -]inference",
    "novita": r"novita",
    "deepinfra": r"deepinfra",
    "poe": r"\bpoe\b",
    "new-api": r"\b(?:new|one|veloera)[-_]?api\b|new_api_error|one_api_error|rix[_-]?api",
    "opencode": r"opencode zen|opencode go|opencode \(free",
    "ollama-cloud": r"ollama[ -]cloud|:cloud\b|ollama\.com/(?:v1|api)",
    "tencent": r"lkeap|hunyuan|腾讯云",
    "baidu": r"qianfan|千帆",
    "copilot": r"github models|models\.inference\.ai\.azure",
    "vercel": r"vercel ai gateway|ai-gateway\.vercel",
    "cloudflare": r"workers ai|gateway\.ai\.cloudflare",
    "perplexity": r"perplexity",
    "ppio": r"\bppio\b|ppinfra",
    "requesty": r"requesty",
    "chutes": r"\bchutes\b",
    "302ai": r"\b302\.?ai\b",
    "aihubmix": r"aihubmix",
    "modelscope": r"modelscope|魔搭",
}
"""Words by which a text or the client's name tells who stands between."""


@dataclass(frozen=True, slots=True)
class Peer:
    """One host in a text: its kind (official, provider, local, private, proxy, look_alike, side), port and path."""

    host: str
    kind: str
    port: int | None = None
    path: str = ""
    name: str = ""


@cache
def _known() -> dict[str, tuple[str, str]]:
    """Host (or its parent domain) of each known provider to (kind, name)."""
    found: dict[str, tuple[str, str]] = {}
    for one in providers():
        kind = {"official": "official", "local": "local"}.get(one.kind, "provider")
        for host in one.hosts:
            if kind != "local":
                found[host] = (kind, one.name)
                found[".".join(host.split(".")[-2:])] = (kind, one.name)
    return found


def classify(host: str, port: int | None = None) -> tuple[str, str]:
    """Sort one host name or address.

    Args:
        host: As it stands in the text.
        port: The port beside it, if any.

    Returns:
        Its kind, see `Peer`, and the provider's name where it is one.
    """
    name = host.strip("[]").lower().rstrip(".")
    if name in {"localhost", "host.docker.internal", "gateway.docker.internal", "ollama", "0.0.0.0"}:  # noqa: S104
        return ("proxy", "") if port in PROXY_PORTS else ("local", LOCAL_PORTS.get(port or 0, ""))
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        return _classify_name(name)
    if address.is_loopback:
        return ("proxy", "") if port in PROXY_PORTS else ("local", LOCAL_PORTS.get(port or 0, ""))
    return ("private", "") if address.is_private else ("address", "")


def _classify_name(name: str) -> tuple[str, str]:
    labels = name.split(".")
    for start in range(len(labels) - 1):
        found = _known().get(".".join(labels[start:]))
        if found:
            return found
    if looks_alike(name):
        return "look_alike", ""
    for provider, words in _WORDS.items():
        if re.search(words, name):
            return "provider", provider
    return "side", "client_files" if any(part in name for part in CLIENT_FILES) else ""


def looks_alike(name: str) -> bool:
    """Tell whether a host that is not DeepSeek's bears DeepSeek's name in the part that somebody registered."""
    labels = name.split(".")
    if len(labels) < 2 or ".".join(labels[-2:]) in _known():
        return False
    registered = labels[-3] if labels[-2] in {"com", "net", "org", "co"} and len(labels) > 2 else labels[-2]
    plain = registered.replace("-", "").replace("0", "o").replace("1", "l")
    if "deepseek" in plain or (labels[-2] == "com" and "deepseek" in labels):
        return True
    return len(plain) > 6 and SequenceMatcher(None, plain, "deepseek").ratio() >= 0.8


def peers(text: str) -> list[Peer]:
    """List the hosts that a text names, in their order, each once.

    Args:
        text: Unwrapped text, not yet redacted.

    Returns:
        The peers; links to help pages are left out.
    """
    found: dict[tuple[str, int | None], Peer] = {}

    def keep(host: str, port: str | int | None, path: str = "", scheme: str = "") -> None:
        number = int(port) if port else None
        name = host.strip("[]").lower()
        if not name or _HELP.search(name) or (number or 0) > 65535:
            return
        kind, provider = classify(name, number)
        if scheme.startswith("socks"):
            kind = "proxy"
        known = found.get((name, number))
        if known is None or (path and not known.path):
            found[name, number] = Peer(name, kind, number, path, provider)

    for match in _URL.finditer(text):
        try:
            split = urlsplit(f"{match['scheme']}://{match['rest']}")
            keep(split.hostname or "", split.port, split.path.rstrip(".):]`"), match["scheme"].lower())
        except ValueError:
            continue
    rest = _URL.sub(" ", text)
    for pattern in (_ADDRESS, _SIXTH, _BARE):
        for match in pattern.finditer(rest):
            if (match["host"].lower(), int(match["port"]) if match["port"] else None) not in found:
                keep(match["host"], match["port"])
    return list(found.values())


def provider_in(words: str) -> str:
    """Return the provider that a client's name or a text mentions without an address, or an empty name."""
    return next((name for name, pattern in _WORDS.items() if re.search(pattern, words, re.IGNORECASE)), "")
