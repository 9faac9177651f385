"""How long a room takes for the solved notebook of a unit: the yardstick for the limits of time."""

from __future__ import annotations

# Seconds of one slow core, where they are three or more. tests/test_notebooks.py holds the notebooks to them.
SOLVED_SECONDS = {
    "09_lenet": 6.0,
    "11_alexnet_zfnet": 4.0,
    "12_vgg": 4.0,
    "13_nin_googlenet": 6.0,
    "14_resnet": 15.0,
    "15_densenet": 8.0,
    "16_efficient_nets": 7.0,
    "21_beyond_images": 3.0,
    "22_detection_segmentation": 10.0,
    "23_gpu_and_scale": 8.0,
    "24_after_the_lectures": 10.0,
    "25_any_depth": 7.0,
    "26_thin_layers": 15.0,
    "27_real_photographs": 14.0,
    "28_word_vectors": 4.0,
}
TIMES_THE_SOLVED = 20  # as long may a student's notebook take
SHORTEST_TURN = 1.0


def solved_seconds(unit: str) -> float:
    """Seconds that the solved notebook takes; 0 for less than three, or for a unit of an instructor's own."""
    return SOLVED_SECONDS.get(unit, 0.0)


def first_turn(unit: str) -> float:
    """Seconds after which a submission must let all others go first."""
    return max(SHORTEST_TURN, 2 * solved_seconds(unit))
