"""Both kinds of rooms, the sandbox and the plain kernel, keep the same promises to the judge."""

import ast
import os
import signal
import subprocess
import sys
import time
import warnings

import numpy as np
import pytest
from nbgrader.utils import determine_grade, is_grade

from convcourse.grading.judge import judge_notebook
from convcourse.grading.rebuild import rebuild
from convcourse.judging.wire import read_reply, request_message
from convcourse.sandbox.client import WarmServer, why_no_sandbox
from convcourse.sandbox.plain_kernel import PlainKernel
from convcourse.sandbox.room import LARGE, room_maker, warn_unwalled
from convcourse.time_limit import CORES, PATIENCE
from tests.conftest import POINTS, needs_sandbox

pytestmark = pytest.mark.filterwarnings("ignore")  # jupyter_client's, about its own sockets
CODE = (
    "import numpy",
    "from convcourse.data import training_digits",
    "import pandas",
    "import keras",
    room_maker.__defaults__[0],
)
KINDS = [pytest.param("sandbox", marks=needs_sandbox), "plain kernel"]


@pytest.fixture(params=KINDS)
def maker(request):
    return room_maker() if request.param == "sandbox" else PlainKernel


@pytest.fixture
def room(maker):
    room = maker()
    yield room
    room.close()


def test_outputs_come_back_in_nbformats_shape(room):
    outputs, trouble = room.run("print('hello')\n6 * 7", 20)
    assert trouble == ""
    assert {o["output_type"] for o in outputs} == {"stream", "execute_result"}
    assert next(o for o in outputs if "data" in o)["data"]["text/plain"] == "42"


def test_an_error_is_an_output_and_no_trouble(room):
    outputs, trouble = room.run("1 / 0", 20)
    assert (trouble, outputs[-1]["ename"]) == ("", "ZeroDivisionError")


def test_a_function_is_asked(room):
    room.run("def double(x):\n    return 2 * x", 20)
    from convcourse.judging.exercise import Case

    packed, trouble = room.ask("double", request_message([Case({"x": 3}, ""), Case({"x": [1]}, "")]), 20)
    answers, _ = read_reply(packed)
    assert (trouble, [answer.value for answer in answers]) == ("", [6, [1, 1]])


def test_an_endless_loop_is_interrupted_and_the_names_stay(room):
    room.run("kept = 1", 20)
    assert room.run("while True: pass", 1)[1] == "time"
    assert room.alive
    assert room.run("kept", 20)[0][0]["data"]["text/plain"] == "1"


@pytest.fixture
def busy_machine():
    """Two processes for each core, which compute all the time. Each in a session: many kernels give each session its share."""
    burn = [sys.executable, "-c", "while True: pass"]
    others = [subprocess.Popen(burn, start_new_session=True) for _ in range(2 * CORES)]
    yield
    for other in others:
        other.kill()
        other.wait()


def test_a_busy_machine_ends_nothing(room, busy_machine):
    begun = time.monotonic()
    assert room.run("import time\nwhile time.process_time() < 2: pass", 3)[1] == ""
    assert time.monotonic() - begun > 3, "by the clock it took no longer than it may compute, so this shows nothing"
    assert 1 < room.spent < 3


def test_what_sleeps_ends_when_it_has_been_idle_for_long(room):
    assert room.run("import time\ntime.sleep(60)", 0.5)[1] == "idle"
    assert room.spent < 0.5
    assert room.idled >= PATIENCE * 0.5


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_processes_that_compute_beside_each_other_count_together(room):
    children = "import os\nfor _ in range(3):\n    if not os.fork():\n        while True: pass\nos.wait()"
    assert room.run(children, 1.5)[1] == "time"


def test_threads_that_compute_beside_each_other_count_together(room):
    threads = (
        "import hashlib, threading\n"
        "def compute():\n"
        "    while True: hashlib.pbkdf2_hmac('sha256', b'word', b'salt', 20_000)\n"
        "for _ in range(3): threading.Thread(target=compute, daemon=True).start()\n"
        "threading.Event().wait()"
    )
    assert room.run(threads, 1.5)[1] == "time"


@needs_sandbox
def test_it_is_interrupted_in_a_grader_that_ignores_interrupts():
    """As one in the background does (`convcourse grade … &`), and each Dask worker."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with WarmServer() as server:
            room = server.open()
            room.run("kept = 1", 20)
            assert room.run("while True: pass", 1)[1] == "time"
            assert room.run("kept", 20)[0][0]["data"]["text/plain"] == "1"
            room.close()
    finally:
        signal.signal(signal.SIGINT, before)


@needs_sandbox
def test_rooms_begin_with_a_large_library_once_it_is_asked_for():
    def imported(room):
        (output,), _ = room.run("import sys\n[name for name in ('sklearn', 'keras') if name in sys.modules]", 20)
        return output["data"]["text/plain"]

    with WarmServer() as server:
        early, _spare = server.open(), server.open()
        server.import_large("sklearn")
        assert [imported(early), imported(server.open()), imported(server.open())] == ["[]", "['sklearn']", "['sklearn']"]


STARTED = """
import keras, numpy as np
keras.utils.set_random_seed(3)
layers = [keras.Input((8, 8, 2)), keras.layers.Conv2D(4, 3), keras.layers.BatchNormalization(), keras.layers.Dense(2)]
model = keras.Sequential(layers)
waiting = sum("late" in vars(variable) for variable in model.variables)
numbers = [float(np.abs(weight).sum()) for weight in model.get_weights()]
model.compile("sgd", "mse")
loss = model.fit(np.ones((4, 8, 8, 2)), np.zeros((4, 6, 6, 2)), epochs=2, verbose=0).history["loss"][-1]
waiting, numbers, float(loss)
"""


@needs_sandbox
def test_a_models_weights_are_drawn_late_and_are_those_that_keras_draws():
    with WarmServer() as server:
        server.import_large("keras")
        (output,), _ = server.open().run(STARTED, 60)
    waiting, numbers, loss = ast.literal_eval(output["data"]["text/plain"])
    here = {}
    exec(STARTED, here)
    assert waiting == len(numbers) == 8
    assert here["waiting"] == 0
    np.testing.assert_allclose([*numbers, loss], [*here["numbers"], here["loss"]], rtol=1e-5)


def test_code_that_speaks_of_a_large_library_wants_it():
    wanted = {code: [name for name, words in LARGE.items() if words.search(code)] for code in CODE}
    assert wanted == dict(zip(CODE, ([], ["sklearn"], ["sklearn"], ["keras"], ["sklearn", "keras"]), strict=True))


def test_a_dead_room_says_so_from_then_on(room):
    assert room.run("import os\nos._exit(0)", 5)[1] == "died"
    assert not room.alive
    assert room.run("1", 20) == ([], "died")


@needs_sandbox
def test_a_room_that_can_start_no_more_ends_and_says_so():
    with WarmServer() as server:
        room = server.open()
        assert (room.run("import os, subprocess, threading, time", 20)[1], room.strays) == ("", False)
        assert (room.run("left = subprocess.Popen(['sleep', '600'])", 20)[1], room.strays) == ("", True)
        assert (room.run("left.kill(), left.wait()", 20)[1], room.strays) == ("", False)
        many = "for _ in range(120):\n    threading.Thread(target=time.sleep, args=(600,)).start()"
        assert (room.run(many, 20)[1], room.alive) == ("full", False)


def test_a_solved_notebook_gets_everything(maker, solved, blank):
    notebook, _ = rebuild(solved, blank)
    judge_notebook(notebook, maker, seed=1)
    assert sum(determine_grade(cell)[0] for cell in notebook.cells if is_grade(cell)) == POINTS


def test_where_there_is_no_sandbox_a_warning_says_so(monkeypatch):
    monkeypatch.setattr("convcourse.sandbox.room.why_no_sandbox", lambda: "this is a test")
    with warnings.catch_warnings(record=True, action="always") as said:
        assert [room_maker() for _student in range(2)] == [PlainKernel, PlainKernel]
        warn_unwalled("this is a test")  # of a worker on the same machine
        warn_unwalled("only the worker lacks it")
    assert [str(one.message).split(" WITHOUT")[0] for one in said] == ["Student code runs", "On a worker student code ran"]
    assert isinstance(why_no_sandbox(), str)


def test_plain_kernels_need_nothing_of_linux():
    """Windows has no module `resource`; what builds the walls is imported in the sandbox only."""
    program = "import sys; sys.modules['resource'] = None; from convcourse.sandbox import plain_kernel, room"
    subprocess.run([sys.executable, "-c", program], check=True)
