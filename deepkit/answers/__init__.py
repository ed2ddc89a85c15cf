"""Diagnosis, fixes and trials -> Answer: what a person is told, computed here and nowhere else."""

from deepkit.answers.compose import answer_for
from deepkit.answers.document import MOST_TRACES, document, support, support_words
from deepkit.answers.words import LANGUAGES, words

__all__ = ["LANGUAGES", "MOST_TRACES", "answer_for", "document", "support", "support_words", "words"]
