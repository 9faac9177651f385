"""What a student sees when they call check()."""

import subprocess
import sys

import numpy as np
import pytest

from convcourse.check import check, ready
from convcourse.exercises import find_exercise
from convcourse.judging.calling import Answer
from convcourse.judging.panel import verdict_html
from convcourse.judging.verdict import judge


def conv1d_full(signal, kernel):
    z = np.zeros(len(signal) + len(kernel) - 1)
    for k, weight in enumerate(kernel):
        z[k : k + len(signal)] += weight * signal
    return z


def named(name, function):
    function.__name__ = name
    return function


def test_a_right_answer(capsys):
    assert check(conv1d_full).verdict.status == "passed"
    assert "✔ conv1d_full: visible checks passed (2 of 2 points)" in capsys.readouterr().out


def test_the_score_is_what_nbgrader_reads():
    assert repr(check(conv1d_full)) == "2.0"


def test_a_known_mistake_is_named(capsys):
    check(named("delta", lambda length, place: (np.arange(length) >= place) * 1))
    assert "This is a step: it stays at 1" in capsys.readouterr().out


def test_a_wrong_answer_that_is_no_known_mistake_gets_no_guess(capsys):
    check(named("delta", lambda length, place: np.full(length, 0.5)))
    text = capsys.readouterr().out
    assert "Hint" not in text
    assert "expected [0., 0., 1., 0., 0.]" in text


def test_a_mistake_in_one_of_two_results_is_named_beside_another_slip():
    def pipeline_seconds(prepare, compute, steps, prefetch):
        total, idle = find_exercise("pipeline_seconds").oracle(prepare, compute, steps, prefetch)
        return total + 1, idle * total  # the second one in seconds

    assert check(pipeline_seconds).verdict.mistake.name == "pipeline_idle_in_seconds"


def test_a_mistake_is_named_when_one_of_the_results_that_it_does_wrong_is_the_same():
    conv_cost = find_exercise("conv_cost").oracle

    def reduced_cost(shape, num_reduce, num_filters, kernel):
        one = conv_cost(shape, num_reduce, (1, 1), 1)
        other = conv_cost((*shape[:2], num_reduce), num_filters, kernel, 1)
        return one[0] * other[0], one[1] * other[1] + 1

    assert check(reduced_cost).verdict.mistake.name == "reduced_multiplied"


def test_a_mistake_is_not_named_for_one_result_when_it_is_wrong_in_another_that_is_right():
    def separable_cost(kernel, channels, filters, rows, cols):
        weights, products, _ = find_exercise("separable_cost").oracle(kernel, channels, filters, rows, cols)
        return weights, products, 1 / channels + 1 / kernel**2  # as with the depthwise part for each filter

    assert check(separable_cost).verdict.mistake is None


def test_a_stub_is_not_done_rather_than_wrong(capsys):
    def delta(length, place):
        raise NotImplementedError

    assert check(delta).verdict.status == "not done"
    assert "○ delta: not done yet" in capsys.readouterr().out


def test_an_exception_is_shown_as_itself_with_its_line(capsys):
    def delta(length, place):
        kernel = np.zeros(length)
        kernel[place + length] = 1
        return kernel

    check(delta)
    text = capsys.readouterr().out
    assert "stopped with IndexError: index 7 is out of bounds for axis 0 with size 5" in text
    assert "kernel[place + length] = 1" in text


def test_a_changed_argument_is_pointed_out(capsys):
    def shift(signal, steps):
        signal[:] = np.roll(signal, steps)
        return signal

    check(shift)
    assert "changed its argument `signal`. Work on a copy" in capsys.readouterr().out


def test_a_library_that_does_the_exercise_is_refused(capsys):
    feedback = check(named("conv1d_full", lambda signal, kernel: np.convolve(signal, kernel)))
    assert feedback.verdict.score == 0
    assert "`convolve`" in capsys.readouterr().out


def test_only_what_the_student_called_is_named(capsys):
    check(named("conv1d_full", lambda signal, kernel: np.convolve(signal, kernel)))  # which calls NumPy's own `correlate`
    assert "so `convolve` may not be called." in capsys.readouterr().out


def test_what_a_library_calls_by_itself_is_not_the_students_doing():
    def correlate1d(signal, pattern):
        return np.convolve(signal, pattern[::-1], "valid")  # which calls NumPy's `correlate`

    assert "correlate" in find_exercise("correlate1d").forbidden
    assert check(correlate1d).verdict.status == "passed"


def test_a_forbidden_function_may_not_be_handed_on_either(capsys):
    check(named("conv1d_full", lambda signal, kernel: np.apply_along_axis(np.convolve, 0, signal, kernel)))
    assert "`convolve` may not be called" in capsys.readouterr().out


def test_a_forbidden_class_may_not_be_used(capsys):
    keras = pytest.importorskip("keras")

    def class_iou(truth, predicted, classes):
        metric = keras.metrics.MeanIoU(num_classes=classes)
        metric.update_state(truth, predicted)
        return np.full(classes, float(metric.result()))

    check(class_iou)
    assert "so `MeanIoU` may not be called." in capsys.readouterr().out


def test_a_helper_that_is_wrong_is_named_as_the_place_to_begin(capsys):
    scope = {}
    source = "def conv1d_full(x, w): return x\ndef conv1d_valid(x, w): return conv1d_full(x, w)[1:]"
    exec(source, scope)
    check(scope["conv1d_valid"])
    assert "It calls `conv1d_full`, which is not right yet: begin there." in capsys.readouterr().out


@pytest.mark.parametrize("wrong", [np.zeros(3), None, 5])
def test_a_result_instead_of_the_function_gets_a_helpful_word(wrong):
    with pytest.raises(TypeError, match="wants the function itself"):
        check(wrong)


def test_a_renamed_function_gets_a_helpful_word():
    with pytest.raises(LookupError, match="no exercise called 'my_convolution'"):
        check(named("my_convolution", lambda: 1))


def test_ready_says_which_exercise_a_picture_waits_for(capsys):
    assert ready(conv1d_full)
    assert not ready(conv1d_full, named("delta", lambda length, place: np.zeros(length)))
    assert "Run this cell again when delta has passed." in capsys.readouterr().out


def test_the_panel_escapes_what_a_student_wrote():
    def delta(length, place):
        raise ValueError("<script>alert(1)</script>")

    html = verdict_html(check(delta).verdict)
    assert "<script>" not in html
    assert "&lt;script&gt;" in html


def test_check_works_where_nbgrader_and_jupytext_are_not_installed():
    program = """
import sys
for name in ("nbgrader", "jupytext", "nbformat", "typer", "rich", "sqlalchemy", "tensorflow", "keras"):
    sys.modules[name] = None  # importing it raises ImportError, as in Colab
from convcourse.check import check
def delta(length, place):
    return [0] * place + [1] + [0] * (length - place - 1)
check(delta)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert "✔ delta" in done.stdout


def test_fewer_answers_than_cases_mean_that_the_rest_failed():
    exercise = find_exercise("delta")
    cases = [*exercise.examples, *exercise.fresh_cases(seed=1, rounds=1)]
    answers = [Answer(exercise.oracle(*case.arguments.values())) for case in cases]
    assert judge(exercise, cases, answers, visible=1).status == "passed"
    verdict = judge(exercise, cases, answers[:1], visible=1)
    assert (verdict.status, verdict.score, verdict.failed) == ("wrong", 0, len(cases) - 1)
