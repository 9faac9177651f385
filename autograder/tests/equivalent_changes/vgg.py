"""Changes of right answers of unit 12 that are right too."""

from __future__ import annotations

from tests.equivalent_changes import ALIAS, KERAS_DEFAULT, PRODUCT_ONLY

PRODUCT = "only the product of rows and columns counts"

NOT_TRIED = "the text says that no case has this entry"

EQUIVALENT: dict[str, dict[str, str]] = {
    "column_parameters": {
        "rows, cols = (rows // 2, cols // 2)  →  rows, cols = (cols // 2, rows // 2)": PRODUCT,
        "before = rows * cols * channels  →  before = rows * cols * filters": "the last convolution has as many filters as channels go out",
    },
    "column_memory": {
        "rows, cols = (rows // 2, cols // 2)  →  rows, cols = (cols // 2, rows // 2)": PRODUCT,
    },
    "vgg_features": {
        "elif entry == 'LRN':  →  elif x == 'LRN':": NOT_TRIED,
        "elif entry == 'LRN':  →  elif entries == 'LRN':": NOT_TRIED,
        "x = local_response_norm(x)  →  x = x": NOT_TRIED,
        "x = local_response_norm(x)  →  x = local_response_norm(entry)": NOT_TRIED,
        "x = local_response_norm(x)  →  x = local_response_norm(kernel)": NOT_TRIED,
        "x = local_response_norm(x)  →  x = local_response_norm(filters)": NOT_TRIED,
        "x = local_response_norm(x)  →  pass": NOT_TRIED,
        "x = local_response_norm(x)  →  x = local_response_norm(entries)": NOT_TRIED,
        "x = local_response_norm(x)  →  x += local_response_norm(x)": NOT_TRIED,
    },
}

EQUIVALENT_OF_OTHERS = {
    "column_parameters": {
        "sizes = [input_shape[0] // halved * (input_shape[1] // halved) * channels, *units]  →  sizes = [input_shape[0] // halved * (input_shape[1] // halved) * filters, *units]": ALIAS,
        "total += int(np.prod((kernel, kernel, channels, filters))) + filters  ⇄": PRODUCT_ONLY,
    },
    "vgg_block": {
        "x = ops.relu(layers.Conv2D(filters, kernel_size=3, strides=1, padding='same')(x))  →  x = ops.relu(layers.Conv2D(filters, kernel_size=3, padding='same')(x))": KERAS_DEFAULT,
        "return layers.MaxPooling2D(pool_size=2, strides=2, padding='valid')(x)  →  return layers.MaxPooling2D(pool_size=2, padding='valid')(x)": KERAS_DEFAULT,
        "return layers.MaxPooling2D(pool_size=2, strides=2, padding='valid')(x)  →  return layers.MaxPooling2D(pool_size=2, strides=2)(x)": KERAS_DEFAULT,
        "from keras import layers, ops  →  for _ in range(convolutions):": "the file imports them too",
    },
}
