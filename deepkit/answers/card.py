"""An answer as a card on a page and as Markdown: what a case and an answer show in a notebook."""

from collections.abc import Mapping
from html import escape

from deepkit.answers.compose import answer_for
from deepkit.answers.words import words
from deepkit.cases import Answer, Case
from deepkit.display import shown_as
from deepkit.redaction import Redactor

STYLE = (
    "border:1px solid rgba(128,128,128,.4);border-radius:8px;padding:12px 16px;max-width:52em;line-height:1.5"
)
STRIPES = "repeating-linear-gradient(135deg,rgba(200,150,0,.25) 0 14px,rgba(200,150,0,.12) 14px 28px)"
PRACTICE = f"background:{STRIPES};padding:4px 8px;font-weight:600"


@shown_as(Answer)
def answer_card(answer: Answer, stamp: str = "", practice: bool = False) -> Mapping[str, str]:
    """Return an answer for a page.

    Args:
        answer: The answer.
        stamp: Whose case it is, what was asked and when.
        practice: Whether it is a simulation, which the card then says first.

    Returns:
        Its `text/html` and `text/markdown`, secrets removed.
    """
    spoken, clean = answer.language, Redactor()

    def safe(text: str) -> str:
        return escape(clean.redact(text).text)

    gap = "" if spoken == "zh" else " "
    sure = f"{words(spoken, 'certainty.' + answer.certainty)}{gap}{answer.whose_words}"
    steps = [answer.first, *answer.then]
    listed = "".join(f"<li>{safe(one.text)}</li>" for one in steps)
    label, also = words(spoken, "label.first"), words(spoken, "label.sure")
    page = [
        f"<div role='group' lang='{spoken}' style='{STYLE}'>",
        f"<div style='{PRACTICE if practice else 'opacity:.75'}'>{safe(stamp)}</div>" if stamp else "",
        f"<div style='font-size:130%;font-weight:600'>{safe(answer.headline)}</div><div>{safe(sure)}</div>",
        f"<div style='margin-top:8px'><b>{label}</b><ol style='margin:2px 0'>{listed}</ol></div>",
        f"<div><b>{also}</b> {safe(answer.to_be_sure.text)}</div>" if answer.to_be_sure else "",
        f"<div style='opacity:.75'>{words(spoken, 'label.why')} {safe(answer.why)}</div>"
        if answer.why
        else "",
        "</div>",
    ]
    lines = [f"*{safe(stamp)}*", ""] if stamp else []
    lines += [f"**{safe(answer.headline)}**", "", safe(sure), "", f"**{label}**", ""]
    lines += [f"{number}. {safe(one.text)}" for number, one in enumerate(steps, 1)]
    lines += ["", f"**{also}** {safe(answer.to_be_sure.text)}"] if answer.to_be_sure else []
    return {"text/html": "".join(page), "text/markdown": "\n".join(lines)}


@shown_as(Case)
def case_card(case: Case) -> Mapping[str, str]:
    """Return a case for a page: its answer under its stamp."""
    return answer_card(answer_for(case), case.stamp, case.kind == "practice")
