"""Diagnosis, fixes and trials -> Answer: what a person is told, computed here and nowhere else."""

from deepkit.answers.card import answer_card
from deepkit.answers.compose import answer_for
from deepkit.answers.document import MOST_TRACES, document, support, support_words
from deepkit.answers.short import answer_lines, in_short
from deepkit.answers.words import LANGUAGES, words

__all__ = [
    "LANGUAGES",
    "MOST_TRACES",
    "answer_card",
    "answer_for",
    "answer_lines",
    "document",
    "in_short",
    "support",
    "support_words",
    "words",
]
