# %% [markdown]
# # Unit 8 · One layer in Keras
#
# **You will be able to**
#
# - build a net of one `Conv2D` layer, set its weights yourself, and read its summary;
# - predict every number that it gives, and write a NumPy layer that agrees with it;
# - say where `padding="same"` puts its zeros, and when that differs from another library;
# - tell depthwise, separable, dilated and transposed convolution apart, and compute a small case of each.
#
# **Time** about three hours. **Before this** Unit 4: image filters, and Unit 6: the convolutional layer.

# %% setup="numpy"
import numpy as np
import skimage.data
from scipy.signal import correlate2d

from convcourse.check import check, ready
from convcourse.figures import show, show_images
from convcourse.pictures import keras_conv2d as course
from convcourse.predictions import predict
from convcourse.quiet import quietly
from convcourse.widgets import slide

with quietly():  # TensorFlow greets with some lines that say nothing to us
    import keras
    from keras import layers
    from tensorflow.errors import UnimplementedError

GX = np.array([[1, 0, -1], [2, 0, -2], [1, 0, -1]])

# %% [markdown]
# ## Can you trust one line?
# In Unit 6 you wrote a convolutional layer. From now on a library does it, in one line: `layers.Conv2D(2, 3)`. It is fast, and it knows its gradients. But what exactly does it compute? Does it reverse the kernel? Where does it put the zeros? Which axis holds the colours?
#
# A scale is tested with a known weight. We do the same: **give the layer weights whose answer you know, and look.**
#
# Unit 2 had $x = [1, 2, 3, 4]$ and $w = [1, 2]$: with reversal 4, 7, 10, without 5, 8, 11. Keras wants four axes for images, *(batch, rows, cols, channels)*, and four for weights, *(krow, kcol, channels, num_filters)*.


# %%
def run(layer, images, *weights):
    """Give a layer its weights, show it images, and bring the result back to NumPy."""
    if not layer.built:
        layer.build(images.shape)
    layer.set_weights(weights)
    return keras.ops.convert_to_numpy(layer(images.astype("float32")))


x, w = np.array([1, 2, 3, 4]).reshape(1, 1, 4, 1), np.array([1, 2]).reshape(1, 2, 1, 1)
print("Keras:", run(layers.Conv2D(1, (1, 2), use_bias=False), x, w).ravel())

# %% [markdown]
# So Keras convolves **without** reversal.
#
# ## A net that sees edges
# The first real net has one layer with two filters, for the x- and the y-gradient of a grey photograph of 512 × 512 pixels (Unit 4). There is no padding, so 510 × 510 will be left.
#
# A Keras **model** says what shape goes in and which layers follow. *By hand:* each filter has 3·3·1 weights and a bias, 10 parameters; two filters have 20.

# %% [markdown] exercise="gradient_model"
# Build it. The weights may be whatever Keras draws; you set them in the next exercise. A `Sequential` model, a functional one or a class of your own are all right. Here is a small net in the first two ways. In the functional way a layer is *called* on a tensor, which stands for images that come later; so layers may branch and join, which a sequence cannot do:
#
# ```python
# net = keras.Sequential([keras.Input((8, 8, 3)), layers.Conv2D(5, 1), layers.ReLU()])
#
# images = keras.Input((8, 8, 3))
# maps = layers.Conv2D(5, 1)(images)
# net = keras.Model(images, layers.ReLU()(maps))
# ```


# %% answer="gradient_model"
def gradient_model(rows, cols):
    """A net of one Conv2D layer: two filters 3 × 3, with bias, no padding, no activation.

    rows, cols: size of the grey images (one channel).
    Returns a keras.Model from (rows, cols, 1) to (rows − 2, cols − 2, 2).
    """
    ### BEGIN SOLUTION
    convolution = layers.Conv2D(2, 3)
    return keras.Sequential([keras.Input((rows, cols, 1)), convolution])
    ### END SOLUTION


# %% test="gradient_model"
check(gradient_model)

# %%
if ready(gradient_model):
    model = gradient_model(512, 512)
    model.summary()
    print([(variable.name, tuple(variable.shape)) for variable in model.weights])
    print(f"{model.count_params()} parameters, output {model.output_shape}")

# %% [markdown]
# **What you should see.** 20 parameters, and the output `(None, 510, 510, 2)`. `None` stands for the batch: as many images as you like. The kernels are one array of shape (3, 3, 1, 2), the biases one of shape (2,).
#
# ## Setting the weights
# `W, b = layer.get_weights()` gives you **copies** of both arrays, and `layer.set_weights([W, b])` puts arrays in. A filter is a slice along the *last* axis: `W[:, :, 0, 0]` holds the weights of filter 0 for input channel 0.

# %% [markdown] exercise="set_sobel_weights"
# Make filter 0 Sobel's Gx (`GX` from the set-up cell), filter 1 its transpose, and both biases zero. The model may have been trained before: its biases need not be 0 when you get it.


# %% answer="set_sobel_weights"
def set_sobel_weights(model):
    """Turn a model with one Conv2D layer of two filters 3 × 3 into a gradient filter.

    model: a keras.Model as `gradient_model` makes it; it may be changed.
    Returns a model whose filter 0 is GX and filter 1 is GX transposed, with zero biases.
    """
    ### BEGIN SOLUTION
    weights = np.stack([GX, GX.T], axis=-1)
    model.layers[-1].set_weights([weights[:, :, None, :], np.zeros(2)])
    return model
    ### END SOLUTION


# %% test="set_sobel_weights"
check(set_sobel_weights)

# %% [markdown]
# Now the photograph. It needs two more axes: a batch of one image, and one channel. `model.predict` takes NumPy arrays of any number of images and returns NumPy arrays.

# %%
camera = skimage.data.camera() / 255
images = camera[None, :, :, None]
if ready(gradient_model, set_sobel_weights):
    gradients = set_sobel_weights(gradient_model(512, 512)).predict(images, verbose=0)
    print(images.shape, "→", gradients.shape)
    off = gradients[0, :, :, 0] - correlate2d(camera, GX, mode="valid")
    print(f"against SciPy: at most {np.abs(off).max():.0e} off")
    maps = [gradients[0, :, :, 0], gradients[0, :, :, 1]]
    titles = ["filter 0: x-gradient", "filter 1: y-gradient"]
    alt = "A man with a camera, twice: his vertical edges, and his horizontal edges."
    show_images(maps, titles, alt, symmetric=True, height=3.4)

# %% [markdown]
# **What you should see.** (1, 512, 512, 1) becomes (1, 510, 510, 2). Orange is positive: bright on the left, dark on the right. SciPy's correlation gives the same up to about $10^{-6}$. That remainder is rounding: Keras computes in `float32`, with about seven digits.
#
# ## Four filters for colour
# The second net takes colour. Unit 4 built its filters: a blur $G$ in space, and in C a line of colour weights for each filter,
#
# $$W[i,j,k,\ell] = G[i,j]\;C[\ell,k].$$
#
# $G$ is a Gaussian of 9 × 9 with σ = 2. The four lines of $C$ like red, green, blue, and red-blue; each adds up to 0, so grey gives nothing.

# %%
bell = np.exp(-(np.arange(-4, 5) ** 2) / (2 * 2**2))
G = np.outer(bell, bell) / bell.sum() ** 2
C = np.array([[1, -0.5, -0.5], [-0.5, 1, -0.5], [-0.5, -0.5, 1], [0.5, -1, 0.5]])
W = np.einsum("ij,lk->ijkl", G, C)
likes = ["red", "green", "blue", "red-blue"]
sees = ["sees red", "sees green", "sees blue"]
show(*course.draw_bank(W, [f"filter: {name}" for name in likes], sees))

# %% [markdown] exercise="color_model"
# Build the net *and* set its weights. It should work for kernels of any size, any number of channels, and any number of filters. *By hand* for the lecture's: 9·9·3·4 + 4 = 976 parameters.


# %% answer="color_model"
def color_model(image_shape, G, C):
    """A net of one Conv2D layer with W[i, j, k, l] = G[i, j] · C[l, k], zero biases, no padding.

    image_shape: (rows, cols, channels); G: array (krow, kcol); C: array (num_filters, channels).
    Returns a keras.Model to (rows − krow + 1, cols − kcol + 1, num_filters).
    """
    ### BEGIN SOLUTION
    num_filters = C.shape[0]
    convolution = layers.Conv2D(num_filters, G.shape)
    model = keras.Sequential([keras.Input(image_shape), convolution])
    bank = G[:, :, None, None] * C.T[None, None]
    convolution.set_weights([bank, np.zeros(num_filters)])
    return model
    ### END SOLUTION


# %% test="color_model"
check(color_model)

# %%
photo = skimage.data.astronaut()[:368, :487] / 255  # as large as the lecture's photograph
if ready(color_model):
    model = color_model(photo.shape, G, C)
    responses = model.predict(photo[None], verbose=0)[0]
    print(f"{model.count_params()} parameters, {photo.shape} → {responses.shape}")
    print("368 × 488 would give", color_model((368, 488, 3), G, C).output_shape[1:])
    show_images([photo], ["the photograph"], "An astronaut in an orange suit.", height=2.8)
    maps, titles = list(np.moveaxis(responses, 2, 0)), [f"likes {name}" for name in likes]
    alt = "Four maps: the suit glows in the first, the flag's field in the third."
    show_images(maps, titles, alt, symmetric=True, height=2.6)

# %% [markdown]
# **What you should see.** 976 parameters; 368 × 487 becomes 360 × 479. The suit lights up in the first map, the blue of the flag in the third; grey, white and black are nearly silent. One slide of the lecture writes 368 × **488** for the input beside an output of 360 × 479. Keras decides: 488 would give 480, so it was 487.
#
# ## Where does "same" put its zeros?
# `padding="same"` promises an output of $\lceil N / S \rceil$ places along each axis, $S$ being the stride. Keras then counts how many zeros are *missing* for that: the last of $n = \lceil N/S \rceil$ windows begins at $(n-1)S$ and is $K$ wide, so
#
# $$\text{total} = \max\bigl((n-1)\,S + K - N,\; 0\bigr).$$
#
# Half of them (rounded down) go in front, the rest at the end. *By hand:* $N = 6$, $K = 3$, $S = 2$ has $n = 3$ windows. The last begins at 4 and ends at 7, so one zero is missing: **none before, one after.** Programs written for PyTorch and Caffe mostly name the zeros themselves, and put (K − 1)/2 on each side. (PyTorch's own `padding="same"` exists for stride 1 only.)

# %%
show(*course.draw_same(6, 3, 2, course.keras_zeros(6, 3, 2)))

# %% [markdown]
# Both give three windows, but **not the same three**: all have moved by one pixel. The shapes agree, no error is raised, and every number is different. Move the slider; when do the two agree?

# %%
slide(course.draw_strided, "more pixels", stop=7, value=2)

# %% [markdown] exercise="same_padding_amounts"
# How many zeros does Keras put before and after, along one axis?


# %% answer="same_padding_amounts"
def same_padding_amounts(size, kernel, stride):
    """The zeros of padding="same" along one axis, as Keras puts them.

    size, kernel, stride: integers ≥ 1. Returns (before, after), two integers.
    """
    ### BEGIN SOLUTION
    windows = -(-size // stride)
    missing = max((windows - 1) * stride + kernel - size, 0)
    return missing // 2, missing - missing // 2
    ### END SOLUTION


# %% test="same_padding_amounts"
check(same_padding_amounts)

# %%
x, w = np.arange(1, 7).reshape(1, 1, 6, 1), np.array([1, 10, 100]).reshape(1, 3, 1, 1)
strided = {"strides": (1, 2), "use_bias": False}
same = layers.Conv2D(1, (1, 3), padding="same", **strided)
print("Keras, same:     ", run(same, x, w).ravel())
framed = np.pad(x, ((0, 0), (0, 0), (1, 1), (0, 0)))
print("one on each side:", run(layers.Conv2D(1, (1, 3), **strided), framed, w).ravel())
if ready(same_padding_amounts):
    for size, kernel, stride in ((512, 3, 1), (512, 3, 2), (224, 7, 2), (512, 4, 1)):
        each = (kernel - 1) // 2
        keras_puts = same_padding_amounts(size, kernel, stride)
        print(f"{size} pixels, kernel {kernel}, stride {stride}: ", end="")
        print(f"Keras {keras_puts}, symmetric {(each, each)}")

# %% [markdown]
# **What you should see.** 321, 543, 65 against 210, 432, 654. The two ways agree for **odd kernels with stride 1**. They differ for stride 2 on an even size (224 with a kernel of 7 is the first layer of ResNet), and for even kernels, where no symmetric padding keeps the size. Whoever carries trained weights from PyTorch to Keras must pad by hand, with `ZeroPadding2D`, and then convolve with `padding="valid"`. Keras's own ResNet does so.
#
# Even kernels lean in SciPy too, and not always to the same side: in mode *same* `correlate2d` puts the odd zero at the end, as Keras does, `correlate` and `convolve2d` with the flipped kernel put it in front.
#
# ## Which axis holds the channels?
# Memory is one long row of numbers. An image may lie in it pixel after pixel, red, green, blue, red, green, blue: **channels last**. Or sheet after sheet, all red, then all green, then all blue: **channels first**. The numbers are the same; only their order differs.

# %%
show(*course.draw_memory(2, 3))

# %% [markdown]
# | library | images | weights |
# |---|---|---|
# | Keras, TensorFlow, this course | (batch, rows, cols, channels) | (krow, kcol, channels, num_filters) |
# | Keras with `data_format="channels_first"` | (batch, channels, rows, cols) | the same as above |
# | PyTorch | (batch, channels, rows, cols) | (num_filters, channels, krow, kcol) |

# %% [markdown] exercise="to_channels_first"
# Bring a batch of images from channels last to channels first.


# %% answer="to_channels_first"
def to_channels_first(images):
    """Move the channels in front of rows and columns.

    images: array (batch, rows, cols, channels). Returns an array (batch, channels, rows, cols).
    """
    ### BEGIN SOLUTION
    return np.moveaxis(images, -1, 1)
    ### END SOLUTION


# %% test="to_channels_first"
check(to_channels_first)

# %% [markdown]
# Now give a layer channels first, with `data_format="channels_first"`. Not every program can compute it. TensorFlow has this convolution for graphics cards; for a processor it has it only with the library **oneDNN**, which not every processor has. Without it the layer stops with an `UnimplementedError`.
#
# There is a detour that works everywhere: turn the axes, convolve channels last, and turn the result back. Frameworks do it inside, too. It costs two copies of the numbers in memory.

# %%
if ready(to_channels_first):
    turned, weights = to_channels_first(photo[None]), (W, np.zeros(4))
    last = run(layers.Conv2D(4, 9), np.moveaxis(turned, 1, -1), *weights)
    detour = to_channels_first(last)
    print("channels last: ", photo[None].shape, "→", last.shape)
    print("by the detour: ", turned.shape, "→", detour.shape)
    try:
        direct = run(layers.Conv2D(4, 9, data_format="channels_first"), turned, *weights)
        same = np.allclose(direct, detour, atol=1e-5)
        print("directly:      ", turned.shape, "→", direct.shape, "the same to 1e-5:", same)
    except UnimplementedError:
        print("directly:       this TensorFlow cannot, on this processor")

# %% [markdown]
# **What you should see.** (1, 368, 487, 3) becomes (1, 360, 479, 4), and by the detour (1, 3, 368, 487) becomes (1, 4, 360, 479). If your TensorFlow can do it directly, you get the same numbers. The order in memory changes **how fast** a program is and whether it runs at all. The result stays the same, up to rounding.

# %% [markdown]
# ## The same numbers, by your own hands
# You now know everything that `Conv2D` does: no reversal, a sum over channels, a bias for each filter, strides for rows and columns, and its zeros. So your own layer must give **the same numbers**, not merely similar pictures.

# %% [markdown] exercise="numpy_equals_keras"
# Write the layer in NumPy. Use your `same_padding_amounts`.


# %% answer="numpy_equals_keras"
def numpy_equals_keras(images, weights, bias, strides, padding):
    """What keras.layers.Conv2D computes, with NumPy alone.

    images: array (batch, rows, cols, channels); weights: array (krow, kcol, channels, num_filters);
    bias: array (num_filters,); strides: (for rows, for columns); padding: "valid" or "same".
    Returns a float array (batch, out_rows, out_cols, num_filters).
    """
    ### BEGIN SOLUTION
    krow, kcol, _, num_filters = weights.shape
    frame = [(0, 0)] * 4
    if padding == "same":
        frame[1] = same_padding_amounts(images.shape[1], krow, strides[0])
        frame[2] = same_padding_amounts(images.shape[2], kcol, strides[1])
    padded = np.pad(images, frame)
    rows = (padded.shape[1] - krow) // strides[0] + 1
    cols = (padded.shape[2] - kcol) // strides[1] + 1
    result = np.zeros((len(images), rows, cols, num_filters))
    for i, j in np.ndindex(rows, cols):
        top, left = i * strides[0], j * strides[1]
        window = padded[:, top : top + krow, left : left + kcol]
        result[:, i, j] = np.tensordot(window, weights, axes=3) + bias
    return result
    ### END SOLUTION


# %% test="numpy_equals_keras"
check(numpy_equals_keras)

# %%
random = np.random.default_rng(8)
small = photo[None, ::4, ::4]  # 92 × 122 pixels, so that loops in Python are no pain
if ready(same_padding_amounts, numpy_equals_keras):
    worst = 0
    pairs = ((3, 3), (1, 1)), ((3, 3), (2, 2)), ((4, 2), (2, 3)), ((9, 9), (1, 1))
    for size, strides in pairs:
        for padding in ("valid", "same"):
            kernels, bias = random.normal(size=(*size, 3, 4)), random.normal(size=4)
            ours = numpy_equals_keras(small, kernels, bias, strides, padding)
            theirs = run(layers.Conv2D(4, size, strides, padding), small, kernels, bias)
            off = np.abs(ours - theirs).max() / np.abs(ours).max()
            worst = max(worst, off)
            print(f"{size} stride {strides} {padding:5s} → {theirs.shape[1:3]}: {off:.0e}")
    print("agree to 1e-5:", worst < 1e-5)

# %% [markdown]
# **What you should see.** Eight layers, all equal to yours within a few parts in ten million, which is `float32`'s rounding. The box is open.
#
# ## Three engines, one layer
# Behind Keras stands one of three engines: TensorFlow, JAX or PyTorch. The environment variable `KERAS_BACKEND` chooses, *before* Keras is imported; so another engine needs a Python process of its own. Each must give the same numbers, also with strides, an even kernel and "same" padding.

# %%
kernels, bias = random.normal(size=(4, 3, 3, 4)), random.normal(size=4)
here = run(layers.Conv2D(4, (4, 3), (2, 3), padding="same"), small, kernels, bias)
there = course.on_other_backends(course.ONE_LAYER, images=small, kernels=kernels, bias=bias)
for backend, numbers in there.items():
    off = np.abs(numbers - here).max() / np.abs(here).max()
    print(f"{backend}: largest difference {off:.0e}, the same to 1e-5: {off < 1e-5}")

# %% [markdown]
# Which of them run depends on what is installed beside this notebook (in Colab all three are). Engines may differ in the last digits: a sum of rounded numbers depends a little on the order in which they are added.
#
# ## Relative 1: depthwise
# An ordinary filter looks at all channels. A **depthwise** convolution gives each channel a kernel of its own, and mixes nothing: 3 channels in, 3 out. With a *depth multiplier* of 2 each channel has two kernels, and 6 come out. *By hand:* the pixel (5, 7) and kernels of one number, [1, 2] for channel 0 and [3, 4] for channel 1, give (5, 10, 21, 28).
#
# Keras keeps its kernels in an array (krow, kcol, channels, multiplier). It is nothing new: an ordinary convolution with many zeros does the same.

# %% [markdown] exercise="depthwise_from_conv"
# Write down these ordinary weights. Kernel $q$ of channel $n$ belongs to filter $n \cdot \text{multiplier} + q$.


# %% answer="depthwise_from_conv"
def depthwise_from_conv(depthwise):
    """The weights with which an ordinary Conv2D does what a DepthwiseConv2D does.

    depthwise: array (krow, kcol, channels, multiplier).
    Returns a float array (krow, kcol, channels, channels · multiplier).
    """
    ### BEGIN SOLUTION
    krow, kcol, channels, multiplier = depthwise.shape
    ordinary = np.zeros((krow, kcol, channels, channels * multiplier))
    for n in range(channels):
        own = slice(n * multiplier, (n + 1) * multiplier)
        ordinary[:, :, n, own] = depthwise[:, :, n]
    return ordinary
    ### END SOLUTION


# %% test="depthwise_from_conv"
check(depthwise_from_conv)

# %%
three = np.stack([np.full((3, 3), 1 / 9), GX, GX.T], axis=-1)[..., None]
mixed = run(layers.DepthwiseConv2D(3, use_bias=False), photo[None], three)
names = ["red, blurred", "green, x-gradient", "blue, y-gradient"]
alt = "The red channel blurred, the green one's vertical edges, the blue one's level edges."
show_images(list(np.moveaxis(mixed[0], 2, 0)), names, alt, symmetric=True)
if ready(depthwise_from_conv):
    ordinary = depthwise_from_conv(three)
    show(*course.draw_bank(ordinary, ["filter 0", "filter 1", "filter 2"], sees))
    off = run(layers.Conv2D(3, 3, use_bias=False), photo[None], ordinary) - mixed
    print(f"ordinary with zeros against depthwise: {np.abs(off).max():.0e} off")

# %% [markdown]
# **What you should see.** Each map comes from one colour only, and the table of kernels holds zeros off its diagonal. 27 weights do what 81 did.
#
# ## Relative 2: separable
# A **depthwise separable** convolution first goes depthwise in space, then mixes the channels with a 1 × 1 convolution (*pointwise*). It can only make kernels of the form $D[i,j,k]\,P[k,\ell]$, which is little freedom for few parameters. *By hand:* from 64 to 128 channels with 3 × 3, an ordinary layer has 9·64·128 = 73,728 weights, a separable one 9·64 + 64·128 = 8,768: 8.4 times fewer.
#
# You know a layer of this form: the colour filters $G[i,j]\,C[\ell,k]$. Blur each channel, then mix.

# %%
depth, point = np.repeat(G[:, :, None, None], 3, axis=2), C.T[None, None]
separable = layers.SeparableConv2D(4, 9)
answers = run(separable, photo[None], depth, point, np.zeros(4))
whole = run(layers.Conv2D(4, 9), photo[None], W, np.zeros(4))
off = np.abs(answers - whole).max()
print(f"{separable.count_params()} parameters against 976; {off:.0e} off")
blurred = run(layers.DepthwiseConv2D(9, use_bias=False), photo[None], depth)[0]
titles = ["red, blurred", "green, blurred", "blue, blurred", "mixed: likes red"]
alt = "Three blurred channels, and the map that likes red, mixed from them."
show_images([*np.moveaxis(blurred, 2, 0), answers[0, :, :, 0]], titles, alt, height=2.6)

# %% [markdown]
# **What you should see.** 9·9·3 + 3·4 + 4 = 259 parameters give what 976 gave. MobileNet (Unit 16) and Xception (Unit 26) are made of such layers.
#
# ## Relative 3: dilated
# A **dilated** convolution pulls the kernel's numbers apart: with dilation $d$ they lie on every $d$-th pixel. *By hand:* [1, 2, 3] with dilation 2 on [1, 2, 3, 4, 5, 6] is 1·1 + 2·3 + 3·5 = **22**, then 1·2 + 2·4 + 3·6 = **28**. It sees 5 pixels with 3 weights. In general a kernel reaches over $d(K-1)+1$ pixels.

# %%
w = np.array([1, 2, 3]).reshape(1, 3, 1, 1)
print(run(layers.Conv2D(1, (1, 3), dilation_rate=(1, 2), use_bias=False), x, w).ravel())
reach = {}
for d in (1, 2, 4):
    layer = layers.Conv2D(1, 3, dilation_rate=d, use_bias=False)
    edges = run(layer, images, GX[:, :, None, None])
    reach[f"dilation {d}: sees {2 * d + 1} × {2 * d + 1}"] = edges
alt = "The x-gradient of the photograph three times, with ever broader edges."
show_images([m[0, :, :, 0] for m in reach.values()], list(reach), alt, symmetric=True)

# %% [markdown] exercise="dilated_kernel"
# **Repair.** An ordinary convolution with zeros in its kernel does the same. The function below should make such a kernel. But see the tables: even with dilation 1 it pulls the numbers apart. Mend it.


# %% answer="dilated_kernel"
def dilated_kernel(kernel, dilation):
    """The ordinary kernel that does what a dilated one does.

    kernel: array (krow, kcol); dilation: integer ≥ 1, the same for rows and columns.
    Returns an array (dilation · (krow − 1) + 1, dilation · (kcol − 1) + 1), with zeros between.
    """
    ### BEGIN SOLUTION
    step = dilation
    rows, cols = step * (np.array(kernel.shape) - 1) + 1
    spread = np.zeros((rows, cols))
    spread[::step, ::step] = kernel
    return spread
    ### END SOLUTION


# %%
nine = np.arange(1, 10).reshape(3, 3)
tables = {f"dilation {d}": dilated_kernel(nine, d) for d in (1, 2)}
show(*course.draw_tables(tables, "The numbers 1 to 9 of a kernel, pulled apart."))

# %% test="dilated_kernel"
check(dilated_kernel)

# %% [markdown]
# **Predict before you run.** Three layers of 3 × 3 with dilations 1, 2 and 4: how many pixels does one unit see along an axis?

# %%
guess = None
predict(guess, right=1 + 2 * (1 + 2 + 4), why="Each layer adds its dilation on both sides.")

# %%
for dilations in ((1, 1, 1), (1, 2, 4)):
    spread = np.zeros((1, 31, 31, 1))
    spread[0, 15, 15] = 1
    for d in dilations:
        layer = layers.Conv2D(1, 3, dilation_rate=d, padding="same", use_bias=False)
        spread = run(layer, spread, np.ones((3, 3, 1, 1)))
    side = np.count_nonzero(spread[0, 15])
    print(f"three layers 3×3, dilations {dilations}: one unit sees {side} × {side} pixels")

# %% [markdown]
# **What you should see.** Nine weights each time, but coarser edges. Three layers in a row with dilations 1, 2, 4 see 15 × 15 pixels instead of 7 × 7, at the same cost, and no map gets smaller. Nets that label every pixel use this (Unit 22).

# %% [markdown] exercise="design_dilations"
# **Design.** With dilations 2, 2, 2 a unit sees as far as 13 pixels, but only every second one. Find dilations that leave no gap.


# %% answer="design_dilations"
def design_dilations(field, most):
    """Dilations of layers with kernel 3 that see a whole field.

    field: odd integer, pixels along an axis; most: largest number of layers.
    Returns a list of at most `most` integers from 1 to 100. One unit of the last layer sees
    every pixel up to (field − 1) / 2 to the left and to the right. It may see more.
    """
    ### BEGIN SOLUTION
    return [2**layer for layer in range(most)]
    ### END SOLUTION


# %% test="design_dilations"
check(design_dilations)

# %% [markdown]
# ## Relative 4: transposed
# Convolution with stride 2 makes images smaller. **Transposed** convolution goes the other way: each input pixel *stamps* the kernel, times its value, onto a larger canvas; the next stamp lies 2 pixels further; where stamps overlap they add. *By hand:* [1, 10] with [1, 2, 3], stride 2: [1, 2, 3, 0, 0] + [0, 0, 10, 20, 30] = **[1, 2, 13, 20, 30]**. From $N$ come $(N-1)S + K$ numbers.

# %%
stamp = layers.Conv2DTranspose(1, (1, 3), strides=(1, 2), use_bias=False)
canvas = run(stamp, np.array([1, 10]).reshape(1, 1, 2, 1), w).ravel()
print(canvas)
empty, ones = np.nan, np.ones((3, 3, 1, 1))
stamps = np.array([[1, 2, 3, empty, empty], [empty, empty, 10, 20, 30], canvas])
twice = layers.Conv2DTranspose(1, 3, strides=2, use_bias=False)
cover = run(twice, np.ones((1, 4, 4, 1)), ones)[0, :, :, 0]
tables = {"two stamps and their sum": stamps, "ones from ones: how many stamps?": cover}
alt = "Two stamps overlap in one place; on a canvas of 9 by 9 places get 1, 2 or 4."
show(*course.draw_tables(tables, alt))

# %%
tent = np.outer([1, 2, 1], [1, 2, 1]).reshape(3, 3, 1, 1) / 4
face = images[:, 120:184, 225:289]
enlarged = [run(twice, face, kernel)[0, :, :, 0] for kernel in (ones, tent)]
titles = ["64 × 64", "stamps of ones: a checkerboard", "stamps of [1, 2, 1]: smooth"]
alt = "A face; enlarged with a disturbing grid; enlarged smoothly."
show_images([face[0, :, :, 0], *enlarged], titles, alt, height=3.3)
# Transposed means: ⟨convolution of a, b⟩ = ⟨a, transposed convolution of b⟩.
a, b = random.normal(size=(1, 9, 9, 1)), random.normal(size=(1, 4, 4, 1))
halved = run(layers.Conv2D(1, 3, strides=2, use_bias=False), a, GX[:, :, None, None])
doubled = run(twice, b, GX[:, :, None, None])
print(f"{np.sum(halved * b):.5f} = {np.sum(a * doubled):.5f}")

# %% [markdown]
# **What you should see.** Stamps of 3 with stride 2 overlap unevenly, so a canvas of ones becomes 1, 2 and 4: the *checkerboard* that older image generators show. A tent-shaped kernel evens it out, except at the rim.
#
# It is not the inverse of convolution. It is the transpose: written as a matrix, convolution takes $a$ to $Ma$ and the transposed one $b$ to $M^\top b$. You met it in Unit 7: the gradient of a convolution with respect to its input.
#
# ## Summary
# - `Conv2D` convolves without reversal. Images are (batch, rows, cols, channels), weights (krow, kcol, channels, num_filters).
# - Set known weights and look: this tests any layer, and any library.
# - "same" gives ⌈N/S⌉ places. Keras puts the odd zero at the end; for stride 2 or even kernels this is not symmetric padding.
# - Channels first or last is a matter of order in memory, not of numbers. `reshape` is not `transpose`.
# - Depthwise: a kernel for each channel. Separable: depthwise, then 1 × 1. Dilated: a kernel with gaps. Transposed: stamps that add up.
#
# ## Questions
# 1. How many parameters has `Conv2D(32, 5)` on a colour image, and how many with `use_bias=False`?
# 2. A layer 3 × 3 with stride 2 and "same" sees images of 225 × 225. Where are the zeros?
# 3. How many parameters has `DepthwiseConv2D(3, depth_multiplier=2)` on 16 channels, with bias?
# 4. `Conv2DTranspose(1, 4, strides=2)` instead of 3: does a canvas of ones show a checkerboard?
#
# <details><summary>Key</summary>
#
# 1. 5·5·3·32 + 32 = 2,432, and 2,400.
# 2. ⌈225/2⌉ = 113 windows, 112·2 + 3 − 225 = 2 zeros: one on each side.
# 3. 3·3·16·2 + 32 = 320.
# 4. Not inside: 4 is a multiple of 2, so every inner place gets the same number of stamps. Only the rim has fewer.
#
# </details>
#
# ## Open work
# No key is given. Each asks for a measurement; keep your numbers.
#
# 1. Time `Conv2D`, `DepthwiseConv2D` and `SeparableConv2D` on 64 × 64 × 64 maps, 3 × 3, 64 filters. How far is the gain in time from the gain in products, and what might eat it up?
# 2. Take 64 random ordinary 3 × 3 filters and approximate each by one depthwise kernel times channel weights (`np.linalg.svd` of the 9 × channels table). How large is the error? And for the first layer of a trained net (Unit 9)?
# 3. Send a single bright pixel through three layers 3 × 3 with dilations 2, 2, 2, and with those of `design_dilations`. How often is each pixel seen, and which never?
#
# ## References
# - F. Chollet and others, *Keras*, 2015, keras.io: the pages on convolution layers.
# - V. Dumoulin and F. Visin, *A guide to convolution arithmetic for deep learning*, arXiv 1603.07285, 2016: padding, strides, transposed convolution, in pictures.
# - L. Sifre, *Rigid-motion scattering for image classification*, PhD thesis, École Polytechnique, 2014: separable layers; F. Chollet, *Xception*, CVPR 2017.
# - F. Yu and V. Koltun, *Multi-scale context aggregation by dilated convolutions*, ICLR 2016.
# - M. Zeiler, D. Krishnan, G. Taylor and R. Fergus, *Deconvolutional networks*, CVPR 2010.
# - A. Odena, V. Dumoulin and C. Olah, *Deconvolution and checkerboard artifacts*, Distill, 2016.
# - S. Rangan, *Introduction to Machine Learning*, lecture 10, New York University: the gradient and the colour net.
