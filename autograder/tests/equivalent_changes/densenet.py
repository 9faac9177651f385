"""Changes of right answers of unit 15 that are right too."""

from __future__ import annotations

from tests.equivalent_changes import GIVEN_FLOATS, KERAS_DEFAULT, NO_REST, ONE_BACK, SAME_AXIS, SYMMETRIC

WHOLE = "the same whole numbers, as floats"

EQUIVALENT: dict[str, dict[str, str]] = {
    "count_connections": {
        "return sum((num_layers * (num_layers + 1) // 2 for num_layers in blocks))  →  return sum((num_layers * (num_layers + 1) / 2 for num_layers in blocks))": WHOLE,
    },
    "stack_of_maps": {
        "stack = np.concatenate([stack, read @ kernel], axis=-1)  →  stack = np.concatenate([stack, read @ kernel], axis=--1)": SAME_AXIS,
    },
}

EQUIVALENT_OF_OTHERS = {
    "count_connections": {
        "for target in range(1, size + 1):  →  for target in range(0, size + 1):": "a layer of size 0 gets nothing",
        "for target in range(1, size + 1):  →  for target in range(-1, size + 1):": "a layer of size 0 gets nothing",
        "return (sizes * (sizes + 1) / 2).sum()  →  return (sizes * (sizes + 1) // 2).sum()": NO_REST,
        "return (sizes * (sizes + 1) / 2).sum()  →  return (sizes @ (sizes + 1) / 2).sum()": "the product has added them up already",
    },
    "stack_of_maps": {
        "maps = list(np.array(x, dtype='float32').T)  →  maps = list(x.T)": GIVEN_FLOATS,
        "maps = list(np.array(x, dtype='float32').T)  →  maps = list(np.array(x).T)": GIVEN_FLOATS,
        "read = [(column + s).clip(min=0) for column, s in zip(maps, shift, strict=True)]  →  read = [(column + s).clip(min=0) for column, s in zip(shift, maps, strict=True)]": SYMMETRIC,
        "maps += [sum((w * column for w, column in zip(weights, read, strict=True))) for weights in kernel.T]  →  maps += [sum((w * column for w, column in zip(read, weights, strict=True))) for weights in kernel.T]": SYMMETRIC,
    },
    "densenet_parameters": {
        "total += norm_and_conv(maps, maps // 2, 1)  →  total += norm_and_conv(maps, maps // 2, -1)": "of a kernel only the square counts",
        "total += norm_and_conv(maps, 4 * growth, 1) + norm_and_conv(4 * growth, growth, 3)  →  total += norm_and_conv(maps, 4 * growth, -1) + norm_and_conv(4 * growth, growth, 3)": "of a kernel only the square counts",
        "total += norm_and_conv(maps, 4 * growth, 1) + norm_and_conv(4 * growth, growth, 3)  →  total += norm_and_conv(maps, 4 * growth, 1) + norm_and_conv(4 * growth, growth, -3)": "of a kernel only the square counts",
    },
    "dense_block": {
        "stack = maps[0] if len(maps) == 1 else layers.Concatenate()(maps)  →  stack = maps[0] if maps == 1 else layers.Concatenate()(maps)": ONE_BACK,
        "stack = maps[0] if len(maps) == 1 else layers.Concatenate()(maps)  →  stack = maps[0] if len(maps) == 0 else layers.Concatenate()(maps)": ONE_BACK,
    },
    "transition": {
        "return layers.AveragePooling2D(pool_size=2, strides=2)(x)  →  return layers.AveragePooling2D(pool_size=2)(x)": KERAS_DEFAULT,
    },
}
