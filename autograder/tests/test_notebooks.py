"""The notebooks as a student runs them: solved ones get full marks in time, blank ones stop nowhere."""

import contextlib
import os
import re

import nbformat
import psutil
import pytest
from nbclient import NotebookClient
from nbgrader.utils import determine_grade, is_grade

from convcourse.exercises import UNITS, exercises_of
from convcourse.grading.judge import judge_notebook, notebook_seconds
from convcourse.grading.rebuild import rebuild, released_notebook
from convcourse.sandbox.room import room_maker
from convcourse.settings import COURSE, SOLUTIONS
from tests.speed import slowness

# Of computing on one quick core; TensorFlow trains half as fast where it has no oneDNN.
SECONDS = 75 if os.environ.get("TF_ENABLE_ONEDNN_OPTS") != "1" else 60
HANGS = 900  # seconds by the clock, for a cell that never ends

# Numbers of the lectures that a reader must find in the solved notebook's output.
PRINTED = {
    "01_why_convolution": [
        "1,600,000,000",
        "4,000,000 weights",
        "16,000,000",
        "400 weights",
        "4,816,896",
        "150 weights and 6 biases",
    ],
    "02_convolution_1d": [
        "(1 + 2t + 3t² + 4t³)(1 + 2t): [ 1  4  7 10  8]",
        "deviation before 59.5, after 19.9",
        "found in the noisy one, filtered:    [190 518 848]",
        "noise 60: filtered right 20 times",
    ],
    "03_convolution_2d": [
        "recall 6 of 6, precision 6 of 6",
        "moved by 1, stride 2, padding 0: 100% of the columns differ",
        "twelve forms: recall",
        "→  26",
        "→  13",
    ],
    "04_image_filters": [
        "(512, 512) → (510, 510)",
        "(9, 9, 3, 4) with 972 weights",
        "[[32 32]]",
        "[[0 0]]",
        "squares: [ 1.  0. -1.  2.",
    ],
    "05_xo_toy_net": ["0.77 -0.11  0.11  0.33  0.55", "[0.912  0.5175]", "total: 0.59", "216 numbers: nudging runs the net 432"],
    "06_conv_layer": ["280 910 910 1820 1810 1820 3210 in all 10760", "138,357,544", "15,237,608, 61 MB", "49 C²", "32×32×10"],
    "07_backpropagation": [
        "dJ/dW: [[4, -1], [1, 6]]",
        "step 2: v = -0.340075, w = 0.459875",
        "a net with 1,898 parameters",
        "all moved by 0.01: 0 differ []",
        "at least 95 % of 500 held-out digits: True",
    ],
    "08_keras_conv2d": [
        "20 parameters, output (None, 510, 510, 2)",
        "976 parameters, (368, 487, 3) → (360, 479, 4)",
        "512 pixels, kernel 3, stride 2: Keras (0, 1), symmetric (1, 1)",
        "by the detour:  (1, 3, 368, 487) → (1, 4, 360, 479)",
        "agree to 1e-5: True",
    ],
    "09_lenet": [
        "64,660 connections, 9,760 parameters",
        "60 connections of 96: 60 · 25 + 16 = 1,516 parameters, and with all 2,416",
        "60,806  61,706  60,000     340,908",
        "[156, 2416, 48120, 10164, 850]",
        "test images are right (wanted: 84 %)",
    ],
    "10_regularization": [
        "26,010 parameters: 87",
        "theory: mean 3, variance 2.25",
        "inference as in Keras: True",
        "eigenvalues: [0.1432 0.0168 0.0012]",
    ],
    "11_alexnet_zfnet": ["31 of 64 are more than 80 % grey, 16 less", "227 →", "nothing left over: [195, 227, 259]"],
    "12_vgg": [
        "VGG16: 138,357,544 parameters",
        "15,470,264,320 multiply-adds",
        "= 143,667,240  (paper: 144 M)",
        "15,237,608 numbers, 61.0 MB",
        "net D: field 212, step 32",
        "C, mixed sizes: -0.8",
    ],
    "13_nin_googlenet": [
        "153,600 weights   120,422,400 products",
        "526,848 numbers",
        "6,998,552 parameters",
        "23,851,784 and 23,851,784 parameters",
    ],
    "14_resnet": ["25,557,032", "25,028,904"],
    "15_densenet": ["7,978,856", "8,062,504", "20,242,984", "(56, 56, 256) → (56, 56, 128) → (28, 28, 128)"],
    "16_efficient_nets": ["4,253,864", "1,235,496", "espresso"],
    "17_pretrained_features": [
        "a batch of shape (5, 224, 224, 3) · as Keras does it: True",
        "block4_conv2 (28, 28, 512)",
        "espresso",
        "frozen up to fire9: 5,130 of 391,306 learn",
        "all at once, small rate",
    ],
    "18_visualizing": [
        "pool ∘ unpool is the identity: True",
        "unpool is max pooling's gradient: True",
        "gradient: equal to automatic differentiation: True",
        "deconvnet: equal to automatic differentiation: False",
        "motor scooter equals the class's map: True",
    ],
    "19_adversarial": [
        "64 times the pixels: 66 times the effect of the attack",
        "in theory 388",
        "largest change: 2 grey levels",
        "espresso above 99 %: True",
        "D is better than A under the ten steps of 16: True",
    ],
    "20_spatial_transformers": [
        "60,000 points, no difference from SciPy above 1e-12: True",
        "θ and image agree to eight decimals: True",
        "TensorFlow's gradients are yours: True",
        "localisation net: 9,798 parameters",
        "with the transformer at least 10 points more: True",
    ],
    "21_beyond_images": [
        "10,605 sentences, 10,072 of them clear: 7,072 to train, 1,000 to choose, 2,000 to test",
        "Kim: embedding 5,629,500, convolutions 360,300, dense 602",
        "the dense net and its twin differ by less than 0.00001: True",
    ],
    "22_detection_segmentation": [
        "63,001 windows, 11 scores each: the same to 1e-4",
        "16,434,692,864   2,521,988,864     6.5 to 1",
        "kernel (3, 3, 2, 3) result (11, 9, 2) same as Keras: True",
        "the paper: 572 × 572 pixels in, 388 × 388 labels out",
        "five levels: 23 convolutional layers, as in the paper",
        "IoU ≥ 0.5: mAP 0.9",
    ],
    "23_gpu_and_scale": [
        "speed-ups [8.53 8.55 9.02] on the slide 8.5 8.5 9.0",
        "170.7 images a second, 17.2% of the peak",
        "K40      12 GB: a batch of 160, in mixed precision 321",
        "batch 8,192: rate 3.2, as in the paper",
    ],
    "24_after_the_lectures": [
        "2,514,944 weights for gates",
        "MobileNetV2: 3,538,984 parameters, 3,504,872 of them trained",
        "5,288,548 (5.3 M), 0.39 G (0.39 G)",
        "(256, 256, 4): 12,845,056 multiply-adds, 417,792 numbers move",
        "590,592 parameters",
        "patches: no error at 0 16 32 pixels",
        "without positions, shuffled tokens give the shuffled result: True",
    ],
    "25_any_depth": [
        "numbers shown: 1,210,000; numbers in the memory: 50,176",
        "the same memory: True",
        "as NumPy does it: True",
        "back: (array([ 0., 20., 30.]), [])",
        "14 arrays; the largest difference is below 1e-7: True",
    ],
    "26_thin_layers": [
        "without a ReLU: the nearest kernel misses 0%; it is yours: True",
        "Xception: 22,910,480 parameters",
        "without means and variances: 22,855,952",
        "34 separable convolutions; the middle flow has 57% of all parameters",
        "1 group(s), 1,546,624 parameters: 143 M",
        "8 group(s), 2,473,936 parameters: 137 M",
    ],
    "27_real_photographs": [
        "windows and features: (800, 4608)  kernel: (6, 6, 128)",
        "window sides: 67.0 84.0 105.0 131.0 164.0 205.0 256.0 320.0",
        "the face is number 1, so AP = 1/1",
    ],
    "28_word_vectors": [
        "table: (9820, 100)",
        "man : king = woman : queen",
        "big : bigger = small : larger",
        "capitals: 104 of 110, and 83 if nothing is left out",
        "nurse: cosine with “she” 0.53, with “he” 0.38",
        "captain: cosine with “she” 0.37, with “he” 0.49",
        "good and bad: 0.76",
        "good and superb: 0.56",
        "on the right side: 38 of 40",
        "9,952 words, 158 without a vector",
    ],
}


FORGET = """%reset -f
import sys
if "keras" in sys.modules:
    sys.modules["keras"].backend.clear_session()
"""
SECONDS_OF_COMPUTING = "import sys, time\nprint(time.process_time(), 'tensorflow' in sys.modules)"
WITHOUT_TENSORFLOW = UNITS[:7]


def executed(unit):
    """The student's blank notebook and the solved one, the seconds of computing that both took, and did they use TensorFlow?

    One after the other in one kernel: its start and its imports are most of what a blank one takes.
    """
    blank, solved = (nbformat.read(folder / unit / f"{unit}.ipynb", as_version=4) for folder in (COURSE, SOLUTIONS))
    forget, seconds = map(nbformat.v4.new_code_cell, (FORGET, SECONDS_OF_COMPUTING))
    together = nbformat.v4.new_notebook(cells=[*blank.cells, forget, *solved.cells, seconds])
    NotebookClient(together, timeout=HANGS, kernel_name="python3", allow_errors=True).execute()
    took, used = seconds.outputs[0].text.split()
    return blank, solved, float(took), used == "True"


def outputs_of(notebook, kind):
    return [o for cell in notebook.cells if cell.cell_type == "code" for o in cell.outputs if o.output_type == kind]


def texts_of(notebook):
    return "".join(output.text for output in outputs_of(notebook, "stream"))


def seconds_of_computing():
    """Of this process and of all that it has started, on all cores; by the clock a busy machine would be slow."""
    here, seconds = psutil.Process(), 0.0
    for process in (here, *here.children(recursive=True)):
        with contextlib.suppress(psutil.NoSuchProcess):  # it has just ended
            seconds += sum(process.cpu_times()[:4])
    return seconds


@pytest.mark.parametrize("unit", UNITS)
def test_a_solved_notebook_earns_all_its_points_from_the_judge_and_stops_nowhere(unit):
    submitted = nbformat.read(SOLUTIONS / unit / f"{unit}.ipynb", as_version=4)
    notebook, _ = rebuild(submitted, released_notebook(unit))
    start = seconds_of_computing()
    judge_notebook(notebook, room_maker(), seed=1, seconds=notebook_seconds(unit))
    took = seconds_of_computing() - start
    scores = {cell.metadata.nbgrader.grade_id: determine_grade(cell) for cell in notebook.cells if is_grade(cell)}
    assert scores == {exercise.name: (exercise.max_score,) * 2 for exercise in exercises_of(unit)}
    assert took < notebook_seconds(unit) / 4, "SOLVED_SECONDS says less than it takes"
    assert outputs_of(notebook, "error") == []
    assert notebook.metadata.convcourse.notes == []


@pytest.mark.filterwarnings("ignore")  # jupyter_client's, about its own sockets
@pytest.mark.parametrize("unit", UNITS)
def test_a_notebook_runs_to_its_end_blank_and_then_solved_in_time(unit):
    blank, solved, seconds, used_tensorflow = executed(unit)
    earns_nothing(blank, unit)
    gets_full_marks(solved, unit)
    assert seconds < SECONDS * slowness()
    assert not (used_tensorflow and unit in WITHOUT_TENSORFLOW)


def verdicts_in(notebook):
    return [o for o in outputs_of(notebook, "execute_result") if "Your prediction" not in o.data["text/html"]]


def earns_nothing(blank, unit):
    assert outputs_of(blank, "error") == []
    results = verdicts_in(blank)
    assert [float(o.data["text/plain"]) for o in results] == [0.0] * len(exercises_of(unit))
    assert all("Not done yet" in o.data["text/html"] for o in results)
    assert "This part shows your own work" in texts_of(blank)


def gets_full_marks(solved, unit):
    assert outputs_of(solved, "error") == []
    assert [o.text for o in outputs_of(solved, "stream") if o.name == "stderr"] == []
    scores = [float(o.data["text/plain"]) for o in verdicts_in(solved)]
    assert scores == [exercise.max_score for exercise in exercises_of(unit)]
    for number in PRINTED.get(unit, []):
        assert number in texts_of(solved)
    figures = [o.data["text/html"] for o in outputs_of(solved, "display_data") if o.data.get("text/html", "").startswith("<svg")]
    assert len(figures) >= 4
    assert all(len(re.search(r"aria-label='([^']*)'", figure)[1]) > 20 for figure in figures)
