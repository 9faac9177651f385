"""Keras models as answers: another right way passes, a look-alike does not, and no configuration runs code."""

import json
from dataclasses import replace
from functools import partial

import numpy as np
import pytest

from convcourse.check import verdict_of
from convcourse.exercises import find_exercise
from convcourse.judging.calling import answer
from convcourse.judging.compare import difference, gives_other_numbers
from convcourse.judging.exercise import Case, Exercise
from convcourse.judging.keras_classes import NUMBERS_ONLY, allowed_classes
from convcourse.judging.model_names import without_names
from convcourse.judging.model_relations import model_relation
from convcourse.judging.models import (
    ModelFacts,
    NotSafe,
    PackedModel,
    Symbolic,
    block_facts,
    facts_as_plain,
    facts_from_plain,
    model_facts,
    packed,
    rebuilt,
)
from convcourse.judging.packing import pack, unpack
from convcourse.judging.panel import verdict_html, verdict_text
from convcourse.judging.verdict import judge

keras = pytest.importorskip("keras")
layers = keras.layers
SHAPE = (12, 12, 1)


def functional(filters=3, activation="tanh"):
    images = keras.Input(SHAPE)
    maps = layers.MaxPooling2D(2)(layers.Conv2D(filters, 3, activation=activation)(images))
    return keras.Model(images, layers.Dense(4, activation="softmax")(layers.Flatten()(layers.Dropout(0.5)(maps))))


def sequential(filters=3):
    steps = [layers.Conv2D(filters, 3), layers.Activation("tanh"), layers.MaxPool2D(), layers.Dropout(0.5)]
    return keras.Sequential([keras.Input(SHAPE), *steps, layers.Reshape((-1,)), layers.Dense(4), layers.Softmax()])


def subclass(filters=3):
    class Net(keras.Model):
        def __init__(self):
            super().__init__()
            self.last = layers.Dense(4)  # made in another order than used
            self.pool, self.drop, self.flat = layers.MaxPooling2D(), layers.Dropout(0.5), layers.Flatten()
            self.convolution = layers.Conv2D(filters, 3, activation=keras.ops.tanh)

        def call(self, images):
            return keras.ops.softmax(self.last(self.flat(self.drop(self.pool(self.convolution(images))))))

    net = Net()
    net(np.zeros((1, *SHAPE), dtype=np.float32))
    return net


def with_lambda(filters=3):
    return keras.Sequential([keras.Input(SHAPE), layers.Lambda(lambda x: x), layers.Flatten(), layers.Dense(4)])


def with_own_layer(filters=3):
    class Mine(layers.Layer):
        def call(self, images):
            return images

    return keras.Sequential([keras.Input(SHAPE), Mine(), layers.Flatten(), layers.Dense(4)])


def with_relu(filters=3):
    return functional(filters, "relu")


def with_average_pooling(filters=3):
    images = keras.Input(SHAPE)
    maps = layers.AveragePooling2D(2)(layers.Conv2D(filters, 3, activation="tanh")(images))
    return keras.Model(images, layers.Dense(4, activation="softmax")(layers.Flatten()(layers.Dropout(0.5)(maps))))


def without_dropout(filters=3):
    return keras.Sequential(
        [layer for layer in [keras.Input(SHAPE), *functional(filters).layers[1:]] if "dropout" not in layer.name]
    )


def with_first(kind, *settings):
    """The right model behind a layer of this kind."""

    def made(filters=3):
        images = keras.Input(SHAPE)
        return keras.Model(images, functional(filters)(kind(*settings)(images)))

    return made


def one_filter_more(filters=3):
    return functional(filters + 1)


small_net = Exercise(
    name="small_net",
    title="A small net",
    points={"net": 1},
    minutes=1,
    difficulty=1,
    oracle=lambda filters: model_facts(functional(filters)),
    examples=(Case({"filters": 3}, "net"),),
    cases=lambda generator: iter([Case({"filters": int(generator.integers(2, 5))}, "net")]),
    hints=("", "", ""),
)


@small_net.mistake("LeNet's activation is tanh.")
def another_activation(filters):
    return model_facts(with_relu(filters))


def verdict_on(function):
    cases = [*small_net.examples, *small_net.fresh_cases(1, 2)]
    return judge(small_net, cases, [answer(function, case.arguments) for case in cases], visible=len(cases))


def test_a_trained_model_is_judged_as_any_other():
    model = functional()
    model.compile("sgd", "sparse_categorical_crossentropy")
    model.fit(np.zeros((4, *SHAPE)), np.zeros(4), verbose=0)
    assert model_facts(model).parameters == model.count_params()


@pytest.mark.parametrize("function", [functional, sequential, subclass, with_first(layers.Dropout, 0)])
def test_a_model_is_right_however_it_is_written(function):
    assert verdict_on(function).status == "passed", verdict_text(verdict_on(function))


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (with_relu, "gives another output"),
        (with_average_pooling, "gives another output"),
        (without_dropout, "In training it should have Dropout(0.5)"),
        (with_first(layers.GaussianNoise, 1.0), "yours has Dropout(0.5), GaussianNoise(1)"),
        (with_first(layers.RandomFlip), "yours has Dropout(0.5), RandomFlip"),
        (with_first(layers.ActivityRegularization, 0.5), "yours has ActivityRegularization(0.5, 0), Dropout(0.5)"),
        (one_filter_more, "parameters; yours has"),
        (with_lambda, "`Lambda`, which is not rebuilt here"),
        (with_own_layer, "`Mine` that is not Keras's own"),
        (lambda filters: 5, "Expected a Keras model, got a int"),
        (lambda filters: keras.Sequential([layers.Dense(4)]), "begin it with `keras.Input(shape)`"),
    ],
)
def test_a_look_alike_is_wrong_and_the_words_say_why(function, words):
    verdict = verdict_on(function)
    assert verdict.score == 0
    assert words in verdict_text(verdict)
    assert "<div" in verdict_html(verdict)


def capped(first=6.0, last=6.0):
    """Depthwise, then 1 × 1, each with a norm and a ReLU that ends at a number, or never."""
    convolutions = [layers.DepthwiseConv2D(3, use_bias=False), layers.Conv2D(6, 1, use_bias=False)]
    net = keras.Sequential([keras.Input((9, 9, 4))])
    for convolution, end in zip(convolutions, (first, last), strict=True):
        for layer in (convolution, layers.BatchNormalization(), layers.ReLU(end)):
            net.add(layer)
    return model_facts(net)


@pytest.mark.parametrize("wrong", [{"first": None}, {"last": None}, {"first": 7.0}, {"last": 7.0}])
def test_a_relu_that_ends_at_another_number_shows(wrong):
    assert difference(capped(), capped(), 0.0) == ""
    assert "another output" in difference(capped(), capped(**wrong), 0.0)


def test_images_of_any_size_have_their_own_tolerance():
    right = np.array([[1.0, 2.0], [1000.0, 2000.0]])
    assert not gives_other_numbers(right, 1.00001 * right)
    assert gives_other_numbers(right, np.array([[1.01, 2.0], [1000.0, 2000.0]]))


def test_nothing_is_said_of_outputs_that_are_right():
    assert "Of the output" not in verdict_text(verdict_on(without_dropout))


def test_outputs_of_another_number_of_axes_are_wrong_and_stop_no_judge():
    def channel_shuffle(x, groups):  # the last reshape is forgotten
        rows, cols, channels = x.shape[1:]
        return layers.Permute((1, 2, 4, 3))(layers.Reshape((rows, cols, groups, channels // groups))(x))

    assert verdict_of(channel_shuffle, find_exercise("channel_shuffle")).status == "wrong"


def test_a_mistake_is_named_for_a_model_too():
    assert verdict_on(with_relu).mistake.hint == "LeNet's activation is tanh."


def test_a_model_where_numbers_are_expected_is_one_clear_line():
    addition = Exercise("add", "", {"x": 1}, lambda a: a + 1, (Case({"a": 1}, "x"),), small_net.cases, (), ("", "", ""), 1, 1)
    verdict = judge(addition, addition.examples, [answer(lambda a: functional(), {"a": 1})], visible=1)
    assert "Expected a single number, got a ModelFacts" in verdict_text(verdict).replace("something of type", "a")


IMAGES = (8, 8, 4)


def net(*steps):
    return keras.Sequential([keras.Input(IMAGES), *steps])


def unlike(right, other):
    return difference(model_facts(right), model_facts(packed(other)), 1e-5)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ([layers.DepthwiseConv2D(3)], [layers.Conv2D(4, 3, groups=4)]),
        ([layers.Conv2D(5, 1)], [layers.Dense(5)]),
        ([layers.SeparableConv2D(5, 3)], [layers.DepthwiseConv2D(3, use_bias=False), layers.Conv2D(5, 1)]),
        ([layers.Conv2D(5, 3)], [layers.Conv2D(5, 3, bias_initializer=lambda shape, dtype=None: keras.ops.ones(shape))]),
        ([layers.Dense(5, "relu"), layers.Dropout(0.5)], [layers.Dense(5), layers.Dropout(0.5), layers.ReLU()]),
        ([layers.Flatten(), layers.Dropout(0.5)], [layers.Dropout(0.5), layers.Flatten()]),
    ],
    ids=["depthwise", "1x1", "separable", "lambda", "dropout and ReLU", "dropout and Flatten"],
)
def test_layers_that_compute_the_same_are_the_same(one, other):
    assert unlike(net(*one), net(*other)) == ""
    assert unlike(net(*other), net(*one)) == ""


def test_a_function_of_keras_may_stand_for_its_layer():
    images = keras.Input(IMAGES)
    written = keras.Model(images, keras.activations.relu(layers.Conv2D(3, 3)(images)))
    assert unlike(net(layers.Conv2D(3, 3, activation="relu")), written) == ""


def test_the_place_of_dropout_counts():
    before = net(layers.Flatten(), layers.Dropout(0.5), layers.Dense(5, "relu"), layers.Dense(3))
    behind = net(layers.Flatten(), layers.Dense(5, "relu"), layers.Dropout(0.5), layers.Dense(3))
    assert "dropout: it stands at another place" in unlike(before, behind)


def sure_of_its_class(largest, last):
    """A net whose softmax gives 0 and 1, because its dense layer is summed a thousand times."""
    return net(layers.Conv2D(3, 3, activation=largest), layers.Flatten(), layers.Dense(3), layers.Rescaling(1000.0), *last)


def test_a_softmax_that_is_sure_does_not_hide_what_stands_before_it():
    right = sure_of_its_class("relu", [layers.Softmax()])
    np.testing.assert_allclose(model_facts(right).outputs[0].max(axis=1), 1)
    slip = sure_of_its_class(keras.activations.relu6, [layers.Softmax()])
    assert unlike(right, slip) == "The outputs agree, but in front of the softmax the model gives other numbers."


SOFTMAX = {
    "layer": lambda x: layers.Softmax()(x),
    "activation": lambda x: layers.Activation("softmax")(x),
    "operation": lambda x: keras.ops.softmax(x),
    "by hand": lambda x: keras.ops.exp(x) / keras.ops.sum(keras.ops.exp(x), axis=-1, keepdims=True),
    "inside": lambda x: keras.Sequential([keras.Input((3,)), layers.Softmax()])(x),
}


@pytest.mark.parametrize("way", SOFTMAX)
def test_each_way_to_write_a_softmax_is_the_same(way):
    features = layers.Flatten()(images := keras.Input(IMAGES))
    written = keras.Model(images, SOFTMAX[way](layers.Dense(3)(features)))
    assert unlike(net(layers.Flatten(), layers.Dense(3, activation="softmax")), written) == ""


def test_the_momentum_of_a_norm_counts_where_one_is_asked():
    asked, default = net(layers.BatchNormalization(momentum=0.9)), net(layers.BatchNormalization())
    assert unlike(asked, default) == "The moving means should move with momentum 0.9; yours with 0.99."
    assert unlike(default, asked) == ""


def test_what_a_norm_adds_to_the_variance_counts_where_it_is_asked():
    asked, nearly, default = (net(layers.BatchNormalization(epsilon=epsilon)) for epsilon in (1e-5, 1.001e-5, 1e-3))
    assert unlike(asked, default) == "The batch norms should add 1e-05 to the variance; yours add 0.001."
    assert unlike(asked, nearly) == ""


def test_nothing_trains_in_a_frozen_model_whatever_its_layers_say():
    frozen = net(layers.Conv2D(3, 3), layers.Conv2D(2, 3))
    frozen.trainable = False
    frozen.layers[1].trainable = True
    assert model_facts(packed(frozen)).trainable == 0


def test_own_weights_count_where_the_exercise_says_so():
    model = functional()
    assert model_facts(model, own_weights=True).own_outputs is not None
    other = functional()
    other.set_weights(model.get_weights())
    ours, same, fresh = (model_facts(m, own_weights=True).own_outputs[0] for m in (model, other, functional()))
    np.testing.assert_array_equal(ours, same)
    assert np.abs(ours - fresh).max() > 1e-3


def test_facts_leave_the_model_as_it_was():
    model = functional()
    before = model.get_weights()
    assert model_facts(model).outputs[0].shape == (2, 4)
    assert all(map(np.array_equal, before, model.get_weights()))


def difference_of(swapped=False, kind="float32"):
    """One dense layer less another."""
    inputs = keras.Input((3,), name="picture")
    one, other = layers.Dense(2, dtype=kind, name="one")(inputs), layers.Dense(2, use_bias=False, dtype=kind)(inputs)
    return keras.Model(inputs, layers.Subtract(dtype=kind)([other, one] if swapped else [one, other]))


def test_models_built_alike_have_one_print_whatever_their_layers_are_called():
    one, again, swapped, half = map(
        packed, (difference_of(), difference_of(), difference_of(True), difference_of(kind="float16"))
    )
    assert one.config != again.config  # Keras counts on: dense, dense_1
    assert one.print(own_weights=False) == again.print(own_weights=False)
    assert one.print(own_weights=True) != again.print(own_weights=True)
    assert len({model.print(own_weights=False) for model in (one, swapped, half)}) == 3


def test_without_its_names_a_model_is_still_the_same():
    model = packed(difference_of())
    same = PackedModel(without_names(model.config), model.weights)
    assert "picture" not in same.config
    numbers = np.arange(6, dtype=np.float32).reshape(2, 3)
    np.testing.assert_array_equal(rebuilt(same)(numbers), rebuilt(model)(numbers))
    assert without_names(same.config) == same.config


def test_a_model_that_is_known_to_be_right_is_not_rebuilt_again():
    exercise, rebuilds = replace(small_net, name="known_net"), []

    def facts_of(model):
        rebuilds.append(model)
        return model_facts(model)

    def status_of(function):
        answers = [answer(function, case.arguments) for case in exercise.examples]
        return judge(exercise, exercise.examples, answers, visible=1, facts_of=facts_of).status

    assert [status_of(functional), len(rebuilds)] == ["passed", 0]  # as the oracle builds it
    with_name = with_first(partial(layers.Dropout, name="mine"), 0)
    assert [status_of(with_name), len(rebuilds)] == ["passed", 1]
    assert [status_of(with_first(layers.Dropout, 0)), len(rebuilds)] == ["passed", 1]
    assert [status_of(with_relu), status_of(with_relu), len(rebuilds)] == ["wrong", "wrong", 3]


def test_models_travel_as_configuration_and_weights():
    model = functional()
    there = unpack(pack(packed(model)))
    image = np.random.default_rng(0).normal(size=(1, *SHAPE)).astype(np.float32)
    np.testing.assert_array_equal(rebuilt(there)(image), model(image))
    plain = unpack(pack(facts_as_plain(there.config, there.weights)))
    assert isinstance(facts_from_plain(plain), ModelFacts)
    assert facts_from_plain(plain).weights == model_facts(model).weights


@pytest.mark.parametrize(
    "config",
    [
        {"module": "os", "class_name": "system", "config": "touch /tmp/owned"},
        {"module": "builtins", "class_name": "eval", "config": {}},
        {"module": "keras.layers", "class_name": "Lambda", "config": {"function": {"class_name": "__lambda__", "config": {}}}},
        {"module": "keras", "class_name": "layers.Lambda", "config": {"function": "x"}},
        {"module": "keras.src.layers.core.lambda_layer", "class_name": "Lambda", "config": {"function": "x"}},
        {"module": "keras.layers", "class_name": "TFSMLayer", "config": {"filepath": "/etc"}},
        {"module": "keras.src.export.tfsm_layer", "class_name": "TFSMLayer", "config": {"filepath": "/etc"}},
        {"module": "keras.layers", "class_name": "TextVectorization", "config": {"vocabulary": "/etc/passwd"}},
        {"module": "keras.src.layers", "class_name": "StringLookup", "config": {"vocabulary": "/etc/passwd"}},
        {"module": "keras.layers", "class_name": "Dense", "config": {"units": 1}, "registered_name": "mine>Dense"},
        {"module": "keras.layers", "class_name": ["Dense"], "config": {"units": 1}},
        {"module": ["keras"], "class_name": "Dense", "config": {"units": 1}},
        {"module": "keras.src.ops.core", "class_name": "Map", "config": {}},
        {"module": "keras.src.ops.nn", "class_name": "sys", "config": {}},
        {"module": "keras", "class_name": "config", "config": {}},
        {"module": "keras", "class_name": "Sequential", "config": {"layers": [{"module": "subprocess", "class_name": "Popen"}]}},
        ["a list"],
    ],
)
def test_a_forged_configuration_is_refused(config):
    with pytest.raises(NotSafe):
        rebuilt(PackedModel(json.dumps(config)))
    assert "unsafe" in facts_as_plain(json.dumps(config), None)


def test_every_layer_on_the_list_is_one_of_keras():
    assert [name for name in NUMBERS_ONLY.split() if not issubclass(getattr(layers, name), (keras.Layer, keras.Model))] == []


def test_layers_that_run_code_or_read_files_are_not_on_the_list():
    risky = [layers.Lambda, layers.TFSMLayer, layers.JaxLayer, layers.FlaxLayer, layers.TorchModuleWrapper]
    risky += [layers.TextVectorization, layers.StringLookup, layers.IntegerLookup]
    assert not allowed_classes().intersection(risky)


def test_configurations_that_are_no_json_are_refused():
    for text in ("", "{", "[" * 100_000):
        with pytest.raises(NotSafe):
            rebuilt(PackedModel(text))


def test_a_function_that_adds_layers_is_judged_by_the_model_between():
    def block(x, filters):
        return layers.Activation("relu")(layers.Conv2D(filters, 3)(x))

    def in_one_layer(x, filters):
        return layers.Conv2D(filters, 3, activation="relu")(x)

    arguments = {"x": Symbolic((9, 9, 2)), "filters": 3}
    facts = block_facts(in_one_layer, *arguments.values())
    assert difference(facts, model_facts(answer(block, arguments).value), 1e-5) == ""
    assert "should return the tensor" in answer(lambda x, filters: None, arguments).message
    assert unpack(pack(arguments)) == arguments


def test_a_model_is_an_argument_too():
    def count(model):
        return model.count_params()

    assert answer(count, {"model": packed(functional())}).value == functional().count_params()


def test_two_outputs_of_different_sizes_are_compared_in_words():
    """Open sides say None in both models, so only the outputs tell."""

    def sliding(padding):
        return model_facts(keras.Sequential([keras.Input((None, None, 1)), layers.Conv2D(2, 3, padding=padding)]))

    assert "output should have shape" in difference(sliding("valid"), sliding("same"), 1e-5)


CLASSIFIER = (layers.Conv2D(3, 3, activation="relu"), layers.Flatten(), layers.Dense(5, "relu"), layers.Dense(4, "softmax"))


@pytest.mark.parametrize(
    ("other", "words"),
    [
        ([layers.Conv2D(3, 3), *CLASSIFIER[1:]], "What your first Dense gives (Dense, 5 units, relu) is not what was asked."),
        (
            [layers.Conv2D(3, 3), *CLASSIFIER[1:]],
            "With a ReLU before it, it would be. Before it stands: Conv2D 3×3, 3 filters, Flatten.",
        ),
        ([*CLASSIFIER[:3], layers.Dense(4)], "At the end the softmax is missing."),
        ([layers.Conv2D(3, 3, activation="relu", use_bias=False), *CLASSIFIER[1:]], "1 layer should have a bias; all other"),
        (
            [layers.Conv2D(3, 3, activation="relu"), layers.Flatten(), layers.Dense(6, "relu"), layers.Dense(4, "softmax")],
            "In place of a bias of 5, a kernel from 5 to 4 numbers, a kernel from 108 to 5 numbers you have a bias of 6",
        ),
    ],
    ids=["where", "what", "softmax", "bias", "shapes"],
)
def test_what_differs_in_a_model_is_said(other, words):
    images = keras.Input(IMAGES)
    flow = images
    for layer in other:
        flow = layer.__class__.from_config(layer.get_config())(flow)
    wrong = keras.Model(images, flow)
    right = keras.Sequential([keras.Input(IMAGES), *(layer.__class__.from_config(layer.get_config()) for layer in CLASSIFIER)])
    assert words in model_relation(model_facts(right), model_facts(packed(wrong)))


def test_zeros_around_the_image_are_as_good_as_padding():
    images = keras.Input(IMAGES)
    padded = keras.Model(images, layers.Dense(2)(layers.Conv2D(3, 3)(layers.ZeroPadding2D(1)(images))))
    same = keras.Model(images, layers.Dense(2, "relu")(layers.Conv2D(3, 3, padding="same")(images)))
    words = model_relation(model_facts(same), model_facts(packed(padded)))
    assert words.endswith("At the end a ReLU is missing.")
