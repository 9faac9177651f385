"""The nbgrader course. Run stock nbgrader in this folder: `cd autograder && nbgrader autograde 02_convolution_1d`."""

from pathlib import Path

from convcourse.grading.course import configure

configure(get_config(), Path(__file__).parent)  # type: ignore[name-defined]  # noqa: F821
