"""Private names: people, machines, networks. Each becomes a numbered stand-in that stays the same in a report.

Every rule has a mark that must stand in the text (in lower case) before its pattern is tried.
"""

import ipaddress
import re
from collections.abc import Callable
from dataclasses import dataclass

StandIn = Callable[[str, str], str]
"""Returns the stand-in for a kind and a value."""
Replace = Callable[[re.Match[str], StandIn], str]

STAND_IN = re.compile(r"\b(ip|host|user|email|mac|phone|share|token)-(\d{1,6})\b")
_V4 = r"\d{1,3}(?:\.\d{1,3}){3}"
_PRIVATE = (
    r"(?:local|lan|internal|intern|intranet|corp|localdomain|home\.arpa|home|private|priv|ad|ts\.net|dmz|"
    r"svc\.cluster\.local|fritz\.box|beta\.tailscale\.net)"
)
_Q = r"""(?:\\{0,4}["']|&quot;|&\#(?:34|39|x27);)"""
_INNER = (
    r"(?:[a-z0-9]+-)*(?:gw|gateway|proxy|prx|vpn|bastion|jump|jumphost|intranet|internal|intern|corp|dc\d*|ldap|kdc|adfs|nas|"
    r"nexus|artifactory|gitlab|jenkins|jira|confluence|sonar|vault|squid|zscaler|fw\d*|firewall|srv\d*|litellm|vllm|ollama)"
    r"(?:-[a-z0-9]+)*\d*"
)
_PUBLIC = re.compile(
    r"(?:^|\.)(?:deepseek|openai|azure|microsoft|google|googleapis|cloudflare|amazonaws|vercel|aliyuncs|aliyun|volces|"
    r"github|gitlab|githubusercontent|huggingface|openrouter|siliconflow|golang|kernel|apache|python|pypi|npmjs|docker|"
    r"tencent|tencentcloudapi|baidu|baidubce|huawei|huaweicloud|together|fireworks|groq|nvidia|mistral|cohere|anthropic|"
    r"perplexity|poe|novita|deepinfra|zscaler|zscloud|forcepoint|akamai|fastly|cloudfront|ollama|litellm|jenkins|"
    r"atlassian|sonarsource|hashicorp|vaultproject|sonatype|jfrog|netskope|portkey|helicone|example|modelscope|"
    r"ppinfra|nebius|sambanova|cerebras|hyperbolic|lepton|replicate|anyscale|databricks|snowflake|oracle|ibm|sap)"
    r"(?:\.(?:com|co|org|net|edu|gov|ac))?\.[a-z]{2,}$|\.example$|deepseek",
    re.IGNORECASE,
)
_VERSION = re.compile(
    r"(?:\b(?:version|ver|v|build|release|rev|firmware|driver|patch|update|sdk|lib|libcurl|libssl|package|plugin|extension|app|"
    r"agent|ios|ipados|macos|watchos|tvos|android|windows|chrome|chromium|firefox|safari|edge|opera|webkit|applewebkit|"
    r"electron|openssl|libressl|boringssl|schannel|curl|wget|nginx|apache|envoy|python|node|nodejs|java|jdk|jre|kernel|linux|ubuntu|debian|"
    r"office|outlook|teams|zoom|vscode|code|cursor|cline|roo|continue|openai|anthropic|litellm|langchain|httpx|requests|aiohttp|urllib3|"
    r"winhttp|wininet|cfnetwork|darwin|zscaler|netskope|forticlient|anyconnect|globalprotect|warp|clash|v2ray|ollama|vllm|cuda|"
    r"sql|mysql|redis|postgres|docker|kubernetes|k8s|k3s|helm|terraform|wechat|dingtalk|feishu|wps|edg|==|>=|<=|~=)"
    r"[\s/:=_-]{0,2}(?:client|app|os|pro|server|tcp|runtime|edition|version|ver|v)?[\s/:=_v-]{0,3}|[A-Za-z]-)$",
    re.IGNORECASE,
)
_NOT_DOMAIN = r"(?!HKEY_|HKLM|HKCU|NT\b|BUILTIN|AUTHORITY|ERROR|WARN|INFO|DEBUG|FAILED|HTTP|JSON|SYSTEM)"


@dataclass(frozen=True, slots=True)
class NameRule:
    """One kind of name: the rule's id, what must stand in the text, the pattern, and what replaces a match."""

    rule: str
    mark: str
    pattern: re.Pattern[str]
    replace: Replace


def _whole(kind: str) -> Replace:
    return lambda match, stand_in: stand_in(kind, match[0])


def _user(match: re.Match[str], stand_in: StandIn) -> str:
    return f"{match['a']}{stand_in('user', match['u'])}"


def _host(match: re.Match[str], stand_in: StandIn) -> str:
    name = match["h"]
    nobody = name.isupper() or name.lower() == "localhost"  # HOST in "http://HOST:PORT" is nobody's
    if nobody or STAND_IN.fullmatch(name) or re.fullmatch(_V4, name):
        return match[0]
    return f"{match['a']}{stand_in('host', name)}"


def _inner(match: re.Match[str], stand_in: StandIn) -> str:
    return match[0] if _PUBLIC.search(match["h"]) else _host(match, stand_in)


def _prompt(match: re.Match[str], stand_in: StandIn) -> str:
    return f"{_user(match, stand_in)}@{stand_in('host', match['h'])}"


def _once(kind: str, name: str, stand_in: StandIn) -> str:
    return name if STAND_IN.fullmatch(name) else stand_in(kind, name)


def _share(match: re.Match[str], stand_in: StandIn) -> str:
    server, folder = _once("host", match["h"], stand_in), _once("share", match["s"], stand_in)
    return f"{match['a']}{server}{match['b']}{folder}"


def _account(match: re.Match[str], stand_in: StandIn) -> str:
    return f"{stand_in('host', match['h'])}{match['b']}{_once('user', match['u'], stand_in)}"


def _hardware(match: re.Match[str], stand_in: StandIn) -> str:
    return stand_in("mac", _mac(match[0]))


def _phone(match: re.Match[str], stand_in: StandIn) -> str:
    digits = sum(sign.isdigit() for sign in match[0])
    return stand_in("phone", match[0]) if 7 <= digits <= 15 else match[0]  # E.164 has at most 15


def _called(match: re.Match[str], stand_in: StandIn) -> str:
    return f"{match['a']}{stand_in('phone', match['u'])}"


def _network(match: re.Match[str], stand_in: StandIn) -> str:
    port = match.string[match.end() : match.end() + 1] == ":"
    begin = max(0, match.start() - 40)
    if "." in match[0] and not port and _VERSION.search(match.string[begin : match.start()]):
        return match[0]
    return _address(match[0], stand_in)


def _rule(name: str, mark: str, pattern: str, replace: Replace, *, cased: bool = False) -> NameRule:
    flags = re.MULTILINE if cased else re.IGNORECASE | re.MULTILINE
    return NameRule(name, mark, re.compile(pattern, flags), replace)


_KEEP = r"(?!user-\d+\b|(?:shared|public|default|all users|default user)\b)"
_FOLDER = r"(?P<a>(?:(?<![\w.])/(?:home|users)/|[a-z]:(?:\\+|/)users(?:\\+|/)))"
_PART = r"[^\s/\\\"'<>:|?*&;,)]+"
_SCHEMES = (
    r"https?|wss?|socks\w*|ftps?|ssh|git|ldaps?|smb|redis|amqp|mysql|postgres\w*|mongodb(?:\+srv)?|nfs|rdp"
)
RULES = (
    _rule(
        "email",
        "@",
        r"(?<![\w.+%-])[\w.+%-]{1,64}@(?:[\w-]{1,63}\.){1,8}[^\W\d_]{2,24}(?![\w-])",
        _whole("email"),
    ),
    _rule("home", "users", rf"{_FOLDER}{_KEEP}(?P<u>{_PART}(?: {_PART}){{1,3}}(?=[\\/])|{_PART})", _user),
    _rule("home", "/home/", rf"{_FOLDER}{_KEEP}(?P<u>{_PART})", _user),
    _rule(
        "home",
        "@",
        rf"(?P<a>){_KEEP}(?<![\w.@-])(?P<u>[a-z_][\w-]{{0,31}})@(?P<h>[a-z0-9][\w.-]{{0,62}})(?=:[~/])",
        _prompt,
    ),
    _rule(  # \\server\share
        "host",
        "\\\\",
        r"(?P<a>(?<![\\\w:.])\\{2}(?:\\\\)?)(?P<h>[a-z0-9][\w.-]{1,62})(?P<b>\\{1,2})(?P<s>[\w$.-]{2,80})"
        r"(?=[\\\s\"',;)]|$)",
        _share,
    ),
    _rule(  # DOMAIN\user, but not the end of a line written as \n
        "home",
        "\\",
        rf"(?<![\w\\/:.-]){_NOT_DOMAIN}(?P<h>[A-Z][A-Z0-9-]{{1,14}})(?P<b>\\{{1,2}})"
        r"(?![nrtbfu\"\\/](?:[^a-z]|[A-Z]|$))(?P<u>[A-Za-z][\w.$-]{2,40})(?![\w\\])",
        _account,
        cased=True,
    ),
    _rule(
        "host",
        "_proxy",
        rf"(?P<a>\b(?:https?|all|ftp)_proxy{_Q}?\s*[=:]\s*{_Q}?(?:\w+://)?(?:[^@/\s]{{0,256}}@)?)(?P<h>[a-z][\w.-]*\w)",
        _host,
    ),
    _rule(
        "host",
        "://",
        rf"(?P<a>\b(?:{_SCHEMES})://(?:[^\s/@]{{0,256}}@)?)(?P<h>[a-z][\w-]*)(?=[:/?#\s\"'<)]|$)",
        _host,
    ),
    _rule(
        "host",
        ".",
        r"(?P<a>(?<![\w.-])(?<!import ))(?!(?:threading|asyncio|self|cls|path|os|np|pathlib|app|src)\.)"
        rf"(?P<h>(?:[a-z0-9][\w-]{{0,62}}\.){{1,8}}{_PRIVATE})(?![\w(=-]|\.\w| import\b)",
        _inner,
    ),
    _rule(
        "host",
        ".",
        rf"(?P<a>(?<![\w.@-]))(?P<h>{_INNER}\.(?:[a-z0-9-]{{1,63}}\.){{0,4}}[a-z0-9-]{{2,63}}\.[a-z]{{2,12}})"
        r"(?![\w(=-]|\.\w)",
        _inner,
    ),
    _rule("mac", ":", r"(?<![\w:-])(?:[0-9a-f]{2}:){5}[0-9a-f]{2}(?![\w:-])", _hardware),
    _rule("mac", "-", r"(?<![\w:-])(?:[0-9a-f]{2}-){5}[0-9a-f]{2}(?![\w:-])", _hardware),
    _rule("mac", ".", r"(?<![\w.])(?:[0-9a-f]{4}\.){2}[0-9a-f]{4}(?![\w.]\w)", _hardware),
    _rule(
        "phone",
        "",
        r"(?<![\w+.:/-])(?:\+\d{1,3}[ .-]?(?:\(\d{1,4}\)[ .-]?)?\d{1,5}(?:[ .-]?\d{2,5}){1,5}"
        r"|\(\d{2,5}\)[ -]?\d{3,4}[ -]\d{3,6}|\d{3}-\d{3}-\d{4})(?![\w-]|[.:]\d)",
        _phone,
    ),
    _rule(
        "phone",
        "",
        r"(?P<a>(?<![a-z])(?:tel(?:ephone|efon)?|phone|mobile|mobil|handy|fax|cell|电话|手机)(?:\s*(?:no|number|nr))?"
        r"\.?\s*[:=]?\s*)(?P<u>\+?[\d(][\d ()./-]{6,20}\d)",
        _called,
    ),
    _rule("ip", ":", r"(?<![\w:.])(?=[0-9a-f]*:[0-9a-f:.]*:)[0-9a-f:.]{3,45}(?:%\w+)?", _network),
    _rule("ip", ".", rf"(?<![\w.])(?<!\w/){_V4}(?!\.?\d|[-+]?[a-z_])", _network),
    # A product token such as Chrome/1.2.3.4 is a version, host/10.0.0.1 as Java prints it is an address.
    _rule("ip", ".", rf"(?<=\w/){_V4}(?=:\d)", _network),
)
"""The rules in the order in which they apply; a rule's id never changes."""


def _mac(text: str) -> str:
    digits = re.sub(r"[^0-9a-f]", "", text.lower())
    return ":".join(digits[at : at + 2] for at in range(0, 12, 2))


def _address(found: str, stand_in: StandIn) -> str:
    text = found.rstrip(".:") if not found.endswith("::") else found
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return found
    mapped = getattr(address, "ipv4_mapped", None) or address
    mask = text.startswith("255.")
    word = address.version == 6 and (
        len(text) <= 4 or not any(map(str.isdigit, text))
    )  # Python's [::2], C++'s a::b
    if mapped.is_loopback or mapped.is_unspecified or mask or word:
        return found
    return stand_in("ip", str(address)) + found[len(text) :]
