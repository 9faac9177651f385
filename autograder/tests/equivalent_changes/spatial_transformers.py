"""Changes of right answers of unit 20 that are right too."""

from __future__ import annotations

from tests.equivalent_changes import GIVEN_FLOATS, INDEPENDENT, POOL_STEPS, RELU_TWICE, SYMMETRIC

OUTSIDE = "what lies outside does not count"

EQUIVALENT: dict[str, dict[str, str]] = {
    "bilinear_sample": {
        "pixel = image[np.clip(r, 0, last_row), np.clip(c, 0, last_col)]  →  pixel = image[np.clip(r, -1, last_row), np.clip(c, 0, last_col)]": OUTSIDE,
        "pixel = image[np.clip(r, 0, last_row), np.clip(c, 0, last_col)]  →  pixel = image[np.clip(r, 0, last_row), np.clip(c, -1, last_col)]": OUTSIDE,
        "last_row, last_col = (image.shape[0] - 1, image.shape[1] - 1)  →  for down, right in np.ndindex(2, 2):": "computed anew in every round, to the same numbers",
    },
    "theta_gradient": {
        "x, y = affine_grid(np.eye(2, 3), *upstream_x.shape)  →  x, y = affine_grid(np.eye(3, 3), *upstream_x.shape)": "a third row is never read",
        "x, y = affine_grid(np.eye(2, 3), *upstream_x.shape)  →  x, y = affine_grid(np.eye(2, 4), *upstream_x.shape)": "a fourth column is never read",
    },
}

EQUIVALENT_OF_OTHERS = {
    "image_gradient": {
        "for r, along in ((top, 1 + top - y), (top + 1, y - top)):  →  for r, along in ((top + 1, y - top), (top, 1 + top - y)):": SYMMETRIC,
        "for c, across in ((left, 1 + left - x), (left + 1, x - left)):  →  for c, across in ((left + 1, x - left), (left, 1 + left - x)):": SYMMETRIC,
    },
    "pixel_coordinates": {
        "return middle + middle * np.asarray(normalised, dtype=np.float32)  →  return middle + middle * np.asarray(normalised)": GIVEN_FLOATS,
        "return middle + middle * np.asarray(normalised, dtype=np.float32)  →  return middle + middle * normalised": GIVEN_FLOATS,
    },
    "affine_grid": {
        "xs.append([sum((t * p for t, p in zip(theta[0], target, strict=True))) for target in targets])  →  xs.append([sum((t * p for t, p in zip(target, theta[0], strict=True))) for target in targets])": SYMMETRIC,
        "ys.append([sum((t * p for t, p in zip(theta[1], target, strict=True))) for target in targets])  →  ys.append([sum((t * p for t, p in zip(target, theta[1], strict=True))) for target in targets])": SYMMETRIC,
        "xs.append([sum((t * p for t, p in zip(theta[0], target, strict=True))) for target in targets])  →  ys.append([sum((t * p for t, p in zip(theta[1], target, strict=True))) for target in targets])": INDEPENDENT,
    },
    "crop_theta": {
        "theta[0] = ((width - 1) / (cols - 1), 0, (2 * left + width - 1) / (cols - 1) - 1)  →  theta[1] = (0, (height - 1) / (rows - 1), (2 * top + height - 1) / (rows - 1) - 1)": INDEPENDENT,
    },
    "bilinear_sample": {
        "for row in (top, top + 1):  →  for row in (top + 1, top):": SYMMETRIC,
        "for col in (left, left + 1):  →  for col in (left + 1, left):": SYMMETRIC,
        "y, x = (np.clip(y + 2, 0, image.shape[0] + 2), np.clip(x + 2, 0, image.shape[1] + 2))  →  y, x = (np.clip(y + 2, 1, image.shape[0] + 2), np.clip(x + 2, 0, image.shape[1] + 2))": "in the frame of zeros",
        "y, x = (np.clip(y + 2, 0, image.shape[0] + 2), np.clip(x + 2, 0, image.shape[1] + 2))  →  y, x = (np.clip(y + 2, -1, image.shape[0] + 2), np.clip(x + 2, 0, image.shape[1] + 2))": "in the frame of zeros",
        "y, x = (np.clip(y + 2, 0, image.shape[0] + 2), np.clip(x + 2, 0, image.shape[1] + 2))  →  y, x = (np.clip(y + 2, 0, image.shape[0] + 2), np.clip(x + 2, 1, image.shape[1] + 2))": "in the frame of zeros",
        "y, x = (np.clip(y + 2, 0, image.shape[0] + 2), np.clip(x + 2, 0, image.shape[1] + 2))  →  y, x = (np.clip(y + 2, 0, image.shape[0] + 2), np.clip(x + 2, -1, image.shape[1] + 2))": "in the frame of zeros",
        "r, c = (np.floor(y).astype(int), np.floor(x).astype(int))  →  r, c = (y.astype(int), np.floor(x).astype(int))": "nothing is below 0 there",
        "r, c = (np.floor(y).astype(int), np.floor(x).astype(int))  →  r, c = (np.floor(y).astype(int), x.astype(int))": "nothing is below 0 there",
    },
    "sampled_row": {
        "near = [n for n in range(len(row)) if abs(place - n) < 1]  →  near = [n for n in range(len(row)) if abs(place - n) <= 1]": "a weight of 0 at the distance 1",
        "return np.interp(x, np.arange(-1, len(row) + 1), np.pad(row, 1), left=0, right=0).astype('float32')  →  return np.interp(x, np.arange(-1, len(row) + 1), np.pad(row, 1), right=0).astype('float32')": "the first and the last number are 0 there",
        "return np.interp(x, np.arange(-1, len(row) + 1), np.pad(row, 1), left=0, right=0).astype('float32')  →  return np.interp(x, np.arange(-1, len(row) + 1), np.pad(row, 1), left=0).astype('float32')": "the first and the last number are 0 there",
    },
    "coordinate_gradient": {
        "return np.where(np.abs(gap) < 1, np.where(gap >= 0, 1.0, -1.0), 0.0)  →  return np.where(np.abs(gap) <= 1, np.where(gap >= 0, 1.0, -1.0), 0.0)": "a weight of 0 at the distance 1",
        "return np.where(np.abs(gap) < 1, np.where(gap >= 0, 1.0, -1.0), 0.0)  →  return np.where(np.abs(gap) < 1, np.where(gap > 0, 1.0, -1.0), 0.0)": "the cases have no whole numbers, as the text says",
        "rows, cols = image.shape  →  ": INDEPENDENT,
    },
    "theta_gradient": {
        "x, y = (np.linspace(-1, 1, cols)[None, :], np.linspace(-1, 1, rows)[:, None])  →  x, y = (np.linspace(-1, 1, cols), np.linspace(-1, 1, rows)[:, None])": "NumPy makes the row of it",
    },
    "localisation_net": {
        "net = keras.Sequential([keras.Input(input_shape), layers.MaxPool2D()])  →  net = keras.Sequential([keras.Input(input_shape), layers.MaxPool2D(strides=2)])": POOL_STEPS,
        "net.add(layers.MaxPool2D())  →  net.add(layers.MaxPool2D(strides=2))": POOL_STEPS,
        "net.add(layers.Conv2D(filters, size))  →  net.add(layers.Conv2D(filters, size, activation='relu'))": RELU_TWICE,
        "net.add(layers.Dense(32))  →  net.add(layers.Dense(32, activation='relu'))": RELU_TWICE,
        "net.add(layers.ReLU())  →  if filters == 8:": "a largest number and a ReLU may change places",
        "net(np.zeros((1, *input_shape), dtype='float32'))  →  net(np.zeros((2, *input_shape), dtype='float32'))": "the layers learn their shapes from any number of images",
    },
}
