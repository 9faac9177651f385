"""Keras variables that get their numbers when these are first asked for: most models of a submission are never run."""

from __future__ import annotations

from typing import Any


def make_variables_late() -> None:
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
