"""Other right ways to answer unit 20, as students write them: loops, matrices, lists, float32, subclass models."""

import keras
import numpy as np
from keras import layers


def pixels_by_the_half(normalised, size):
    middle = (size - 1) / 2
    return middle + middle * np.asarray(normalised, dtype=np.float32)


def pixels_as_list(normalised, size):
    steps = size - 1
    return ((normalised + 1) * steps / 2).tolist()


def grid_by_matrix(theta, rows, cols):
    y, x = np.meshgrid(np.linspace(-1, 1, rows), np.linspace(-1, 1, cols), indexing="ij")
    points = np.stack([x.ravel(), y.ravel(), np.ones(rows * cols)])
    return (theta @ points).reshape(2, rows, cols)


def grid_with_loops(theta, rows, cols):
    xs, ys = [], []
    for i in range(rows):
        y = -1 + 2 * i / (rows - 1)
        targets = [(-1 + 2 * j / (cols - 1), y, 1) for j in range(cols)]
        xs.append([sum(t * p for t, p in zip(theta[0], target, strict=True)) for target in targets])
        ys.append([sum(t * p for t, p in zip(theta[1], target, strict=True)) for target in targets])
    return xs, ys


def crop_from_two_corners(top, left, height, width, rows, cols):
    x0, x1 = 2 * left / (cols - 1) - 1, 2 * (left + width - 1) / (cols - 1) - 1
    y0, y1 = 2 * top / (rows - 1) - 1, 2 * (top + height - 1) / (rows - 1) - 1
    return [[(x1 - x0) / 2, 0, (x0 + x1) / 2], [0, (y1 - y0) / 2, (y0 + y1) / 2]]


def crop_in_float32(top, left, height, width, rows, cols):
    theta = np.zeros((2, 3), dtype=np.float32)
    theta[0] = (width - 1) / (cols - 1), 0, (2 * left + width - 1) / (cols - 1) - 1
    theta[1] = 0, (height - 1) / (rows - 1), (2 * top + height - 1) / (rows - 1) - 1
    return theta


def sample_by_the_papers_double_sum(image, y, x):
    rows, cols = image.shape
    along_y = np.maximum(0, 1 - np.abs(y[..., None] - np.arange(rows)))
    along_x = np.maximum(0, 1 - np.abs(x[..., None] - np.arange(cols)))
    return np.einsum("...n,...m,nm->...", along_y, along_x, image)


def sample_with_loops(image, y, x):
    result = np.zeros(y.shape)
    for place in np.ndindex(y.shape):
        top, left = int(np.floor(y[place])), int(np.floor(x[place]))
        for row in (top, top + 1):
            for col in (left, left + 1):
                if 0 <= row < image.shape[0] and 0 <= col < image.shape[1]:
                    result[place] += image[row, col] * (1 - abs(y[place] - row)) * (1 - abs(x[place] - col))
    return result


def sample_in_a_frame(image, y, x):
    framed = np.pad(image.astype(np.float32), 2)
    y, x = np.clip(y + 2, 0, image.shape[0] + 2), np.clip(x + 2, 0, image.shape[1] + 2)
    r, c = np.floor(y).astype(int), np.floor(x).astype(int)
    down, right = y - r, x - c
    above = framed[r, c] * (1 - right) + framed[r, c + 1] * right
    return above * (1 - down) + (framed[r + 1, c] * (1 - right) + framed[r + 1, c + 1] * right) * down


def scatter_with_add_at(upstream, y, x, rows, cols):
    gradient = np.zeros((rows, cols))
    top, left = np.floor(y).astype(int), np.floor(x).astype(int)
    for r, along in ((top, 1 + top - y), (top + 1, y - top)):
        for c, across in ((left, 1 + left - x), (left + 1, x - left)):
            inside = (r >= 0) & (r < rows) & (c >= 0) & (c < cols)
            np.add.at(gradient, (r[inside], c[inside]), (upstream * along * across)[inside])
    return gradient


def scatter_by_the_double_sum(upstream, y, x, rows, cols):
    along_y = np.maximum(0, 1 - np.abs(y.ravel()[:, None] - np.arange(rows)))
    along_x = np.maximum(0, 1 - np.abs(x.ravel()[:, None] - np.arange(cols)))
    return (along_y * upstream.ravel()[:, None]).T @ along_x


def _pixel(image, r, c):
    rows, cols = image.shape
    inside = (r >= 0) & (r < rows) & (c >= 0) & (c < cols)
    return np.where(inside, image[np.clip(r, 0, rows - 1), np.clip(c, 0, cols - 1)], 0.0)


def slope_from_four_neighbours(image, y, x):
    r, c = np.floor(y).astype(int), np.floor(x).astype(int)
    a, b = (y - r).astype(np.float32), (x - c).astype(np.float32)
    p, q, s, t = (_pixel(image, r + i, c + j) for i in (0, 1) for j in (0, 1))
    return (s - p) * (1 - b) + (t - q) * b, (q - p) * (1 - a) + (t - s) * a


def slope_by_the_papers_sum(image, y, x):
    rows, cols = image.shape

    def tent(z, size):
        return np.maximum(0, 1 - np.abs(z[..., None] - np.arange(size)))

    def step(z, size):
        gap = np.arange(size) - z[..., None]
        return np.where(np.abs(gap) < 1, np.where(gap >= 0, 1.0, -1.0), 0.0)

    down = np.einsum("...n,...m,nm->...", step(y, rows), tent(x, cols), image)
    return [down, np.einsum("...n,...m,nm->...", tent(y, rows), step(x, cols), image)]


def theta_by_matrix(upstream_x, upstream_y):
    rows, cols = upstream_x.shape
    x, y = np.meshgrid(np.linspace(-1, 1, cols), np.linspace(-1, 1, rows))
    return np.stack([upstream_x.ravel(), upstream_y.ravel()]) @ np.stack([x.ravel(), y.ravel(), np.ones(rows * cols)], axis=1)


def theta_as_list(upstream_x, upstream_y):
    rows, cols = upstream_x.shape
    x, y = np.linspace(-1, 1, cols)[None, :], np.linspace(-1, 1, rows)[:, None]
    return [[float((u * x).sum()), float((u * y).sum()), float(u.sum())] for u in (upstream_x, upstream_y)]


def net_functional(input_shape):
    inputs = keras.Input(input_shape)
    x = layers.MaxPooling2D(2)(inputs)
    x = layers.MaxPooling2D(2)(layers.Conv2D(8, 5, activation="relu")(x))
    x = layers.Flatten()(layers.Conv2D(16, 3, activation="relu")(x))
    x = layers.Dense(32, activation="relu")(x)
    theta = layers.Dense(6, kernel_initializer="zeros", bias_initializer="zeros")
    outputs = theta(x)
    theta.bias.assign([1.0, 0.0, 0.0, 0.0, 1.0, 0.0])
    return keras.Model(inputs, outputs)


def net_with_activation_layers(input_shape):
    net = keras.Sequential([keras.Input(input_shape), layers.MaxPool2D()])
    for filters, size in ((8, 5), (16, 3)):
        net.add(layers.Conv2D(filters, size))
        net.add(layers.ReLU())
        if filters == 8:
            net.add(layers.MaxPool2D())
    net.add(layers.Flatten())
    net.add(layers.Dense(32))
    net.add(layers.ReLU())
    net.add(layers.Dense(6, kernel_initializer="zeros"))
    net.layers[-1].bias.assign(np.eye(2, 3).ravel())
    return net


class Localisation(keras.Model):
    def __init__(self):
        super().__init__()
        self.pool = layers.MaxPooling2D(2)
        self.conv1 = layers.Conv2D(8, 5, activation="relu")
        self.conv2 = layers.Conv2D(16, 3, activation="relu")
        self.flat = layers.Flatten()
        self.hidden = layers.Dense(32, activation="relu")
        self.theta = layers.Dense(6, kernel_initializer="zeros")

    def call(self, images):
        maps = self.conv2(self.pool(self.conv1(self.pool(images))))
        return self.theta(self.hidden(self.flat(maps)))


def net_as_class(input_shape):
    net = Localisation()
    net(np.zeros((1, *input_shape), dtype="float32"))
    net.theta.bias.assign([1.0, 0.0, 0.0, 0.0, 1.0, 0.0])
    return net


def word_by_complex_numbers(points, half, area):
    numbers = points[:, 0] + 1j * points[:, 1]
    along = (numbers[-1] - numbers[0]) / 2
    across, middle = 1.02j * half * along / abs(along), numbers[0] + along
    return [[along.real, across.real, middle.real], [along.imag, across.imag, middle.imag]]


def word_by_principal_axes(points, half, area):
    middle = points.mean(axis=0)
    _, _, (ahead, _) = np.linalg.svd(points - middle)
    beside = np.array([-ahead[1], ahead[0]])
    columns = []
    for axis in (ahead, beside):
        places = (points - middle) @ axis
        columns.append(1.001 * axis * (places.max() - places.min()) / 2)
        middle = middle + axis * (places.max() + places.min()) / 2
    return np.stack([*columns, middle], axis=1)


def row_point_by_point(row, x):
    values = []
    for place in x:
        near = [n for n in range(len(row)) if abs(place - n) < 1]
        values.append(sum(row[n] * (1 - abs(place - n)) for n in near))
    return values


def row_by_interpolation(row, x):
    return np.interp(x, np.arange(-1, len(row) + 1), np.pad(row, 1), left=0, right=0).astype("float32")


RIGHT_ANSWERS = {
    "frame_word": (word_by_complex_numbers, word_by_principal_axes),
    "sampled_row": (row_point_by_point, row_by_interpolation),
    "pixel_coordinates": (pixels_by_the_half, pixels_as_list),
    "affine_grid": (grid_by_matrix, grid_with_loops),
    "crop_theta": (crop_from_two_corners, crop_in_float32),
    "bilinear_sample": (sample_by_the_papers_double_sum, sample_with_loops, sample_in_a_frame),
    "image_gradient": (scatter_with_add_at, scatter_by_the_double_sum),
    "coordinate_gradient": (slope_from_four_neighbours, slope_by_the_papers_sum),
    "theta_gradient": (theta_by_matrix, theta_as_list),
    "localisation_net": (net_functional, net_with_activation_layers, net_as_class),
}
