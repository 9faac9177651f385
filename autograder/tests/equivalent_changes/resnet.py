"""Changes of right answers of unit 14 that are right too."""

from __future__ import annotations

from tests.equivalent_changes import ALIAS, GIVEN_FLOATS, INDEPENDENT, PRODUCT_ONLY, SYMMETRIC, TOLD_BY_EXAMPLES

NO_FRAME = "a frame of 0 zeros is none"
ODD = "kernels are odd"
BRICK = "x = layers.ZeroPadding2D(kernel // 2)(x) if kernel > 1 else x  →  x = layers.ZeroPadding2D(kernel // 2)(x)"

EQUIVALENT: dict[str, dict[str, str]] = {
    "conv_norm": {
        BRICK: NO_FRAME,
        f"{BRICK} if kernel >= 1 else x": NO_FRAME,
        f"{BRICK} if filters > 1 else x": NO_FRAME,
        f"{BRICK} if kernel + 1 > 1 else x": NO_FRAME,
        f"{BRICK} if kernel > 0 else x": NO_FRAME,
        f"{BRICK} if kernel > -1 else x": NO_FRAME,
        f"{BRICK} if kernel - 1 > 1 else x": ODD,
        f"{BRICK} if kernel > 2 else x": ODD,
    },
    "basic_block": {
        "return layers.ReLU()(layers.Add()([branch, shortcut(x, filters, stride)]))  →  return layers.ReLU()(layers.Add()([shortcut(x, filters, stride), branch]))": SYMMETRIC,
    },
    "bottleneck_block": {
        "return layers.ReLU()(layers.Add()([branch, shortcut(x, 4 * filters, stride)]))  →  return layers.ReLU()(layers.Add()([shortcut(x, 4 * filters, stride), branch]))": SYMMETRIC,
    },
    "zero_residual": {
        "norm.gamma.assign(np.zeros(norm.gamma.shape))  →  norm.beta.assign(np.zeros(norm.beta.shape))": INDEPENDENT,
    },
}

EQUIVALENT_OF_OTHERS = {
    "residual_stack": {
        "x = (x @ W1).clip(min=0)  →  x = (before @ W1).clip(min=0)": ALIAS,
        "return np.array(x, dtype='float32')  →  return x": GIVEN_FLOATS,
        "return np.array(x, dtype='float32')  →  return np.array(x)": GIVEN_FLOATS,
    },
    "block_parameters": {
        "return {'basic': 9 * f * (c + f), 'bottleneck': f * (c + 13 * f)}[kind]  →  return {'basic': 9 * filters * (c + f), 'bottleneck': f * (c + 13 * f)}[kind]": ALIAS,
        "return {'basic': 9 * f * (c + f), 'bottleneck': f * (c + 13 * f)}[kind]  →  return {'basic': 9 * f * (channels + f), 'bottleneck': f * (c + 13 * f)}[kind]": ALIAS,
        "return {'basic': 9 * f * (c + f), 'bottleneck': f * (c + 13 * f)}[kind]  →  return {'basic': 9 * f * (c + filters), 'bottleneck': f * (c + 13 * f)}[kind]": ALIAS,
        "return {'basic': 9 * f * (c + f), 'bottleneck': f * (c + 13 * f)}[kind]  →  return {'basic': 9 * f * (c + f), 'bottleneck': filters * (c + 13 * f)}[kind]": ALIAS,
        "return {'basic': 9 * f * (c + f), 'bottleneck': f * (c + 13 * f)}[kind]  →  return {'basic': 9 * f * (c + f), 'bottleneck': f * (channels + 13 * f)}[kind]": ALIAS,
        "return {'basic': 9 * f * (c + f), 'bottleneck': f * (c + 13 * f)}[kind]  →  return {'basic': 9 * f * (c + f), 'bottleneck': f * (c + 13 * filters)}[kind]": ALIAS,
        "shapes = [(3, 3, channels, filters), (3, 3, filters, filters)]  ⇄": PRODUCT_ONLY,
        "shapes = [(1, 1, channels, filters), (3, 3, filters, filters), (1, 1, filters, 4 * filters)]  ⇄": PRODUCT_ONLY,
    },
    "basic_block": {
        "if stride == 2 or identity.shape[-1] != filters:  →  if stride == 2 or identity.shape != filters:": TOLD_BY_EXAMPLES,
        "if stride == 2 or identity.shape[-1] != filters:  →  if stride == 2 or stride.shape[-1] != filters:": TOLD_BY_EXAMPLES,
        "if stride == 2 or identity.shape[-1] != filters:  →  if stride == 2 or identity.shape[-2] != filters:": TOLD_BY_EXAMPLES,
        "if stride == 2 or identity.shape[-1] != filters:  →  if stride == 2 or identity.shape[-1] != identity:": TOLD_BY_EXAMPLES,
    },
    "zero_residual": {
        "layer.set_weights([0 * gamma, 0 * beta, mean, variance])  →  layer.set_weights([0 / gamma, 0 * beta, mean, variance])": "0 times any number is 0",
        "layer.set_weights([0 * gamma, 0 * beta, mean, variance])  →  layer.set_weights([0 * beta, 0 * beta, mean, variance])": "0 times any number is 0",
        "layer.set_weights([0 * gamma, 0 * beta, mean, variance])  →  layer.set_weights([0 * gamma, 0 * variance, mean, variance])": "0 times any number is 0",
        "layer.set_weights([0 * gamma, 0 * beta, mean, variance])  →  layer.set_weights([0 * gamma, 0 * beta, variance, variance])": "the mean and the variance may stay or not: they are multiplied by 0",
        "layer.set_weights([0 * gamma, 0 * beta, mean, variance])  →  layer.set_weights([0 * gamma, 0 * beta, mean, mean])": "the mean and the variance may stay or not: they are multiplied by 0",
    },
    "bottleneck_block": {
        "branch = brick_same_where_it_is_the_same(branch, 4 * filters, 1)  →  branch = brick_same_where_it_is_the_same(branch, 4 * width, 1)": ALIAS,
    },
    "residual_net": {
        "for _ in range(blocks):  →  for _ in range(stride):": TOLD_BY_EXAMPLES,
        "x = basic_with_plus(x, filters, stride) if kind == 'basic' else bottleneck_with_plus(x, filters, stride)  →  x = basic_with_plus(x, filters, stride) if filters == 'basic' else bottleneck_with_plus(x, filters, stride)": TOLD_BY_EXAMPLES,
        "x = basic_with_plus(x, filters, stride) if kind == 'basic' else bottleneck_with_plus(x, filters, stride)  →  x = x if kind == 'basic' else bottleneck_with_plus(x, filters, stride)": TOLD_BY_EXAMPLES,
        "x = basic_with_plus(x, filters, stride) if kind == 'basic' else bottleneck_with_plus(x, filters, stride)  →  x = basic_with_plus(filters, filters, stride) if kind == 'basic' else bottleneck_with_plus(x, filters, stride)": TOLD_BY_EXAMPLES,
        "x = basic_with_plus(x, filters, stride) if kind == 'basic' else bottleneck_with_plus(x, filters, stride)  →  x = basic_with_plus(x, inputs, stride) if kind == 'basic' else bottleneck_with_plus(x, filters, stride)": TOLD_BY_EXAMPLES,
        "x = basic_with_plus(x, filters, stride) if kind == 'basic' else bottleneck_with_plus(x, filters, stride)  →  x = basic_with_plus(x, filters, input_shape) if kind == 'basic' else bottleneck_with_plus(x, filters, stride)": TOLD_BY_EXAMPLES,
    },
    "resnext_block": {
        "return layers.ReLU()(layers.Add()([branch, shortcut_by_shapes(x, 2 * filters, stride)]))  →  return layers.ReLU()(layers.Add()([branch, shortcut_by_shapes(x, 2 * width, stride)]))": ALIAS,
    },
}
