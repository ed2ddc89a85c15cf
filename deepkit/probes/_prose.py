"""What a person tells, without what they deny and without their own ideas of a cure."""

import re

MOST = 2_000
"""Characters of a story that are read; an error behind it is read whole elsewhere."""
_PROSE = re.compile(
    r"\b(?:I|my|me|we|our)\b|我|你|它|\b(?:я|мне|мой|у меня|он|пишет)\b|\b(?:me|mi|yo|se)\b|です|ます|\b(?:ich|"
    r"mir|mein\w*)\b|"
    r"\b(?:je|mon|ma)\b|\b(?:meu|minha|eu)\b",
    re.IGNORECASE,
)
"""Words of a person who tells a story, not of a program."""
_DENIED = re.compile(
    r"\b(?:no|not an?|without(?: an?| any)?|isn.t an?) errors?\b(?: message)?s?|(?:没有?|不|并未|"
    r"未)(?:任何)?(?:报错|错误|出错)|без (?:всяких )?ошибок|"
    r"(?:ошибок|ошибки) нет|sin (?:ningún |ningun )?error(?:es)?|エラー(?:は|も|では)(?:出|あり|な)\w*|"
    r"(?:kein\w*|ohne) fehler(?:meldung)?|"
    r"sem (?:nenhum )?erro|sans (?:aucune )?erreur|nothing (?:is )?wrong with",
    re.IGNORECASE,
)
_CURE = re.compile(
    r"(?:clear|cache|cookies?|reinstall|re-?install|top ?up|\bpay|buy|upgrade|\bvpn\b|"
    r"delete|new account|缓存|重装|充值|付费|换号|删|清|"
    r"кэш|кеш|переустанов|оплат|почист|caché|borr|reinstal|pagar|キャッシュ|再インストール|課金|"
    r"neu installieren|löschen|limpar|vider|réinstall)",
    re.IGNORECASE,
)
"""A person's question whether this or that would help says nothing about what happened."""
_SENTENCE = re.compile(r"(?<=[.?!。？！\n])")


def is_story(line: str) -> bool:
    """Whether a person speaks in a text, and not only a program."""
    return bool(_PROSE.search(line[:MOST]))


def without_cures(text: str) -> str:
    """Leave out the questions in which a person asks whether a cure would help."""
    parts = _SENTENCE.split(text[:MOST])
    kept = [one for one in parts if not (one.rstrip().endswith(("?", "？")) and _CURE.search(one))]
    return "".join(kept) + text[MOST:]


def told(line: str) -> str:
    """Return what a person says happened.

    Args:
        line: Text on one line.

    Returns:
        Its first MOST characters without denials ("no error") and without questions about cures.
    """
    return _DENIED.sub(" ", without_cures(line[:MOST]))
