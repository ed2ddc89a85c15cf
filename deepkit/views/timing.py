"""Where the time goes: only what was timed, and nothing where nothing was."""

from collections.abc import Iterator, Sequence

from deepkit.checks import Chat, ChatPlain, ChatStream, Conversation, DnsSystem, Tcp, Tls
from deepkit.records import Evidence
from deepkit.views.html import card, esc, label, paragraph
from deepkit.views.picture import dot, line, picture, rect, text
from deepkit.views.words import many, seconds

LEFT, RIGHT, ROW = 190.0, 720.0, 26.0
ANSWERED = ("reply begins", "first words", "last words")


def layers(evidence: Evidence) -> list[tuple[str, float, float]]:
    """Return (layer, start, length) in seconds: set-up steps one after the other, then the answer's stamps.

    Args:
        evidence: A check-up.

    Returns:
        Layers that were timed. A refusal's own few milliseconds are no answer's time, so that it ends with the reply.
    """
    steps: list[tuple[str, float, float]] = []
    now = 0.0
    for name, took in _setup(evidence):
        if took is not None:
            steps.append((name, now, took))
            now += took
    chat = _chat(evidence)
    if chat.ok:
        past = 0.0
        for name, stamp in zip(ANSWERED, (chat.headers_s, chat.answer_s, chat.end_s), strict=True):
            if stamp is not None and stamp >= past:
                steps.append((name, now + past, stamp - past))
                past = stamp
    return steps


def _setup(evidence: Evidence) -> Iterator[tuple[str, float | None]]:
    connects = [one.connect_s for one in evidence.facts(Tcp).connects if one.connect_s is not None]
    yield "name lookup", evidence.facts(DnsSystem).elapsed_s
    yield "connect", min(connects, default=None)
    yield "encryption", evidence.facts(Tls).handshake_s


def _chat(evidence: Evidence) -> Chat:
    kind: type[Chat] = next(
        (one for one in (ChatStream, ChatPlain, Conversation) if evidence.get(one.check)), Chat
    )
    return evidence.facts(kind)


def timing(evidence: Evidence) -> str:
    """Show where the time of a question goes.

    Args:
        evidence: A check-up.

    Returns:
        HTML; one sentence where nothing was timed.
    """
    steps, chat = layers(evidence), _chat(evidence)
    if not steps:
        return card(
            label("Where the time goes"), paragraph("Nothing was timed: nothing was asked of any server.")
        )
    end = max(start + length for _, start, length in steps) or 1.0
    said = "; ".join(f"{name} {seconds(length)}" for name, _, length in steps)
    drawn = picture(_waterfall(steps, end), 20 + ROW * len(steps), f"Time by layer: {said}.")
    if not chat.ok and chat.n:
        said = "No question was answered, so that only the way to the server was timed."
    elif chat.ok:
        gaps = f"{seconds(chat.gap_median_s)} in the median, {seconds(chat.gap_max_s)} at most"
        gap = f" Between two pieces of an answer: {gaps}."
        said = f"Medians of {many(chat.ok, 'answer')}." + (gap if chat.gap_median_s is not None else "")
    else:
        said = ""
    return card(label("Where the time goes"), drawn, paragraph(esc(said)), _spread(chat.latencies_s))


def _waterfall(steps: Sequence[tuple[str, float, float]], end: float) -> Iterator[str]:
    scale = (RIGHT - LEFT) / end
    for number, (name, start, length) in enumerate(steps):
        y = 8 + ROW * number
        yield text(LEFT - 10, y + 14, name, anchor="end")
        yield rect(
            LEFT + scale * start,
            y + 3,
            max(2.0, scale * length),
            15,
            "warn" if name in ANSWERED else "info",
            0.85,
        )
        yield text(LEFT + scale * (start + length) + 8, y + 15, seconds(length))


def _spread(values: Sequence[float]) -> str:
    """Show the whole time of each answered question as a dot."""
    if len(values) < 2:
        return ""
    top = max(values) or 1.0
    shapes = [line(LEFT, 20, RIGHT, 20, "line"), text(LEFT - 10, 24, "each whole answer", anchor="end")]
    shapes += [dot(LEFT + (RIGHT - LEFT) * value / top, 20, "info") for value in values]
    shapes += [text(LEFT, 44, "0"), text(RIGHT, 44, seconds(top), anchor="end")]
    return picture(
        shapes, 50, f"Whole time of {len(values)} answers: {seconds(min(values))} to {seconds(top)}"
    )
