"""Changes of right answers of unit 28 that are right too."""

from __future__ import annotations

from tests.equivalent_changes import INDEPENDENT, OTHER_TYPE, SYMMETRIC

BELOW = "still the least: no other word points the opposite way"

EQUIVALENT = {
    "analogy": {
        "scores[[a, b, c]] = -np.inf  ⇄": SYMMETRIC,
    },
    "embedding_matrix": {
        "known = [word for word in vocabulary if word in place]  →  known = [word for word in vocabulary if word in words]": "the same words",
        "matrix[0] = 0  →  matrix[[vocabulary[word] for word in known]] = vectors": INDEPENDENT,
    },
    "two_channels": {
        "numbers = keras.Input((length,), dtype='int32')  →  numbers = keras.Input((length,), dtype=int)": "whole numbers too, and the model makes the same of them",
        "return keras.Model(numbers, layers.Add()([frozen, trained]))  →  return keras.Model(numbers, layers.Add()([trained, frozen]))": SYMMETRIC,
    },
}

EQUIVALENT_OF_OTHERS = {
    "nearest_words": {
        "cosines[query] = -2  →  cosines[query] = -3": BELOW,
        "cosines[query] = -2  →  cosines[query] = -1": BELOW,
    },
    "analogy": {
        "cosine = vector @ point / np.sqrt((vector ** 2).sum())  →  cosine = vector @ point / np.sqrt((vector ** 2).mean())": "the same factor for all words",
        "if row not in (a, b, c) and cosine > largest:  ⇄": SYMMETRIC,
        "if row not in (a, b, c) and cosine > largest:  →  if row not in (a, b, c) and cosine >= largest:": "no two cosines are alike",
    },
    "embedding_matrix": {
        "mean = [sum(column) / len(found) for column in zip(*found, strict=True)]  →  mean = [sum(column) / len(found) for column in zip(*rows, strict=True)]": "the further rows are still 0",
        "mean = [sum(column) / len(found) for column in zip(*found, strict=True)]  →  mean = [sum(column) / len(found) for column in zip(*found, strict=True)]": INDEPENDENT,
        "rows[1] = mean  →  for word, number in vocabulary.items():": INDEPENDENT,
        "vectors = dict(zip(words, table.astype(np.float32), strict=True))  →  vectors = dict(zip(words, table, strict=True))": OTHER_TYPE,
        "mean = np.mean([vectors[word] for word in vocabulary if word in vectors], axis=0)  →  mean = np.mean([vectors[word] for word in vocabulary if word in words], axis=0)": "the same words",
    },
    "two_channels": {
        "channels = [layers.Embedding(len(table), len(table[0]), embeddings_initializer=start, trainable=trains)(numbers) for trains in (True, False)]  →  channels = [layers.Embedding(len(table), len(table[1]), embeddings_initializer=start, trainable=trains)(numbers) for trains in (True, False)]": "all rows are equally long",
    },
}
