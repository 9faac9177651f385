"""ZFNet: AlexNet, looked at with a deconvolution net and mended.

M. D. Zeiler and R. Fergus, Visualizing and understanding convolutional networks,
ECCV 2014, arXiv:1311.2901: figure 3 (the net), tables 2 and 3 (errors).
"""

from functools import partial

from convcourse.nets.alexnet import alexnet
from convcourse.nets.published import Published

# As in convcourse.nets.alexnet: conv has filters, kernel, stride, zeros, groups; pool has
# window, stride, zeros. LRN stands for the paper's contrast normalisation between maps.
TABLE = (
    ("conv", 96, 7, 2, 1, 1),
    ("pool", 3, 2, 1),
    ("lrn",),
    ("conv", 256, 5, 2, 0, 1),
    ("pool", 3, 2, 1),
    ("lrn",),
    ("conv", 384, 3, 1, 1, 1),
    ("conv", 384, 3, 1, 1, 1),
    ("conv", 256, 3, 1, 1, 1),
    ("pool", 3, 2, 0),
)

# Table 3: change; training top-1, validation top-1, validation top-5 error in per cent.
CHANGES = (
    ("AlexNet, rebuilt", 35.1, 40.5, 18.1),
    ("without layers 3, 4", 41.8, 45.4, 22.1),
    ("without layer 7", 27.4, 40.0, 18.4),
    ("without layers 6, 7", 27.4, 44.8, 22.4),
    ("without layers 3, 4, 6, 7", 71.1, 71.3, 50.1),
    ("ZFNet", 33.1, 38.4, 16.5),
)

zfnet = partial(alexnet, TABLE, input_shape=(224, 224, 3))

YEAR = 2013
PUBLISHED = (
    Published(
        name="ZFNet",
        build=zfnet,
        parameters="",
        depth=8,
        top1=38.4,
        top5=16.5,
        protocol="1 net, crops not said",
        source="Zeiler and Fergus 2014, table 3 (one net, validation)",
    ),
)
