"""A function with TensorFlow is tried in a process that was set aside before TensorFlow had threads."""

import subprocess
import sys
import textwrap

import pytest

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs a fork before TensorFlow has threads")
SCRIPT = """
import linecache, os
from convcourse.check import verdict_of
from convcourse.exercises import find_exercise
from convcourse.quiet import quietly

with quietly():
    import keras
    from keras import layers

    import convcourse.spare as spare

EFFECTS = []
keras.ops.ones(3)  # now TensorFlow has threads


def say(name, source):
    linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
    exec(compile(source, name, "exec"), globals())
    print(verdict_of(globals()[name], find_exercise(name)).statement)


say("mlpconv", '''
def mlpconv(x, num_filters, size, stride=1, padding="same"):
    x = layers.Conv2D(num_filters[0], size, stride, padding, activation="relu")(x)
    for filters in num_filters[1:]:
        EFFECTS.append(filters)
        x = layers.Conv2D(filters, 1)(x)
    return x
''')
seen = len(EFFECTS)
say("mlpconv", '''
def mlpconv(x, num_filters, size, stride=1, padding="same"):
    open("left_behind.txt", "w").write("x") if stride == 77 else None
    return layers.Conv2D(num_filters[0], size, 2, padding, activation="relu")(x)
''')
say("gradient_model", '''
def gradient_model(rows, cols):
    keras.Sequential([keras.Input((rows, cols, 1)), layers.Conv2D(2, 3)])
''')
print(seen == len(EFFECTS), os.listdir())
"""


def test_a_line_of_a_keras_function_is_found_and_nothing_else_happens(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(SCRIPT)], cwd=tmp_path, capture_output=True, text=True, timeout=300, check=True
    )
    first, _, third, last = done.stdout.splitlines()
    assert first == "Line 6, `layers.Conv2D(filters, 1)`: is this the right activation?"
    assert third == "Line 3, `keras.Sequential([keras.Input((rows, cols, 1)), layers.Conv2…`: what should the function return?"
    assert last == "True []"
