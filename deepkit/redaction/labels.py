"""Secrets that a label announces: `password: X`, `"api_key": "X"`, `<apiKey>X</apiKey>`, `curl -u name:X`.

A label is found by its stem; what stands around the stem decides whether it means a secret, and what follows
whether a value stands there or code, a placeholder, or a word about the secret.
"""

import re
from collections.abc import Iterator

from deepkit.redaction import words
from deepkit.redaction.opaque import is_opaque

Span = tuple[int, int]

_STEM = re.compile(
    r"key|token|secret|passw(?:or)?d|passphrase|passwort|kennwort|pwd|credential|authorization|cookie|clearance|"
    r"session|sid|signature|sig|code|auth|密码|口令|密钥|秘钥|令牌|パスワード|contraseña|mot de passe|senha|пароль|"
    r"비밀번호"
)
_SURE = re.compile(
    r"(?:api|private|secret|access|auth|sign(?:ing)?|encryption|subscription|licen[cs]e|master|shared|storage|account|"
    r"service|deploy|server|admin|virtual|proxy|bearer|webhook|deepseek|openai|anthropic|openrouter|llm|"
    r"invalid|provided|密钥)[\s_.-]{0,2}keys?(?:[_-]?id)?$|apikeys?$|"
    r"token$|"
    r"secrets?$|passw(?:or)?ds?$|passphrase$|passwort$|kennwort$|pwd$|credentials?$|"
    r"authorization$|cookies?$|cf_clearance$|session[_-]?id$|sessionid$|session$|"
    r"密码$|口令$|密钥$|秘钥$|令牌$|パスワード$|contraseña$|mot de passe$|senha$|пароль$|비밀번호$",
    re.IGNORECASE,
)
_LOOSE = re.compile(r"(?:^|[^a-z0-9])(?:key|sid|sig|signature|code|auth)$", re.IGNORECASE)
_NOT = re.compile(
    r"(?:public|foreign|primary|sort|cache|hot|partition|translation|host|group|dict|idempotency|max|min|total|num|"
    r"n|error|status|exit|return|country|lang|zip|postal|source|stop|eos|bos|pad|special|next|page|first|last|"
    r"http|response|result)[\s_.-]?(?:key|token|code|signature|session)s?$",
    re.IGNORECASE,
)
_Q = r"(?:\\{0,4}[\"'`]|&quot;|&\#(?:34|39|x27);)"
_COLON = r"(?:\*\*[ \t]*)?(?::=|=>|==?|:|：)(?:[ \t]*\*\*(?!\*))?"
_SAID = r"provided|given|used|supplied|is|was|ist|为|是"
_AFTER = re.compile(
    rf"(?P<close>{_Q}|\*\*|\])?[ \t]{{0,8}}(?P<op>(?:(?:{_SAID})[ \t]*)?{_COLON}|\|"
    rf"|[ \t](?:is|was|ist|provided|为|是)(?=[ \t])|(?:为|是)|,(?=[ \t]*{_Q}))"
    rf"[ \t]{{0,8}}(?P<scheme>(?:bearer|basic|digest|token|negotiate|ntlm)[ \t]+)?"
    rf"(?:[fFbBrR]{{0,2}}(?P<q>{_Q})(?P<v>(?:(?!(?P=q))(?:\\.|[^\\\n])){{1,8192}})(?:(?P=q)|$)"
    r"|(?P<u>[^\s\"'<>`|]{1,1024}))",
    re.IGNORECASE | re.MULTILINE,
)
_CODE = re.compile(
    r"(?:os|self|cls|this|process|env|settings?|config|conf|cfg|args?|opts?|options|ctx|context|request|req|app|st|secrets|"
    r"params?|getpass|dotenv|environ|keyring|vault|client|input|getenv|environment|data|user|props|state|var|local|module)"
    r"(?:[.\[(]|$)|(?:await|new|not|lambda|async|function|return|import|from|if|else|for|in)\b|[$%{<\[(#@]|f?\\?[\"']?\{",
    re.IGNORECASE,
)
_TYPES = frozenset(words.ABOUT.split())
_PLACEHOLDER = re.compile(
    r"(?:<|\[|\{\{?|\$\{?|%[sdr(])|.*(?:your|_here|-here|xxx|placeholder|change[-_]?me|replace|redacted|removed:|insert|dummy|"
    r"\.\.\.|…|\*\*\*|•••)|sk-[x.*]+$|[x.*•]+$|(?:test|fake|example|sample)(?:[-_]?(?:key|token|secret|password))?$",
    re.IGNORECASE,
)
_FILLED_IN = re.compile(r"(?:(?:bearer|basic|token)\s+)?[{<$%]", re.IGNORECASE)
_TAIL = re.compile(r"[_ -]?id\b|[_ -]?value\b", re.IGNORECASE)
_ARTICLE = re.compile(r"(?:^|\W)(?:an?|no)\s+\w+$", re.IGNORECASE)
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_WORDS = re.compile(r"[A-Za-z]+(?:[_.][A-Za-z]+)*|[A-Za-z]+(?:[_.-][A-Za-z]+){0,2}")
_NAME = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*")
_OWN = (
    "key",
    "token",
    "secret",
    "password",
    "passwd",
    "pwd",
    "credentials",
    "credential",
    "auth",
    "cookie",
    "cookies",
)
_XML = re.compile(r"<(?P<n>[\w:.-]{1,60})(?:\s[^<>]{0,200})?>(?P<v>[^<>\n]{1,2048})</(?P=n)>")
_XML_ADD = re.compile(
    r"\b(?:key|name)=[\"'](?P<n>[\w:.-]{1,60})[\"']\s+value=[\"'](?P<v>[^\"'\n]{1,2048})", re.IGNORECASE
)
_OPTION = re.compile(
    r"(?<!\S)(?:-u|--user|--proxy-user|-U)[ =]?[\"']?(?P<n>[^\s\"':]{1,128}):(?P<v>[^\s\"']{1,512})"
    r"|(?<!\S)(?:-b|--cookie)[ =]?[\"']?(?P<c>[^\s\"'=;]{1,128}=[^\"'\n]*?)(?=[\"']|\s+-|\s+http|$)"
    r"|(?<!\S)--(?:api-key|password|token|secret|access-token|key)[ =][\"']?(?P<o>[^\s\"']{1,512})",
    re.MULTILINE,
)
_QUERY = re.compile(
    r"[?&;](?:[\w.-]*(?:key|token|secret|password|passwd|sig|signature|session|sid|credential|ticket|jwt)|code|auth|pwd|pass|state)="
    r"(?P<v>[^\s&#;\"'<>\\)\]},]{1,2048})",
    re.IGNORECASE,
)


def is_label(name: str) -> bool:
    """Tell whether a field of this name holds a secret."""
    spelled = _CAMEL.sub("_", name)
    return bool(_SURE.search(spelled)) and not _NOT.search(spelled)


def labelled(text: str, low: str) -> Iterator[tuple[str, Span]]:
    """Yield the rule and the place of each value that a label says is secret.

    Args:
        text: The text.
        low: The same in lower case, of the same length.
    """
    done = 0
    for stem in _STEM.finditer(low):
        for rule, span in _after(text, stem.start(), stem.end()) if stem.start() >= done else ():
            done = span[1]
            yield rule, span
    if "</" in text:
        for match in _XML.finditer(text):
            if is_label(match["n"]) and not _says_nothing(match["v"], "<", match["n"]):
                yield "field", match.span("v")
    if "value=" in low:
        for match in _XML_ADD.finditer(text):
            if is_label(match["n"]) and not _says_nothing(match["v"], "<", match["n"]):
                yield "field", match.span("v")
    if " -" in text or text.startswith("-"):
        yield from _options(text)
    if "=" in text and ("?" in text or "&" in text):
        for match in _QUERY.finditer(text):
            if not _plain_word(match["v"]) and not _PLACEHOLDER.match(match["v"]):
                yield "field", match.span("v")


def _after(text: str, start: int, end: int) -> Iterator[tuple[str, Span]]:
    end += text[end : end + 1] in ("s", "S")
    tail = _TAIL.match(text, end)
    stop = tail.end() if tail else end
    if stop < len(text) and (text[stop].isalnum() or text[stop] == "_"):
        return
    found = _AFTER.match(text, stop)
    if found is None:
        return
    label = _CAMEL.sub("_", text[max(0, start - 16) : stop].rpartition("\n")[2])
    sure = bool(_SURE.search(label))
    if _NOT.search(label) or not (sure or _LOOSE.search(label)):
        return
    name = "v" if found["q"] else "u"
    value = found[name]
    begin, finish = found.span(name)
    operator = found["op"].strip().lower()
    if name == "u":
        value, finish = _cut(value, begin, operator)
    spaced = text[found.start("op") - 1 : found.start("op")] in (" ", "\t")
    if operator == "," and (not sure or _plain_word(value)):
        return
    if _ARTICLE.search(label) and _plain_word(value):
        return  # "a key is a password: keep it"
    if operator == "==" and not _secretive(value, spaced=False):
        return
    word = label.lower().endswith(("token", "session", "key", "auth")) and operator == "=" and name == "u"
    if word and spaced and _plain_word(value):
        return
    if operator == "|" and (_plain_word(value) or not (sure or _secretive(value, spaced=False))):
        return
    if operator in ("is", "was", "ist", "provided", "为", "是") and _plain_word(value):
        return
    if not value or _says_nothing(
        value, operator, label, quoted=name == "v", after=text[finish : finish + 1]
    ):
        return
    if not sure and (_plain_word(value) or not _secretive(value, spaced=spaced)):
        return
    if "cookie" in label[-8:].lower() and "=" not in value and name == "u":
        return
    yield "header" if label[-13:].lower() == "authorization" else "field", (begin, finish)


def _cut(value: str, begin: int, operator: str) -> tuple[str, int]:
    """End an unquoted value where its line of code or of text goes on."""
    stops = "&;,)}]" if operator.endswith("=") else ""
    for at, sign in enumerate(value):
        if sign in stops and at:
            value = value[:at]
            break
    value = value.rstrip(",;.)}]:!?。，；")
    value = value.removesuffix("\\n").removesuffix("\\")
    return value, begin + len(value)


def _says_nothing(value: str, operator: str, label: str, *, quoted: bool = False, after: str = "") -> bool:
    """Tell whether what follows a label is no secret: nothing, a mask, a placeholder, a word about it, or code."""
    bare = value.strip()
    low = bare.lower().rstrip(".,;:")
    if (
        not bare.strip(" *.•…xX-_")
        or bare.startswith(("***", "[removed:"))
        or low in _TYPES
        or _PLACEHOLDER.match(bare)
    ):
        return True
    if re.fullmatch(r"(?:token|host|user|ip|email)-\d+|secret\('\*\*\*'\)", low):
        return True
    numbers = label.lower().rstrip().endswith(("token", "tokens", "session", "key", "code"))
    if numbers and re.fullmatch(r"[\d.,:%]{1,9}(?:[kKmM]|ms|s)?", bare):
        return True
    if quoted and (bare[:1] in ",)+;]}" or value[:1].isspace() or is_label(bare)):
        return True  # the quote ended what stood before, or another name follows
    if quoted:
        return bool(_FILLED_IN.match(bare)) or low.replace("-", "_").endswith(
            ("api_key", "_token", "_secret")
        )
    return _is_code(bare, operator, after)


def _is_code(value: str, operator: str, after: str) -> bool:
    if _CODE.match(value) or after in ("(", "["):
        return True
    head = re.match(r"[A-Za-z_][\w.]*(?=[(\[])", value)
    if head:
        return True
    name = _NAME.fullmatch(value)
    if not name or is_opaque(value):
        return False
    last = _CAMEL.sub("_", value).lower().replace(".", "_").split("_")
    if any(part in _OWN for part in last) or value.lower().endswith(_OWN):
        return True
    return operator in ("=", "==", ":=") and "." in value and not any(sign.isdigit() for sign in value)


def _plain_word(value: str) -> bool:
    return (bool(_WORDS.fullmatch(value)) and not is_opaque(value)) or bool(re.fullmatch(r"\d{1,6}", value))


def _secretive(value: str, *, spaced: bool) -> bool:
    """Tell whether a value of a label with many meanings (key, code) looks like a secret."""
    if is_opaque(value):
        return True
    mixed = any(sign.isdigit() for sign in value) and any(sign.isalpha() for sign in value)
    if re.fullmatch(r"[a-zA-Z]+[-_]?v?\d{1,3}", value) and len(value) < 8:
        return False
    return (
        not spaced
        and (mixed or bool(re.search(r"[!$%^&*#@+/]", value)) or len(value) >= 24)
        and len(value) >= 6
    )


def _options(text: str) -> Iterator[tuple[str, Span]]:
    for match in _OPTION.finditer(text):
        for name in ("v", "c", "o"):
            value = match[name]
            if (
                value
                and not _PLACEHOLDER.match(value)
                and not _CODE.match(value)
                and not value.startswith("[removed")
            ):
                yield "login" if name == "v" else "field", match.span(name)
