# %% [markdown]
# # Unit 16 · Efficient nets
#
# **You will be able to**
#
# - compute what a separable or a grouped convolution saves, before you build it;
# - build MobileNet at any width, a fire module and a NASNet cell;
# - run a net of 1.2 million parameters with real ImageNet weights on your photographs;
# - compare all landmark nets of Part D by parameters, multiply-adds and error.
#
# **Time** about two and a half hours. **Before this** Unit 12: VGG, and Unit 14: ResNet.

# %% setup="numpy"
import numpy as np
import pandas as pd
from skimage.transform import resize

from convcourse.check import check, ready
from convcourse.data import data_file, load_fashion_mnist
from convcourse.figures import show
from convcourse.pictures import efficient_nets as picture
from convcourse.pictures.efficient_nets import nas_operation
from convcourse.predictions import predict
from convcourse.quiet import quietly

with quietly():  # TensorFlow greets with some lines that say nothing to us
    import keras
    from keras import layers

FULL_RUN = False  # True: train on all 60,000 images, and count all nets of Part D (minutes)
### SHOW mobilenet.norm_relu6

# %% [markdown]
# ## A net for your pocket
#
# VGG16 needs 550 MB for its weights, and 15.5 billion multiply-adds for one image. A telephone has to do without both: memory is small, and each product drains the battery. Around 2016 a new question came up. Not "how low can the error be?" but **"how good can a net be for this price?"** Four answers make this unit: thinner convolutions (MobileNet), convolutions in groups, fewer channels where it hurts (SqueezeNet), and a program that searches (NASNet). Two more nets of thin layers, Xception and ShuffleNet, are built in Unit 26. At the end all nets of Part D are in one table.
#
# ## One layer, split in two
#
# An ordinary convolution does two things at once. It looks at a **neighbourhood**, and it **mixes channels**. With $M$ channels, $N$ filters and a kernel of side $D_K$ it has $D_K^2 \cdot M \cdot N$ weights. A **depthwise separable convolution** does the two one after the other:
#
# - **depthwise**: each channel gets *one* kernel of its own, $D_K^2 \cdot M$ weights;
# - **pointwise**: a 1 × 1 convolution mixes the channels, $M \cdot N$ weights.

# %%
show(*picture.separable_figure(4, 6))

# %% [markdown]
# Each weight is used once at each place of the result, whatever the layer. So for the same $D_G \times D_G$ places the work of the two, compared, is $(D_K^2 M D_G^2 + M N D_G^2) / (D_K^2 M N D_G^2) = 1/N + 1/D_K^2$. *By hand:* 2 channels, 4 filters, 3 × 3, 5 × 6 places. Depthwise 9·2 = 18, pointwise 2·4 = 8, together 26 weights and 26·30 = 780 multiply-adds. The ordinary layer has 72 weights. 26/72 = 0.361, and 1/4 + 1/9 = 0.361.

# %% [markdown] exercise="separable_cost"
# Compute all three numbers.


# %% answer="separable_cost"
def separable_cost(kernel, channels, filters, rows, cols):
    """What a depthwise separable convolution costs, biases left out.

    kernel: side of the depthwise kernels; channels: that come in; filters: maps that go out;
    rows, cols: size of the maps that go out (stride 1, padding "same").
    Returns weights, multiply-adds (ints), and their share of an ordinary layer's multiply-adds.
    """
    ### BEGIN SOLUTION
    weights = kernel**2 * channels + channels * filters
    work = weights * rows * cols
    return weights, work, work / (kernel**2 * channels * filters * rows * cols)
    ### END SOLUTION


# %% test="separable_cost"
check(separable_cost)

# %% [markdown]
# **Predict before you run.** Kernels of 7 × 7, 128 channels, 128 filters: how many times less work has the separable layer?

# %%
guess = None
predict(guess, round(1 / (1 / 128 + 1 / 49)), "1/128 hardly counts.", close=0.1)

# %%
if ready(separable_cost):
    for kernel, channels in [(3, 32), (3, 128), (3, 512), (5, 128), (7, 128)]:
        weights, work, share = separable_cost(kernel, channels, channels, 14, 14)
        print(f"{kernel} × {kernel}, {channels} filters: {weights:,} weights,", end=" ")
        print(f"{share:.4f} = 1/{channels} + 1/{kernel**2}, {1 / share:.1f} times less")

# %% [markdown]
# **What you should see.** With many filters, $1/N$ hardly counts: a 3 × 3 layer gets eight to nine times cheaper, a 7 × 7 layer 35 times. And large kernels have become cheap.

# %% [markdown] exercise="depthwise"
# The function below should be a depthwise layer. Its result has the right shape, but the figure under it shows the same map three times. Find the fault and **repair** it.


# %% answer="depthwise"
def depthwise(x, kernels):
    """A depthwise convolution: each channel with the kernel of its own, at every place inside.

    x: array (rows, cols, channels); kernels: array (side, side, channels), not turned round.
    Returns an array (rows − side + 1, cols − side + 1, channels).
    """
    ### BEGIN SOLUTION
    (rows, cols, channels), side = x.shape, len(kernels)
    maps = np.zeros((rows - side + 1, cols - side + 1, channels))
    for i, j in np.ndindex(maps.shape[:2]):
        maps[i, j] = np.sum(x[i : i + side, j : j + side] * kernels, axis=(0, 1))
    return maps
    ### END SOLUTION


# %%
show(*picture.depthwise_figure(depthwise))

# %% test="depthwise"
check(depthwise)

# %% [markdown]
# ## MobileNet's block
#
# Andrew Howard and others of Google built a whole net of such layers in 2017. Their block has a batch normalisation and a **ReLU6** after each of the two convolutions. ReLU6 is min(max(x, 0), 6): small numbers survive rough arithmetic better. (The paper says ReLU; its authors' published program, and Keras, have ReLU6.) The function `norm_relu6` of the set-up cell does both. *By hand*, from 3 channels to 4: depthwise 27 and its norm 4·3 = 12, pointwise 12 and its norm 4·4 = 16. Together 67.

# %% [markdown] exercise="separable_block"
# Write the block.


# %% answer="separable_block"
def separable_block(x, filters, stride):
    """MobileNet's block, with kernels of 3 × 3.

    x: tensor (batch, rows, cols, channels). No biases; padding "same"; the stride is where
    the neighbourhood is seen. Returns (batch, ⌈rows / stride⌉, ⌈cols / stride⌉, filters).
    """
    ### BEGIN SOLUTION
    ### BODY mobilenet.separable_block
    ### END SOLUTION


# %% test="separable_block"
check(separable_block)

# %% [markdown]
# ## The whole net
#
# The paper's table needs two numbers a line: the stride and the filters of a block. An ordinary convolution with `FIRST` filters comes before them.

# %%
### SHOW mobilenet.FIRST
### SHOW mobilenet.TABLE

# %% [markdown]
# There is no pooling between the blocks; some take every second pixel. At the end each map is averaged, and one dense layer gives the classes. The authors added a knob, the **width multiplier** $\alpha$: every number of filters, the first one too, is multiplied by it. Most work is in pointwise convolutions, $\alpha M \cdot \alpha N$ products at each place, so work and size fall nearly with $\alpha^2$.

# %% [markdown] exercise="mobilenet"
# Build the net from its table, with the knob. *By hand*, for the check's first example: 108 + 16 for the first convolution and its norm, 36 + 16 + 32 + 32 for a block, (8 + 1)·5 for the classes. Together 285.


# %% answer="mobilenet"
def mobilenet(table, first, input_shape=(224, 224, 3), classes=1000, width=1.0):
    """MobileNet from a table of (stride, filters), one separable_block for each line.

    first: filters of the first convolution: 3 × 3, stride 2, padding "same", no bias,
    followed by norm_relu6. width: multiplies `first` and all filters; int(...) rounds down.
    After the blocks: the mean of each map, and a dense layer with softmax.
    Returns a keras.Model from input_shape to `classes`.
    """
    ### BEGIN SOLUTION
    ### BODY mobilenet.mobilenet
    ### END SOLUTION


# %% test="mobilenet"
check(mobilenet)

# %%
photos = picture.photographs()
if ready(mobilenet):
    from convcourse.pictures.architecture import architecture_figure

    net = mobilenet(TABLE, FIRST)
    fixed = sum(int(np.prod(weight.shape)) for weight in net.non_trainable_weights)
    print(f"MobileNet: {net.count_params():,} parameters (Keras's net: 4,253,864)")
    print(f"of these {fixed:,} are means and variances of the batch norms, not trained:")
    print(f"{net.count_params() - fixed:,} are left, the paper's 4.2 million")
    deep = [step.output for step in net.layers if isinstance(step, layers.DepthwiseConv2D)]
    steps = keras.Model(net.input, [*deep, net.output])(resize(photos[0], (224, 224))[None])
    print("depthwise maps, classes:", *("×".join(map(str, out.shape[1:])) for out in steps))
    show(*architecture_figure(net, "MobileNet"))
    del net, steps

# %% [markdown]
# ## Count without building
#
# For larger questions, building each net takes too long. A net that is a chain can be written as a list:
#
# - `("conv", kernel, stride, filters, groups)`, padding "same", so sides are divided by the stride and rounded **up**;
# - `("pool", stride)`, also rounded up; `("mean",)`, which leaves one number of each map; `("dense", units)`.
#
# What are **groups**? In $G$ groups, channels and filters are dealt into $G$ equal parts, and each filter reads only the channels of its part: $M/G$ of them. AlexNet's two towers (Unit 11) are two groups. In the extreme there are as many groups as channels, and a filter reads one channel: that is a depthwise convolution. *By hand:* 28 × 28 places, 240 channels, 60 filters 1 × 1, three groups. Each filter reads 80 channels: 80·60 = 4,800 weights, used at 784 places: 3,763,200 multiply-adds.

# %% [markdown] exercise="count_macs"
# Count multiply-adds and weights of a list. Leave out biases and batch norms, as papers do for the work.


# %% answer="count_macs"
def count_macs(net, input_shape):
    """Multiply-adds for one image, and weights, of a net that is given as a list.

    net: list of ("conv", kernel, stride, filters, groups), ("pool", stride), ("mean",) and
    ("dense", units); a dense layer reads all numbers that are left, flattened.
    input_shape: (rows, cols, channels). Sides are rounded up. Returns two ints.
    """
    ### BEGIN SOLUTION
    rows, cols, channels = input_shape
    work = weights = 0
    for kind, *numbers in net:
        if kind == "mean":
            rows = cols = 1
        elif kind == "dense":
            new = rows * cols * channels * numbers[0]
            work, weights = work + new, weights + new
            rows, cols, channels = 1, 1, numbers[0]
        else:
            stride = numbers[kind == "conv"]
            rows, cols = -(-rows // stride), -(-cols // stride)
        if kind == "conv":
            kernel, _, filters, groups = numbers
            new = kernel**2 * (channels // groups) * filters
            work, weights, channels = work + new * rows * cols, weights + new, filters
    return work, weights
    ### END SOLUTION


# %% test="count_macs"
check(count_macs)


# %%
def chain(width=1.0):
    """MobileNet as a list for count_macs."""
    channels = int(FIRST * width)
    net = [("conv", 3, 2, channels, 1)]
    for stride, filters in TABLE:
        filters = int(filters * width)
        net += [("conv", 3, stride, channels, channels), ("conv", 1, 1, filters, 1)]
        channels = filters
    return [*net, ("mean",), ("dense", 1000)]


if ready(count_macs):
    net = chain()
    work = np.array([count_macs(net[:n], (224, 224, 3))[0] for n in range(len(net) + 1)])
    print(f"MobileNet: {work[-1]:,} multiply-adds (paper: 569 million)")
    print(picture.shares(net, np.diff(work)))

# %% [markdown]
# So 95 % of the work is now in the 1 × 1 convolutions; the neighbourhoods cost 3 %. Remember that for ShuffleNet. And now the two knobs: thinner nets, and smaller images. The errors are the paper's (tables 6 and 7).

# %%
if ready(count_macs):
    knobs = []
    for (knob, value), error in picture.MOBILENET_ERRORS.items():
        side, width = (224, value) if knob == "width" else (value, 1.0)
        work, weights = count_macs(chain(width), (side, side, 3))
        knobs.append((f"{knob} {value:g}", work / 1e6, error))
        print(f"{knob:5s} {value:<5g}{work / 1e6:5.0f} M, {weights / 1e6:.2f} M, {error} %")
    show(*picture.widths_figure(knobs))

# %% [markdown]
# **What you should see.** The paper's 569, 325, 149 and 41 million, and 569, 418, 290 (291, rounded) and 186 for smaller images. Half the width costs a quarter of the work and 7 points of accuracy. Smaller images keep all weights, and save work only.
#
# ## Does a thin net learn as well?
#
# Same plan, same seed, same 2,500 clothes: once with ordinary 3 × 3 convolutions, once with your blocks.

# %%
SMALL = ((1, 32), (2, 64), (1, 64))
train, labels, test, test_labels = load_fashion_mnist(full=FULL_RUN)
some = len(train) if FULL_RUN else 2500
train, test = train[:some, ..., None] / 255, test[:1000, ..., None] / 255
if ready(mobilenet):
    past, makers = {}, {"ordinary": picture.ordinary_net, "separable": mobilenet}
    for name, make in makers.items():
        keras.utils.set_random_seed(16)
        small = make(SMALL, 16, (28, 28, 1), 10)
        data = train, labels[:some], (test, test_labels[:1000])
        past[name] = picture.train(name, small, *data, epochs=3)
    show(*picture.training_figure(past))

# %% [markdown]
# **What you should see.** Nearly the same accuracy, with a sixth of the parameters and a seventh of the work. (Which net ends a few points higher depends on the run.) But look at the seconds: they do not fall to a seventh, and may even rise. A depthwise kernel does few products for each number that it fetches from memory, and processors wait for memory. **Multiply-adds are a price list, not a stopwatch.**
#
# ## Groups at work
#
# 95 % of MobileNet's work is pointwise. ShuffleNet (Zhang and others, 2018) puts *these* convolutions into groups, and shuffles the channels between them, so that the groups meet: you build it in Unit 26. Here are the two things that any layer has to do, for the fewest weights.

# %% [markdown] exercise="look_and_mix"
# **Design** a cheap stand-in for an ordinary layer: after your layers (stride 1) every one of `filters` maps must depend on **all** channels and see at least `field` pixels along an axis. No layer may have fewer filters than there are channels.


# %% answer="look_and_mix"
def look_and_mix(channels, filters, field, weights):
    """Convolutions that look far, mix all channels, and cost little.

    channels: that come in; filters: of the last layer; field: pixels; weights: the most.
    Returns a list of layers (kernel, filters, groups); 1 to 8 of them.
    """
    ### BEGIN SOLUTION
    return [(field, channels, channels), (1, filters, 1)]
    ### END SOLUTION


# %% test="look_and_mix"
check(look_and_mix)

# %% [markdown]
# ## SqueezeNet: AlexNet in a fiftieth
#
# Forrest Iandola and others (2016) asked for few *parameters*: a net that is sent over the air, or kept in a small chip. Three rules made theirs: 1 × 1 filters in the place of many 3 × 3; few channels *into* the 3 × 3 filters; pooling late. The first two make the **fire module**.

# %%
show(*picture.fire_figure())

# %% [markdown] exercise="fire"
# Write it. *By hand*, from 5 channels, squeeze 2, expand 3: (5 + 1)·2 + (2 + 1)·3 + (9·2 + 1)·3 = 12 + 9 + 57 = 78 parameters.


# %% answer="fire"
def fire(x, squeeze, expand, name=None):
    """The fire module of the figure; each convolution has bias and ReLU.

    x: tensor (batch, rows, cols, channels); squeeze, expand: filters of each layer.
    name: begins the names of the layers; you may leave it aside.
    Returns (batch, rows, cols, 2 · expand): the maps of the 1 × 1 filters first.
    """
    ### BEGIN SOLUTION
    ### BODY squeezenet.fire
    ### END SOLUTION


# %% test="fire"
check(fire)

# %% [markdown]
# The net: a convolution, fire modules and pooling, and at the end **no dense layer**. A 1 × 1 convolution makes 1,000 maps, one for each class, and the mean of each is its score (Unit 13).

# %%
### SHOW squeezenet.squeezenet

# %%
if ready(fire):
    from convcourse.nets import count
    from convcourse.nets.squeezenet import TABLE as COLUMNS, load_squeezenet
    from convcourse.pictures.architecture import architecture_figure

    squeezed = {version: squeezenet(column) for version, column in COLUMNS.items()}
    for version, net in squeezed.items():
        print(f"SqueezeNet {version}:", *COLUMNS[version])
        print(f"  {net.count_params():,} parameters, {count.count_macs(net):,} products")
    share = 60_965_224 / squeezed["1.0"].count_params()
    print(f"AlexNet (60,965,224) has {share:.0f} times as many parameters")
    show(*architecture_figure(squeezed["1.1"], "SqueezeNet 1.1"))

# %% [markdown]
# **What you should see.** 1,248,424 and 1,235,496 parameters. Version 1.1, by the same authors, pools earlier and begins with 64 filters 3 × 3 instead of 96 filters 7 × 7: 2.4 times less work, same accuracy. Now the real thing. The course's data hold the weights of version 1.1, trained on ImageNet. Your fire modules get them. The net wants colours in the order blue, green, red, minus their means. Each photograph is the middle square of a larger one, so that nothing is stretched.

# %%
if ready(fire):
    net, donor = squeezed["1.1"], load_squeezenet(data_file("squeezenet_v1_1_imagenet.npz"))
    picture.lend_weights(net, donor)
    means = (103.939, 116.779, 123.68)
    given = [resize(p, (227, 227), preserve_range=True)[..., ::-1] - means for p in photos]
    probabilities = np.asarray(net(np.stack(given).astype("float32")))
    guesses = picture.best_guesses(probabilities, ["cat", "cup", "motorcycle"])
    print(pd.DataFrame(guesses).to_string(index=False))
    show(*picture.photographs_figure(photos, [guess["guess 1"] for guess in guesses]))

# %% [markdown]
# **What you should see.** A tabby cat (.40), an espresso (.98), a motor scooter (.82, though it is a motorcycle). From 1.2 million numbers. Such a small net is easily swayed: stretch the whole photographs to a square instead, and it sees an Egyptian cat (.48) and a moped (.54). It is no better than AlexNet, whose first guess is wrong for four photographs of ten. But it is fifty times smaller.
#
# ## Large nets of thin layers
#
# Thin layers also make *large* nets better: what you save, you spend on width and depth. François Chollet's **Xception** (2017) has separable convolutions and shortcuts throughout; Unit 26 builds it. **Inception-ResNet-v2** (Szegedy and others, 2017) puts a shortcut round each Inception module (Unit 13): ten modules A, twenty B, ten C. (So the published program and Keras; the paper draws five, ten and five.) Modules of one kind have equal counts, so build one of each, and multiply.

# %%
if ready(separable_cost):
    from convcourse.nets import count

    mixed = np.array([1537 * 1000, 1536 * 1000])  # the dense layer
    for times, part, shape, *rest in picture.inception_resnet_parts():
        x = keras.Input(shape)
        block = keras.Model(x, part(x, *rest))
        mixed += times * np.array([block.count_params(), count.count_macs(block)])
    print(f"Inception-ResNet-v2: {mixed[0]:,} parameters, {mixed[1] / 1e9:.2f} G")

# %% [markdown]
# It has 55,873,736 parameters in the published program, and its paper reports 19.9 % errors. Xception needs 22,910,480, fewer than Inception v3 (23,851,784), and has 21.0 %, where Chollet measured 21.8 % for Inception v3, trained and tested in the same way. (Inception v3's own paper, with another recipe, has 21.2 %.)
#
# ## A cell found by a search
#
# Who says that people should draw the modules? Barret Zoph and others (2018) let a program propose **cells**, trained each for a while on small images (CIFAR-10), and rewarded the program for good ones. It took 500 GPUs four days. Then they stacked the best cells, by hand, into nets for ImageNet. The result is **NASNet-A**: a *normal* cell keeps the size, a *reduction* cell halves it. A cell is a table. Each line adds two ways: operation and input on the left, operation and input on the right. `h` is the output of the last cell, `p` that of the one before; a number is the sum of that line. `..._OUTPUT` says what is laid side by side at the end.

# %%
### SHOW nasnet.NORMAL
### SHOW nasnet.REDUCTION
### SHOW nasnet.NORMAL_OUTPUT
### SHOW nasnet.REDUCTION_OUTPUT
cells = {"normal": (NORMAL, NORMAL_OUTPUT), "reduction": (REDUCTION, REDUCTION_OUTPUT)}
show(*picture.cells_figure(cells))

# %% [markdown]
# Blue solid arrows come from h, red dashed ones from p, green dotted ones from sums. Odd things are left in, as the search found them: the mean of p is added to *itself* (line 4), and no reduction cell uses sum 1 at its end. An operation has a name. `sep5` is twice "ReLU, separable convolution 5 × 5, batch normalisation", and only the first of the two strides; `avg3` and `max3` pool 3 × 3 pixels; `id` changes nothing. The function `nas_operation(x, kind, filters, stride)` of the set-up cell does each by its name. *By hand*, `sep3` from 4 channels to 4: twice 36 + 16 weights and a norm of 16 numbers, 136.

# %% [markdown] exercise="nas_cell"
# Wire a cell from any table. Here h and p have equal shapes, with `filters` channels already.


# %% answer="nas_cell"
def nas_cell(h, p, filters, pairs, output, stride):
    """A cell from its table.

    h, p: tensors (batch, rows, cols, filters), of the last cell and of the one before.
    pairs: lines (operation, input, operation, input); inputs are "h", "p" or the number of
    an earlier line, counted from 1. Each line adds its two ways. Operations on h and p have
    the given stride, those on sums stride 1.
    output: inputs and sums that are laid side by side, in this order. Returns a tensor.
    """
    ### BEGIN SOLUTION
    parts = {"h": h, "p": p}
    for number, (*left, right, right_input) in enumerate(pairs, start=1):
        ways = []
        for kind, source in (left, (right, right_input)):
            step = 1 if isinstance(source, int) else stride
            ways.append(nas_operation(parts[source], kind, filters, step))
        parts[number] = layers.Add()(ways)
    return layers.Concatenate()([parts[name] for name in output])
    ### END SOLUTION


# %% test="nas_cell"
check(nas_cell)

# %% [markdown]
# In the net, a 1 × 1 convolution first brings h and p to the cell's number of filters. The mobile net has 44 filters, four normal cells in each of three stages, and reduction cells between. The course's library stacks them.

# %%
if ready(nas_cell):
    from convcourse.nets import count, nasnet
    from convcourse.pictures.architecture import architecture_figure

    h, p = keras.Input((28, 28, 44)), keras.Input((28, 28, 44))
    for (name, how), stride in zip(cells.items(), (1, 2)):
        cell = keras.Model([h, p], nas_cell(h, p, 44, *how, stride))
        print(f"{name} cell: {cell.count_params():,} parameters → {cell.output.shape[1:]}")
    net = nasnet.nasnet()  # some 800 layers: be patient
    mobile = net.count_params(), count.count_macs(net)
    print(f"NASNet-A Mobile: {mobile[0]:,} parameters, {mobile[1] / 1e6:.0f} M products")
    show(*architecture_figure(net, "NASNet-A Mobile"))
    del net

# %% [markdown]
# 5,326,716 parameters, as many as Keras's net, and 564 million multiply-adds, as many as MobileNet needs. The error is 26.0 % against 29.4 %. The search paid, for the user at least.
#
# ## All nets in one table
#
# A lecture of 2020 closes with a comparison of the nets in torchvision: parameters and work at 224 × 224 pixels, errors on ImageNet. We count some of its lines ourselves, from the nets: VGG by your `count_macs`, the others by building them. `FULL_RUN` counts every net of Part D. **One slip.** Under its table the lecture writes "GMACs = 2 · GFLOPs". It is the other way round: one multiply-add is *two* operations, so **GFLOPs = 2 · GMACs**.

# %%
if ready(count_macs, fire):
    from convcourse.nets.resnet import resnet

    own = {}
    for name, column in {"vgg11": "A", "vgg13": "B", "vgg16": "D", "vgg19": "E"}.items():
        own[name] = count_macs(picture.vgg_chain(column), (224, 224, 3))
    built = dict(zip(("squeezenet1_0", "squeezenet1_1"), squeezed.values()))
    built["resnet18"] = resnet(18)
    for name, net in built.items():
        trained = sum(int(np.prod(weight.shape)) for weight in net.trainable_weights)
        own[name] = count.count_macs(net), trained
    print(pd.DataFrame(picture.beside_the_lecture(own)).to_string(index=False))
    if FULL_RUN:  # builds every net: some minutes, several GB of memory
        picture.count_all_nets()

# %% [markdown]
# **What you should see.** Parameters agree, but for VGG's biases (some thousands), which your function leaves out. Work differs by a percent or less where the lecture's tool also counted ReLU, pooling and biases; SqueezeNet 1.1 by two, as torchvision pads where our net (227 × 227 pixels) does not.
#
# ## Accuracy against cost
#
# Now put all of it into one picture: the lecture's nets, and those of this unit with the papers' errors. To the right is expensive, up is good. The dashed line joins the nets that **no other beats in both**.

# %%
if ready(separable_cost, count_macs, nas_cell):
    nets = [line[:5] for line in picture.LECTURE]
    for width in (1.0, 0.75, 0.5, 0.25):
        work, weights = count_macs(chain(width), (224, 224, 3))
        error = picture.MOBILENET_ERRORS["width", width]
        nets.append(("MobileNet", f"MobileNet {width:g}", weights / 1e6, work / 1e9, error))
    nets.append(("ShuffleNet", "ShuffleNet", 1.87, 0.137, 32.6))
    large = {"NASNet": (mobile, 26.0), "Inception-ResNet": (mixed, 19.9)}
    large["Xception"] = (22_910_480, 8_357_403_496), 21.0  # both counted in Unit 26
    for family, ((size, work), error) in large.items():
        nets.append((family, family, size / 1e6, work / 1e9, error))
    show(*picture.cost_figure(nets, "work"))
    print("nobody beats:", ", ".join(net[1] for net in picture.frontier(nets)))
    show(*picture.cost_figure(nets, "size"))

# %% [markdown]
# **What you should see.** By work, AlexNet and all of VGG lie far inside: MobileNet makes one mistake more in a hundred than VGG16 (29.4 against 28.4 %), for a twenty-seventh of the work. The border runs from the thinnest MobileNet over ShuffleNet and NASNet to Inception v3, DenseNet-161, Xception and Inception-ResNet-v2. By size the order changes: SqueezeNet, which needs much work for its accuracy, is small. **Read such pictures with care.** Inception v3, Xception and Inception-ResNet were *tested at 299 pixels* in their papers (the lecture counts Inception v3 at 224); training recipes differ, and a better recipe is worth some points for any of these nets.
#
# ## Summary
#
# - A separable convolution looks first and mixes afterwards. It costs 1/N + 1/D_K² of the ordinary one: eight to nine times less for 3 × 3.
# - MobileNet is a chain of separable blocks: 4,253,864 parameters, 569 million multiply-adds, with knobs for width and image size.
# - Groups divide the cost of a convolution; a map hears of its own group only.
# - A fire module squeezes before it looks. SqueezeNet: 1.2 million parameters, AlexNet's accuracy.
# - Xception, Inception-ResNet-v2 and NASNet spend the savings on accuracy. A NASNet cell is a table.
# - Multiply-adds, parameters and seconds are three prices. Say which one you mean.
#
# ## Questions
#
# 1. Kernel 5 × 5, 64 filters: how much cheaper is the separable layer?
# 2. MobileNet with width 0.5 has about a third of the parameters, not a quarter. Why?
# 3. A fire module has squeeze 16, expand 64 and 128 channels in. Count its parameters, and those of an ordinary 3 × 3 layer from 128 to 128.
#
# <details><summary>Key</summary>
#
# 1. 1/64 + 1/25 = 0.0556: eighteen times.
# 2. The dense layer has 1,024 · 1,000 weights; they fall with α, not with α².
# 3. 129·16 + 17·64 + (9·16 + 1)·64 = 2,064 + 1,088 + 9,280 = 12,432, against (9·128 + 1)·128 = 147,584.
#
# </details>
#
# ## Open work
#
# There is no key. Choose one question, and let the numbers answer.
#
# - Multiply-adds are no stopwatch. *Measure* the milliseconds of one image for every net of this unit on your own machine, and draw the last picture again with time instead of work. Which nets are now beaten by none?
# - Make the small separable net wider until it needs as much work as the ordinary one. *Measure* both accuracies from three seeds: was the saving worth it?
#
# ## References
#
# - A. Howard and others, *MobileNets: efficient convolutional neural networks for mobile vision applications*, 2017, arXiv:1704.04861.<br>X. Zhang, X. Zhou, M. Lin and J. Sun, *ShuffleNet: an extremely efficient convolutional neural network for mobile devices*, CVPR 2018.<br>F. Iandola and others, *SqueezeNet: AlexNet-level accuracy with 50x fewer parameters and < 0.5 MB model size*, 2016, arXiv:1602.07360.<br>F. Chollet, *Xception: deep learning with depthwise separable convolutions*, CVPR 2017.<br>C. Szegedy, S. Ioffe, V. Vanhoucke and A. Alemi, *Inception-v4, Inception-ResNet and the impact of residual connections on learning*, AAAI 2017.<br>B. Zoph, V. Vasudevan, J. Shlens and Q. Le, *Learning transferable architectures for scalable image recognition*, CVPR 2018.
