"""Keras with less work for each model: most models of a submission are built, and never run or saved."""

from __future__ import annotations

from typing import Any


def make_models_cheap() -> None:
    """From now on, variables are late, and TensorFlow is not told what a layer consists of, which only its checkpoints ask.

    Keras knows it all the same, and its own files of weights have it.
    """
    from keras.src.backend.tensorflow.trackable import KerasAutoTrackable

    KerasAutoTrackable.__setattr__ = object.__setattr__
    _make_variables_late()


def _make_variables_late() -> None:
    """From now on, Keras draws the numbers of a variable at its first use, if it starts it by a rule that cannot fail.

    The numbers are the same: the rule has its seed from the moment when it was made.
    """
    import tensorflow as tf
    from keras import initializers
    from keras.src.backend.tensorflow.core import Variable

    names = ("Zeros", "Ones", "GlorotUniform", "GlorotNormal", "HeUniform", "HeNormal", "LecunUniform", "LecunNormal")
    rules = {getattr(initializers, name) for name in names}
    at_once = Variable._initialize_with_initializer

    def start(variable: Any, rule: Any) -> None:
        if type(rule) in rules and isinstance(getattr(rule, "seed", 0), int):  # other seeds are drawn in the order of use
            vars(variable)["late"] = rule
        else:
            at_once(variable, rule)

    def value(variable: Any) -> Any:
        if (rule := vars(variable).pop("late", None)) is not None:
            with tf.init_scope():  # not in a graph that is just being traced
                at_once(variable, rule)
        return vars(variable)["_value"]  # where it also stands in those that were made before

    def set_value(variable: Any, new: Any) -> None:
        vars(variable)["_value"] = new

    Variable._initialize_with_initializer = start
    Variable._value = property(value, set_value)
