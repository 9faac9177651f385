"""Unit 18: nets that take any size, climbing towards what a unit likes, the way back through a chain of layers; drawings."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from scipy.ndimage import gaussian_filter
from skimage.transform import resize

from convcourse.data import data_file
from convcourse.figures import BLUE, GREY, ORANGE, draw_image, new_figure
from convcourse.pictures.pretrained_features import has_connection
from convcourse.pretrained import load_vgg16_base, photographs

MEAN_COLOUR = np.array([103.939, 116.779, 123.68], dtype="float32")  # blue, green, red
GREY_LEVEL = 117.0

# --- nets --------------------------------------------------------------------------------------


def to_net(images: Any) -> Any:
    """From RGB, 0 to 255, to what both nets want: BGR minus the mean colour."""
    return images[..., ::-1] - MEAN_COLOUR


def open_squeezenet() -> keras.Model:
    """SqueezeNet 1.1 with ImageNet weights for images of any size; out come the scores before softmax, of either sign."""
    from convcourse.nets.squeezenet import TABLE, squeezenet

    model = squeezenet(TABLE["1.1"], (None, None, 3))
    with np.load(data_file("squeezenet_v1_1_imagenet.npz")) as arrays:
        for layer in model.layers:
            if layer.weights:
                key = layer.name.replace("-", "/")
                layer.set_weights([arrays[f"{key}/{part}"].astype("float32") for part in ("kernel", "bias")])
    # A ReLU at the very end would hide in which direction a score can rise.
    model.get_layer("conv10").activation = keras.activations.linear
    model.trainable = False
    return keras.Model(model.input, model.layers[-2].output)


def after_fire(model: keras.Model, number: int) -> keras.Model:
    """The net up to a fire module, with both halves of its maps."""
    joined = [layer for layer in model.layers if isinstance(layer, keras.layers.Concatenate)]
    return keras.Model(model.input, joined[number - 2].output)


def open_vgg16() -> keras.Model | None:
    """VGG16's convolutional base for images of any size: the packaged one, or Keras's (fetched once, 59 MB), or None."""
    try:
        model = load_vgg16_base((None, None, 3))
    except FileNotFoundError:
        model = _fetched_vgg16() if has_connection(3.0) else None
    if model is not None:
        model.trainable = False
    return model


def _fetched_vgg16() -> keras.Model | None:
    try:
        return keras.applications.VGG16(include_top=False, input_shape=(None, None, 3))
    except Exception as error:  # Keras raises many kinds when a download breaks off
        print(f"VGG16's weights could not be loaded ({type(error).__name__}).")
        return None


# --- climbing ----------------------------------------------------------------------------------


def colour_covariance() -> np.ndarray:
    """How the three colours of the course's photographs vary together, scaled so that its largest eigenvalue is 1."""
    pixels = np.concatenate([image.reshape(-1, 3) for image in photographs(64).values()])
    matrix = np.cov(pixels.T)
    return np.asarray(matrix / np.linalg.eigvalsh(matrix)[-1], dtype="float32")


def blur(images: Any, sigma: float) -> Any:
    """Each channel of a batch filtered with a Gaussian, rows and then columns."""
    reach = int(3 * sigma + 0.5)
    bell = np.exp(-(np.arange(-reach, reach + 1) ** 2) / (2 * sigma**2))
    kernel = np.repeat((bell / bell.sum()).astype("float32")[:, None, None, None], 3, axis=2)
    padded = tf.pad(images, [[0, 0], [reach, reach], [reach, reach], [0, 0]], "SYMMETRIC")
    down = tf.nn.depthwise_conv2d(padded, kernel, [1, 1, 1, 1], "VALID")
    return tf.nn.depthwise_conv2d(down, kernel.transpose(1, 0, 2, 3), [1, 1, 1, 1], "VALID")


def climb(
    net: keras.Model,
    objective: Callable[[np.ndarray], tuple[float, np.ndarray]],
    start: np.ndarray,
    sizes: Sequence[int],
    steps: int,
    rate: float = 8.0,
    jitter: int = 12,
    smooth: bool = True,
    decay: float = 0.02,
    variation: float = 0.0,
    natural: bool = True,
    seed: int = 0,
) -> tuple[np.ndarray, list[float]]:
    """Change an image so that the objective rises.

    objective: takes the net's output for the image (without the batch axis); returns its value and gradient.
    start: RGB image (rows, cols, 3); sizes: its side in each round, small to large.
    jitter: up to so many pixels of random shift before each step.
    smooth: low frequencies of the gradient count more, and the image is blurred a little every fourth step.
    decay: share of the way back to grey in each step (L2); variation: weight of the total variation.
    natural: colours may change together as they do in photographs.
    Returns the image, 0 to 255, and the objective's values.
    """
    tf.random.set_seed(seed)
    mixed = tf.constant(colour_covariance() if natural else np.eye(3, dtype="float32"))

    def both(maps: np.ndarray) -> tuple[Any, np.ndarray]:
        value, gradient = objective(maps[0])
        return np.float32(value), np.asarray(gradient, dtype="float32")[None]

    @tf.function(reduce_retracing=True)  # type: ignore[untyped-decorator]  # TensorFlow's decorators carry no types
    def step(image: Any, length: Any) -> tuple[Any, Any]:
        shift = tf.random.uniform([2], -jitter, jitter + 1, tf.int32)
        moved = tf.roll(image, shift, [1, 2])
        with tf.GradientTape(persistent=True) as tape:
            tape.watch(moved)
            maps = net(to_net(moved))
            rough = tf.reduce_mean(tf.image.total_variation(moved))
        value, slope = tf.numpy_function(both, [maps], [tf.float32, tf.float32])
        slope.set_shape(maps.shape)
        gradient = tape.gradient(maps, moved, output_gradients=slope)
        gradient /= tf.math.reduce_std(gradient) + 1e-12
        if variation:
            gradient -= variation * tape.gradient(rough, moved)
        if smooth:
            gradient = blur(gradient, 1.0) + 1.5 * blur(gradient, 3.0) + 2.0 * blur(gradient, 8.0)
        gradient = gradient @ mixed
        gradient /= tf.math.reduce_std(gradient) + 1e-12
        moved = GREY_LEVEL + (moved + length * gradient - GREY_LEVEL) * (1 - decay)
        return tf.clip_by_value(tf.roll(moved, -shift, [1, 2]), 0.0, 255.0), value

    image, values = tf.constant(start[None], tf.float32), []
    for size in sizes:
        image = tf.image.resize(image, (size, size), "bicubic")
        for number in range(steps):
            image, value = step(image, tf.constant(rate * (1 - 0.6 * number / steps)))
            values.append(float(value))
            if smooth and number % 4 == 3:
                image = blur(image, 0.6)
    return np.clip(image[0].numpy(), 0, 255), values


def noise(size: int, seed: int = 0) -> np.ndarray:
    """A grey image with a little noise, where a climb begins."""
    return np.asarray(GREY_LEVEL + np.random.default_rng(seed).normal(0, 8, size=(size, size, 3)), dtype="float32")


# --- the way back ------------------------------------------------------------------------------


def chain_of(model: keras.Model, fires: int) -> list[tuple[Any, ...]]:
    """SqueezeNet's layers up to a fire module: ("conv", kernel, bias, stride, padding) and ("pool", size, stride).

    The two halves of a fire module are one 3 × 3 convolution: the 1 × 1 kernels are in the middle of zeros.
    """

    def weights(name: str) -> list[np.ndarray]:
        return [np.asarray(array) for array in model.get_layer(name).get_weights()]

    chain: list[tuple[Any, ...]] = [("conv", *weights("conv1"), 2, "VALID"), ("pool", 3, 2)]
    for number in range(2, fires + 1):
        if number in (4, 6):
            chain.append(("pool", 3, 2))
        chain.append(("conv", *weights(f"fire{number}-squeeze1x1"), 1, "SAME"))
        ones, threes = weights(f"fire{number}-expand1x1"), weights(f"fire{number}-expand3x3")
        middle = np.pad(ones[0], [(1, 1), (1, 1), (0, 0), (0, 0)])
        chain.append(("conv", np.concatenate([middle, threes[0]], axis=3), np.concatenate([ones[1], threes[1]]), 1, "SAME"))
    return chain


def forward(chain: Sequence[tuple[Any, ...]], image: np.ndarray, pool: Callable[..., Any]) -> tuple[np.ndarray, list[Any]]:
    """Run one image through a chain; keep what the way back needs: shapes, values before each ReLU, switches."""
    maps, kept = np.asarray(image, dtype="float32"), []
    for kind, *rest in chain:
        shape = maps.shape
        if kind == "pool":
            maps, switches = pool(maps, *rest)
            kept.append((shape, switches))
        else:
            kernel, bias, stride, padding = rest
            before = tf.nn.conv2d(maps[None], kernel, stride, padding)[0].numpy() + bias
            kept.append((shape, before))
            maps = np.maximum(before, 0)
        maps = np.asarray(maps, dtype="float32")
    return maps, kept


def backward(
    chain: Sequence[tuple[Any, ...]],
    kept: list[Any],
    signal: np.ndarray,
    unpool: Callable[..., Any],
    rule: Callable[..., Any],
    name: str,
) -> np.ndarray:
    """From a signal at the top down to the image: unpool, rectify by the named rule, transposed filters."""
    for (kind, *rest), (shape, note) in zip(reversed(chain), reversed(kept), strict=True):
        signal = np.asarray(signal, dtype="float32")
        if kind == "pool":
            signal = unpool(signal, note, *shape[:2])
        else:
            kernel, _, stride, padding = rest
            signal = np.asarray(rule(signal, note, name), dtype="float32")
            signal = tf.nn.conv2d_transpose(signal[None], kernel, (1, *shape), stride, padding)[0].numpy()
    return np.asarray(signal)


def as_picture(signal: np.ndarray) -> np.ndarray:
    """A signal at the input (BGR, of either sign) as RGB around grey."""
    limit = float(np.percentile(np.abs(signal), 99.5)) or 1.0
    return np.clip(0.5 + 0.5 * signal[..., ::-1] / limit, 0, 1)


def around(signal: np.ndarray, reach: int) -> tuple[slice, slice]:
    """The window of 2 · reach pixels a side round the middle of a signal (rows, cols, channels), inside the image."""
    weight = np.abs(signal).sum(axis=2)
    windows = []
    for axis in (0, 1):
        length = weight.shape[axis]
        middle = int(weight.sum(axis=1 - axis) @ np.arange(length) / weight.sum())
        start = min(max(middle - reach, 0), length - 2 * reach)
        windows.append(slice(start, start + 2 * reach))
    return windows[0], windows[1]


def as_grey_picture(signal: np.ndarray) -> np.ndarray:
    """A signal at the input as a grey picture: the mean of the colours, blurred by one pixel.

    The blur takes away the grid that a first layer of stride 2 leaves on the way down.
    """
    smooth = gaussian_filter(signal.mean(axis=2), 1.0)
    return as_picture(np.repeat(smooth[..., None], 3, axis=2))


# --- style -------------------------------------------------------------------------------------


def painting(size: int, seed: int = 5) -> np.ndarray:
    """Swirling brush strokes in blue and yellow: noise drawn out along a field of whirls. RGB, 0 to 255."""
    generator = np.random.default_rng(seed)
    y, x = np.mgrid[:size, :size].astype(float)
    u, v = np.full((size, size), 0.6), 0.3 * np.sin(x / size * 6)
    glow = np.zeros((size, size))
    for row, col, turn, reach in ((0.3, 0.3, 3, 0.2), (0.55, 0.72, -3, 0.24), (0.85, 0.25, 2.5, 0.16), (0.15, 0.8, -2, 0.12)):
        dy, dx = y / size - row, x / size - col
        weight = turn * np.exp(-(dx**2 + dy**2) / reach**2)
        u, v = u - 8 * weight * dy, v + 8 * weight * dx
        glow += np.exp(-(dx**2 + dy**2) / (0.45 * reach) ** 2)
    length = np.hypot(u, v) + 1e-6
    u, v = u / length, v / length
    coarse = resize(generator.normal(size=(size // 2, size // 2)), (size, size), order=1)
    total = np.zeros((size, size))
    for sign in (1, -1):
        row, col = y.copy(), x.copy()
        for _ in range(size // 10):
            i, j = np.mod(row.astype(int), size), np.mod(col.astype(int), size)
            total += coarse[i, j]
            row, col = row + sign * v[i, j], col + sign * u[i, j]
    strokes = total / total.std()
    palette = np.array(
        [[12, 24, 70], [28, 66, 140], [70, 130, 190], [170, 200, 200], [245, 215, 90], [250, 240, 180]], dtype=float
    )
    place = np.clip(1.3 + 0.75 * strokes + 2.6 * np.clip(glow, 0, 1), 0, 5)
    return np.stack([np.interp(place, range(6), palette[:, c]) for c in range(3)], axis=-1).astype("float32")


def gram(maps: Any) -> Any:
    """Gram matrix of a batch of one, as tensors."""
    flat = tf.reshape(maps, (-1, maps.shape[-1]))
    return tf.matmul(flat, flat, transpose_a=True) / tf.cast(tf.shape(flat)[0], tf.float32)


def transfer(
    net: keras.Model, content: np.ndarray, grams: Sequence[np.ndarray], steps: int, style_weight: float, rate: float = 6.0
) -> tuple[np.ndarray, list[tuple[float, float]]]:
    """Change an image, beginning with the content, so that its Gram matrices come near those of the style.

    net: gives one output for each Gram matrix, and the content's maps last.
    Returns the image and, for each step, the content's loss and the style's loss (both relative).
    """
    goal = net(to_net(tf.constant(content[None])))[-1]
    targets = [tf.constant(np.asarray(matrix, dtype="float32")) for matrix in grams]
    image = tf.Variable(content[None])
    optimizer = keras.optimizers.Adam(rate)
    optimizer.build([image])

    @tf.function  # type: ignore[untyped-decorator]  # TensorFlow's decorators carry no types
    def step() -> Any:
        with tf.GradientTape() as tape:
            *styles, maps = net(to_net(image))
            style = tf.add_n(
                [tf.reduce_sum((gram(s) - t) ** 2) / tf.reduce_sum(t**2) for s, t in zip(styles, targets, strict=True)]
            ) / len(targets)
            kept = tf.reduce_mean((maps - goal) ** 2) / tf.reduce_mean(goal**2)
            loss = kept + style_weight * style + 2e-8 * tf.reduce_mean(tf.image.total_variation(image))
        optimizer.apply_gradients([(tape.gradient(loss, image), image)])
        image.assign(tf.clip_by_value(image, 0.0, 255.0))
        return tf.stack([kept, style])

    losses = [step().numpy() for _ in range(steps)]
    return np.asarray(image[0]), [(float(kept), float(style)) for kept, style in losses]


# --- drawings ----------------------------------------------------------------------------------


def pictures_figure(
    images: Sequence[np.ndarray], titles: Sequence[str], alt: str, columns: int = 4, headline: str = ""
) -> tuple[Figure, str]:
    """A sheet of RGB images, 0 to 1 or 0 to 255, with a title each."""
    rows = -(-len(images) // columns)
    width = min(10.5, 2.7 * columns)
    figure, axes = new_figure(rows, columns, width=width, height=rows * (width / columns + 0.35) + (0.35 if headline else 0))
    for place in np.atleast_1d(axes).flat:
        place.axis("off")
    for place, image, title in zip(np.atleast_1d(axes).flat, images, titles, strict=False):
        place.imshow(np.clip(image / 255 if np.max(image) > 1.5 else image, 0, 1))
        place.set_title(title, fontsize=10)
    if headline:
        figure.suptitle(headline, fontsize=11, fontweight="bold")
    return figure, alt


def roughness_figure(measure: Callable[[np.ndarray], float]) -> tuple[Figure, str]:
    """Four pictures, smooth to rough, with what a function `measure(image)` says of each."""
    places = np.arange(24)
    disc = (np.add.outer((places - 11.5) ** 2, (places - 11.5) ** 2) < 64).astype(float)
    images = {"slope": np.tile(places / 23, (24, 1)), "disc": disc, "noise": np.random.default_rng(18).random((24, 24))}
    images["chessboard"] = np.add.outer(places, places) % 2.0
    penalties = {name: float(measure(image)) for name, image in images.items()}
    figure, axes = new_figure(1, 4, width=9, height=2.5)
    for place, (name, image) in zip(axes, images.items(), strict=True):
        draw_image(place, image, f"{name}: {penalties[name]:.4g}")
    return figure, "Roughness of four pictures: " + ", ".join(f"{name} {penalty:.4g}" for name, penalty in penalties.items())


def filters_figure(kernels: np.ndarray) -> tuple[Figure, str]:
    """All first-layer kernels (3, 3, 3, 64), BGR, as small colour pictures."""
    pictures = [as_picture(kernels[..., m]) for m in range(kernels.shape[-1])]
    figure, axes = new_figure(4, 16, width=10, height=2.9)
    for place, image in zip(axes.flat, pictures, strict=True):
        place.imshow(image)
        place.axis("off")
    figure.suptitle("SqueezeNet's first layer: 64 learned kernels of 3 × 3 pixels", fontsize=11, fontweight="bold")
    return figure, "64 small colour pictures: edges of several directions in grey, and spots and steps of colour."


def maps_figure(image: np.ndarray, maps: np.ndarray, layer: str, channels: Sequence[int]) -> tuple[Figure, str]:
    """An image and some activation maps of a layer."""
    figure, axes = new_figure(1, len(channels) + 1, width=10.5, height=1.85)
    axes[0].imshow(image / 255)
    axes[0].axis("off")
    axes[0].set_title("image")
    for place, channel in zip(axes[1:], channels, strict=True):
        draw_image(place, maps[..., channel], f"{layer}, {channel}")
    return (
        figure,
        f"An image beside the maps {', '.join(map(str, channels))} of {layer}, {maps.shape[0]} by {maps.shape[1]} places each.",
    )


def heat_figure(
    image: np.ndarray, heats: Sequence[np.ndarray], titles: Sequence[str], alt: str, first: str = "image"
) -> tuple[Figure, str]:
    """An image, and the same with heat maps laid over it, each scaled to its own largest value."""
    columns = len(heats) + 1
    width = min(9.9, 3.3 * columns)
    figure, axes = new_figure(1, columns, width=width, height=width / columns * image.shape[0] / image.shape[1] + 0.4)
    for place in axes:
        place.imshow(image / 255)
        place.axis("off")
    axes[0].set_title(first)
    for place, heat, title in zip(axes[1:], heats, titles, strict=True):
        _lay_over(place, image, heat)
        place.set_title(title)
    return figure, alt


def occlusion_figure(
    images: Sequence[np.ndarray], maps: Sequence[np.ndarray], names: Sequence[str], alt: str
) -> tuple[Figure, str]:
    """Each image beside its occlusion map, smoothed for the eye and laid over it; only drops of the score are drawn."""
    figure, axes = new_figure(1, 2 * len(images), width=10.5, height=10.5 / (2 * len(images)) + 0.4)
    for place in axes:
        place.axis("off")
    for number, (image, importance, name) in enumerate(zip(images, maps, names, strict=True)):
        left, right = axes[2 * number], axes[2 * number + 1]
        for place in (left, right):
            place.imshow(image / 255)
        _lay_over(right, image, gaussian_filter(importance, 6.0))
        left.set_title(name)
        right.set_title(f"costs '{name}'")
    return figure, alt


def _lay_over(place: Axes, image: np.ndarray, heat: np.ndarray) -> None:
    large = resize(np.maximum(heat, 0) / (np.max(heat) + 1e-12), image.shape[:2], order=1)
    place.imshow(large, cmap="inferno", alpha=0.6, vmin=0, vmax=1)


def losses_figure(losses: Sequence[tuple[float, float]]) -> tuple[Figure, str]:
    """How content and style losses go, on a logarithmic axis."""
    figure, axes = new_figure(width=6, height=2.6)
    for number, (name, colour, dash) in enumerate((("content", BLUE, "-"), ("style", ORANGE, "--"))):
        axes.semilogy([pair[number] + 1e-4 for pair in losses], dash, color=colour, label=name)
    axes.axhline(1, color=GREY, linewidth=0.8)
    axes.set(title="The style comes nearer, the content pays a little", xlabel="step", ylabel="relative loss")
    axes.legend()
    return figure, f"Style loss from {losses[0][1]:.2f} to {losses[-1][1]:.2f}, content loss from 0 to {losses[-1][0]:.2f}."
