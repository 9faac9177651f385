"""The exercises of the course, one module a unit. The modules are imported only when needed."""

from __future__ import annotations

import importlib
from functools import cache

from convcourse.exercise import Exercise

UNITS = (
    "01_why_convolution",
    "02_convolution_1d",
    "03_convolution_2d",
    "04_image_filters",
    "05_xo_toy_net",
    "06_conv_layer",
    "07_backpropagation",
    "08_keras_conv2d",
    "09_lenet",
    "10_regularization",
    "11_alexnet_zfnet",
    "12_vgg",
    "13_nin_googlenet",
    "14_resnet",
    "15_densenet",
    "16_efficient_nets",
    "17_pretrained_features",
    "18_visualizing",
    "19_adversarial",
    "20_spatial_transformers",
    "21_beyond_images",
    "22_detection_segmentation",
    "23_gpu_and_scale",
)


@cache
def exercises_of(unit: str) -> tuple[Exercise, ...]:
    """The exercises of a unit, in the notebook's order. Raises KeyError for an unknown unit."""
    if unit not in UNITS:
        raise KeyError(f"no unit called '{unit}'; the units are {', '.join(UNITS)}")
    module = importlib.import_module(f"convcourse.exercises.{unit[3:]}")
    exercises: tuple[Exercise, ...] = module.EXERCISES
    return exercises


def find_exercise(name: str) -> Exercise | None:
    """The exercise with this name, or None."""
    return next((e for unit in UNITS for e in exercises_of(unit) if e.name == name), None)
