"""Unit 17: other right answers, as students write them."""

import numpy as np


def pad_with_numpy(image, value):
    rows, cols, _ = image.shape
    side = max(rows, cols)
    above, left = (side - rows) // 2, (side - cols) // 2
    return np.pad(image, ((above, side - rows - above), (left, side - cols - left), (0, 0)), constant_values=value)


def pad_by_stacking(image, value):
    image = np.asarray(image, dtype=np.float32)
    rows, cols, channels = image.shape
    missing = abs(rows - cols)
    axis = 0 if rows < cols else 1
    shape = (missing // 2, cols, channels) if axis == 0 else (rows, missing // 2, channels)
    more = (missing - missing // 2, cols, channels) if axis == 0 else (rows, missing - missing // 2, channels)
    return np.concatenate([np.full(shape, value), image, np.full(more, value)], axis=axis)


def colours_channel_by_channel(images):
    red, green, blue = (images[..., channel].astype(float) for channel in range(3))
    return np.stack([blue - 103.939, green - 116.779, red - 123.68], axis=-1)


def colours_means_first(images):
    return (images.astype(np.float32) - [123.68, 116.779, 103.939])[..., [2, 1, 0]]


def top_by_reversing(probabilities, count):
    classes = np.argsort(probabilities, axis=1)[:, ::-1][:, :count]
    return classes, np.array([row[best] for row, best in zip(probabilities, classes, strict=True)])


def top_one_by_one(probabilities, count):
    classes, values = [], []
    for row in probabilities:
        row = list(row)
        best = []
        for _ in range(count):
            best.append(max((c for c in range(len(row)) if c not in best), key=row.__getitem__))
        classes.append(best)
        values.append([row[c] for c in best])
    return classes, values


def sparsity_by_axes(activations):
    return np.mean(activations == 0, axis=tuple(range(1, activations.ndim)))


def sparsity_by_list(activations):
    return [float((image == 0).sum() / image.size) for image in activations]


def vector_by_reshape(maps, parts):
    count, rows, cols, channels = maps.shape
    high, wide = rows // parts, cols // parts
    cells = maps[:, : high * parts, : wide * parts].reshape(count, parts, high, parts, wide, channels)
    return cells.mean(axis=(2, 4)).reshape(count, -1)


def vector_by_loops(maps, parts):
    high, wide = maps.shape[1] // parts, maps.shape[2] // parts
    result = []
    for image in maps.astype(np.float32):
        vector = []
        for i in range(parts):
            for j in range(parts):
                cell = image[i * high : (i + 1) * high, j * wide : (j + 1) * wide]
                vector += list(cell.mean(axis=0).mean(axis=0))
        result.append(vector)
    return result


def neighbours_by_unit_vectors(queries, gallery, count):
    unit = [vectors / np.sqrt((vectors**2).sum(axis=1))[:, None] for vectors in (queries, gallery)]
    return (unit[0] @ unit[1].T).argsort(axis=1)[:, ::-1][:, :count]


def neighbours_of_each_query(queries, gallery, count):
    result = []
    for query in queries:
        cosines = [query @ item / np.linalg.norm(item) / np.linalg.norm(query) for item in gallery]
        result.append(sorted(range(len(gallery)), key=lambda place: -cosines[place])[:count])
    return result


def standardise_by_columns(train, test):
    first, second = np.array(train, dtype=float), np.array(test, dtype=float)
    for column in range(train.shape[1]):
        mean, spread = train[:, column].mean(), train[:, column].std() or 1.0
        first[:, column] = (first[:, column] - mean) / spread
        second[:, column] = (second[:, column] - mean) / spread
    return first, second


def standardise_by_divide(train, test):
    mean, spread = train.mean(0), np.sqrt(train.var(0))
    spread[spread == 0] = 1
    return [(part - mean) / spread for part in (train, test)]


def freeze_by_index(model, name):
    place = model.layers.index(model.get_layer(name))
    for layer in model.layers[: place + 1]:
        layer.trainable = False
    for layer in model.layers[place + 1 :]:
        layer.trainable = True
    return model


def freeze_with_a_flag(model, name):
    model.trainable = True
    frozen = True
    for layer in model.layers:
        layer.trainable = not frozen
        frozen = frozen and layer.name != name
    return model


def top_by_tensorflow(probabilities, count):
    import tensorflow as tf

    best = tf.math.top_k(probabilities, k=count)
    return best.indices.numpy(), best.values.numpy()


def neighbours_by_cdist(queries, gallery, count):
    from scipy.spatial.distance import cdist

    return cdist(queries, gallery, metric="cosine").argsort(axis=1)[:, :count]


def standardise_by_scaler(train, test):
    from sklearn.preprocessing import StandardScaler

    scaler = StandardScaler().fit(train)
    return scaler.transform(train), scaler.transform(test)


def restore_channel_by_channel(images):
    result = np.zeros(images.shape, dtype=np.uint8)
    for channel, mean in enumerate((123.68, 116.779, 103.939)):
        result[..., channel] = np.round(np.clip(images[..., 2 - channel] + mean, 0, 255))
    return result


def restore_turned_first(images):
    turned = np.array([123.68, 116.779, 103.939]) + images[..., ::-1]
    return (np.clip(turned, 0, 255) + 0.5).astype(int)


def gallery_by_groups(vectors, labels, most):
    directions = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    gallery = []
    for place, direction in enumerate(directions):
        if all(direction @ directions[other] < np.cos(0.6 * np.pi / max(most, 4)) for other in gallery):
            gallery.append(place)
    return gallery


def gallery_the_last_wrong(vectors, labels, most):
    gallery = [len(labels) - 1]
    directions = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    for _ in range(len(labels)):
        nearest = (directions @ directions[gallery].T).argmax(axis=1)
        wrong = [n for n in range(len(labels)) if labels[gallery[nearest[n]]] != labels[n]]
        gallery += wrong[-1:]
    return np.array(gallery)


RIGHT_ANSWERS = {
    "vgg_restore": (restore_channel_by_channel, restore_turned_first),
    "design_gallery": (gallery_by_groups, gallery_the_last_wrong),
    "pad_to_square": (pad_with_numpy, pad_by_stacking),
    "vgg_preprocess": (colours_channel_by_channel, colours_means_first),
    "top_classes": (top_by_reversing, top_one_by_one, top_by_tensorflow),
    "sparsity": (sparsity_by_axes, sparsity_by_list),
    "image2vec": (vector_by_reshape, vector_by_loops),
    "nearest_neighbours": (neighbours_by_unit_vectors, neighbours_of_each_query, neighbours_by_cdist),
    "standardise": (standardise_by_columns, standardise_by_divide, standardise_by_scaler),
    "freeze_up_to": (freeze_by_index, freeze_with_a_flag),
}
