"""The language of a text, by its script and by short words that only one language has often."""

import re

_KANA = re.compile(r"[\u3040-\u30ff]")
_HAN = re.compile(r"[\u4e00-\u9fff]")
_CYRILLIC = re.compile(r"[\u0400-\u04ff]{2}")
_WORDS = {
    "es": r"\b(?:el|los|las|una|que|con|por|para|pero|está|desde|cuando|esto|aparece|puedo|hoy|mensaje|y|mi|se|"
        r"más|del|al|la|no|en|bien|va|ya|hay|un|sin|ni)\b|¿|¡|ción\b|ñ",
    "pt": r"\b(?:não|uma|com|mas|você|está|meu|minha|quando|isso|aparece|consigo|hoje|mensagem|e|o|os|do|da|em|"
        r"ao|pra|no|na|um|nem|sem)\b|[ãõ]|ções",
    "fr": r"\b(?:le|les|une|des|est|pas|avec|mais|je|mon|ma|quand|depuis|sur|ça|aujourd|et|du|il|elle|dans|qui|"
        r"me|la|en|un|ne|ou|sans)\b|[çêè]|\bl'|\bj'|\bd'|\bqu'",
    "de": r"\b(?:der|die|das|und|nicht|ich|mit|ist|aber|ein|eine|mein|seit|wenn|auf|es|kein|bei|beim|wird|zu|im|"
        r"auch)\b|[äöüß]",
    "en": r"\b(?:the|is|and|i|my|it|but|with|to|when|of|on|in|not|that|for|this|a|was|are|at)\b",
}  # fmt: skip
_MARKS = {"es": "[ñ¿¡]", "pt": "[ãõ]", "fr": "[êèœ]", "de": "[äöüß]"}
"""Letters that hardly another of these languages has; one counts for two words."""
_STOP = {name: re.compile(words, re.IGNORECASE) for name, words in _WORDS.items()}
_QUOTED = re.compile(r"[{\[(].*?[}\])]|[\"“«„「].*?[\"”»“」]|https?://\S+|`[^`]*`")


def language_of(text: str) -> str:
    """Return the language of a text.

    Args:
        text: Text on one line; its first 4,000 characters are read.

    Returns:
        en, zh, ru, es, ja, de, pt or fr; English where nothing tells, as of a bare error.
    """
    read = text[:4000]
    kana, han = len(_KANA.findall(read)), len(_HAN.findall(read))
    if kana and kana * 5 >= han:
        return "ja"
    if re.search(r"[\u4e00-\u9fff]{2}", read):
        return "zh"
    if len(_CYRILLIC.findall(read)) > 1:
        return "ru"
    prose = _QUOTED.sub(" ", read)
    found = {name: len(pattern.findall(prose)) for name, pattern in _STOP.items()}
    for name, letters in _MARKS.items():
        found[name] += 2 * bool(re.search(letters, prose, re.IGNORECASE))
    best = max(found, key=lambda name: found[name])
    return best if found[best] > max(1, found["en"]) else "en"
