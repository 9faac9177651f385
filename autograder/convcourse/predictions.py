"""`predict(guess, right, why)`: a student guesses what the next cell will show, and reads at once how the guess was."""

from __future__ import annotations

from dataclasses import dataclass

from convcourse.for_the_book import QUESTION, hand_over, is_for_the_book
from convcourse.judging.calling import is_judged
from convcourse.templates import template


@dataclass(frozen=True, repr=False)
class Prediction:
    """A guess beside what is right, as a panel in a notebook, or as plain text when printed."""

    sign: str
    words: str
    why: str

    def __repr__(self) -> str:
        return " ".join(filter(None, (self.sign, self.words, self.why)))

    def _repr_html_(self) -> str:
        return template("predictions.html.jinja").render(prediction=self)


def predict(guess: float | str | None, right: float | str, why: str, close: float = 0.0) -> Prediction | None:
    """Set a guess beside what is right. It earns no points.

    guess: a number or a word; None if there is none yet. right: what the next cell shows. why: a sentence with the reason.
    close: a number may be off by this share of the right one. Returns None in the judge's room,
    and where a notebook is executed for the book, whose pages ask the question themselves.
    """
    if is_judged():
        return None
    if is_for_the_book():
        plain = right if isinstance(right, str) else float(right)
        hand_over(QUESTION, {"right": plain, "shown": _shown(right), "why": why, "close": close})
        return None
    if guess is None:
        return Prediction("○", "Write your guess in place of `None`, and run this cell. Then go on.", "")
    if _agrees(guess, right, close):
        return Prediction("✔", f"You said {_shown(guess)}, and it is {_shown(right)}.", why)
    return Prediction("✘", f"You said {_shown(guess)}. It is {_shown(right)}.", why)


def _agrees(guess: float | str, right: float | str, close: float) -> bool:
    if isinstance(guess, str) or isinstance(right, str):
        return str(guess).strip().casefold() == str(right).strip().casefold()
    return abs(guess - right) <= close * abs(right)


def _shown(value: float | str) -> str:
    return f"«{value}»" if isinstance(value, str) else f"{value:,.10g}"
