# Sends the configuration of a layer with a million million weights.
import json
from convcourse.judging.models import PackedModel
def conv1d_full(signal, kernel):
    dense = {"module": "keras.layers", "class_name": "Dense", "config": {"units": 10**12}, "registered_name": None}
    entry = {"module": "keras.layers", "class_name": "InputLayer", "config": {"batch_shape": [None, 8], "name": "entry"}, "registered_name": None}
    layers = {"name": "net", "layers": [entry, dense]}
    return PackedModel(json.dumps({"module": "keras", "class_name": "Sequential", "config": layers, "registered_name": None}))
