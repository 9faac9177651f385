"""A model built as a right answer builds it is known by its print; no other is, and the file is what the answers build."""

from dataclasses import replace

import keras
import pytest
from keras import layers

from convcourse.check import verdict_of
from convcourse.exercises import find_exercise
from convcourse.known_models import are_known, known_models
from tests.families import members
from tests.known_models import answers_of, asked_models, prints_of
from tests.solved import ALL, solutions_of

KNOWN = {exercise.name: (unit, exercise) for unit, exercise in ALL if exercise.name in known_models()}
WRITE = "`cd autograder && python -m tests.known_models` writes the file anew"


@pytest.mark.usefixtures("cheap_models")
@pytest.mark.parametrize("name", KNOWN)
def test_the_model_of_the_solution_is_known_whatever_its_layers_are_called(name):
    unit, exercise = KNOWN[name]
    keras.layers.Dense(1)  # from here on Keras counts differently
    assert are_known(exercise, answers_of(solutions_of(unit)[name], exercise))


@pytest.mark.usefixtures("cheap_models")
@pytest.mark.parametrize("name", members(KNOWN, always=("conv_norm", "fire", "mlpconv")))
def test_the_file_says_what_the_right_answers_build(name):
    assert prints_of(*KNOWN[name]) == known_models()[name], WRITE


def test_the_file_names_the_exercises_that_ask_for_a_model_with_any_weights():
    assert set(known_models()) == {exercise.name for _, exercise in asked_models()}, WRITE


def test_one_number_makes_another_model():
    def conv_norm(x, filters, kernel, stride=1):
        x = layers.Conv2D(filters, kernel, stride, use_bias=False)(layers.ZeroPadding2D(kernel // 2)(x))
        return layers.BatchNormalization(momentum=0.99, epsilon=1e-5)(x)

    assert verdict_of(conv_norm, find_exercise("conv_norm")).status == "wrong"


def test_an_exercise_of_an_instructors_own_is_another_one_under_the_same_name():
    def as_asked(*_arguments):
        raise AssertionError("nobody asks for it")

    answers = answers_of(solutions_of("14_resnet")["conv_norm"], find_exercise("conv_norm"))
    assert are_known(find_exercise("conv_norm"), answers)
    assert not are_known(replace(find_exercise("conv_norm"), oracle=as_asked), answers)
