"""Keras models as plain data: packed by the student's process, rebuilt safely, and described by facts to compare.

A model travels as its configuration and weights. Facts do not depend on how it was written (functional, sequential or
subclass) nor on the order of its weights: all weights of one name and shape get the same numbers before it is tried.
"""

from __future__ import annotations

import copy
import hashlib
import json
import sys
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from convcourse.judging.keras_classes import why_not_allowed
from convcourse.judging.model_names import without_names

if TYPE_CHECKING:
    import keras

# Larger models are compared by shapes and counts only.
MOST_WEIGHTS = 2_000_000
FREE_SIDE = 16  # pixels for a side that the model leaves open
PROBES = (1.0, 10.0)  # how large the images are that a model is tried with: large numbers show what only they meet, as ReLU6
IN_TRAINING = ("GaussianNoise", "ActivityRegularization")  # beside dropout; without effect at any other time
KERAS_MOMENTUM, KERAS_EPSILON = 0.99, 1e-3  # of a batch norm that was asked for no other


class NotSafe(ValueError):
    """A model that is not rebuilt; the message says why, to the student."""


@dataclass(frozen=True, eq=False)
class PackedModel:
    """A Keras model on its way: the configuration as JSON, and the weights unless they are too many, or do not count."""

    config: str
    weights: list[np.ndarray] | None = None

    def print(self, own_weights: bool) -> str:
        """The same for models that are built alike, whatever their layers are called; own_weights: and have the same weights.

        Raises NotSafe for what is no configuration.
        """
        try:
            digest = hashlib.sha256(without_names(self.config).encode())
        except (ValueError, RecursionError) as error:
            raise NotSafe("The model's configuration cannot be read.") from error
        for weight in (self.weights or ()) if own_weights else ():
            digest.update(f"{weight.dtype} {weight.shape}".encode() + weight.tobytes())
        return digest.hexdigest()


@dataclass(frozen=True)
class Symbolic:
    """An argument that stands for a tensor of unknown numbers: `keras.Input(shape)`, for functions that add layers."""

    shape: tuple[int | None, ...]


class ModelFacts:
    """What is compared of two models, worked out when it is first asked for: most models are those that were asked for.

    input_shapes, output_shapes: with None for the batch, as text.
    parameters: how many numbers the weights have; trainable: those that training changes.
    weights: the shape of each weight with its name, sorted.
    habits: what shows in training only (dropout rates, regularisers), sorted.
    momenta, epsilons: of the batch norms, sorted; epsilon is what a norm adds to the variance.
    layers: a line for each layer, for the reader.
    flows: of each layer with weights, in order: its name in words, what stands before it, what it gives before its activation,
        and what it would give behind a further ReLU, with the weights of `outputs`; empty where layers are nested or shared.
    outputs: what comes out for a fixed random input with weights that depend on their name and shape only.
    dropped: the same while each dropout lets through numbers that depend on its rate and size only; None without dropout.
    before_softmax: as `dropped`, with each softmax left out, for one that is nearly sure of a class hides what stands before
        it; None without softmax.
    own_outputs: as `outputs`, with the model's own weights; None where they do not count.
    own_weights: do they count? prints: of models that are known to have these facts, where they are those expected.
    """

    input_shapes: str
    output_shapes: str
    parameters: int
    trainable: int
    weights: tuple[str, ...]
    habits: tuple[str, ...]
    momenta: tuple[float, ...]
    epsilons: tuple[float, ...]
    layers: tuple[str, ...]
    flows: tuple[tuple[str, str, np.ndarray, np.ndarray], ...]
    outputs: tuple[np.ndarray, ...]
    dropped: tuple[np.ndarray, ...] | None
    before_softmax: tuple[np.ndarray, ...] | None
    own_outputs: tuple[np.ndarray, ...] | None

    def __init__(
        self,
        work_out: Callable[[], Mapping[str, Any]],
        work_out_flows: Callable[[], Mapping[str, Any]],
        own_weights: bool = False,
        prints: Iterable[str] = (),
    ) -> None:
        """work_out gives all facts but the flows, by name, and work_out_flows those; only a panel asks for them."""
        self._work_out, self._work_out_flows = work_out, work_out_flows
        self.own_weights, self.prints = own_weights, set(prints)

    def __getattr__(self, name: str) -> Any:
        if name not in ModelFacts.__annotations__:
            raise AttributeError(name)
        vars(self).update(self._work_out_flows() if name == "flows" else self._work_out())
        return vars(self)[name]

    def __repr__(self) -> str:
        return f"a model from {self.input_shapes} to {self.output_shapes} with {self.parameters:,} parameters"


def fresh_argument(argument: Any) -> Any:
    """What a function is called with: models rebuilt, symbolic tensors made, everything else copied."""
    if isinstance(argument, PackedModel):
        return rebuilt(argument)
    if isinstance(argument, Symbolic):
        import keras

        return keras.Input(argument.shape)
    return copy.deepcopy(argument)


def between(inputs: list[Any], outputs: Any) -> keras.Model:
    """The model from symbolic inputs to what a function made of them. Raises NotSafe when that is no tensor of Keras."""
    import keras

    parts = list(outputs) if isinstance(outputs, list | tuple) else [outputs]
    if not parts or not all(isinstance(part, keras.KerasTensor) for part in parts):
        raise NotSafe(f"The function should return the tensor that its last layer gives, not a {type(outputs).__name__}.")
    return keras.Model(inputs if len(inputs) > 1 else inputs[0], parts if len(parts) > 1 else parts[0])


def block_facts(function: Callable[..., Any], *arguments: Any) -> ModelFacts:
    """The facts of the model that a function makes from its symbolic arguments to its result."""
    import keras

    # Oracles are given what stands in the case; mistakes are called as students are, with tensors.
    given = [argument if isinstance(argument, keras.KerasTensor) else fresh_argument(argument) for argument in arguments]
    inputs = [argument for argument in given if isinstance(argument, keras.KerasTensor)]
    return model_facts(between(inputs, function(*given)))


def is_model(value: Any) -> bool:
    """Is this a Keras model? Does not import Keras: where it is not imported, nothing is a model."""
    keras = sys.modules.get("keras")
    return keras is not None and hasattr(keras, "Model") and isinstance(value, keras.Model)


def without_models(value: Any, weights: bool = True) -> Any:
    """The same value with every model packed. Raises NotSafe for a model that cannot be packed."""
    if is_model(value):
        return packed(value, weights)
    if isinstance(value, list | tuple):
        return type(value)([without_models(item, weights) for item in value]) if type(value) in (list, tuple) else value
    return {key: without_models(item, weights) for key, item in value.items()} if type(value) is dict else value


def packed(model: keras.Model, weights: bool = True) -> PackedModel:
    """Pack a model, with its weights unless they do not count.

    One that was written as a class is traced first, so that only Keras's own layers are left.
    """
    import keras

    if type(model).__name__ not in ("Functional", "Sequential"):
        model = _traced(model)
    if not model.built:
        raise NotSafe("The model does not know its input's shape yet: begin it with `keras.Input(shape)`.")
    with warnings.catch_warnings():  # a lambda that starts weights is left out
        warnings.simplefilter("ignore")
        config = _without_training(keras.saving.serialize_keras_object(model))
    if not model.trainable:  # then nothing in it trains, whatever its layers say
        config = _frozen(config)
    _insist_on_keras(config)
    sent = weights and model.count_params() <= MOST_WEIGHTS
    return PackedModel(json.dumps(config), [np.asarray(weight) for weight in model.get_weights()] if sent else None)


def rebuilt(model: PackedModel) -> keras.Model:
    """The model again, from Keras's own layers only. Raises NotSafe for anything else."""
    import keras

    try:
        config = json.loads(model.config)
    except (ValueError, RecursionError) as error:
        raise NotSafe("The model's configuration cannot be read.") from error
    _insist_on_keras(config)
    try:
        result = keras.saving.deserialize_keras_object(config, safe_mode=True)
        if not isinstance(result, keras.Model):
            raise NotSafe("That is not a model.")
        if model.weights is not None:
            result.set_weights(model.weights)
    except NotSafe:
        raise
    except Exception as error:
        raise NotSafe(f"The model could not be rebuilt from its configuration: {str(error)[:200]}") from error
    return result


def model_facts(model: keras.Model | PackedModel, own_weights: bool = False) -> ModelFacts:
    """The facts of a model, as it is now. own_weights: its own weights count as well, not only how it is built."""
    kept = model if isinstance(model, PackedModel) else packed(model)
    prints = [kept.print(own_weights)]
    return ModelFacts(partial(_described, kept, own_weights), partial(_described_flows, kept), own_weights, prints)


def _described(packed_model: PackedModel, own_weights: bool) -> dict[str, Any]:
    """The facts of a model by name, but for its flows. Raises NotSafe."""
    model = rebuilt(packed_model)
    facts, own_outputs = _as_built(model), _outputs(model) if own_weights else None
    return facts | {"own_outputs": own_outputs} | _tried(model)


def _described_flows(packed_model: PackedModel) -> dict[str, Any]:
    model = rebuilt(packed_model)
    _give_common_weights(model)
    return {"flows": _flows(model)}


def _tried(model: keras.Model) -> dict[str, Any]:
    """What comes out of a model with the common weights, which it keeps."""
    _give_common_weights(model)
    outputs = _outputs(model)
    dropped = _outputs(model) if _make_dropout_steady(model) else None
    return {"outputs": outputs, "dropped": dropped, "before_softmax": _outputs(model) if _leave_softmax_out(model) else None}


def spent_facts(value: Any, expected: Any) -> Any:
    """A result with each model as its facts, as far as they are those expected: for a search that tries many models.

    The models are used up: their weights are other ones afterwards. Flows are left out, and so is what comes behind the
    first difference.
    """
    if isinstance(value, tuple) and isinstance(expected, tuple) and len(value) == len(expected):
        return tuple(map(spent_facts, value, expected))
    if not isinstance(expected, ModelFacts) or not is_model(value):
        return without_models(value)
    model = value if type(value).__name__ in ("Functional", "Sequential") else _traced(value)
    if not model.built:
        raise NotSafe("The model does not know its input's shape yet.")
    facts = _as_built(model) | {"outputs": (), "dropped": None, "before_softmax": None, "own_outputs": None}
    if any(facts[name] != getattr(expected, name) for name in ("output_shapes", "weights", "trainable", "habits")):
        return facts_from_plain(facts)
    own_outputs = None if expected.own_outputs is None else _outputs(model)
    return facts_from_plain(facts | {"own_outputs": own_outputs} | _tried(model))


def _as_built(model: keras.Model) -> dict[str, Any]:
    """What can be read off a model before it is run."""
    return {
        "input_shapes": _shapes(model.inputs),
        "output_shapes": _shapes(model.outputs),
        "parameters": model.count_params(),
        "trainable": sum(int(np.prod(v.shape)) for v in model.trainable_variables),
        "weights": tuple(sorted(f"{name} {shape}" for name, shape, _ in _weights(model))),
        "habits": tuple(sorted(_habits(model))),
        "momenta": tuple(sorted(layer.momentum for layer in _flat_layers(model) if hasattr(layer, "momentum"))),
        "epsilons": tuple(sorted(layer.epsilon for layer in _flat_layers(model) if hasattr(layer, "momentum"))),
        "layers": tuple(_layer_lines(model)),
    }


def facts_as_plain(config: str, weights: list[np.ndarray] | None, flows: bool = False) -> dict[str, Any]:
    """In a clean room: the facts of a packed model, or its flows, as plain data; `unsafe` in their place if it is refused."""
    model = PackedModel(config, weights)
    try:
        return _described_flows(model) if flows else _described(model, own_weights=weights is not None)
    except NotSafe as refusal:
        return {"unsafe": str(refusal)}


def facts_from_plain(plain: Mapping[str, Any], plain_flows: Callable[[], Mapping[str, Any]] = dict) -> ModelFacts:
    """The facts again. Raises NotSafe with the room's words when the model was refused.

    plain_flows: gives the flows, as plain data, when they are asked for; without it, or if they are refused, there are none.
    """
    if "unsafe" in plain:
        raise NotSafe(str(plain["unsafe"]))
    if not plain.keys() >= ModelFacts.__annotations__.keys() - {"flows"}:
        raise NotSafe("The model could not be described.")
    return ModelFacts(partial(dict, plain), lambda: {"flows": plain_flows().get("flows", ())})


def _without_training(config: Any) -> Any:
    """A configuration without what is no part of the built model: what `compile` left in it, and how weights were started."""
    if isinstance(config, dict):
        kept = {key: _without_training(value) for key, value in config.items() if key != "compile_config"}
        return kept | {key: "zeros" for key, value in kept.items() if key.endswith("_initializer") and value is not None}
    return [_without_training(item) for item in config] if isinstance(config, list | tuple) else config


def _frozen(config: Any) -> Any:
    if isinstance(config, dict):
        return {key: False if key == "trainable" else _frozen(value) for key, value in config.items()}
    return [_frozen(item) for item in config] if isinstance(config, list) else config


def _insist_on_keras(config: Any) -> None:
    for item in _classes(config):
        if reason := why_not_allowed(item):
            raise NotSafe(f"The model has {reason}")


def _classes(config: Any) -> Iterator[dict[str, Any]]:
    """Every piece of a configuration that names a class."""
    waiting = [config]
    while waiting:
        item = waiting.pop()
        if isinstance(item, dict):
            if "class_name" in item:
                yield item
            waiting += item.values()
        elif isinstance(item, list):
            waiting += item


def _traced(model: keras.Model) -> keras.Model:
    """A model class as the graph of the layers that it calls."""
    import keras

    shapes = (getattr(model, "_build_shapes_dict", None) or {}).values()
    if len(shapes) != 1:
        raise NotSafe("The model has never been called, so its input's shape is not known. Call it on an image once.")
    reads_words = any(isinstance(layer, keras.layers.Embedding) for layer in _flat_layers(model))
    inputs = keras.Input(tuple(next(iter(shapes)))[1:], dtype="int32" if reads_words else None)
    return keras.Model(inputs, model.call(inputs))


def _shapes(tensors: list[Any]) -> str:
    return " and ".join(str(tuple(tensor.shape)) for tensor in tensors)


def _flat_layers(model: keras.Model) -> Iterator[Any]:
    for layer in model.layers:
        if hasattr(layer, "layers"):
            yield from _flat_layers(layer)
        else:
            yield layer


def _flat_parts(model: keras.Model) -> Iterator[Any]:
    """The layers, and the operations between them."""
    for part in getattr(model, "operations", model.layers):
        if hasattr(part, "layers"):
            yield from _flat_parts(part)
        else:
            yield part


def _habits(model: keras.Model) -> Iterator[str]:
    for layer in _flat_layers(model):
        config = layer.get_config()
        kind = type(layer).__name__
        if config.get("rate"):
            yield f"{kind}({config['rate']:g})"
        elif kind in IN_TRAINING:
            yield f"{kind}({', '.join(f'{config[name]:g}' for name in ('stddev', 'l1', 'l2') if name in config)})"
        elif kind.startswith("Random"):  # layers that change pictures
            yield kind
        for name, value in config.items():
            if name.endswith(("_regularizer", "_constraint")) and value:
                numbers = ", ".join(f"{number:g}" for number in value["config"].values() if isinstance(number, float))
                yield f"{value['class_name']}({numbers}) on {name.rpartition('_')[0]}"


def _layer_lines(model: keras.Model) -> Iterator[str]:
    for layer in _flat_layers(model):
        if type(layer).__name__ != "InputLayer":
            shape = getattr(getattr(layer, "output", None), "shape", "")
            numbers = f"{layer.count_params():,} parameters" if hasattr(layer, "count_params") and layer.weights else ""
            yield f"{type(layer).__name__}  {shape}  {numbers}".rstrip()


def _weights(model: keras.Model) -> Iterator[tuple[str, tuple[int, ...], Any]]:
    """Name, shape and variable of each weight, the same for layers that compute the same.

    A 1×1 convolution is a dense layer at each place. A convolution with a group for each channel is a depthwise one.
    A separable one is a depthwise and a 1×1 convolution.
    """
    for layer in _flat_layers(model):
        each_alone = getattr(layer, "groups", 1) > 1 and layer.groups == getattr(layer, "filters", 0)
        for variable in layer.weights:
            name, shape = variable.name.removeprefix("depthwise_").removeprefix("pointwise_"), tuple(variable.shape)
            if name == "kernel" and len(shape) == 4:
                rows, cols, inside, outside = shape
                if each_alone and inside == 1:
                    shape = (rows, cols, outside, 1)
                elif (rows, cols) == (1, 1):
                    shape = (inside, outside)
            yield name, shape, variable


def _give_common_weights(model: keras.Model) -> None:
    """Weights that depend on name and shape only, about as large as in a net that has just been started."""
    for name, shape, variable in _weights(model):
        if not str(variable.dtype).startswith("float"):
            continue
        generator = np.random.default_rng([*name.encode(), *shape])
        inside = shape[:2] if len(shape) == 4 and shape[-1] == 1 else shape[:-1]  # a depthwise kernel looks at one channel
        fan_in = max(1, int(np.prod(inside)))
        numbers = generator.normal(0.1 if len(shape) == 1 else 0, (2 / fan_in) ** 0.5, size=shape)
        variable.assign((np.abs(numbers) + 0.5 if "variance" in name else numbers).reshape(variable.shape))


def _make_dropout_steady(model: keras.Model) -> bool:
    """Let each dropout multiply by numbers that depend on its kind, rate and size only; False when there is none.

    So it shows where they stand, and a dropout before a ReLU or a Flatten still counts as one behind it.
    """
    found = [layer for layer in _flat_layers(model) if layer.get_config().get("rate")]
    for layer in found:
        layer.call = _steady(type(layer).__name__, layer.get_config()["rate"])
    return bool(found)


def _steady(kind: str, rate: float) -> Callable[..., Any]:
    def call(inputs: Any, **_training: Any) -> Any:
        size = int(np.prod(inputs.shape[1:]))
        generator = np.random.default_rng([*kind.encode(), round(1e6 * rate), size])
        return inputs * generator.random(size, dtype=np.float32).reshape(1, *inputs.shape[1:])

    return call


def _leave_softmax_out(model: keras.Model) -> bool:
    """Let each softmax give back what it gets; False when there is none."""
    import keras

    found = False
    for part in _flat_parts(model):
        if getattr(part, "activation", None) is keras.activations.softmax:
            part.activation, found = keras.activations.linear, True
        elif type(part).__name__ == "Softmax":  # the layer, or the operation of `keras.ops.softmax`
            part.call, found = _given_back, True
    return found


def _given_back(inputs: Any, *_arguments: Any, **_more: Any) -> Any:
    return inputs


def _flows(model: keras.Model) -> tuple[tuple[str, str, np.ndarray, np.ndarray], ...]:
    """What each layer with weights gives before its activation, and what it would give behind a further ReLU."""
    import keras

    inputs = model.inputs if len(model.inputs) > 1 else model.inputs[0]
    if type(model).__name__ == "Sequential":  # its layers may have been called before it knew its input
        inputs = flow = keras.Input(tuple(inputs.shape)[1:], dtype=inputs.dtype)
        for layer in model.layers:
            flow = layer(flow)
        shared = any(hasattr(layer, "layers") for layer in model.layers)
    else:
        shared = any(hasattr(layer, "layers") or len(getattr(layer, "_inbound_nodes", ())) > 1 for layer in model.layers)
    weighted = [layer for layer in model.layers if layer.weights]
    if shared or not weighted or model.count_params() > MOST_WEIGHTS:
        return ()
    before = [layer._inbound_nodes[-1].input_tensors for layer in weighted]
    if any(len(tensors) != 1 for tensors in before):
        return ()
    flows = _outputs(keras.Model(inputs, [tensors[0] for tensors in before]))
    return tuple(
        (_in_words(layer), ", ".join(map(_in_words, _standing_before(layer))), *_given_by(layer, flow))
        for layer, flow in zip(weighted, flows, strict=True)
    )


def _given_by(layer: Any, flow: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    import keras

    activation = getattr(layer, "activation", None)
    if activation is not None:
        layer.activation = keras.activations.linear
    whole = flow.dtype.kind in "iu"  # words, of which there is no ReLU
    given, behind = (np.asarray(layer(array)) for array in (flow, flow if whole else np.maximum(flow, 0)))
    if activation is not None:
        layer.activation = activation
    return given, behind


def _standing_before(layer: Any) -> list[Any]:
    """The layers between this one and those with weights before it, with these at the beginning."""
    found: list[Any] = []
    waiting = [node.operation for node in layer._inbound_nodes[-1].parent_nodes]
    while waiting:
        other = waiting.pop(0)
        if type(other).__name__ != "InputLayer" and other not in found:
            found.insert(0, other)
            if not getattr(other, "weights", ()):
                waiting += [node.operation for node in other._inbound_nodes[-1].parent_nodes]
    return found


def _in_words(layer: Any) -> str:
    """A layer with what it does: "Conv2D 3×3, 16 filters, stride 2, same, relu"."""
    import keras

    config = layer.get_config() if isinstance(layer, keras.Layer) else {}  # of an operation it holds its arguments
    words = type(layer).__name__
    sizes = {name: config[name] for name in ("kernel_size", "pool_size", "strides") if isinstance(config.get(name), list | tuple)}
    if size := sizes.get("kernel_size") or sizes.get("pool_size"):
        words += " " + "×".join(map(str, size))
    said = [f"{config[name]} {name}" for name in ("filters", "units") if config.get(name)]
    strides = sizes.get("strides", (1,))
    if set(strides) != {1} and strides != sizes.get("pool_size"):
        said.append("stride " + "×".join(map(str, dict.fromkeys(strides))))
    said += ["same"] if config.get("padding") == "same" else []
    activation = config.get("activation")
    said += [activation] if isinstance(activation, str) and activation != "linear" else []
    return ", ".join([words, *said])


def _outputs(model: keras.Model) -> tuple[np.ndarray, ...]:
    if model.count_params() > MOST_WEIGHTS:
        return ()
    probes = []
    for number, tensor in enumerate(model.inputs):
        shape = (len(PROBES), *(FREE_SIDE if side is None else side for side in tensor.shape[1:]))
        generator = np.random.default_rng([number, *shape])  # two inputs of one shape get other numbers
        whole = "int" in str(tensor.dtype)
        probes.append(generator.integers(0, 2, size=shape) if whole else _sized(generator.normal(size=shape)))
    results = model(probes[0] if len(probes) == 1 else probes, training=False)
    return tuple(np.asarray(result) for result in (results if isinstance(results, list | tuple) else [results]))


def _sized(images: np.ndarray) -> np.ndarray:
    sizes = np.reshape(PROBES, (-1, *[1] * (images.ndim - 1)))
    return (sizes * images).astype(np.float32)
