"""Other right ways to answer unit 28, as students write them: loops, lists, other libraries, float32."""

import keras
import numpy as np
from keras import layers
from sklearn.metrics.pairwise import cosine_similarity


def words_by_unit_vectors(query, table, count):
    directions = table / np.linalg.norm(table, axis=1, keepdims=True)
    cosines = directions.dot(directions[query])
    cosines[query] = -2
    return cosines.argsort()[::-1][:count]


def words_one_by_one(query, table, count):
    cosines = cosine_similarity(table)[query]
    others = [row for row in range(len(table)) if row != query]
    return sorted(others, key=lambda row: cosines[row], reverse=True)[:count]


def analogy_with_a_loop(a, b, c, table):
    point = table[c] + table[b] - table[a]
    best, largest = None, -np.inf
    for row, vector in enumerate(table):
        cosine = vector @ point / np.sqrt((vector**2).sum())
        if row not in (a, b, c) and cosine > largest:
            best, largest = row, cosine
    return best


def analogy_from_the_sorted(a, b, c, table):
    point = table[b] - table[a] + table[c]
    order = cosine_similarity(point[None], table)[0].argsort()[::-1]
    return next(row for row in order if row not in {a, b, c})


def apart_from_the_middle(one, other):
    middle = (one + other) / 2
    kernel = (one - middle) / ((one - middle) ** 2).sum()
    return kernel, -(kernel * middle).sum()


def apart_by_least_squares(one, other):
    kernel = np.linalg.pinv((one - other)[None])[:, 0] * 2
    return kernel.astype(np.float32), float(1 - one @ kernel)


def matrix_by_loops(vocabulary, words, table):
    rows, found = [[0.0] * table.shape[1] for _ in range(len(vocabulary) + 2)], []
    for word, number in vocabulary.items():
        if word in words:
            rows[number] = list(table[words.index(word)])
            found.append(rows[number])
    mean = [sum(column) / len(found) for column in zip(*found, strict=True)]
    rows[1] = mean
    for word, number in vocabulary.items():
        if word not in words:
            rows[number] = mean
    return rows


def matrix_by_a_dict(vocabulary, words, table):
    vectors = dict(zip(words, table.astype(np.float32), strict=True))
    mean = np.mean([vectors[word] for word in vocabulary if word in vectors], axis=0)
    ordered = sorted(vocabulary, key=vocabulary.get)
    return np.stack([np.zeros_like(mean), mean, *[vectors.get(word, mean) for word in ordered]])


def channels_set_afterwards(length, table):
    rows, dimension = table.shape
    numbers = keras.Input(shape=(length,), dtype="int32")
    first, second = layers.Embedding(rows, dimension), layers.Embedding(rows, dimension)
    model = keras.Model(numbers, first(numbers) + second(numbers))
    first.set_weights([table])
    second.set_weights([table])
    first.trainable = False
    return model


def channels_by_initializers(length, table):
    start = keras.initializers.Constant(table)
    numbers = keras.Input((length,), dtype="int32")
    channels = [
        layers.Embedding(len(table), len(table[0]), embeddings_initializer=start, trainable=trains)(numbers)
        for trains in (True, False)
    ]
    return keras.Model(numbers, keras.layers.add(channels))


RIGHT_ANSWERS = {
    "nearest_words": (words_by_unit_vectors, words_one_by_one),
    "analogy": (analogy_with_a_loop, analogy_from_the_sorted),
    "tell_apart": (apart_from_the_middle, apart_by_least_squares),
    "embedding_matrix": (matrix_by_loops, matrix_by_a_dict),
    "two_channels": (channels_set_afterwards, channels_by_initializers),
}
