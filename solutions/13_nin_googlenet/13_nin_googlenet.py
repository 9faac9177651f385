# %% [markdown]
# # Unit 13 · Network in Network and GoogLeNet
#
# **You will be able to**
#
# - say what a 1×1 convolution computes, and use it to mix, to deepen and to save;
# - build Network in Network's mlpconv and a classifier head without dense layers;
# - build the Inception module and the whole of GoogLeNet from the paper's table, and count every row of it;
# - replace large kernels by chains of small ones, as Inception v3 does.
#
# **Time** about two and a half hours. **Before this** Units 11 and 12: AlexNet and VGG.

# %% setup="keras"
import math

import numpy as np
import skimage.data

from convcourse.check import check, ready
from convcourse.data import load_fashion_mnist
from convcourse.figures import show, show_images
from convcourse.pictures import nin_googlenet as course
from convcourse.predictions import predict
from convcourse.quiet import quietly
from convcourse.widgets import slide

with quietly():  # TensorFlow greets with some lines that say nothing to us
    import keras
    from keras import layers

FULL_RUN = False  # True: train on all 10,000 bundled images, for 15 epochs (some minutes)

# %% [markdown]
# ## The smallest kernel of all
#
# VGG answered "how can a net become better?" with *more*: 19 layers, 144 million parameters, 20 billion multiply-adds for one photograph. In the year when VGG came second, the winner had 22 layers and **a twentieth of the parameters**. What did its builders know? They knew a use for a kernel that looks useless: **1×1**. It sees a single pixel. It cannot blur, and it cannot find an edge. But a pixel has channels, and a 1×1 convolution **mixes channels**: the same small matrix is applied at every place, $z[i,j,m] = \sum_n W[n,m]\; x[i,j,n] + b[m]$.

# %%
photo = skimage.data.astronaut()[::2, ::2] / 255
mix = np.array([[1 / 3, 1, -0.5], [1 / 3, -1, -0.5], [1 / 3, 0, 1]])  # a column a filter

layer = layers.Conv2D(3, 1, use_bias=False)
layer.build((None, None, None, 3))
layer.set_weights([mix[None, None]])
mixed = np.asarray(layer(photo[None]))[0]
same = np.allclose(mixed, photo @ mix, atol=1e-5)
print("1×1 convolution = matrix product at every pixel:", same)
titles = ["three channels", "mean of the colours", "red − green", "blue − yellow"]
alt = "An astronaut in an orange suit, and three maps: grey, red − green, blue − yellow."
show_images([photo, *np.moveaxis(mixed, -1, 0)], titles, alt, symmetric=True, height=2.8)

# %% [markdown]
# **What you should see.** Orange is positive, purple negative. The suit lights up in "red − green" and turns purple in "blue − yellow": three new channels, and no pixel has looked at its neighbours. This unit uses the trick three times: to **save** (few mixed maps instead of many), to **deepen** (more layers at each place), and to **decide** (one map for each class).

# %% [markdown] exercise="mix_maps"
# Many programs keep the channels **first**: (channels, rows, cols). The function below should mix them for such images. It runs, the shape is right, and no pixel should look at another. Now look at the figure under it, find the fault and **repair** it.


# %% answer="mix_maps"
def mix_maps(x, W):
    """A 1×1 convolution without bias, where the channels come first.

    x: array (channels, rows, cols); W: array (channels, filters).
    Returns an array (filters, rows, cols).
    """
    ### BEGIN SOLUTION
    channels, rows, cols = x.shape
    pixels = x.reshape(channels, rows * cols).T
    return (pixels @ W).T.reshape(-1, rows, cols)
    ### END SOLUTION


# %%
maps = mix_maps(np.moveaxis(photo, -1, 0), mix)
alt = "Three maps of the astronaut: mended, they are the three maps above."
show_images([*maps], titles[1:], alt, symmetric=True, height=2.4)

# %% test="mix_maps"
check(mix_maps)

# %% [markdown]
# ## What does a layer cost?
#
# Two numbers matter: the **weights**, which fill the memory, and the **products** (multiply-adds), which take the time. Biases are few and are left out, as in the paper. *By hand*, for 32 filters 5×5 on 28×28×192: a filter has 5·5·192 = 4,800 weights, so there are 32·4,800 = **153,600**. Each is used once at each of the 28·28 = 784 places: **120 million** products.

# %% [markdown] exercise="conv_cost"
# Count both, for any convolution with padding same.


# %% answer="conv_cost"
def conv_cost(shape, num_filters, kernel, stride):
    """Weights and products of a convolution with padding same; biases are left out.

    shape: (rows, cols, channels) of the input; kernel: (rows, cols) of a filter.
    stride: in both directions; n rows have ⌈n / stride⌉ places (`math` is imported).
    Returns (weights, products), two whole numbers.
    """
    ### BEGIN SOLUTION
    rows, cols, channels = shape
    weights = kernel[0] * kernel[1] * channels * num_filters
    return weights, weights * math.ceil(rows / stride) * math.ceil(cols / stride)
    ### END SOLUTION


# %% test="conv_cost"
check(conv_cost)

# %% [markdown]
# ## First use: to save
#
# Most of the 120 million products come from the 192 channels, and the maps of a layer say much the same thing. So let 16 filters 1×1 mix the 192 maps to 16 first, and put the 5×5 on those. Such a narrow place is a **bottleneck**.

# %% [markdown] exercise="reduced_cost"
# Count the pair: `num_reduce` filters 1×1, then `num_filters` filters on what they give. Both have stride 1.


# %% answer="reduced_cost"
def reduced_cost(shape, num_reduce, num_filters, kernel):
    """Weights and products of a 1×1 reduction and the convolution after it; stride 1, padding same.

    shape: (rows, cols, channels) of the input; num_reduce: filters of the 1×1 convolution.
    num_filters, kernel: filters of the second convolution and their (rows, cols).
    Returns (weights, products) of both together, without biases.
    """
    ### BEGIN SOLUTION
    first = conv_cost(shape, num_reduce, (1, 1), 1)
    second = conv_cost((*shape[:2], num_reduce), num_filters, kernel, 1)
    return first[0] + second[0], first[1] + second[1]
    ### END SOLUTION


# %% test="reduced_cost"
check(reduced_cost)

# %% [markdown]
# **Predict before you run.** 32 filters 5×5 on 192 maps: at once, or with 16 filters 1×1 before them. How many times cheaper is the second way?

# %%
guess = None
times = (25 * 192 * 32) / (192 * 16 + 25 * 16 * 32)
predict(guess, round(times, 1), "The 5×5 reads a twelfth of the maps.", close=0.15)

# %%
if ready(conv_cost, reduced_cost):
    at_once = conv_cost((28, 28, 192), 32, (5, 5), 1)
    reduced = reduced_cost((28, 28, 192), 16, 32, (5, 5))
    print(f"at once      {at_once[0]:9,} weights {at_once[1]:13,} products")
    print(f"16 1×1 first {reduced[0]:9,} weights {reduced[1]:13,} products")
    print(f"{at_once[1] / reduced[1]:.1f} times cheaper")

# %% [markdown]
# Ten times cheaper, and one more layer with one more ReLU. Move the slider: from how many 1×1 filters on does the detour no longer pay?

# %%
show(*course.draw_reduction(16))
slide(course.draw_reduction, label="1×1 filters", stop=160, value=64)

# %% [markdown]
# Each 1×1 filter costs 192 products a place, and 25·32 = 800 more in the 5×5. At once they are 153,600. So the detour pays up to 153,600 / 992 ≈ 154 filters.
#
# ## Second use: to deepen
#
# Go back a year, to *Network in Network*. A filter is a linear unit: it can say "yes" on one side of a plane only (Unit 1). If a feature comes in several forms, one filter cannot hold them all. Lin, Chen and Yan put a **small network** in the filter's place. The same network looks through every window: they called it **mlpconv**, *multilayer perceptron convolution*.

# %%
show(*course.draw_mlpconv(3, 5, (192, 160, 96)))

# %% [markdown]
# How do you slide a network over an image? Its first layer is a convolution. Its second layer sees, at each place, the outputs of the first *at that place*: that is a **1×1 convolution**. The authors also call it *cascaded cross-channel parametric pooling*, because each map is a weighted pool over the channels below. The ReLU between the layers matters: without it two matrices in a row are one matrix, and nothing is gained.

# %% [markdown] exercise="mlpconv"
# Write the block as a function on a tensor: it adds layers after `x` and returns the last one's tensor. *By hand* for the first block above: (75·192 + 192) + (192·160 + 160) + (160·96 + 96) = 60,928 parameters.


# %% answer="mlpconv"
def mlpconv(x, num_filters, size, stride=1, padding="same"):
    """A convolution and 1×1 convolutions after it, each with bias and ReLU.

    x: tensor (batch, rows, cols, channels).
    num_filters: two numbers or more: filters of the convolution, then of each 1×1 convolution.
    size, stride, padding: of the first convolution; the 1×1s have stride 1.
    Returns a tensor with num_filters[-1] maps.
    """
    ### BEGIN SOLUTION
    ### BODY nin.mlpconv
    ### END SOLUTION


# %% test="mlpconv"
check(mlpconv)

# %% [markdown]
# ## Third use: to decide
#
# AlexNet and VGG end in dense layers, and there most of their weights are: the first one of VGG has 102,760,448. Network in Network throws all of them away. A last 1×1 convolution makes **one map for each class**, and the mean of a map is the class's score. This is **global average pooling**. The mean has no weights to overfit. The net takes images of any size. And the maps can be looked at: *where* in the image was the evidence?

# %% [markdown] exercise="global_average_head"
# Write the head: a 1×1 convolution, the mean of each map, softmax.


# %% answer="global_average_head"
def global_average_head(x, classes):
    """One map for each class, its mean, softmax.

    x: tensor (batch, rows, cols, channels); classes: how many there are.
    The 1×1 convolution has a bias and no activation.
    Returns a tensor (batch, classes) of probabilities.
    """
    ### BEGIN SOLUTION
    ### BODY nin.global_average_head
    ### END SOLUTION


# %% test="global_average_head"
check(global_average_head)

# %% [markdown]
# ### The whole net
#
# Here are the nets for CIFAR-10 (32×32 photographs, 10 classes) and for ImageNet, row by row. A row of mlpconv holds its numbers of filters, then size, stride and padding. The head's 1×1 counts as the third layer of the last block.

# %%
### SHOW nin.TABLES

# %%
if ready(mlpconv, global_average_head):
    for data, classes in (("CIFAR-10", 10), ("ImageNet", 1000)):
        images = x = keras.Input((None, None, 3))  # any number of rows and cols
        for kind, *numbers in TABLES[data]:
            if kind == "mlpconv":
                x = mlpconv(x, *numbers)
            elif kind == "max pool":
                x = layers.MaxPooling2D(*numbers, padding="same")(x)
            else:
                x = layers.Dropout(*numbers)(x)
        net = keras.Model(images, global_average_head(x, classes))
        print(f"{data}: {net.count_params():,} parameters")
    for size in ((224, 224), (300, 260)):
        answer = net(np.zeros((1, *size, 3)))
        print(f"an image of {size} gives {answer.shape[1]} probabilities")
    print(f"AlexNet's head: {9216 * 4096 + 4096 * 4096 + 4096 * 1000:,} weights")

# %% [markdown]
# Under a million for CIFAR-10, and 7.6 million for ImageNet where AlexNet has 61. On CIFAR-10 the authors' test error was 10.41 % with dropout, where the best before (maxout) had 11.68 %; with shifted and mirrored images too, 8.81 % against 9.38 %.
#
# ## Which kernel is the right one?
#
# An eye may fill three pixels or thirty. Which size shall a layer's kernels have? Szegedy and his colleagues at Google did not choose. An **Inception module** has 1×1, 3×3 and 5×5 kernels and a pooling *side by side*, and joins all their maps. The net may take what it needs. There is a price. Take the lecture's module: 28×28×256 comes in; 128 filters 1×1, 192 filters 3×3, 96 filters 5×5, and a pooling, which keeps all its 256 maps.

# %%
show(*course.draw_two_modules(256, (128, 64, 192, 64, 96, 64)))

# %%
if ready(conv_cost):
    joined = 128 + 192 + 96 + 256
    print(f"28·28·({joined} maps) = {28 * 28 * joined:,} numbers go to the next layer")
    shape, kinds = (28, 28, 256), ((1, 128), (3, 192), (5, 96))
    naive = [conv_cost(shape, filters, (k, k), 1)[1] for k, filters in kinds]
    print(f"{sum(naive) / 1e6:.0f} million products")

# %% [markdown]
# 854 million products for one module, more than all of AlexNet's convolutions. And the maps grow from 256 to 672: the pooling can only add to them, so every further module costs more. (The lecture prints 529 K for the product above. It is 526,848, or 527 K: a slip of the pen.) You know the cure. Put 1×1 reductions before the 3×3 and the 5×5, and one *after* the pooling. That is the module on the right.

# %% [markdown] exercise="inception"
# Build the module. Six numbers describe it, in the order of the paper's table. Every convolution has padding same, a bias and a ReLU, the reductions too.


# %% answer="inception"
def inception(x, numbers):
    """The Inception module with dimension reductions (figure 2b of the paper).

    x: tensor (batch, rows, cols, channels).
    numbers: filters, as in the table: 1×1, 3×3 reduce, 3×3, 5×5 reduce, 5×5, pool projection.
    The last branch is a 3×3 max pooling with stride 1 and the 1×1 projection after it.
    Returns (batch, rows, cols, maps), joined in the order 1×1, 3×3, 5×5, pool.
    """
    ### BEGIN SOLUTION
    ### BODY googlenet.inception
    ### END SOLUTION


# %% test="inception"
check(inception)

# %% [markdown] exercise="inception_cost"
# And what does it cost? Use your two counting functions.


# %% answer="inception_cost"
def inception_cost(shape, numbers):
    """Weights and products of an Inception module, without biases.

    shape: (rows, cols, channels) of its input; numbers: the six of the table, as in `inception`.
    Returns (weights, products).
    """
    ### BEGIN SOLUTION
    n1, reduce3, n3, reduce5, n5, projection = numbers
    parts = [
        conv_cost(shape, n1, (1, 1), 1),
        reduced_cost(shape, reduce3, n3, (3, 3)),
        reduced_cost(shape, reduce5, n5, (5, 5)),
        conv_cost(shape, projection, (1, 1), 1),
    ]
    return sum(part[0] for part in parts), sum(part[1] for part in parts)
    ### END SOLUTION


# %% test="inception_cost"
check(inception_cost)

# %% [markdown] exercise="thrifty_module"
# The third example above is the lecture's module, now with reductions: 271 million products instead of 854. **Design** one yourself, with `maps` maps and at most `weights` weights. Half of the maps or more come from the 3×3 branch, an eighth or more from each other one; a reduction has an eighth of `channels` or more.


# %% answer="thrifty_module"
def thrifty_module(channels, maps, weights):
    """An Inception module that costs little.

    channels: that come in; maps: that go out, all branches together; both multiples of 8.
    weights: the most, biases left out. Returns the six numbers of `inception`.
    """
    ### BEGIN SOLUTION
    few, part = channels // 8, maps // 8
    return 2 * part, few, 4 * part, few, part, part
    ### END SOLUTION


# %% test="thrifty_module"
check(thrifty_module)

# %% [markdown]
# ## GoogLeNet
#
# Nine modules, a stem before them, a single linear layer after them: that is the winner of 2014. Here is its table 1, column by column: type; (patch, stride); output size; depth; the filters #1×1, #3×3 reduce, #3×3, #5×5 reduce, #5×5, pool proj; params; ops. The third row is a 3×3 convolution with a 1×1 reduction of 64 before it.

# %%
### SHOW googlenet.TABLE

# %% [markdown] exercise="googlenet_body"
# Now let the table build the net. Your function reads rows of three kinds: `convolution`, `max pool` and `inception (…)`. The number of filters of a convolution is not in a column of its own: it is the last entry of the output size.


# %% answer="googlenet_body"
def googlenet_body(x, table):
    """Send a tensor through the rows of a table in the form of table 1.

    x: tensor (batch, rows, cols, channels).
    table: rows (type, (patch, stride) or None, output size, depth, filters or None, params, ops).
        "convolution": patch × patch, ReLU. If the row has filters, a 1×1 convolution with
        filters[0] of them and ReLU comes before it. "max pool": patch × patch.
        "inception (…)": the module with these six. All with padding same.
    Returns the last row's tensor.
    """
    ### BEGIN SOLUTION
    ### BODY googlenet.googlenet_body
    ### END SOLUTION


# %% test="googlenet_body"
check(googlenet_body)

# %% [markdown]
# Fifteen rows make the body. After it come the mean of each map, a dropout of 40 % and one dense layer. Do the shapes agree with the printed ones, all the way down?

# %%
if ready(googlenet_body):
    from convcourse.pictures.architecture import architecture_figure

    images = x = keras.Input((224, 224, 3))
    for row in TABLE[:15]:
        x = googlenet_body(x, [row])
        print(f"{row[0]:13s} {x.shape[1:]!s:15s}", "as printed" * (x.shape[1:] == row[2]))
    x = layers.Dropout(0.4)(layers.GlobalAveragePooling2D()(x))
    net = keras.Model(images, layers.Dense(1000, activation="softmax")(x))
    answer = np.asarray(net(photo[None, 16:240, 16:240]))
    print(f"{net.count_params():,} parameters;", answer.shape[1], "probabilities")
    show(*architecture_figure(net, "GoogLeNet"))

# %% [markdown]
# 6,998,552 parameters: the very count of the published Caffe model. Untrained, of course: the authors estimate a week on a few GPUs. (Figure 3 of the paper adds two local response normalisations, Unit 11, to the stem. They have no parameters. Our library's `convcourse.nets.googlenet` has them.)
#
# ### The paper's last two columns
#
# Now count every row, and hold it beside the print. One thing first: what is a *K*? The third row has 114,688 weights and is printed as 112K. So K is 1,024.

# %%
rows = []  # name, weights in K, products in M, and the two as printed
if ready(conv_cost, reduced_cost, inception_cost):
    shape = (224, 224, 3)
    for kind, patch, output, _, numbers, params, ops in TABLE:
        size, stride = patch or (1, 1)
        if kind.startswith("inception"):
            cost = inception_cost(shape, numbers)
        elif numbers:
            cost = reduced_cost(shape, numbers[0], output[-1], (size, size))
        else:
            cost = conv_cost(shape, output[-1], (size, size), stride)
        if params:
            printed = float(params[:-1]), float(ops[:-1])
            rows.append((kind.split()[-1], cost[0] / 1024, cost[1] / 1e6, *printed))
        shape = output
    for row in rows:
        print("{:12s}{:7.1f}K {:6.1f}M    printed {:6.1f}K {:4.0f}M".format(*row))
    show(*course.draw_rows(rows))

# %% [markdown]
# **What you should see.** The products agree with the print to the rounding, but for the first row and 5a. The weights agree in the early rows, and further down they are off by some per cent, in 4c by 7 %: misprints, or an earlier version of the net. It happens in the best papers; you find it because you counted. The first row is the odd one. A 7×7 convolution from 3 to 64 maps has 9,408 weights and 118 M products, and the paper prints 2.7K and 34M. Google's published code for the net's successor, Inception v2, has a **separable** convolution there (Unit 8): 8 kernels 7×7 for each colour, then a 1×1 convolution to 64 maps. It has 7·7·3·8 + 24·64 = 2,712 weights, and 2,712·112·112 = 34.0 million products: it fits both columns. The paper does not say.
#
# ### Twelve times fewer?
#
# "GoogLeNet uses 12 times fewer parameters than AlexNet", says the paper, and two of the lectures with it. Let us see.

# %%
if rows:
    alexnet = 61_100_840  # one tower, counted in Unit 11
    ours, printed = (1024 * sum(row[column] for row in rows) for column in (1, 3))
    for words, n in (("ours", ours), ("no linear", ours - 1_024_000), ("print", printed)):
        print(f"{words:10s}{n / 1e6:5.2f} million: {alexnet / n:4.1f} times fewer")
    products, ops = (sum(row[column] for row in rows) for column in (2, 4))
    print(f"products: {products:.0f} million; the printed column has {ops:.0f} million")

# %% [markdown]
# Nine times, or ten without the linear layer. Twelve would mean 5 million, which is what one lecture prints; the table has 7. The claim was rounded up, but the point stands: **nine times fewer parameters, twice the products, and less than half the error**. Like beside like, top-5: one net 7.9 % against 18.2 %, and seven nets together 6.67 % against five AlexNets' 16.4 %.
#
# ### Help for the lower layers
#
# In 2014 nobody could train 22 layers with ease: the gradient that reaches the first ones is weak. (Batch normalisation and residual nets both came a year later, in 2015.) GoogLeNet has two small **auxiliary heads**, after 4a and 4d. Their losses are added with weight 0.3, and when training is over the heads are cut off.

# %%
### SHOW googlenet.auxiliary_head

# %%
if ready(googlenet_body):
    from convcourse.nets.googlenet import googlenet

    trained = googlenet(auxiliary=True)
    print(f"{len(trained.outputs)} outputs; {trained.count_params():,} parameters, of them")
    print(f"{trained.count_params() - net.count_params():,} in the two heads")
    del trained, net

# %% [markdown]
# ## A GoogLeNet for clothes
#
# You need no week of training to see it learn. Here is a table for the 28×28 pictures of Fashion-MNIST. Your functions build it, with your own head in place of the dense layer. Training takes some seconds.

# %%
SMALL = (
    ("convolution", (5, 2), (14, 14, 32), 1, None, "", ""),
    ("max pool", (3, 2), (7, 7, 32), 0, None, "", ""),
    ("inception (a)", None, (7, 7, 64), 2, (16, 16, 24, 8, 16, 8), "", ""),
    ("inception (b)", None, (7, 7, 96), 2, (24, 24, 40, 8, 16, 16), "", ""),
)

small_net = None
if ready(googlenet_body, global_average_head):
    keras.utils.set_random_seed(13)
    images = keras.Input((28, 28, 1))
    small_net = keras.Model(images, global_average_head(googlenet_body(images, SMALL), 10))
    print(f"{small_net.count_params():,} parameters; dense head: {7 * 7 * 96 * 10 + 10:,}")

# %%
if small_net:
    x, y, x_test, y_test = load_fashion_mnist()
    x, x_test = ((images[..., None] / 255 - 0.29) / 0.35 for images in (x, x_test))
    count, epochs = (len(x), 15) if FULL_RUN else (3200, 4)
    chosen = np.random.default_rng(0).permutation(len(x))[:count]
    rate = keras.optimizers.schedules.CosineDecay(8e-3, epochs * count // 64)
    adam = keras.optimizers.Adam(rate)
    small_net.compile(adam, "sparse_categorical_crossentropy", metrics=["accuracy"])
    how = {"batch_size": 64, "verbose": 0, "callbacks": [course.line_per_epoch()]}
    how |= {"epochs": epochs, "validation_data": (x_test[:1000], y_test[:1000])}
    show(*course.draw_history(small_net.fit(x[chosen], y[chosen], **how).history))

# %% [markdown]
# **What you should see.** About three of four garments are right after four rounds, and the whole net has fewer weights than a dense head would have needed alone. Now look at the maps that the head takes the mean of. Orange speaks for the class, purple against it.

# %%
if small_net:
    pool = next(p for p in small_net.layers if isinstance(p, layers.GlobalAveragePooling2D))
    seen = [int(np.flatnonzero(y_test == digit)[0]) for digit in (0, 1, 3, 7, 8, 9)]
    maps = np.asarray(keras.Model(small_net.input, pool.input)(x_test[seen]))
    best = maps.mean(axis=(1, 2)).argmax(axis=1)
    show(*course.draw_class_maps(x_test[seen, ..., 0], maps, best))

# %% [markdown]
# Nobody told the net where the garment is, and yet each map says *where* its evidence lies. The maps differ from run to run, and so may a guess or two. Some are most orange on the garment. The last one, for the ankle boot, was in all our runs more orange in the empty space than on the boot: that nothing stands there is evidence too. Unit 18 makes a tool of this (class activation maps).
#
# ## Inception v3: smaller kernels still
#
# In VGG two 3×3 kernels saw as much as one 5×5. A year after GoogLeNet its authors went on from there: a 7×7 window can also be seen by a **row of seven and a column of seven**, one after the other.

# %%
chains = {"5×5": ((5, 5),), "two 3×3": ((3, 3), (3, 3))}
chains |= {"7×7": ((7, 7),), "1×7, 7×1": ((1, 7), (7, 1))}
show(*course.draw_factorised(chains))

# %% [markdown] exercise="factorised_cost"
# What does a chain of kernels cost, and which window does it see? Every layer of the chain has `channels` maps before it and `channels` after it, and stride 1.


# %% answer="factorised_cost"
def factorised_cost(channels, kernels):
    """Weights of a chain of convolutions, and the window that one place of its end sees.

    channels: maps before and after each layer; kernels: the layers' kernels, each (rows, cols).
    Returns (weights, (rows, cols)); no biases.
    """
    ### BEGIN SOLUTION
    weights = sum(rows * cols * channels**2 for rows, cols in kernels)
    rows, cols = (1 + sum(side - 1 for side in sides) for sides in zip(*kernels))
    return weights, (rows, cols)
    ### END SOLUTION


# %% test="factorised_cost"
check(factorised_cost)

# %%
if ready(factorised_cost):
    for pair in (("5×5", "two 3×3"), ("7×7", "1×7, 7×1")):
        before, after = (factorised_cost(192, chains[name]) for name in pair)
        print(" → ".join(pair), f"{1 - after[0] / before[0]:.0%} fewer weights,", end=" ")
        print(f"{before[0]:,} → {after[0]:,}; window {before[1]} → {after[1]}")

# %% [markdown]
# A chain cannot make every 7×7 kernel: 14 numbers are fewer than 49 (Unit 4: only separable ones). But there is a ReLU between, and the saved weights buy further layers. Here is the module for the maps of 17×17, as data of our library: a branch is a row of steps (filters, rows, cols).

# %%
### SHOW inception_v3.module_b

# %%
if ready(factorised_cost):
    from convcourse.nets import inception_v3 as v3
    from convcourse.nets.count import count_depth, count_macs
    from convcourse.pictures.architecture import architecture_figure

    show(*course.draw_v3_modules(v3.module_a(64), v3.module_b(160), v3.module_c()))

# %% [markdown]
# Eleven modules make the net, with batch normalisation after every convolution. `keras.applications` has it too. If we copy its (random) weights into ours, do both give the same probabilities?

# %%
if ready(factorised_cost):
    ours = v3.inception_v3()
    theirs = keras.applications.InceptionV3(weights=None)
    ours.set_weights(theirs.get_weights())
    image = np.random.default_rng(0).normal(size=(1, 299, 299, 3))
    gap = np.abs(np.asarray(ours(image)) - np.asarray(theirs(image))).max()
    print(f"{ours.count_params():,} and {theirs.count_params():,} parameters")
    print(f"largest difference of 1000 probabilities: {gap:.0e}")
    print(f"{count_macs(ours) / 1e9:.2f} billion products; {count_depth(ours)} layers")
    show(*architecture_figure(ours, "Inception v3"))
    del ours, theirs

# %% [markdown]
# Three and a half times GoogLeNet's weights and products, and the top-5 error of one crop falls from 10.1 % to 5.6 %. (The 2020 lecture's table has 27.16 million parameters: an auxiliary head of 3.33 million is among them.)
#
# ## Summary
#
# - A 1×1 convolution is one matrix at every place: it mixes channels.
# - As a **bottleneck** it saves: 153,600 weights and 120 M products become 15,872 and 12.4 M.
# - As **mlpconv** it deepens: a small network looks through every window.
# - As a **head** it decides: one map for each class, and its mean. No dense layers.
# - **Inception** joins several kernel sizes. GoogLeNet has nine such modules, 22 layers and 7.0 million parameters.
# - Large kernels can be taken apart: two 3×3 for 5×5, 1×7 and 7×1 for 7×7.
#
# ## Questions
#
# 1. A 1×1 convolution takes 512 maps to 64. How many weights has it? On which image size does that depend?
# 2. Why does the pooling branch need a 1×1 convolution *after* it?
# 3. Global average pooling and a linear layer may change places. Why? Does that still hold with a ReLU between them?
# 4. Module 5b gets 7×7×832. Which of its branches has the most weights, and how many?
# 5. A 3×3 is replaced by 1×3 and 3×1. How many weights are saved?
#
# <details><summary>Key</summary>
#
# 1. 512 · 64 = 32,768, on none: each place uses the same ones.
# 2. A pooling keeps the number of maps. Without the projection each module would hand on all maps of the one before and add its own, so they would grow without end.
# 3. Both are linear: the mean of W·x is W times the mean of x. With a ReLU between them no longer.
# 4. The 3×3 branch: 832 · 192 + 9 · 192 · 384 = 823,296.
# 5. 6 instead of 9: a third.
#
# </details>
#
# ## Open work
#
# There is no key. Choose one question, and let the numbers answer.
#
# - Which branch does the work? Set the weights of one branch of the small net's modules to 0, one branch at a time. *Measure* the test accuracy, from three seeds; then train each smaller net anew, and compare again.
# - Global average or dense layer? Give the small net a dense head with the same body. *Measure* training and test accuracy, and the test accuracy on clothes that are moved by 0 to 6 pixels.
# - Find a table for 28×28 pictures with fewer than 10,000 parameters that beats `SMALL`. *Measure* on a validation part; look at the test images once, at the end.
#
# ## References
#
# - M. Lin, Q. Chen and S. Yan, *Network in network*, ICLR 2014, arXiv:1312.4400.
# - C. Szegedy, W. Liu, Y. Jia, P. Sermanet, S. Reed, D. Anguelov, D. Erhan, V. Vanhoucke and A. Rabinovich, *Going deeper with convolutions*, CVPR 2015: table 1, figure 2.
# - C. Szegedy, V. Vanhoucke, S. Ioffe, J. Shlens and Z. Wojna, *Rethinking the Inception architecture for computer vision*, CVPR 2016.
# - B. Zhou, A. Khosla, A. Lapedriza, A. Oliva and A. Torralba, *Learning deep features for discriminative localization*, CVPR 2016: class maps from global average pooling.
# - R. Ptucha, *Convolution neural networks*, Rochester Institute of Technology, 2018: the costs with and without reduction.
