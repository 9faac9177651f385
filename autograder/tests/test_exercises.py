"""Every exercise of every unit: the solution passes, other right answers pass, each mistake fails and is named."""

import time
from dataclasses import replace

import nbformat
import numpy as np
import pytest

from convcourse.check import CHECK_ROUNDS, CHECK_SEED, verdict_of
from convcourse.exercises import find_exercise
from convcourse.judging.calling import answer_all
from convcourse.judging.compare import difference
from convcourse.judging.exercise import Case
from convcourse.judging.panel import verdict_html, verdict_text
from convcourse.judging.verdict import AS_GIVEN, NOT_MEASURED, _answer_of, judge, weights_count
from convcourse.settings import COURSE
from tests.conftest import answer_cell
from tests.families import members
from tests.solved import ALL, EACH, builds_models, is_model, right_answers, solutions_of
from tests.speed import slowness

# Seeds that are always tried, and those that `make test-all` adds; fewer where each case builds Keras models.
SEEDS = {"few": range(2), "more": range(2, 20)}
SEEDS_OF_MODELS = {"few": range(1), "more": range(1, 3)}
ON_SEEDS = pytest.mark.parametrize("seeds", members(SEEDS, always=("few",)))


def seeds_for(exercise, seeds):
    return (SEEDS_OF_MODELS if builds_models(exercise.name) else SEEDS)[seeds]


def verdict_on_fresh_cases(function, exercise, seed, rounds=None, once=False):
    """As at grading: nothing visible but the examples, random cases from a seed of their own."""
    rounds = rounds or (1 if builds_models(exercise.name) else 4)
    cases = [*exercise.examples, *exercise.fresh_cases(seed, rounds)]
    if once:  # what the judge calls itself, to see whether an answer is this mistake's
        answers = [_answer_of(function, case) for case in cases]
    else:
        answers = answer_all(function, [case.arguments for case in cases], exercise.forbidden, weights=weights_count(exercise))
    return judge(exercise, cases, answers, visible=len(exercise.examples))


def test_a_name_is_used_once():
    names = [exercise.name for _, exercise in ALL]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize(("unit", "exercise"), **EACH)
def test_is_complete(unit, exercise):
    assert len(exercise.mistakes) >= 3
    assert len({mistake.name for mistake in exercise.mistakes}) == len(exercise.mistakes)
    assert len(right_answers(unit, exercise)) >= 2
    assert all(hint.strip() for hint in exercise.hints)
    assert exercise.difficulty in (1, 2, 3)
    parts_tried = {case.part for case in exercise.fresh_cases(1, 1)}
    assert parts_tried == set(exercise.points), "every part needs random cases, or its examples could be copied"


@pytest.mark.parametrize(("unit", "exercise"), **EACH)
def test_oracle_gives_the_numbers_worked_out_by_hand(unit, exercise):
    known = [case for case in exercise.examples if case.known is not None]
    assert known, "at least one example must be worked out by hand"
    for case in known:
        if isinstance(case.known, int) and is_model(exercise.name):
            assert exercise.oracle(*case.arguments.values()).parameters == case.known
            continue
        if exercise.meets:
            assert exercise.meets(case.known, *case.arguments.values()) == ""
            continue
        assert difference(case.known, exercise.oracle(*case.arguments.values()), 1e-6) == ""


NAMED = [exercise for _, exercise in ALL if exercise.results]


@pytest.mark.parametrize("exercise", NAMED, ids=lambda exercise: exercise.name)
def test_the_names_of_results_are_as_many_as_the_results(exercise):
    def fit(names, result):
        return isinstance(names, str) or (len(names) == len(result) and all(map(fit, names, result)))

    assert all(fit(exercise.results, exercise.oracle(*case.arguments.values())) for case in exercise.fresh_cases(1, 1))


@pytest.mark.usefixtures("cheap_models")
@ON_SEEDS
@pytest.mark.parametrize(("unit", "exercise"), **EACH)
def test_solution_gets_all_points_on_any_seed(unit, exercise, seeds):
    solution = solutions_of(unit)[exercise.name]
    for seed in seeds_for(exercise, seeds):
        verdict = verdict_on_fresh_cases(solution, exercise, seed)
        assert verdict.score == exercise.max_score, verdict_text(verdict)


@pytest.mark.usefixtures("cheap_models")
@ON_SEEDS
@pytest.mark.parametrize(("unit", "exercise"), **EACH)
def test_other_right_answers_get_all_points(unit, exercise, seeds):
    for function in right_answers(unit, exercise):
        for seed in seeds_for(exercise, seeds):
            verdict = verdict_on_fresh_cases(function, exercise, seed)
            assert verdict.score == exercise.max_score, (function.__name__, verdict_text(verdict))


@pytest.mark.usefixtures("cheap_models")
@ON_SEEDS
@pytest.mark.parametrize(("unit", "exercise"), **EACH)
def test_no_mistake_gets_all_points_and_each_is_named(unit, exercise, seeds):
    free = replace(exercise, forbidden=())  # the numbers alone must give a mistake away
    quick = seeds == "few" and builds_models(exercise.name)
    for mistake in exercise.mistakes:
        for seed in seeds_for(exercise, seeds):
            verdict = verdict_on_fresh_cases(mistake.function, free, seed, once=quick)
            assert verdict.score < exercise.max_score, (mistake.name, seed)
            assert verdict.mistake is mistake, (mistake.name, seed, verdict.mistake and verdict.mistake.name)
            assert mistake.hint in verdict_text(verdict)
        if not quick:
            shown = verdict_of(mistake.function, free)
            assert shown.score < exercise.max_score
            assert mistake.hint in verdict_text(shown)


@pytest.mark.parametrize(("unit", "exercise"), **EACH)
def test_blank_is_not_done_and_not_wrong(unit, exercise):
    def blank(*_arguments):
        raise NotImplementedError

    verdict = verdict_of(blank, exercise)
    assert (verdict.status, verdict.score, verdict.mistake) == ("not done", 0.0, None)


@pytest.mark.parametrize("exercise", [exercise for _, exercise in ALL if exercise.given], ids=lambda exercise: exercise.name)
def test_a_repair_begins_with_a_function_that_runs_and_is_wrong(exercise):
    verdict = verdict_of(exercise.given, exercise)
    assert (verdict.status, verdict.score, verdict.remark) == ("not done", 0.0, AS_GIVEN)
    for seed in seeds_for(exercise, "few"):
        assert verdict_on_fresh_cases(exercise.given, exercise, seed).status == "not done"
    assert verdict_on_fresh_cases(exercise.given, replace(exercise, given=None), 1).score < exercise.max_score


@pytest.mark.parametrize(("unit", "exercise"), [pytest.param(*pair, id=pair[1].name) for pair in ALL if pair[1].given])
def test_a_repair_begins_with_names_of_the_notebook_only(unit, exercise):
    released = nbformat.read(COURSE / unit / f"{unit}.ipynb", as_version=4)
    notebook = dict(solutions_of(unit))
    exec(answer_cell(released, exercise.name).source, notebook)
    verdict = verdict_of(notebook[exercise.name], exercise)
    assert (verdict.status, verdict.remark) == ("not done", AS_GIVEN), verdict_text(verdict)


@pytest.mark.parametrize("exercise", [exercise for _, exercise in ALL if exercise.meets], ids=lambda exercise: exercise.name)
@pytest.mark.parametrize("junk", [None, 0, "x", (), ("x", "y"), [[1], [2, 3]], {"a": 1}, np.nan, np.full((3, 3), np.nan)])
def test_a_design_that_cannot_be_measured_is_told_so(exercise, junk):
    verdict = verdict_of(lambda *_arguments: junk, exercise)
    assert (verdict.status, verdict.score) == ("wrong", 0.0)
    assert verdict.problem.message


@pytest.mark.filterwarnings("ignore:overflow", "ignore:invalid value")  # which are errors in our tests, but not at grading
def test_a_design_whose_numbers_overflow_is_not_measured():
    def huge(centre, _radius):
        return 1.7e308 * np.sign([[centre[0], -centre[1]]]), np.zeros(1)

    case = Case({"centre": np.array([3.0, 2.0]), "radius": 1.0}, "region")
    answers = answer_all(huge, [case.arguments], ())
    assert judge(find_exercise("fence_disc"), [case], answers, visible=1).problem.message == NOT_MEASURED


@pytest.mark.usefixtures("cheap_models")
@pytest.mark.parametrize(("unit", "exercise"), **EACH)
def test_copying_the_examples_earns_nothing(unit, exercise):
    def by_heart(*arguments):
        for case in [*exercise.examples, *exercise.fresh_cases(CHECK_SEED, CHECK_ROUNDS)]:
            if all(map(np.array_equal, case.arguments.values(), arguments)):
                return exercise.oracle(*case.arguments.values())
        return 0.0

    free = replace(exercise, forbidden=(), mistakes=[])  # none is looked for: that takes long, and gives no points
    assert verdict_on_fresh_cases(by_heart, free, seed=7, rounds=4).score == 0


@pytest.mark.parametrize(("unit", "exercise"), **EACH)
def test_check_answers_at_once(unit, exercise):
    solution = solutions_of(unit)[exercise.name]
    most = 1.5 if builds_models(exercise.name) else 0.1

    def seconds_of_a_check():
        start = time.process_time()  # of this process alone: what else the machine does is not the check's time
        verdict_html(verdict_of(solution, exercise))
        return time.process_time() - start

    assert any(seconds_of_a_check() < most * slowness() for _ in range(3))
