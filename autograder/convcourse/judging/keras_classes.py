"""The classes of Keras from which a packed model may be rebuilt: an allow-list of objects, not of names.

A configuration names its classes. Keras knows many a class by several names ("keras" and "layers.Lambda" lead to `Lambda`),
and some of its layers run code or read files. So each name is looked up, and what is found must be one of these objects.
"""

from __future__ import annotations

import sys
from functools import cache
from typing import Any

# The layers that compute with numbers and do nothing else.
NUMBERS_ONLY = """
InputLayer Identity Dense EinsumDense Embedding
Conv1D Conv2D Conv3D Conv1DTranspose Conv2DTranspose Conv3DTranspose
DepthwiseConv1D DepthwiseConv2D SeparableConv1D SeparableConv2D
MaxPooling1D MaxPooling2D MaxPooling3D AveragePooling1D AveragePooling2D AveragePooling3D
GlobalMaxPooling1D GlobalMaxPooling2D GlobalMaxPooling3D
GlobalAveragePooling1D GlobalAveragePooling2D GlobalAveragePooling3D
AdaptiveMaxPooling1D AdaptiveMaxPooling2D AdaptiveMaxPooling3D
AdaptiveAveragePooling1D AdaptiveAveragePooling2D AdaptiveAveragePooling3D
Activation ReLU LeakyReLU ELU PReLU Softmax
BatchNormalization LayerNormalization GroupNormalization RMSNormalization UnitNormalization SpectralNormalization Normalization
Dropout AlphaDropout GaussianDropout SpatialDropout1D SpatialDropout2D SpatialDropout3D GaussianNoise ActivityRegularization
Add Subtract Multiply Average Maximum Minimum Concatenate Dot
Flatten Reshape Permute RepeatVector Masking
ZeroPadding1D ZeroPadding2D ZeroPadding3D Cropping1D Cropping2D Cropping3D UpSampling1D UpSampling2D UpSampling3D
Rescaling Resizing CenterCrop RandomCrop RandomFlip RandomRotation RandomTranslation RandomZoom RandomContrast RandomBrightness
RNN SimpleRNN SimpleRNNCell GRU GRUCell LSTM LSTMCell StackedRNNCells Bidirectional TimeDistributed
Attention AdditiveAttention MultiHeadAttention
"""
OPERATIONS = ("numpy", "nn", "math", "image", "linalg")  # modules of `keras.src.ops`
CORE_OPERATIONS = "Cast SaturateCast ConvertToTensor Slice SliceUpdate Scatter ScatterUpdate StopGradient Unstack"
DATA = ("__keras_tensor__", "__tensor__", "__numpy__", "__slice__", "__ellipsis__")  # what Keras writes for these is no class


def why_not_allowed(item: dict[str, Any]) -> str:
    """Why a model with this piece of configuration, which has a `class_name`, is not rebuilt; empty if it may be."""
    module, name, registered = (item.get(key) for key in ("module", "class_name", "registered_name"))
    if module is None and name in DATA:
        return ""
    found = None
    if isinstance(module, str) and isinstance(name, str) and module.split(".")[0] == "keras" and registered in (None, name):
        # Only what is imported already, because a configuration must import nothing. And only a plain name: none with a dot.
        found = getattr(sys.modules.get(module), "__dict__", {}).get(name)
    if found is None:
        return f"a `{str(name)[:80]}` that is not Keras's own. Build it from the layers in `keras.layers`."
    if not isinstance(found, type) or found not in allowed_classes():
        return f"a `{name}`, which is not rebuilt here: only layers that compute with numbers are. Use other layers of Keras."
    return ""


@cache
def allowed_classes() -> frozenset[type]:
    """The layers, models, operations, and what a layer's configuration holds."""
    import keras

    modules = [sys.modules[f"keras.src.ops.{name}"] for name in OPERATIONS] + [sys.modules["keras.src.activations.activations"]]
    operations = {
        found
        for module in modules
        for found in vars(module).values()
        if isinstance(found, type) and issubclass(found, keras.Operation) and found.__module__ == module.__name__
    }
    parts = {
        found
        for module in (keras.initializers, keras.regularizers, keras.constraints)
        for found in vars(module).values()
        if isinstance(found, type)
    }
    named = {
        getattr(module, name)
        for module, names in ((keras.layers, NUMBERS_ONLY), (sys.modules["keras.src.ops.core"], CORE_OPERATIONS))
        for name in names.split()
        if hasattr(module, name)  # an older Keras lacks some
    }
    number = keras.Input((1,))
    return frozenset({keras.Sequential, type(keras.Model(number, number)), keras.DTypePolicy} | operations | parts | named)
