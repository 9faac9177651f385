"""A guess is set beside what is right, kindly, and earns nothing."""

import pytest

from convcourse.predictions import predict


@pytest.mark.parametrize(
    ("guess", "right", "close", "words"),
    [
        (None, 12, 0, "○ Write your guess in place of `None`, and run this cell. Then go on."),
        (12, 12, 0, "✔ You said 12, and it is 12. Because."),
        (16e6, 16_000_001, 0.1, "✔ You said 16,000,000, and it is 16,000,001. Because."),
        (9, 12, 0.1, "✘ You said 9. It is 12. Because."),
        (" Wider", "wider", 0, "✔ You said « Wider», and it is «wider». Because."),
        ("wider", 12, 0, "✘ You said «wider». It is 12. Because."),
        (True, 1, 0, "✔ You said 1, and it is 1. Because."),
        (float("nan"), 12, 0.5, "✘ You said nan. It is 12. Because."),
    ],
)
def test_a_guess_is_answered(guess, right, close, words):
    assert str(predict(guess, right, "Because.", close)) == words


def test_the_panel_shows_a_students_text_as_text():
    panel = predict("<script>alert(1)</script>", "a < b", "Compare `a` and `b`.")._repr_html_()
    assert "<script>" not in panel
    assert "&lt;script&gt;" in panel
    assert ">a</code>" in panel


def test_the_judge_makes_no_predictions(monkeypatch):
    monkeypatch.setattr("convcourse.predictions.is_judged", lambda: True)
    assert predict(1, 1, "") is None
