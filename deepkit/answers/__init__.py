"""Diagnosis, fixes and trials -> Answer: what a person is told, computed here and nowhere else."""

from deepkit.answers.compose import answer_for
from deepkit.answers.words import LANGUAGES

__all__ = ["LANGUAGES", "answer_for"]
