"""Count what a net costs: multiply-adds and layers in sequence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import keras

COSTLY = (
    "Conv2D",
    "DepthwiseConv2D",
    "SeparableConv2D",
    "Conv2DTranspose",
    "Dense",
    "MultiHeadAttention",
)
IN_SEQUENCE = {
    "SeparableConv2D": 2,
    "MultiHeadAttention": 2,
}  # kernels one behind the other; of all others one


def count_macs(model: keras.Model) -> int:
    """Multiply-adds of convolutions, dense layers and attention for one image; other layers are left out, as in papers."""
    return sum(layer_macs(layer) for layer in flat_layers(model))


def layer_macs(layer: keras.layers.Layer) -> int:
    """Multiply-adds of one layer: each weight of a kernel is used once at each place of the output.

    A transposed convolution uses it at each place of the input. In attention each token also meets all others, twice.
    """
    kind = type(layer).__name__
    if kind not in COSTLY:
        return 0
    maps = layer.input if kind == "Conv2DTranspose" else layer.output
    places = int(np.prod(maps.shape[1:-1]))
    weights = sum(
        int(np.prod(weight.shape)) for weight in layer.weights if "kernel" in weight.name
    )
    meetings = (
        2 * places * layer.num_heads * layer.key_dim if kind == "MultiHeadAttention" else 0
    )
    return places * (weights + meetings)


def flat_layers(model: keras.Model) -> list[keras.layers.Layer]:
    """All layers, those of models inside the model too."""
    layers: list[Any] = []
    for layer in model.layers:
        layers += flat_layers(layer) if hasattr(layer, "layers") else [layer]
    return layers


def count_depth(model: keras.Model) -> int:
    """The largest number of convolutions and dense layers that stand one behind the other."""
    longest: dict[int, int] = {}
    # In an order in which each comes after those that feed it; sums and the like are there.
    for operation in getattr(model, "operations", model.layers):
        name = type(operation).__name__
        own = IN_SEQUENCE.get(name, 1) if name in COSTLY else 0
        for node in operation._inbound_nodes:
            before = max((longest.get(id(x), 0) for x in node.input_tensors), default=0)
            longest |= {id(y): own + before for y in node.output_tensors}
    return max(longest[id(output)] for output in model.outputs)
