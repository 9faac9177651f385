"""Changes of right answers of unit 17 that are right too."""

from __future__ import annotations

from tests.equivalent_changes import A_LIST, ALIAS, INDEPENDENT, OTHER_TYPE, OVERWRITTEN

EQUIVALENT: dict[str, dict[str, str]] = {
    "top_classes": {
        "best = np.argsort(-probabilities, axis=1)[:, :count]  →  best = np.argsort(-probabilities)[:, :count]": "the last axis is meant when none is named",
        "return (best, np.take_along_axis(probabilities, best, axis=1))  →  return (best, np.take_along_axis(probabilities, best))": "the last axis is meant when none is named (NumPy 2.3)",
    },
    "nearest_neighbours": {
        "return np.argsort(-(queries @ directions.T), axis=1)[:, :count]  →  return np.argsort(-(queries @ directions.T))[:, :count]": "the last axis is meant when none is named",
    },
    "freeze_up_to": {
        "passed = passed or layer.name == name  →  passed += passed or layer.name == name": "True + True counts as true",
    },
    "vgg_restore": {
        "return np.clip(restored.round(), 0, 255).astype(np.uint8)  →  return np.clip(restored.round(), 0, 255)": OTHER_TYPE,
    },
}

EQUIVALENT_OF_OTHERS = {
    "pad_to_square": {
        "axis = 0 if rows < cols else 1  →  axis = 0 if rows <= cols else 1": "a square lacks nothing",
        "axis = 0 if rows < cols else 1  →  axis = 0 if rows - 1 < cols else 1": "a square lacks nothing",
        "axis = 0 if rows < cols else 1  →  axis = 0 if rows < cols + 1 else 1": "a square lacks nothing",
        "image = np.asarray(image, dtype=np.float32)  →  rows, cols, channels = image.shape": "the shape is the same before and after",
    },
    "vgg_restore": {
        "return (np.clip(turned, 0, 255) + 0.5).astype(int)  →  return (np.clip(turned, -1, 255) + 0.5).astype(int)": "what rounds to 0 from below becomes 0",
    },
    "top_classes": {
        "classes = np.argsort(probabilities, axis=1)[:, ::-1][:, :count]  →  classes = np.argsort(probabilities)[:, ::-1][:, :count]": "the last axis, which the library takes where nothing is said",
        "row = list(row)  →  best = []": "a row need not be a list",
        "for _ in range(count):  →  classes.append(best)": "the row is in the result already, and is filled afterwards",
        "return (best.indices.numpy(), best.values.numpy())  →  return (best.indices, best.values.numpy())": A_LIST,
        "return (best.indices.numpy(), best.values.numpy())  →  return (best.indices.numpy(), best.values)": A_LIST,
    },
    "image2vec": {
        "cells = maps[:, :high * parts, :wide * parts].reshape(count, parts, high, parts, wide, channels)  →  cells = maps[:, :high * parts, :wide * parts].reshape(parts, count, high, parts, wide, channels)": "the two are flattened together",
        "vector += list(cell.mean(axis=0).mean(axis=0))  →  vector += list(cell.mean(axis=1).mean(axis=0))": "means of groups of one size may be taken in any order",
        "for i in range(parts):  →  result.append(vector)": "the row is in the result already, and is filled afterwards",
    },
    "nearest_neighbours": {
        "cosines = [query @ item / np.linalg.norm(item) / np.linalg.norm(query) for item in gallery]  →  cosines = [query @ item / (np.linalg.norm(item) / np.linalg.norm(query)) for item in gallery]": "a common factor does not change the order",
        "unit = [vectors / np.sqrt((vectors ** 2).sum(axis=1))[:, None] for vectors in (queries, gallery)]  →  unit = [vectors / np.sqrt((vectors ** 2).mean(axis=1))[:, None] for vectors in (queries, gallery)]": "a common factor does not change the order",
        "return (unit[0] @ unit[1].T).argsort(axis=1)[:, ::-1][:, :count]  →  return (unit[0] @ unit[1].T).argsort()[:, ::-1][:, :count]": "the last axis, which the library takes where nothing is said",
        "cosines = [query @ item / np.linalg.norm(item) / np.linalg.norm(query) for item in gallery]  →  cosines = [query @ item / np.linalg.norm(item) * np.linalg.norm(query) for item in gallery]": "a common factor does not change the order",
        "cosines = [query @ item / np.linalg.norm(item) / np.linalg.norm(query) for item in gallery]  →  cosines = [query @ item / np.linalg.norm(item) for item in gallery]": "a common factor does not change the order",
        "cosines = [query @ item / np.linalg.norm(item) / np.linalg.norm(query) for item in gallery]  →  cosines = [query @ item / np.linalg.norm(item) / np.linalg.norm(queries) for item in gallery]": "a common factor does not change the order",
        "cosines = [query @ item / np.linalg.norm(item) / np.linalg.norm(query) for item in gallery]  →  cosines = [query @ item / np.linalg.norm(item) / np.linalg.norm(gallery) for item in gallery]": "a common factor does not change the order",
        "cosines = [query @ item / np.linalg.norm(item) / np.linalg.norm(query) for item in gallery]  →  cosines = [query @ item / np.linalg.norm(item) / np.linalg.norm(count) for item in gallery]": "a common factor does not change the order",
        "return cdist(queries, gallery, metric='cosine').argsort(axis=1)[:, :count]  →  return cdist(queries, gallery, metric='cosine').argsort()[:, :count]": "the last axis, which the library takes where nothing is said",
    },
    "standardise": {
        "mean, spread = (train[:, column].mean(), train[:, column].std() or 1.0)  →  mean, spread = (first[:, column].mean(), train[:, column].std() or 1.0)": ALIAS,
        "mean, spread = (train[:, column].mean(), train[:, column].std() or 1.0)  →  mean, spread = (train[:, column].mean(), first[:, column].std() or 1.0)": ALIAS,
        "first[:, column] = (first[:, column] - mean) / spread  →  first[:, column] = (train[:, column] - mean) / spread": ALIAS,
        "second[:, column] = (second[:, column] - mean) / spread  →  second[:, column] = (test[:, column] - mean) / spread": ALIAS,
    },
    "freeze_up_to": {
        "for layer in model.layers[:place + 1]:  →  for layer in model.layers:": OVERWRITTEN,
        "for layer in model.layers[:place + 1]:  →  for layer in model.layers[:place + 1 + 1]:": OVERWRITTEN,
        "for layer in model.layers[:place + 1]:  →  for layer in model.layers[:place + 2]:": OVERWRITTEN,
        "for layer in model.layers[:place + 1]:  →  for layer in model.layers[place + 1:]:": INDEPENDENT,
        "for layer in model.layers[place + 1:]:  →  for layer in model.layers[place + 1:]:": "the same is done again after each frozen layer",
        "model.trainable = True  →  frozen = True": "layers come frozen, the model itself does not",
    },
}
