"""Changes of right answers of unit 13 that are right too."""

from __future__ import annotations

from tests.equivalent_changes import INDEPENDENT, PRODUCT_ONLY, RELU_TWICE, SYMMETRIC

EQUIVALENT: dict[str, dict[str, str]] = {
    "mix_maps": {
        "pixels = x.reshape(channels, rows * cols).T  →  pixels = x.T": "turned as a whole, and turned back at the end",
    },
    "reduced_cost": {
        "first = conv_cost(shape, num_reduce, (1, 1), 1)  →  first = conv_cost(shape, num_reduce, (1, 1), -1)": "two signs cancel",
        "second = conv_cost((*shape[:2], num_reduce), num_filters, kernel, 1)  →  second = conv_cost((*shape[:2], num_reduce), num_filters, kernel, -1)": "two signs cancel",
    },
    "inception_cost": {
        "parts = [conv_cost(shape, n1, (1, 1), 1), reduced_cost(shape, reduce3, n3, (3, 3)), reduced_cost(shape, reduce5, n5, (5, 5)), conv_cost(shape, projection, (1, 1), 1)]  →  parts = [reduced_cost(shape, reduce3, n3, (3, 3)), conv_cost(shape, n1, (1, 1), 1), reduced_cost(shape, reduce5, n5, (5, 5)), conv_cost(shape, projection, (1, 1), 1)]": SYMMETRIC,
        "parts = [conv_cost(shape, n1, (1, 1), 1), reduced_cost(shape, reduce3, n3, (3, 3)), reduced_cost(shape, reduce5, n5, (5, 5)), conv_cost(shape, projection, (1, 1), 1)]  →  parts = [reduced_cost(shape, reduce5, n5, (5, 5)), reduced_cost(shape, reduce3, n3, (3, 3)), conv_cost(shape, n1, (1, 1), 1), conv_cost(shape, projection, (1, 1), 1)]": SYMMETRIC,
        "parts = [conv_cost(shape, n1, (1, 1), 1), reduced_cost(shape, reduce3, n3, (3, 3)), reduced_cost(shape, reduce5, n5, (5, 5)), conv_cost(shape, projection, (1, 1), 1)]  →  parts = [conv_cost(shape, projection, (1, 1), 1), reduced_cost(shape, reduce3, n3, (3, 3)), reduced_cost(shape, reduce5, n5, (5, 5)), conv_cost(shape, n1, (1, 1), 1)]": SYMMETRIC,
        "parts = [conv_cost(shape, n1, (1, 1), 1), reduced_cost(shape, reduce3, n3, (3, 3)), reduced_cost(shape, reduce5, n5, (5, 5)), conv_cost(shape, projection, (1, 1), 1)]  →  parts = [conv_cost(shape, n1, (1, 1), 1), reduced_cost(shape, reduce5, n5, (5, 5)), reduced_cost(shape, reduce3, n3, (3, 3)), conv_cost(shape, projection, (1, 1), 1)]": SYMMETRIC,
        "parts = [conv_cost(shape, n1, (1, 1), 1), reduced_cost(shape, reduce3, n3, (3, 3)), reduced_cost(shape, reduce5, n5, (5, 5)), conv_cost(shape, projection, (1, 1), 1)]  →  parts = [conv_cost(shape, n1, (1, 1), 1), conv_cost(shape, projection, (1, 1), 1), reduced_cost(shape, reduce5, n5, (5, 5)), reduced_cost(shape, reduce3, n3, (3, 3))]": SYMMETRIC,
        "parts = [conv_cost(shape, n1, (1, 1), 1), reduced_cost(shape, reduce3, n3, (3, 3)), reduced_cost(shape, reduce5, n5, (5, 5)), conv_cost(shape, projection, (1, 1), 1)]  →  parts = [conv_cost(shape, n1, (1, 1), 1), reduced_cost(shape, reduce3, n3, (3, 3)), conv_cost(shape, projection, (1, 1), 1), reduced_cost(shape, reduce5, n5, (5, 5))]": SYMMETRIC,
        "parts = [conv_cost(shape, n1, (1, 1), 1), reduced_cost(shape, reduce3, n3, (3, 3)), reduced_cost(shape, reduce5, n5, (5, 5)), conv_cost(shape, projection, (1, 1), 1)]  →  parts = [conv_cost(shape, n1, (1, 1), -1), reduced_cost(shape, reduce3, n3, (3, 3)), reduced_cost(shape, reduce5, n5, (5, 5)), conv_cost(shape, projection, (1, 1), 1)]": "two signs cancel",
        "parts = [conv_cost(shape, n1, (1, 1), 1), reduced_cost(shape, reduce3, n3, (3, 3)), reduced_cost(shape, reduce5, n5, (5, 5)), conv_cost(shape, projection, (1, 1), 1)]  →  parts = [conv_cost(shape, n1, (1, 1), 1), reduced_cost(shape, reduce3, n3, (3, 3)), reduced_cost(shape, reduce5, n5, (5, 5)), conv_cost(shape, projection, (1, 1), -1)]": "two signs cancel",
    },
    "factorised_cost": {
        "weights = sum((rows * cols * channels ** 2 for rows, cols in kernels))  →  rows, cols = (1 + sum((side - 1 for side in sides)) for sides in zip(*kernels))": INDEPENDENT,
    },
    "mlpconv": {
        "x = layers.Conv2D(filters, 1, activation='relu')(x)  →  x = layers.Conv2D(filters, 1, activation='relu', padding='same')(x)": "a 1 × 1 kernel with stride 1 needs no zeros",
    },
    "global_average_head": {
        "maps = layers.Conv2D(classes, 1)(x)  →  maps = layers.Conv2D(classes, 1, padding='same')(x)": "a 1 × 1 kernel with stride 1 needs no zeros",
    },
}

EQUIVALENT_OF_OTHERS = {
    "reduced_cost": {
        "one = cost_by_formula(shape, num_reduce, (1, 1), 1)  →  one = cost_by_formula(shape, num_reduce, (1, 1), -1)": "of a kernel only the square counts",
        "two = cost_by_formula((shape[0], shape[1], num_reduce), num_filters, kernel, 1)  →  two = cost_by_formula((shape[1], shape[0], num_reduce), num_filters, kernel, 1)": PRODUCT_ONLY,
        "two = cost_by_formula((shape[0], shape[1], num_reduce), num_filters, kernel, 1)  →  two = cost_by_formula((shape[0], shape[1], num_reduce), num_filters, kernel, -1)": "of a kernel only the square counts",
    },
    "inception_cost": {
        "costs = [cost_by_formula(shape, n1 + projection, (1, 1), 1), reduced_by_formula(shape, r3, n3, (3, 3)), reduced_by_formula(shape, r5, n5, (5, 5))]  →  costs = [reduced_by_formula(shape, r3, n3, (3, 3)), cost_by_formula(shape, n1 + projection, (1, 1), 1), reduced_by_formula(shape, r5, n5, (5, 5))]": SYMMETRIC,
        "costs = [cost_by_formula(shape, n1 + projection, (1, 1), 1), reduced_by_formula(shape, r3, n3, (3, 3)), reduced_by_formula(shape, r5, n5, (5, 5))]  →  costs = [reduced_by_formula(shape, r5, n5, (5, 5)), reduced_by_formula(shape, r3, n3, (3, 3)), cost_by_formula(shape, n1 + projection, (1, 1), 1)]": SYMMETRIC,
        "costs = [cost_by_formula(shape, n1 + projection, (1, 1), 1), reduced_by_formula(shape, r3, n3, (3, 3)), reduced_by_formula(shape, r5, n5, (5, 5))]  →  costs = [cost_by_formula(shape, n1 + projection, (1, 1), 1), reduced_by_formula(shape, r5, n5, (5, 5)), reduced_by_formula(shape, r3, n3, (3, 3))]": SYMMETRIC,
        "costs = [cost_by_formula(shape, n1 + projection, (1, 1), 1), reduced_by_formula(shape, r3, n3, (3, 3)), reduced_by_formula(shape, r5, n5, (5, 5))]  →  costs = [cost_by_formula(shape, n1 + projection, (1, 1), -1), reduced_by_formula(shape, r3, n3, (3, 3)), reduced_by_formula(shape, r5, n5, (5, 5))]": "of a kernel only the square counts",
    },
    "global_average_head": {
        "return layers.Flatten()(layers.Conv2D(classes, 1, activation='softmax')(x))  →  return layers.Flatten()(layers.Conv2D(classes, 1, activation='softmax', strides=2)(x))": "the map has one place",
    },
    "inception": {
        "branches = [[layers.Conv2D(n1, 1)], [layers.Conv2D(r3, 1, activation='relu'), layers.Conv2D(n3, 3, padding='same')], [layers.Conv2D(r5, 1, activation='relu'), layers.Conv2D(n5, 5, padding='same')], [layers.MaxPooling2D(3, 1, 'same'), layers.Conv2D(projection, 1)]]  →  branches = [[layers.Conv2D(n1, 1)], [layers.Conv2D(r3, 1, activation='relu'), layers.Conv2D(n3, 3, padding='same', activation='relu')], [layers.Conv2D(r5, 1, activation='relu'), layers.Conv2D(n5, 5, padding='same')], [layers.MaxPooling2D(3, 1, 'same'), layers.Conv2D(projection, 1)]]": RELU_TWICE,
    },
    "googlenet_body": {
        "x = layers.ReLU()(layers.Conv2D(row[2][2], row[1][0], row[1][1], 'same')(x))  →  x = layers.ReLU()(layers.Conv2D(row[2][2], row[1][0], row[1][1], 'same', activation='relu')(x))": RELU_TWICE,
    },
}
