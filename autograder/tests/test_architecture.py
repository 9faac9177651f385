"""The drawings of nets: what stands side by side, what a layer sees, and whether all of it can be read."""

import re
from itertools import combinations

import keras
import matplotlib.pyplot as plt
import pytest
from keras import layers
from matplotlib.colors import to_hex
from matplotlib.patches import Rectangle

from convcourse.colours import WASH
from convcourse.figures import figure_html
from convcourse.inline_svg import PIXELS_AN_INCH
from convcourse.nets.googlenet import googlenet
from convcourse.nets.vgg import column, vgg
from convcourse.pictures.architecture import architecture_figure
from convcourse.pictures.net_blocks import blocks_of, label, receptive_fields


def conv(filters, size=3, stride=1):
    return layers.Conv2D(filters, size, strides=stride, padding="same")


def residual_net():
    image = keras.Input((16, 16, 3))
    x = conv(8, stride=2)(image)
    x = layers.Add()([conv(8)(layers.ReLU()(conv(8)(x))), x])
    return keras.Model(image, layers.Dense(10)(layers.GlobalAveragePooling2D()(x)))


def forked_net():
    """A branch that parts in two behind its first layer, as in Inception v3, beside a pool."""
    image = keras.Input((8, 8, 3))
    stem = conv(4)(image)
    reduced = conv(2, 1)(stem)
    branches = [conv(4, (1, 3))(reduced), conv(4, (3, 1))(reduced), layers.MaxPooling2D(3, 1, padding="same")(stem)]
    return keras.Model(image, layers.Concatenate()(branches))


def columns_of(block):
    return [[label(layer).replace("\n", " ") for layer in column] for column in block.columns]


def test_a_residual_block_is_one_branch_beside_a_shortcut_and_a_sum():
    stem, block, head = blocks_of(residual_net())
    assert columns_of(stem) == [["3×3 ↓2 8"]]
    assert (columns_of(block), block.skips, block.merge) == ([["3×3 8", "3×3 8"]], True, "+")
    assert columns_of(head) == [["whole map", "FC 10"]]


def test_branches_begin_where_they_part():
    _, block = blocks_of(forked_net())
    assert columns_of(block) == [["1×1 2", "1×3 4"], ["3×1 4"], ["3×3 pool"]]
    assert block.origins == [None, (0, 1), None]
    assert (block.skips, block.merge) == (False, "concat")


def test_the_field_of_a_layer_grows_by_its_reach_times_the_steps_before_it():
    net = residual_net()
    fields = [receptive_fields(net)[id(layer)].tolist() for layer in net.layers if layer.weights]
    assert fields == [[3, 3], [7, 7], [11, 11], [16, 16]]  # 3, + 2·2, + 2·2, and the dense layer sees all


def test_a_field_may_be_wider_than_high():
    net = forked_net()
    fields = {label(layer).split("\n")[0]: receptive_fields(net)[id(layer)].tolist() for layer in net.layers[1:5]}
    assert fields["1×3"] == [3, 5]
    assert fields["3×1"] == [5, 3]


def test_vgg16s_last_convolution_sees_196_pixels_as_published():
    # Araujo, Norris and Sim 2019, "Computing receptive fields of convolutional neural networks": 212 after the last pool.
    net = vgg(column("D"))
    fields = receptive_fields(net)
    last = [layer for layer in net.layers if "MaxPooling" in type(layer).__name__][-1]
    assert fields[id(last)].tolist() == [212, 212]


@pytest.mark.parametrize("net", [residual_net, forked_net, googlenet])
def test_a_drawing_can_be_read_on_760_pixels(net):
    figure, _ = architecture_figure(net(), "a net")
    figure.canvas.draw()
    shown = min(1, 760 / (figure.get_size_inches()[0] * PIXELS_AN_INCH))
    frame = figure.bbox
    for text in figure.axes[0].texts:
        assert text.get_fontsize() / 72 * PIXELS_AN_INCH * shown >= 9
        box = text.get_window_extent()
        assert frame.x0 <= box.x0 < box.x1 <= frame.x1, text.get_text()
        assert frame.y0 <= box.y0 < box.y1 <= frame.y1, text.get_text()
    plt.close(figure)


def test_no_layers_box_lies_on_another():
    figure, _ = architecture_figure(googlenet(), "GoogLeNet")
    boxes = [patch.get_bbox() for patch in figure.axes[0].patches if isinstance(patch, Rectangle) and patch.get_gid()]
    assert len(boxes) == 57 + 13 + 2  # convolutions, max pools, and the head
    assert not any(one.overlaps(other) for one, other in combinations(boxes, 2))
    plt.close(figure)


def test_rows_are_about_equally_long():
    figure, _ = architecture_figure(googlenet(), "GoogLeNet")
    ends = {}
    for patch in figure.axes[0].patches:
        if to_hex(patch.get_facecolor(), keep_alpha=True).upper() == WASH:  # a block's frame; those of a row have one middle
            box = patch.get_bbox()
            ends.setdefault(round((box.y0 + box.y1) / 2, 2), []).append(box.x1)
    assert len(ends) == 5
    assert min(map(max, ends.values())) > 0.7 * max(map(max, ends.values()))
    plt.close(figure)


def test_a_layer_says_its_shape_costs_and_field_when_the_pointer_rests_on_it():
    titles = re.findall("<title>(.*?)</title>", figure_html(*architecture_figure(residual_net(), "a net")))
    # 27·8 + 8 weights, and 27·8 products at each of 8·8 places.
    assert "convolution 3×3 ↓2 8: gives 8×8×8; 224 parameters, 13.8 K multiply-adds; sees 3×3 pixels" in titles
