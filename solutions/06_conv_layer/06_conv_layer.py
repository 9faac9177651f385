# %% [markdown]
# # Unit 6 · The convolutional layer
#
# **You will be able to**
#
# - write a convolutional layer with channels, stride, padding, bias and batch, and say what bounds its speed;
# - pool in five ways, and normalise across channels as AlexNet did;
# - say how far one unit sees;
# - write the table of any net, with sizes, activations and parameters, from its description alone.
#
# **Time** about three and a half hours. **Before this** Unit 3: convolution in two dimensions, and Unit 5: a small net by hand.

# %% setup="numpy"
import numpy as np
import skimage.data
from numpy.lib.stride_tricks import sliding_window_view

from convcourse.check import check, ready
from convcourse.figures import show, show_images
from convcourse.pictures import conv_layer as course
from convcourse.pictures.conv_layer import conv3, output_size
from convcourse.predictions import predict
from convcourse.widgets import slide

# %% [markdown]
# ## What does a net cost?
#
# In 2014 a net called VGG16 was among the best at naming what a photograph shows. It has 16 layers with weights, and **138 million numbers** had to be learned. Where do they sit? How much memory does one photograph take on its way through? Would fewer layers be cheaper? You can answer with pencil and paper once you know exactly what each layer does. We practise on a toy: a net that sorts small colour images into ten classes.

# %%
show(*course.draw_volumes(course.TOY_VOLUMES, "A toy net: rows × cols × channels"))

# %% [markdown]
# ## Channels
#
# Until now an image was one sheet of numbers. A colour image has three, and the output of a layer has as many as the layer has filters: its **channels**. A filter has a kernel for *every* input channel. It lays each on its channel, adds everything up, and adds one number of its own, the **bias**:
#
# $$Z[i, j, m] = \sum_{k_1}\sum_{k_2}\sum_{n} W[k_1, k_2, n, m]\; X[i + k_1,\, j + k_2,\, n] \;+\; b[m].$$
#
# Here $n$ is the input channel and $m$ the filter; each filter makes one channel of the output. There is no reversal. *By hand:* two channels, one filter, bias 1. At the first place channel 0 gives 1·1 + 2·1 = 3 and channel 1 gives 1·0 − 1·1 = −1. With the bias: **3**. The second place gives 8 + 0 + 1 = **9**.

# %%
image = np.stack([[[1, 2, 0], [0, 1, 3]], [[2, 0, 1], [1, 1, 0]]], axis=-1)
kernel = np.stack([[[1, 0], [0, 2]], [[0, 1], [-1, 0]]], axis=-1)
show(*course.draw_place(image, kernel, 1, 1))
# A larger image: predict the next number before you move on.
larger = np.random.default_rng(6).integers(0, 4, size=(4, 5, 2))
slide(lambda place: course.draw_place(larger, kernel, 1, place), "place", stop=11, value=3)

# %% [markdown]
# Two things from Unit 3 come along: **padding** puts zeros around rows and columns (never around channels), and with **stride** $S$ the window of output $(i, j)$ starts at row $iS$, column $jS$. `output_size(size, kernel, stride, padding)` is your `conv_output_size`, ready made. And there is a fourth axis in front: images come in a **batch**, because a processor handles many together faster than one by one.

# %% [markdown] exercise="channels_last"
# **Repair.** Some programs put the channels *before* the rows: (batch, channels, rows, cols). Ours come last. The function below should move them. The shape comes out right, but see the astronaut: `reshape` keeps all numbers in their order and cuts them anew. Mend it.


# %% answer="channels_last"
def channels_last(images):
    """Images with their channels moved from the second axis to the last.

    images: array (batch, channels, rows, cols). Returns the same pixels as (batch, rows, cols, channels).
    """
    ### BEGIN SOLUTION
    return images.transpose(0, 2, 3, 1)
    ### END SOLUTION


# %%
sheets = np.moveaxis(skimage.data.astronaut(), -1, 0)[None]  # (1, 3, 512, 512)
titles, alt = (
    ["red", "green", "blue", "together"],
    "Three sheets, and the colour image of them.",
)
show_images([*sheets[0], channels_last(sheets)[0]], titles, alt)

# %% test="channels_last"
check(channels_last)

# %% [markdown] exercise="conv2d_multi"
# Write the layer. Most of the course builds on it.


# %% answer="conv2d_multi"
def conv2d_multi(images, weights, bias, stride, padding):
    """A convolutional layer: convolution without reversal, summed over channels, plus bias.

    images: array (batch, rows, cols, channels), integers or floats;
    weights: array (krow, kcol, channels, num_filters);
    bias: array (num_filters,); stride ≥ 1; padding ≥ 0 zeros on all four sides of each image.
    Returns a float array (batch, out_rows, out_cols, num_filters).
    """
    ### BEGIN SOLUTION
    frame = (padding, padding)
    padded = np.pad(images, ((0, 0), frame, frame, (0, 0)))
    krow, kcol, _, num_filters = weights.shape
    rows = output_size(images.shape[1], krow, stride, padding)
    cols = output_size(images.shape[2], kcol, stride, padding)
    result = np.zeros((len(images), rows, cols, num_filters))
    for i, j in np.ndindex(rows, cols):
        top, left = i * stride, j * stride
        window = padded[:, top : top + krow, left : left + kcol]
        result[:, i, j] = np.tensordot(window, weights, axes=3) + bias
    return result
    ### END SOLUTION


# %% test="conv2d_multi"
check(conv2d_multi)

# %% [markdown]
# A classic question: 32 × 32 × 3 in, ten filters 5 × 5, stride 1, padding 2. What comes out, and how many numbers are to be learned? Each filter has 5·5·3 = 75 weights and a bias, so 76, and ten of them 760.

# %%
random = np.random.default_rng(0)
W, b = random.normal(size=(5, 5, 3, 10)), random.normal(size=10)
print("parameters:", W.size, "+", b.size, "=", W.size + b.size)
if ready(conv2d_multi):
    result = conv2d_multi(random.normal(size=(1, 32, 32, 3)), W, b, stride=1, padding=2)
    print("32×32×3 →", "×".join(map(str, result.shape[1:])))

# %% [markdown]
# ## How fast can it be?
#
# The work is easy to count: each number of the result takes krow · kcol · channels products, each added to a sum. The course has the same layer (valid, stride 1, no bias) in three versions:
#
# - **loops**: seven loops in plain Python;
# - **windows**: a view of all windows, and `einsum` over it. Nothing is copied;
# - **im2col**: every window copied into a row of a table, then one matrix product.
#
# And there is a floor. Multiplying matrices is what processors are best at, so we time a bare product of two square matrices **with the same number of multiply-adds**, on one core like the rest. Nothing in this notebook can be expected to do much better.

# %%
racers = dict(course.RACERS)  # name → function, and the largest image that we have time for
if ready(conv2d_multi):
    racers["yours"] = (lambda images, w: conv2d_multi(images, w, np.zeros(16), 1, 0), 128)
times, work = course.race(racers, random.normal(size=(3, 3, 8, 16)))
show(*course.draw_race(times, "One layer, 3×3×8×16, and the speed of a matrix product"))
course.print_race(times, work, size=32)
if "yours" in racers:  # the code of the other two, now that you have your own
    course.print_sources()

# %% [markdown]
# **What you should see.** Beyond the smallest images all lines rise with slope 2: twice the side, four times the work. The loops take hundreds or thousands of times as long as the floor (the table says how many), because Python spends far more on each step than on the product in it. The windows avoid Python; im2col also uses the machine's fastest routine and comes much nearer to the floor. What is left of the gap is the copying, and a thin matrix: 16 filters make 16 columns.

# %% [markdown]
# ## Pooling
#
# After a convolution has asked "is it *here*?", it is often enough to know "is it *about* here?". **Pooling** summarises each window by one number, for each channel by itself. It has no weights. When the stride is smaller than the window, the windows overlap; AlexNet pools 3 × 3 with stride 2. Unlike Unit 5's pooling, which kept the ragged edge, ours counts whole windows only, like most libraries.

# %%
show(*course.draw_pooling())

# %% [markdown] exercise="max_pool2d"
# Take the largest number of each window.


# %% answer="max_pool2d"
def max_pool2d(images, size, stride):
    """Max pooling over size × size windows that lie wholly inside.

    images: array (batch, rows, cols, channels); size, stride ≥ 1.
    Returns an array (batch, out_rows, out_cols, channels), sizes as for a convolution without padding.
    """
    ### BEGIN SOLUTION
    every_window = sliding_window_view(images, (size, size), axis=(1, 2))
    return every_window[:, ::stride, ::stride].max(axis=(4, 5))
    ### END SOLUTION


# %% test="max_pool2d"
check(max_pool2d)

# %% [markdown] exercise="avg_pool2d"
# Now the mean.


# %% answer="avg_pool2d"
def avg_pool2d(images, size, stride):
    """Average pooling over size × size windows that lie wholly inside.

    images: array (batch, rows, cols, channels); size, stride ≥ 1.
    Returns a float array (batch, out_rows, out_cols, channels).
    """
    ### BEGIN SOLUTION
    every_window = sliding_window_view(images, (size, size), axis=(1, 2))
    return every_window[:, ::stride, ::stride].mean(axis=(4, 5))
    ### END SOLUTION


# %% test="avg_pool2d"
check(avg_pool2d)

# %% [markdown]
# ### What pooling forgives
#
# Convolution with stride 1 is **equivariant**: when the camera moves, its map moves along (Units 1 and 3). To name what is seen one wants **invariance**: the numbers should stay as they are. Pooling is a step on that way. Before you run the cell, guess: the camera moves by 1, 2, 4 or 8 pixels. Which of the four maps changes least, and does the order stay the same for all moves?

# %%
if ready(conv2d_multi, max_pool2d, avg_pool2d):
    coins = skimage.data.coins()[60:190] / 255
    gx = np.array([[1, 0, -1], [2, 0, -2], [1, 0, -1]])[:, :, None, None]
    views = np.stack([coins[:, 100 + n : 230 + n] for n in (0, 1, 2, 4, 8)])[..., None]
    edges = np.abs(conv2d_multi(views, gx, np.zeros(1), stride=1, padding=0))
    maps = {
        "edges": edges,
        "max 2×2, stride 2": max_pool2d(edges, 2, 2),
        "max 8×8, stride 8": max_pool2d(edges, 8, 8),
        "average 8×8, stride 8": avg_pool2d(edges, 8, 8),
    }
    alt = "Edges of coins as fine outlines, and three pooled versions, two very coarse."
    show_images([views_of[0, :, :, 0] for views_of in maps.values()], list(maps), alt)
    maps["average of all"] = edges.mean(axis=(1, 2), keepdims=True)
    course.print_changes(maps)

# %% [markdown]
# **What you should see.** The columns are moves by 1, 2, 4 and 8 pixels. The more is pooled, the less a movement matters, and the less is known about the place. A window of 8 × 8 forgives moves that are small beside 8 pixels, not one of 8 pixels. Only the average of the whole map is nearly invariant; what is left is what came in at one edge of the picture and left at the other. The maximum keeps the peaks of thin edges; the average lets them fade.
#
# ### Fractional pooling
#
# Pooling 2 × 2 throws away three quarters of the numbers at once. Benjamin Graham (2014) shrinks more gently, by a factor $\alpha$ between 1 and 2 a side. A region cannot be 1.4 pixels wide, so some are 1 and some 2, in an irregular order: region $i$ reaches from bound $a_i$ to $a_{i+1}$, with
#
# $$a_i = \lceil \alpha\,(i + u) \rceil - \lceil \alpha\, u \rceil, \qquad \alpha = \frac{N_\text{in}}{N_\text{out}},$$
#
# and $u$ drawn at random between 0 and 1, anew each time. (Graham counts from 1; the subtraction makes us start at 0.) Another $u$ is another cut, so the net never sees the same grid twice.

# %%
tile, cuts = np.random.default_rng(3).integers(0, 10, size=(7, 10)), {}
for u in (0.1, 0.6):
    rows, cols = cuts[f"u = {u}"] = [course.graham_bounds(*n, u) for n in ((7, 5), (10, 7))]
    print(f"u = {u}: rows {rows}, columns {cols}")
show(*course.draw_regions(tile, cuts))

# %% [markdown] exercise="fractional_max_pool"
# Pool the regions between given bounds. Without overlap region $(i, j)$ holds the rows $a_i$ to $a_{i+1} - 1$; with overlap it holds row $a_{i+1}$ as well, if there is one; the same for the columns.


# %% answer="fractional_max_pool"
def fractional_max_pool(images, row_bounds, col_bounds, overlapping):
    """Max pooling over regions of unequal size.

    images: array (batch, rows, cols, channels); overlapping: True or False;
    row_bounds: array of R + 1 increasing integers, 0 to rows; col_bounds: C + 1, 0 to cols.
    Returns an array (batch, R, C, channels).
    """
    ### BEGIN SOLUTION
    R, C = len(row_bounds) - 1, len(col_bounds) - 1
    pooled = np.zeros((images.shape[0], R, C, images.shape[3]))
    for i, j in np.ndindex(R, C):
        bottom, right = row_bounds[i + 1] + overlapping, col_bounds[j + 1] + overlapping
        region = images[:, row_bounds[i] : bottom, col_bounds[j] : right]
        pooled[:, i, j] = region.max(axis=(1, 2))
    return pooled
    ### END SOLUTION


# %% test="fractional_max_pool"
check(fractional_max_pool)

# %%
if ready(fractional_max_pool):
    sheet = tile[None, :, :, None]
    pooled = [fractional_max_pool(sheet, *cut, False)[0, :, :, 0] for cut in cuts.values()]
    show(*course.draw_maps([tile, *pooled], ["before", "u = 0.1", "u = 0.6"]))

# %% [markdown] exercise="global_avg_pool"
# **Global pooling** is the other extreme: one window as large as the map. "How much of it is there, anywhere?" Each channel becomes one number, whatever the image's size. Newer nets (Unit 13) end so and need no large dense layer. Average each map.


# %% answer="global_avg_pool"
def global_avg_pool(images):
    """The mean of each channel.

    images: array (batch, rows, cols, channels). Returns a float array (batch, channels).
    """
    ### BEGIN SOLUTION
    return np.mean(images, axis=(1, 2))
    ### END SOLUTION


# %% test="global_avg_pool"
check(global_avg_pool)

# %% [markdown]
# ## Between dense and convolutional: locally connected
#
# A **dense** layer connects every output with every input. A convolution makes two cuts: a unit sees a small window only, and **all units of a map share their weights**. A **locally connected** layer makes the first cut and not the second: each place has kernels of its own. That suits images in which places differ, such as faces that are all cut out alike. One more pair of indices says it all: `W[i, j, k1, k2, n, m]`.

# %%
if ready(conv2d_multi):
    batch, w, bias = (random.normal(size=s) for s in ((2, 6, 7, 3), (3, 3, 3, 4), 4))
    own = np.broadcast_to(w, (4, 5, *w.shape))  # a set for each place, here all equal
    windows = sliding_window_view(batch, (3, 3), axis=(1, 2))
    local = np.einsum("bijnkl,ijklnm->bijm", windows, own) + bias
    shared = conv2d_multi(batch, w, bias, stride=1, padding=0)
    print("with equal weights everywhere a convolution:", np.allclose(local, shared))
    print(f"{w.size} shared weights, {own.size} if each place has its own")

# %% [markdown]
# ## Neighbours damp each other
#
# In the retina a cell that fires dampens the cells around it: *lateral inhibition*. It makes the strongest stand out. AlexNet (2012) imitated it across channels. With $a^i$ the activation of channel $i$ at some pixel,
#
# $$b^i = \frac{a^i}{\Bigl(k + \alpha \sum_{j=\max(0,\, i - \lfloor n/2 \rfloor)}^{\min(N-1,\, i + \lfloor n/2 \rfloor)} (a^j)^2\Bigr)^{\beta}}, \qquad k = 2,\; n = 5,\; \alpha = 10^{-4},\; \beta = 0.75.$$
#
# *By hand* with $k = \alpha = \beta = 1$, $n = 3$: from $a = [1, 2, 3]$ we get 1/(1 + 1 + 4) = 1/6, 2/(1 + 1 + 4 + 9) = 2/15 and 3/(1 + 4 + 9) = 3/14. (Caffe and PyTorch divide $\alpha$ by $n$; the paper and TensorFlow do not.)

# %% [markdown] exercise="local_response_norm"
# Normalise every pixel of every image. $n$ is odd and counts channel $i$ itself.


# %% answer="local_response_norm"
def local_response_norm(maps, k, alpha, beta, n):
    """Local response normalisation across channels, as in AlexNet.

    maps: array (batch, rows, cols, channels); k, alpha, beta: numbers; n: odd integer.
    Returns a float array of the same shape.
    """
    ### BEGIN SOLUTION
    squares, normal = np.square(maps, dtype=float), np.zeros(maps.shape)
    for i in range(maps.shape[3]):
        near = squares[..., max(0, i - n // 2) : i + n // 2 + 1]
        normal[..., i] = maps[..., i] / (k + alpha * near.sum(axis=-1)) ** beta
    return normal
    ### END SOLUTION


# %% test="local_response_norm"
check(local_response_norm)

# %%
if ready(local_response_norm):
    a = np.array([60, 0, 0, 60, 60, 0, 60, 200, 60, 0, 0, 60.0])
    normal = local_response_norm(a.reshape(1, 1, 1, -1), 2, 1e-4, 0.75, 5).ravel()
    show(*course.draw_inhibition(a, normal))
    print(f"60 becomes {normal[0]:.1f} all alone and {normal[6]:.1f} beside channel 7")

# %% [markdown]
# Later nets found that it helps little (VGG tried, Unit 12); batch normalisation took its place (Unit 10).
#
# ## How far does one unit see?
#
# A unit of the first 3 × 3 layer sees 3 × 3 pixels. A unit of the second sees 3 × 3 units of the first, which together see 5 × 5 pixels: its **receptive field**.

# %%
show(*course.draw_field([(3, 1), (3, 1), (3, 1)]))
stack = [(3, 1), (2, 2), (3, 1), (2, 2)]
slide(lambda n: course.draw_field(stack[:n]), label="layers", stop=4, value=2)

# %% [markdown] exercise="receptive_field"
# After a layer of stride 2 neighbouring units stand two pixels apart, so all layers above reach twice as far. Convolution and pooling count alike. Compute the field of one unit of the last layer, in pixels along one axis (at the border it would reach over the edge: count that too).


# %% answer="receptive_field"
def receptive_field(layers):
    """How many input pixels one unit of the last layer sees along an axis.

    layers: list of pairs (kernel, stride), the first layer first. Returns an integer.
    """
    ### BEGIN SOLUTION
    field, apart = 1, 1
    for kernel, stride in layers:
        field += apart * (kernel - 1)
        apart *= stride
    return field
    ### END SOLUTION


# %% test="receptive_field"
check(receptive_field)

# %% [markdown]
# Do not believe a formula that you can measure: put a one on a single pixel of a blank image, send it through layers of ones, and see how far it spreads. (With stride 1, as many units see a pixel as pixels are seen by a unit.)

# %%
if ready(conv2d_multi, receptive_field):
    spread = np.zeros((1, 15, 15, 1))
    spread[0, 7, 7] = 1
    for depth in (1, 2, 3):
        spread = conv2d_multi(spread, np.ones((3, 3, 1, 1)), np.zeros(1), 1, 1)
        seen, formula = np.count_nonzero(spread[0, 7]), receptive_field([(3, 1)] * depth)
        print(f"{depth} × 3×3: measured {seen}, formula {formula}")
    two, three = [(3, 1), (3, 1), (2, 2)], [(3, 1), (3, 1), (3, 1), (2, 2)]
    field = receptive_field(two + two + three + three + three)
    print("VGG16's last pooling sees", field, "of 224 pixels")

# %% [markdown]
# So three 3 × 3 layers see as much as one 7 × 7. Which is cheaper? That is the next thing to count.
#
# ## Counting
#
# We write a layer as a tuple:
#
# | layer | means |
# |---|---|
# | `("conv", num_filters, kernel, stride, padding)` | convolution, kernel × kernel |
# | `("local", num_filters, kernel, stride, padding)` | locally connected: weights *and biases* of its own at each output place |
# | `("pool", size, stride)` | pooling, whole windows only |
# | `("dense", units)` | every unit sees every number of the input |

# %% [markdown] exercise="layer_parameters"
# How many numbers does a layer have to learn, biases included?


# %% answer="layer_parameters"
def layer_parameters(layer, shape):
    """Number of weights and biases of a layer.

    layer: a tuple as in the table above; shape: the input's (rows, cols, channels). Returns an integer.
    """
    ### BEGIN SOLUTION
    kind, number, *rest = layer
    if kind == "pool":
        return 0
    if kind == "dense":
        return number * (np.prod(shape) + 1)
    shared = number * (rest[0] ** 2 * shape[2] + 1)
    if kind == "conv":
        return shared
    return shared * output_size(shape[0], *rest) * output_size(shape[1], *rest)
    ### END SOLUTION


# %% test="layer_parameters"
check(layer_parameters)

# %%
if ready(layer_parameters):
    for layer in (("conv", 10, 5, 1, 2), ("local", 10, 5, 1, 2), ("dense", 32 * 32 * 10)):
        number = layer_parameters(layer, (32, 32, 3))
        print(f"32×32×3 → 32×32×10, {layer[0]:6s}{number:12,d} parameters")
    C = 64  # input and output channels
    stack = 3 * (layer_parameters(("conv", C, 3, 1, 1), (56, 56, C)) - C)
    single = layer_parameters(("conv", C, 7, 1, 3), (56, 56, C)) - C
    print(f"three 3×3: {stack:,} weights = {stack / C**2:g} C²;", end=" ")
    print(f"one 7×7: {single:,} = {single / C**2:g} C²")

# %% [markdown]
# The three small layers see the same 7 × 7 pixels, need 27 C² weights against 49 C², and put two more ReLUs in between. That is VGG's main idea.

# %% [markdown] exercise="design_stack"
# **Design.** There are other ways to see far. Find a stack of layers, 16 filters each, that sees `field` pixels with few weights. A stride widens the steps of all layers above it; but the map gets thinner, so all strides together may multiply to 4 at most.


# %% answer="design_stack"
def design_stack(field, most):
    """Layers that see far at a low price.

    field, most: integers. Returns a list of pairs (kernel, stride), the first layer first, at most 50,
    with 1 ≤ stride ≤ kernel. One unit of the last layer sees `field` pixels or more along an axis. A layer
    has kernel² · channels · 16 weights, with 3 channels for the first and 16 for each other: in all at
    most `most`. The product of all strides is at most 4.
    """
    ### BEGIN SOLUTION
    layers = [(3, 2), (3, 2)]
    while receptive_field(layers) < field:
        layers.append((3, 1))
    return layers
    ### END SOLUTION


# %% test="design_stack"
check(design_stack)

# %% [markdown] exercise="layer_memory"
# And how many numbers come out? They must be kept in memory, during training until the way back (Unit 7).


# %% answer="layer_memory"
def layer_memory(layer, shape):
    """The shape of a layer's output and its number of activations.

    layer: a tuple as in the table above; shape: the input's (rows, cols, channels).
    Returns a pair: (out_rows, out_cols, out_channels), or (1, 1, units) for a dense layer;
    and the product of the three.
    """
    ### BEGIN SOLUTION
    kind, number, *rest = layer
    if kind == "dense":
        return (1, 1, number), number
    window = (number, rest[0], 0) if kind == "pool" else rest
    rows, cols = (output_size(length, *window) for length in shape[:2])
    channels = shape[2] if kind == "pool" else number
    return (rows, cols, channels), rows * cols * channels
    ### END SOLUTION


# %% test="layer_memory"
check(layer_memory)

# %% [markdown] exercise="network_table"
# Put it together: walk through a net, one line for each layer.


# %% answer="network_table"
def network_table(shape, layers):
    """A net's table: output rows, output cols, output channels, activations, parameters of each layer.

    shape: the image's (rows, cols, channels); layers: list of tuples as in the table above.
    Returns an integer array (or list of lists) of shape (number of layers, 5).
    """
    ### BEGIN SOLUTION
    lines = []
    for layer in layers:
        parameters = layer_parameters(layer, shape)
        shape, activations = layer_memory(layer, shape)
        lines.append([*shape, activations, parameters])
    return np.array(lines)
    ### END SOLUTION


# %% test="network_table"
check(network_table)

# %%
# First the toy net from the beginning. conv3(n) is short for ("conv", n, 3, 1, 1).
half = ("pool", 2, 2)
toy = [conv3(10), conv3(10), half, conv3(10), conv3(20), half, conv3(10), conv3(20), half]
toy += [("dense", 10)]
if ready(network_table):
    table = np.array(network_table((32, 32, 3), toy))
    course.print_table(toy, table)
    print("parameters:", *table[table[:, 4] > 0, 4], "in all", table[:, 4].sum())

# %% [markdown]
# **Predict before you run.** VGG16 has 13 convolutional layers and then three dense ones. How many per cent of its 138 million parameters sit in the dense ones?

# %%
guess = None
dense = sum(
    (n + 1) * units for n, units in [(7 * 7 * 512, 4096), (4096, 4096), (4096, 1000)]
)
predict(guess, round(100 * dense / 138_357_544), "A dense layer shares nothing.", close=0.1)

# %%
# And now VGG16.
vgg16 = [conv3(64)] * 2 + [half] + [conv3(128)] * 2 + [half] + [conv3(256)] * 3 + [half]
vgg16 += ([conv3(512)] * 3 + [half]) * 2 + [("dense", n) for n in (4096, 4096, 1000)]
if ready(network_table):
    table = np.array(network_table((224, 224, 3), vgg16))
    course.print_table(vgg16, table)
    print(f"parameters: {table[:, 4].sum():,} (published: 138,357,544)")
    total = table[:, 3].sum() + 224 * 224 * 3
    print(f"activations with the image: {total:,}, {4 * total / 1e6:.0f} MB in float32")
    show(*course.draw_costs(vgg16, table))

# %% [markdown]
# **What you should see.** Two different worlds. The **activations** sit early, where maps are large: the first two layers alone hold 42 % of them. The **parameters** sit late: the three dense layers hold 89 %, and the first of them, 7·7·512 · 4096, three quarters of the net. To save memory, shrink the maps early; to save parameters, get rid of the dense layers. Later nets did both (Units 13 to 16).
#
# **A slip that travels.** The lectures print this table line by line, without biases (our last column), and below it "24 M × 4 bytes ≈ 96 MB" for one image. The parameters' total, 138 M, is right, but the lines themselves add up to **15.2 million activations, 61 MB**. The 24 M comes from the notes of Stanford's CS231n and has been copied ever since; a reader asked about it in 2016. Could another way of counting explain it?

# %%
if ready(network_table):
    relus = table[table[:, 4] > 0, 3].sum() - 1000  # after each conv and dense but the last
    print(f"the table's lines and the image:  {total / 1e6:.1f} M")
    print(f"with every ReLU's output as well: {(total + relus) / 1e6:.1f} M")
    print(f"forward and backward:             {2 * total / 1e6:.1f} M")

# %% [markdown]
# None gives 24 M. A table that you can compute is worth more than one that you can quote.
#
# ## Summary
#
# - A filter has a kernel for each input channel and one bias; its map is the sum over all channels. Ten 5 × 5 on three channels: 760 parameters.
# - im2col turns a layer into one matrix product, for which every processor has its fastest routine.
# - Pooling has no weights: max, average, overlapping, fractional, global. It turns equivariance into a little invariance: it gives up place for steadiness.
# - Each layer adds (kernel − 1) × (product of the strides below) to the receptive field: two 3 × 3 see 5 × 5, three see 7 × 7.
# - Activations sit early, parameters in the dense layers. VGG16: 15.2 M and 138 M.
#
# ## Questions
#
# 1. A layer has 64 input channels and 128 filters 1 × 1. How many parameters? What can it do, as it sees one pixel only?
# 2. You double rows and columns of the input image. What happens to a convolution's parameters, to its activations, and to the parameters of a dense layer after it?
# 3. Overlapping 3 × 3 pooling with stride 2 on a 55-pixel axis: how many places? And with 2 × 2?
# 4. Two 3 × 3 layers see 5 pixels. What do they see if the first has stride 2?
#
# <details><summary>Key</summary>
#
# 1. (1·1·64 + 1)·128 = 8,320. It mixes the channels of each pixel: 128 new channels, each a weighted sum of 64 (Unit 13).
# 2. The parameters stay; the activations become four times as many; so do the dense layer's weights.
# 3. (55 − 3)/2 + 1 = 27. With 2 × 2: ⌊53/2⌋ + 1 = 27 too, but its last pixel is left out.
# 4. 3 + 2·2 = 7.
#
# </details>
#
# ## Open work
#
# No key is given. Each asks for a measurement; keep your numbers.
#
# 1. A receptive field of 31 pixels with fewer than 20,000 weights, as in `design_stack`: how many ways are there? Which holds the fewest activations for 64 × 64 pixels?
# 2. The *effective* field is smaller: send the single pixel through five layers of random weights instead of ones, many times, and draw the mean size of the answer against the distance. How wide is it at half height?
# 3. Blur before you pool (1, 2, 1 in both directions, then every second pixel). Does it forgive more than max pooling of the same size? Measure as above, for moves by 1 and 2 pixels.
#
# ## References
#
# - A. Krizhevsky, I. Sutskever and G. E. Hinton, *ImageNet classification with deep convolutional neural networks*, NIPS, 2012: overlapping pooling, local response normalisation.
# - K. Simonyan and A. Zisserman, *Very deep convolutional networks for large-scale image recognition*, ICLR, 2015, arXiv:1409.1556.
# - B. Graham, *Fractional max-pooling*, arXiv:1412.6071, 2014.
# - M. Lin, Q. Chen and S. Yan, *Network in network*, ICLR, 2014, arXiv:1312.4400: global average pooling.
# - Y. Taigman, M. Yang, M. Ranzato and L. Wolf, *DeepFace*, CVPR, 2014: locally connected layers.
# - *Memory usage calculation for VGGNet*, issue 88 of cs231n/cs231n.github.io, 2016.<br>R. Ptucha, *Convolution neural networks*, Rochester Institute of Technology, 2018: the toy net.
