"""Texts that report no error, though they name some: code, prompts, change notes, test logs, healthy answers."""

import re

_TRACE = re.compile(
    r"Traceback \(most recent|\bFAILED\b|\bnot ok \d|--- FAIL|^\s+at \S+ ?\(|Caused by:", re.MULTILINE
)
_TESTS = re.compile(
    r"--- PASS: |^ok\s+\S+\s+[\d.]+s|\b\d+ (?:tests? )?passed\b(?!.*\b\d+ failed)|\bPASSED\b|^\s*[✓✔] |"
    r"^test \S+ \.\.\. ok$|"
    r"^Tests:\s+\d+ passed|BUILD SUCCESS",
    re.MULTILINE,
)
_HEADING = re.compile(
    r"^\W{0,4}(?:v?\d+\.\d+(?:\.\d+)?\b|changelog\b|release notes|what'?s new|更新日志|变更|更新内容|"
    r"リリースノート|изменения)",
    re.IGNORECASE,
)
_COMMIT = re.compile(
    r"^(?:fix|feat|chore|docs|refactor|test|perf|build|ci|style|revert)(?:\([^)\n]{1,40}\))?!?: \S|^diff --git |"
    r"^@@ -\d|^commit [0-9a-f]{7,40}$|"
    r"^(?:Closes|Fixes|Resolves) #\d|^Signed-off-by: |^Merge (?:pull request|branch) ",
    re.MULTILINE,
)
_CALM = re.compile(r"\b(?:INFO|DEBUG|TRACE|NOTICE)\b|level=(?:info|debug)")
_ANY_WRONG = re.compile(
    r"(?<![:\d.=])\b[45]\d\d\b|status\W{1,3}[45]\d\d|\b(?:WARN\w*|ERROR|FATAL|CRITICAL)\b|exception|(?:error|"
    r"err)[\"']?\s*[:=]\s*(?!null|none|0|false|\"\")\S|fail(?:ed|ure)|timed? ?out\b"
)
_NOTE = re.compile(
    r"^\s*(?:[-*•]|\d+[.)]|#{1,4})\s*(?:\[\w+\]\s*)?(?:\*\*)?(?:fix(?:ed|es)?\b|add(?:ed|s)?\b|feat\b|chang\w+|"
    r"remov\w+|improv\w+|"
    r"deprecat\w+|bump\w*|support\w*|tests?\b|docs?\b|refactor\w*|chore\b|perf\b|handle[sd]?\b|updat\w+|new\b|"
    r"修复|新增|优化|改进|更新|移除|调整|支持|追加|修正|改善|変更|исправлен|добавлен|улучшен|corregid|añadid|"
    r"behoben|hinzugefügt)",
    re.IGNORECASE,
)
_ASKS = re.compile(
    r"^(?:please )?(?:summari[sz]e|translate|rewrite|rephrase|proofread|compare)\b[^?]{0,20}(?::|this|the following)|"
    r"\b(?:write|implement|generate|create|refactor|translate|summari[sz]e|draft|explain the difference|give me|"
    r"show me how|"
    r"make) (?:me |us |a |an |the |some |this |for )*(?:\w+[ -]){0,4}(?:function|script|class|code|program|"
    r"wrapper|client|decorator|"
    r"snippet|example|test|retry|handler|module|paragraph|article|email|poem|story|essay|table|middleware|"
    r"method|helper|docs?)\b|"
    r"(?:帮我|请|给我|麻烦)?(?:写|实现|生成|编写|翻译|总结|设计)(?:一|个|段|篇|份|下|封|两|几|出|成|"
    r"一下)[^。，]{0,20}"
    r"(?:代码|函数|脚本|程序|python|java|类|方法|示例|测试|文章|邮件|重试|说明|文档|装饰器|中间件)|"
    r"(?:代码|函数|脚本|重试逻辑)[^。]{0,12}(?:怎么写|如何实现)|"
    r"(?:書いて|作成して|作って|実装して|翻訳して|訳して|要約して|生成して)(?:ください|下さい|ほしい|くれ|。|$)|"
    r"^(?:translate|übersetze?n?|traduce|traduis|traduza|переведи|翻译|请翻译)\b|"
    r"\b(?:напиши(?:те)?|сгенерируй|реализуй|переведи|составь)\b|"
    r"\b(?:escribe|escríbeme|genera|impleméntame|implementa|traduce|redacta|hazme) (?:un|una|el|la|este|esta|me)\b|"
    r"\b(?:schreib(?:e|t)?|erstelle|implementiere|übersetze) (?:mir |bitte |uns )*(?:ein|eine|einen|den|die|das)\b|"
    r"\b(?:écris|rédige|génère|traduis)(?:-moi)? (?:un|une|le|la|ce)\b|\b(?:escreva|crie|gere|traduza) (?:um|"
    r"uma|o|a)\b",
    re.IGNORECASE,
)
_SUFFERS = re.compile(
    r"\b(?:but|and) (?:it|i|then|now) (?:\w+ ){0,3}(?:fails?|get|got|says?|returns?|crash\w*|throws?|stops?)|"
    r"\bi (?:keep |always |still )?get(?:ting)?\b|"
    r"不行|报错了|总是报|一直报|返回了|却(?:报|返回|提示)|ошибк[ауи] (?:при|вместо)|но (?:получаю|выдаёт|"
    r"выдает)|pero (?:me |sale|da )|"
    r"でもエラー|エラーになります|エラーが出|aber (?:es|ich) (?:\w+ )?(?:bekomme|kommt)|Error code: \d|Traceback",
    re.IGNORECASE,
)
_CODE = re.compile(
    r"^\s*(?:def |class |async |await |import |from \w+ import|return\b|raise\b|except\b|try\b|if |elif |else\b|"
    r"for |while |with |@\w|"
    r"const |let |var |function\b|throw |catch\b|\}|\{|\)|switch\b|case |break\b|default\b|export |public |"
    r"private |func |#|//|/\*|\* |"
    r"fn |match |assert\b|expect\(|[\w.\[\]\"']+ ?(?:[+-]?=|:=) ?\S|[\w.]+\(.*\)[;:]?$|[\w\"']+: .*,$|end$)"
)
_TELLS = re.compile(
    r"\b[45]\d\d\b[^.;\n]{0,40}?(?:means?\b|meaning|retried|indicates?|stands for|→|->|—|表示|代表|означает|"
    r"significa|意味|bedeutet|:)",
    re.IGNORECASE,
)
_KEYWORDS = re.compile(
    r"^\s*(?:def |class |async def|import |from \w+ import|return\b|raise\b|except\b|if .*[:{]$|for .*[:{]$|"
    r"while |const |let |"
    r"function\b|throw |\}? ?catch\b|export |public |private |func |fn |assert\b|expect\()",
    re.MULTILINE,
)
_REPORTS = re.compile(
    r"\d\d:\d\d:\d\d|[\"']error[\"']|\b\w+(?:Error|Exception)\b|\b(?:I|my|we|our)\b|我|https?://\S+/(?:chat|v1)|"
    r"failed|\bat \S+:\d+|报错|失败",
)
"""Signs of something that happened, which a page about errors does not show."""
_HEALTHY = re.compile(r"[\"']finish_reason[\"']\s*:\s*[\"']stop[\"']")
_CONTENT = re.compile(r"[\"']content[\"']\s*:\s*[\"'](?!\s*[\"'])")
_ERROR_KEY = re.compile(r"[\"']error[\"']\s*:\s*(?!null|None)", re.IGNORECASE)
_WRONG = re.compile(
    r"\b(?:Error|Exception)\b|\bcannot read|\bfailed\b|undefined|报错|红字|错误|エラー(?!では)|ошибка",
    re.IGNORECASE,
)
_NO_TROUBLE = re.compile(
    r"^(?:hi|hello|thanks|thank you|你好|谢谢|привет|спасибо|hola|gracias|こんにちは|ありがとう)\W*$|"
    r"all systems operational|"
    r"\b(?:works|working) (?:again |fine )?now\b|(?:problem|issue|it) (?:is |was |has been )?(?:solved|fixed|"
    r"resolved)(?: now| itself)?\W*(?:thank|$)|"
    r"已经?(?:解决|恢复正常|好了)[，。！\s]*(?:谢|$)|всё заработало|ya funciona|直りました|解決しました",
    re.IGNORECASE,
)


def says_nothing_wrong(text: str) -> str | None:
    """Say what a text is that reports no error.

    Args:
        text: Unwrapped text with its lines.

    Returns:
        "tests", "notes", "log", "docs", "answer", "code", "prompt" or "fine"; None where it may report one.
    """
    lines = [line for line in text.splitlines() if line.strip()][:400]
    if not lines or _TRACE.search(text[:20_000]):
        return None
    if _share(_TESTS, lines) >= 0.4:
        return "tests"
    notes = sum(bool(_NOTE.search(line)) for line in lines)
    if notes >= 2 and (
        notes >= 0.6 * len(lines) or (_HEADING.search(lines[0]) and notes + 1 >= 0.5 * len(lines))
    ):
        return "notes"
    if _COMMIT.search(text[:4000]) and not _SUFFERS.search(text[:4000]):
        return "notes"
    calm = [line for line in lines if _CALM.search(line[:120])]
    if len(calm) > 1 and len(calm) >= 0.6 * len(lines) and not any(_ANY_WRONG.search(line) for line in calm):
        return "log"
    told = {match[0][:3] for match in _TELLS.finditer(text[:4000])}
    if len(told) > 1 and not _SUFFERS.search(text[:4000]) and not _REPORTS.search(text[:4000]):
        return "docs"
    if _healthy(text):
        return "answer"
    if (
        len(lines) >= 4
        and len(_KEYWORDS.findall(text)) > 1
        and _share(_CODE, lines) >= 0.7
        and not _SUFFERS.search(text[:4000])
    ):
        return "code"
    if _ASKS.search(text[:1500]) and not _SUFFERS.search(text[:4000]):
        return "prompt"
    return "fine" if len(text) < 400 and _NO_TROUBLE.search(text) else None


def _share(pattern: re.Pattern[str], lines: list[str]) -> float:
    return sum(bool(pattern.search(line)) for line in lines) / len(lines)


def _healthy(text: str) -> bool:
    """Whether it holds a whole answer of a model, and nothing beside it speaks of a failure."""
    if not (_HEALTHY.search(text) and _CONTENT.search(text)) or _ERROR_KEY.search(text):
        return False
    return not _WRONG.search(re.sub(r"\{.*\}", " ", text, flags=re.DOTALL))
