"""Changes of right answers of unit 9 that are right too."""

from tests.equivalent_changes import INDEPENDENT, OUT_OF_REACH, PRODUCT_ONLY, SYMMETRIC

EQUIVALENT = {
    "design_connections": {
        "pairs = [((0, 1), num_inputs), ((0, 2), num_inputs)]  →  pairs = [((1, 0), num_inputs), ((0, 2), num_inputs)]": SYMMETRIC,
        "pairs = [((0, 1), num_inputs), ((0, 2), num_inputs)]  →  pairs = [((0, 1), num_inputs), ((2, 0), num_inputs)]": SYMMETRIC,
    },
    "lenet5_parameters": {
        "rows, cols = (rows // number, cols // number)  →  rows, cols = (cols // number, rows // number)": SYMMETRIC,
        "rows, cols, channels = (1, 1, number)  →  rows, cols, channels = (number, 1, 1)": SYMMETRIC,
        "rows, cols, channels = (1, 1, number)  →  rows, cols, channels = (1, number, 1)": SYMMETRIC,
        "rows, cols, channels = (rows - number + 1, cols - number + 1, num_maps)  →  rows, cols, channels = (cols - number + 1, rows - number + 1, num_maps)": SYMMETRIC,
        "counts.append(0)  →  rows, cols = (rows // number, cols // number)": INDEPENDENT,
        "counts.append(kernels * number ** 2 + num_maps)  →  rows, cols, channels = (rows - number + 1, cols - number + 1, num_maps)": INDEPENDENT,
    },
    "lenet5": {
        "return keras.Sequential([keras.Input(input_shape), layers.Conv2D(6, 5, activation=activation, name='C1'), layers.MaxPooling2D(2, name='S2'), layers.Conv2D(16, 5, activation=activation, name='C3'), layers.MaxPooling2D(2, name='S4'), layers.Flatten(), layers.Dense(120, activation=activation, name='C5'), layers.Dense(84, activation=activation, name='F6'), layers.Dense(classes, activation='softmax', name='output')])  →  return keras.Sequential([keras.Input(input_shape), layers.Conv2D(6, 5, activation=activation, name='C1'), layers.MaxPooling2D(2, name='S4'), layers.Conv2D(16, 5, activation=activation, name='C3'), layers.MaxPooling2D(2, name='S2'), layers.Flatten(), layers.Dense(120, activation=activation, name='C5'), layers.Dense(84, activation=activation, name='F6'), layers.Dense(classes, activation='softmax', name='output')])": "a layer's name changes nothing",
    },
    "train_lenet": {
        "settings = {'batch_size': batch_size, 'shuffle': False, 'verbose': 0}  →  settings = {'batch_size': batch_size, 'shuffle': False, 'verbose': 1}": "it prints only",
        "settings = {'batch_size': batch_size, 'shuffle': False, 'verbose': 0}  →  settings = {'batch_size': batch_size, 'shuffle': False, 'verbose': -1}": "it prints only",
        "model.fit(images, labels, epochs=epochs, callbacks=list(callbacks), **settings)  →  model.fit(images, labels, epochs=epochs, **settings)": OUT_OF_REACH,
        "model.fit(images, labels, epochs=epochs, callbacks=list(callbacks), **settings)  →  model.fit(images, labels, epochs=epochs, callbacks=callbacks, **settings)": "Keras takes a tuple too",
        "model.compile(optimizer=optimizer, loss='sparse_categorical_crossentropy')  →  settings = {'batch_size': batch_size, 'shuffle': False, 'verbose': 0}": INDEPENDENT,
    },
}

EQUIVALENT_OF_OTHERS = {
    "masked_conv": {
        "for n in range(inputs):  →  result[:, :, m] += bias[m]": SYMMETRIC,
        "if not mask[n, m]:  →  for i in range(krow):": "skipped for each row as for all",
    },
    "lenet5_parameters": {
        "return ((rows // layer[1], cols // layer[1], channels), 0)  →  return ((cols // layer[1], rows // layer[1], channels), 0)": PRODUCT_ONLY,
        "return ((1, 1, layer[1]), layer[1] * (rows * cols * channels + 1))  →  return ((layer[1], 1, 1), layer[1] * (rows * cols * channels + 1))": PRODUCT_ONLY,
        "return ((1, 1, layer[1]), layer[1] * (rows * cols * channels + 1))  →  return ((1, layer[1], 1), layer[1] * (rows * cols * channels + 1))": PRODUCT_ONLY,
        "return ((rows - size + 1, cols - size + 1, maps), kernels * size * size + maps)  →  return ((cols - size + 1, rows - size + 1, maps), kernels * size * size + maps)": PRODUCT_ONLY,
        "if layer[0] == 'pool':  →  if layer[0] == 'dense':": "only one of the conditions holds",
        "rows, cols, channels = (rows - layer[1] + 1, cols - layer[1] + 1, layer[2])  →  rows, cols, channels = (cols - layer[1] + 1, rows - layer[1] + 1, layer[2])": PRODUCT_ONLY,
        "rows = cols = 1  →  rows = cols = -1": PRODUCT_ONLY,
    },
    "train_lenet": {
        "targets = keras.utils.to_categorical(labels, model.output_shape[-1])  →  targets = keras.utils.to_categorical(labels, model.output_shape[-0])": "`to_categorical` takes None for a number to be found out, and every class occurs",
    },
}
