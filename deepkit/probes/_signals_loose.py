"""A last look at a text in which no known wording was found: what it speaks of, near a word of failure.

Every program words its errors in its own way, and identifiers hold sentences of their own
("response_empty", "NoUserKey"). These pairs of a noun and a word of failure are weak, so
they are looked for only where nothing else was recognised.
"""

import re
from functools import cache

_FAIL = (
    r"(?:in(?:valid|correct|sufficient|complete)|un(?:known|supported|expected|available|authori[sz]ed|set|successful)|"
    r"wrong|bad|malformed|illegal|missing|absent|expired|revoked|reject(?:ed|s)|refus(?:ed|es)|denied|deleted|disabled|"
    r"deactivated|suspended|restricted|required|need(?:s|ed)?|fail(?:ed|s|ure)?|no|not|never|without|out of|cannot|can't|"
    r"isn't|aren't|doesn't|don't|wasn't|couldn't|must|should|only|exceed(?:s|ed)?|mismatch|duplicated?|empty|blank)"
)
_GAP = r"(?:\W{1,3}\w{1,24}){0,3}?\W{1,3}"
_FAIL_ZH = r"(?:不|无|未|没有?|错误|失败|缺|异常|过期|拒绝|为空|有误)"


def _near(nouns: str, fail: str = _FAIL) -> str:
    """Match one of the nouns within three words of a word of failure, on either side."""
    return rf"\b{fail}{_GAP}(?:{nouns})\b|\b(?:{nouns}){_GAP}{fail}\b"


def _near_zh(nouns: str) -> str:
    return rf"(?:{nouns})[^。，,;；\n]{{0,8}}{_FAIL_ZH}|{_FAIL_ZH}[^。，,;；\n]{{0,6}}(?:{nouns})"


_LOST = r"(?:closed|lost|dropped|broken|ended|gone|terminated|interrupted|aborted|cut)"
_NOTHING = r"(?:empty|blank|null|none|nothing|no|without|zero|missing)"

LOOSE: dict[str, str] = {
    "loose_history": _near(
        r"tool (?:use|result|call|output|message|response)s?|function calls?|conversation|history"
    ),
    "loose_balance": _near(r"balance|credits?|funds|quota|payment|billing|spending|subscription|extra usage")
    + "|"
    + _near_zh("余额|额度|套餐"),
    "loose_key": _near(
        r"(?:api |access |user )?keys?|(?:api|access|auth|oauth|refresh|session|bearer) tokens?|credentials?|"
        r"passwords?|log ?in|sign ?in|accounts?|authentication|authorization|oauth|permissions?"
    )
    + "|"
    + _near_zh("密钥|令牌|凭据|凭证|登录|账号"),
    "loose_model": _near(r"models?|deployment|inference profile") + "|" + _near_zh("模型"),
    "loose_proxy": _near(r"proxy|tunnel|socks5?") + "|" + _near_zh("代理"),
    "loose_address": _near(r"urls?|endpoints?|paths?|routes?|address|page|host")
    + "|"
    + _near_zh("地址|接口|路径"),
    "loose_empty": _near(r"responses?|repl(?:y|ies)|answers?|output|content|choices|completions?", _NOTHING)
    + "|"
    + r"(?:回复|响应|内容|输出|结果)[^。，,\n]{0,6}(?:空|没有|无)",
    "loose_request": rf"(?!fail){_FAIL}{_GAP}requests?\b|"
    + _near(
        r"messages?|parameters?|arguments?|fields?|tools?|images?|schema|body|format|roles?|types?|values?|"
        r"names?|ids?|strings?|patterns?|propert(?:y|ies)|integers?|numbers?|functions?|payload|options?"
    )
    + "|"
    + _near_zh("参数|请求(?!失败|异常|错误)|格式|字段"),
    "loose_lost": _near(r"connections?|sockets?|link|channel", _LOST)
    + r"|(?:连接|链接)[^。，,\n]{0,4}(?:断|中断|关闭)",
}
"""Signal to pattern, in the order in which the first that fits is taken."""


@cache
def _compiled() -> dict[str, re.Pattern[str]]:
    return {name: re.compile(pattern, re.IGNORECASE) for name, pattern in LOOSE.items()}


def spoken(text: str) -> str:
    """Split identifiers into words: "LLM_response_empty" and "ModelNotOpen" are sentences too."""
    return re.sub(r"(?<=[a-z])(?=[A-Z][a-z])", " ", text).replace("_", " ")


def loose(text: str, limit: int) -> dict[str, str]:
    """Return the first loose sign in a text, or nothing.

    Args:
        text: Text on one line.
        limit: Longest excerpt, in characters.

    Returns:
        {name: excerpt} with at most one entry.
    """
    words = spoken(text[:4000])
    for name, pattern in _compiled().items():
        match = pattern.search(words)
        if match:
            return {name: words[max(0, match.start() - 20) :][:limit]}
    return {}
