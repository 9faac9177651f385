# %% [markdown]
# # Unit 15 · DenseNet
#
# **You will be able to**
#
# - say what a dense block does, and count its maps, connections and weights by hand;
# - build a dense layer with bottleneck, a dense block and a transition;
# - build DenseNet-121, 169 and 201 from one table, with exactly the published number of parameters;
# - find out which earlier layers a trained net really uses: by looking at its weights, and by cutting.
#
# **Time** about three hours. **Before this** Unit 14: residual blocks and batch normalisation in deep nets.

# %% setup="numpy"
import time

import numpy as np

from convcourse.check import check, ready
from convcourse.data import load_fashion_mnist
from convcourse.figures import show
from convcourse.pictures import densenet as pictures
from convcourse.predictions import predict
from convcourse.quiet import quietly
from convcourse.widgets import slide

with quietly():  # TensorFlow greets with some lines that say nothing to us
    import keras
    from keras import layers

# Added to a variance by every batch norm of this unit, as in keras.applications.
### SHOW densenet.EPSILON

# %% [markdown]
# ## Half the weights, the same error
#
# The figure shows two families of nets on ImageNet, with the numbers of the 2020 lecture (models of torchvision, one crop of 224×224).

# %%
resnets = [("18", 11.69, 30.24), ("34", 21.80, 26.70), ("50", 25.56, 23.85)]
resnets += [("101", 44.55, 22.63), ("152", 60.19, 21.69)]
densenets = [("121", 7.98, 25.35), ("169", 14.15, 24.00), ("201", 20.01, 22.80)]
densenets += [("161", 28.68, 22.35)]
show(*pictures.draw_errors({"ResNet": resnets, "DenseNet": densenets}))
print(f"DenseNet-169 has {14.15 / 25.56:.0%} of ResNet-50's parameters,", end=" ")
print(f"DenseNet-201 {20.01 / 44.55:.0%} of ResNet-101's")

# %% [markdown]
# DenseNet-169 errs about as often as ResNet-50, with 55 % of its parameters. **Where do these nets save?** This unit takes one apart.
#
# ## Add, or put side by side?
#
# A residual block *adds* what it finds to what was there. *By hand*, at one pixel with two maps: the block receives [1, 2] and finds [3, −1]. It passes on [1 + 3, 2 − 1] = [4, 1]. From [4, 1] nobody can tell what was old and what was new: [0, 2] and [4, −1] give the same. A **dense layer** *concatenates*: it passes on [1, 2, 3, −1]. Nothing is lost, so no later layer has to find it again. It can read the edges that the first layer found, as well as the textures that the seventh made of them. In the paper's words and symbols, layer ℓ computes $x_\ell = H_\ell([x_0, x_1, \dots, x_{\ell-1}])$, where $x_0$ is the block's input and $[\dots]$ puts maps side by side, along the channels. All maps in a block have the same rows and columns.
#
# Below is figure 1 of the paper, drawn anew: a block of five layers, each of which gives 4 maps. Move the slider, and say the number of arcs before you look at the title.

# %%
show(*pictures.draw_block(5))
slide(lambda step: pictures.draw_block(step + 1), label="layers − 1", stop=6, value=3)

# %% [markdown]
# ## The stack grows by k
#
# How many maps does layer ℓ read? Let the block's input have $k_0$ maps, and let every layer make $k$. This $k$ is the **growth rate**. It may be small, because a layer does not have to pass on what others found: $k = 32$ in the nets for ImageNet, 12 in small ones, where a ResNet's layers make 64 to 2,048 maps. *By hand*, for the first block of DenseNet-121 ($k_0 = 64$, $k = 32$): layer 1 reads 64 maps, layer 2 reads 64 + 32 = 96, layer 3 reads 128.

# %%
show(*pictures.draw_stacks(initial_maps=64, growth=32, num_layers=6))

# %% [markdown] exercise="input_maps"
# Give the number for any layer.


# %% answer="input_maps"
def input_maps(layer, initial_maps, growth):
    """How many maps a layer of a dense block reads.

    layer: its number in the block, counted from 1; initial_maps: k₀, the maps of the block's input;
    growth: k, the maps that each layer adds. Returns an integer.
    """
    ### BEGIN SOLUTION
    return initial_maps + growth * (layer - 1)
    ### END SOLUTION


# %% test="input_maps"
check(input_maps)

# %%
if ready(input_maps):
    print("first block of DenseNet-121:", [input_maps(n, 64, 32) for n in range(1, 7)])
    print("last layer of its last block:", input_maps(16, 512, 32), "maps")

# %% [markdown]
# ## L (L + 1) / 2 connections
#
# A chain of L layers has L connections: each layer reads the one before it, and layer 1 reads the input. (A slide of the 2020 lecture prints L² for such nets. That is a slip: with L² each layer would read every layer, itself and the later ones too.) In a dense block layer ℓ has ℓ sources, so there are $1 + 2 + \dots + L = L(L+1)/2$ connections. For the five layers above: 15. When the loss sends its gradient back, each of these connections is a short way to an early layer. A whole net has several blocks, and no connection leads from one block into another.

# %% [markdown] exercise="count_connections"
# Count the connections in all blocks of a net.


# %% answer="count_connections"
def count_connections(blocks):
    """Connections inside the dense blocks of a net.

    A connection leads from a block's input, or from a layer, to a later layer of the same block.
    blocks: tuple of integers, the number of layers in each block. Returns an integer.
    """
    ### BEGIN SOLUTION
    return sum(num_layers * (num_layers + 1) // 2 for num_layers in blocks)
    ### END SOLUTION


# %% test="count_connections"
check(count_connections)

# %%
if ready(count_connections):
    blocks = (6, 12, 24, 16)
    print("DenseNet-121:", sum(blocks), "dense layers in four blocks")
    print("connections in a chain:", sum(blocks), " dense:", count_connections(blocks))

# %% [markdown]
# ## H: normalise, rectify, convolve
#
# H is three layers, and their order matters: **batch norm, ReLU, convolution**. This is called *pre-activation*. Unit 14's blocks have convolution, batch norm, ReLU, and a ReLU after every sum, so even what goes around a block is cut at 0 each time. He and others turned the order round in a second paper (2016). Then nothing stands on the way around: what was put there arrives unchanged at every later layer, and so does the gradient on its way back. DenseNet follows them.
#
# The convolution is last. So what a layer puts on the stack is neither normalised nor rectified, and every reader normalises all maps of the stack in its own way, with its own scales and shifts. The convolution has no bias: its maps are only ever read through batch norms, and a batch norm subtracts any constant that a map has.
#
# *By hand*, 5 maps in, 4 filters of 3×3: the batch norm has 4 numbers a map (scale and shift, which are trained, and the moving mean and variance, which are not): 4 · 5 = 20. The convolution has 3 · 3 · 5 · 4 = 180. Together 200.

# %% [markdown] exercise="bn_relu_conv"
# Write H as a function that adds three layers to a tensor and returns the new tensor.


# %% answer="bn_relu_conv"
def bn_relu_conv(x, filters, kernel_size):
    """H of the paper.

    x: Keras tensor (rows, cols, m). filters: how many maps to make. kernel_size: side of the kernel.
    The batch norm has epsilon=EPSILON; the convolution has stride 1 and keeps rows and cols.
    Returns a Keras tensor (rows, cols, filters).
    """
    ### BEGIN SOLUTION
    ### BODY densenet.bn_relu_conv
    ### END SOLUTION


# %% test="bn_relu_conv"
check(bn_relu_conv)

# %% [markdown] exercise="stack_of_maps"
# Here is a block on plain vectors. Each layer has a shift for each map that it reads (instead of a batch norm), then the ReLU, then a matrix. The code runs, but the figure under it shows numbers that change after they were put on the stack. Find the fault and **repair** it.


# %% answer="stack_of_maps"
def stack_of_maps(x, readers):
    """The stack behind a dense block in which each layer shifts, rectifies and mixes what it reads.

    x: array (pixels, maps). readers: for each layer a pair of arrays: a shift for each of
    the m maps of the stack so far, and a kernel (m, growth).
    Returns an array (pixels, maps + layers · growth): the maps of x, of layer 1, of layer 2, …
    """
    ### BEGIN SOLUTION
    stack = x
    for shift, kernel in readers:
        read = np.maximum(stack + shift, 0)
        stack = np.concatenate([stack, read @ kernel], axis=-1)
    return stack
    ### END SOLUTION


# %%
show(*pictures.draw_written(stack_of_maps))

# %% test="stack_of_maps"
check(stack_of_maps)

# %% [markdown]
# ## The bottleneck
#
# Late in a block a layer reads many maps. A 3×3 convolution from m maps to k costs $9mk$ weights. A **bottleneck** makes it cheap: first a 1×1 convolution to $4k$ maps, then a 3×3 from these $4k$ to $k$. That costs $4mk + 36k^2$. It pays when $4mk + 36k^2 < 9mk$, that is for $m > 7.2\,k$. The last layer of DenseNet-121 reads 992 maps.

# %%
m, k = 992, 32
print(f"3×3 only: {9 * m * k:,} weights;  1×1, then 3×3: {4 * m * k + 36 * k**2:,}")
show(*pictures.draw_layer_cost(growth=32, most_maps=1000))

# %% [markdown]
# In DenseNet-121 (k = 32) it pays from 231 maps on. So in the whole first block (64 to 224 maps) and in the first four layers of the second (128 to 224) the bottleneck costs more than it saves; later it more than pays for that. Here are both parts of the net, a dense layer and the transition that we come to soon.

# %%
show(*pictures.draw_parts())

# %% [markdown] exercise="dense_layer"
# Write the dense layer: two H, one after the other. Return the new maps only. *By hand*, 6 maps in, k = 2: the first H has 4·6 + 6·8 = 72 parameters, the second 4·8 + 9·8·2 = 176. Together 248.


# %% answer="dense_layer"
def dense_layer(x, growth):
    """The new maps of a layer with bottleneck; there are 4 · growth maps inside.

    x: Keras tensor (rows, cols, m), the stack so far.
    Returns a Keras tensor (rows, cols, growth): the new maps, without x.
    """
    ### BEGIN SOLUTION
    ### BODY densenet.dense_layer
    ### END SOLUTION


# %% test="dense_layer"
check(dense_layer)

# %% [markdown] exercise="dense_block"
# Now the block. The order of the maps counts: the block's input first, then the maps of layer 1, of layer 2, and so on. *By hand*, 4 maps in, three layers, k = 2: the layers read 4, 6 and 8 maps and have 224, 248 and 272 parameters, 744 in all. The block gives 4 + 3 · 2 = 10 maps.


# %% answer="dense_block"
def dense_block(x, num_layers, growth):
    """A dense block: each layer reads the block's input and the maps of all layers before it.

    x: Keras tensor (rows, cols, m). num_layers: how many dense layers; growth: maps that each adds.
    Returns a Keras tensor (rows, cols, m + num_layers · growth):
    the maps of x, then those of layer 1, of layer 2, … along the last axis.
    """
    ### BEGIN SOLUTION
    ### BODY densenet.dense_block
    ### END SOLUTION


# %% test="dense_block"
check(dense_block)

# %% [markdown] exercise="thin_layers"
# **Design** a block that makes `maps` maps from `initial_maps`, has at most `most_layers` layers (for time's sake), and at most `weights` weights in its convolutions (bottlenecks included). Every answer that measures up is right.


# %% answer="thin_layers"
def thin_layers(initial_maps, maps, most_layers, weights):
    """A dense block with bottlenecks that makes so many maps and costs little.

    initial_maps, maps: on the stack before and after the block; most_layers, weights: the most.
    Returns two whole numbers: layers and growth.
    """
    ### BEGIN SOLUTION
    new = maps - initial_maps
    layers_that_fit = [n for n in range(1, most_layers + 1) if new % n == 0]
    return max(layers_that_fit), new // max(layers_that_fit)
    ### END SOLUTION


# %% test="thin_layers"
check(thin_layers)

# %% [markdown]
# ## Transition and compression
#
# Maps of different sizes cannot lie side by side, so a block cannot shrink its maps. That is done between blocks, by a **transition**: H with a 1×1 convolution, then 2×2 average pooling. And since the stack has become high, the 1×1 convolution keeps only $\lfloor \theta m \rfloor$ maps. This is the **compression**; the paper takes $\theta = 0.5$. A net with bottlenecks (B) and compression (C) is a **DenseNet-BC**. (The paper names batch norm and convolution only; the ReLU between them is in its authors' program, in torchvision and in Keras.)

# %% [markdown] exercise="transition"
# Write it.


# %% answer="transition"
def transition(x, compression=0.5):
    """BN-ReLU-1×1 convolution to fewer maps, then average pooling of 2×2 pixels with stride 2.

    x: Keras tensor (rows, cols, m). compression: share of the maps that is kept.
    Returns a Keras tensor (rows // 2, cols // 2, floor(compression · m)):
    the number of maps is rounded down, and an odd last row or column is dropped.
    """
    ### BEGIN SOLUTION
    ### BODY densenet.transition
    ### END SOLUTION


# %% test="transition"
check(transition)

# %% [markdown]
# ## The table
#
# Table 1 of the paper has four nets. They differ in one line only: how many dense layers each of the four blocks has.

# %%
### SHOW densenet.TABLE

# %% [markdown]
# | part | layers | output for 224×224 |
# |---|---|---|
# | convolution | 7×7, 2k filters, stride 2, no bias; then BN-ReLU | 112×112 |
# | pooling | 3×3 maximum, stride 2 | 56×56 |
# | dense block 1 | [1×1 conv, 3×3 conv] × 6 | 56×56 |
# | transition 1 | 1×1 conv, 2×2 average | 28×28 |
# | dense block 2, transition 2 | × 12 | 28×28, then 14×14 |
# | dense block 3, transition 3 | × 24, 32, 48 or 64 | 14×14, then 7×7 |
# | dense block 4 | × 16, 32, 32 or 48 | 7×7 |
# | classification | BN-ReLU, global average, dense layer with softmax | 1000 |
#
# *By hand*, a net with blocks (1, 2), k = 2, colour images and 3 classes. A batch norm of m maps has 2m trained numbers and 2m statistics.
#
# | part | maps before → after | weights | normalised maps |
# |---|---|---|---|
# | 7×7 convolution and its norm | 3 → 4 | 7·7·3·4 = 588 | 4 |
# | block 1, its layer | 4 → 6 | 4·8 + 9·8·2 = 176 | 4 + 8 |
# | transition | 6 → 3 | 6·3 = 18 | 6 |
# | block 2, layer 1 | 3 → 5 | 3·8 + 9·8·2 = 168 | 3 + 8 |
# | block 2, layer 2 | 5 → 7 | 5·8 + 9·8·2 = 184 | 5 + 8 |
# | norm, classifier | 7 → 3 | (7 + 1)·3 = 24 | 7 |
# | **sum** | | **1,158** | **53** |
#
# Trained: 1,158 + 2·53 = **1,264**. With the statistics: 1,158 + 4·53 = **1,370**.

# %% [markdown] exercise="densenet_parameters"
# Do this sum for any row of the table. Return both numbers: papers and torchvision print the first, Keras prints the second.


# %% answer="densenet_parameters"
def densenet_parameters(blocks, growth, classes):
    """Parameters of a DenseNet-BC for colour images, with compression 0.5 (rounded down).

    blocks: tuple, the number of dense layers in each block; growth: k; classes: outputs.
    Returns two integers: the parameters that are trained, and all of them
    with the moving means and variances of the batch norms. Count them; no net is built.
    """
    ### BEGIN SOLUTION
    maps = 2 * growth
    weights, normalised = 7 * 7 * 3 * maps, maps
    for number, num_layers in enumerate(blocks):
        if number > 0:
            weights, normalised = weights + maps * (maps // 2), normalised + maps
            maps = maps // 2
        for _ in range(num_layers):
            weights += maps * 4 * growth + 9 * 4 * growth * growth
            normalised += maps + 4 * growth
            maps += growth
    weights, normalised = weights + (maps + 1) * classes, normalised + maps
    return weights + 2 * normalised, weights + 4 * normalised
    ### END SOLUTION


# %% test="densenet_parameters"
check(densenet_parameters)

# %%
if ready(densenet_parameters):
    print("net            depth   trained parameters   with statistics")
    for name, blocks in TABLE.items():
        trained, whole = densenet_parameters(blocks, 32, 1000)
        depth = 1 + 2 * sum(blocks) + (len(blocks) - 1) + 1
        print(f"{name}   {depth}     {trained:>10,} ({trained / 1e6:.2f} M) {whole:>12,}")
    wide, _ = densenet_parameters((6, 12, 36, 24), 48, 1000)
    print(f"DenseNet-161, growth 48:  {wide:,} ({wide / 1e6:.2f} M)")

# %% [markdown]
# **What you should see.** 7.98, 14.15, 20.01 and, for the wide net, 28.68 million: the lecture's numbers to the last digit. With statistics 8,062,504, 14,307,880 and 20,242,984: those of `keras.applications`. The depth counts convolutions and the classifier: one first convolution, two in each dense layer, three transitions, one classifier. It explains the names. Only the largest net has 265 layers by its own table; the paper calls it 264.

# %% [markdown] exercise="densenet"
# Build the net. The tables above say everything but two things: before the first convolution come 3 rows and columns of zeros on every side, and before the pooling 1 (so a side of 224 becomes 112, then 56).


# %% answer="densenet"
def densenet(input_shape, classes, blocks, growth):
    """A DenseNet-BC from a row of the table, with compression 0.5 and EPSILON in every batch norm.

    input_shape: (rows, cols, channels); classes: outputs of the classifier, with softmax;
    blocks: tuple, the number of dense layers in each block; growth: k.
    The first convolution makes 2 · growth maps; it and the maximum pooling have no padding of their own,
    but come after ZeroPadding2D(3) and ZeroPadding2D(1). Returns a keras.Model.
    """
    ### BEGIN SOLUTION
    ### BODY densenet.densenet
    ### END SOLUTION


# %% test="densenet"
check(densenet)

# %% [markdown]
# Now the real one, at its published size. One random image walks through it; we print where the sides change.

# %%
big = None  # until your densenet passes
if ready(densenet):
    big = densenet((224, 224, 3), 1000, TABLE["DenseNet-121"], 32)
    print(f"DenseNet-121: {big.count_params():,} parameters")
    stops = [big.layers[0].output]
    for layer in big.layers[1:]:
        if "oncat" in layer.name:  # the stack so far: the last of a size ends its block
            stack = layer.output
        elif layer.output.shape[1:3] != stops[-1].shape[1:3]:
            before = [stack, layer.input] if "verage" in layer.name else [layer.input]
            stops += [*before, layer.output]
    image = np.random.default_rng(15).normal(size=(1, 224, 224, 3)).astype("float32")
    start = time.perf_counter()
    results = keras.Model(big.inputs, stops)([image])
    print(f"one forward pass: {time.perf_counter() - start:.1f} s, and on its way")
    shapes = [tuple(result.shape[1:]) for result in results]
    print(" → ".join(str(s) for s, before in zip(shapes, [None, *shapes]) if s != before))
    from convcourse.pictures.architecture import architecture_figure

    show(*architecture_figure(big, "DenseNet-121"))

# %% [markdown]
# **What you should see.** The maps grow within a block, from 64 to 256, and the transition halves them to 128; then 512 and 256, 1024 and 512, and 1024 at the end. Is it really the same net as in the library? We give both the same weights and show them the same image.
#
# And **predict before you run:** a simple program stores every concatenation anew, the old maps and the new ones. How many times does it store a map, on average? Layers read 6, 12, 24 and 16 stacks in the four blocks.

# %%
guess = None
parts = zip((56, 28, 14, 7), (64, 128, 256, 512), (6, 12, 24, 16))
stacks = [[s**2 * (k0 + 32 * n) for n in range(1, count + 1)] for s, k0, count in parts]
times = sum(map(sum, stacks)) / sum(stack[-1] for stack in stacks)
predict(guess, round(times, 1), "A block's first maps are copied most often.", close=0.3)

# %%
if big is not None:
    from convcourse.nets.count import count_depth, count_macs

    library = keras.applications.DenseNet121(weights=None)
    big.set_weights(library.get_weights())
    ours, theirs = (keras.ops.convert_to_numpy(model(image)) for model in (big, library))
    print(f"parameters: {big.count_params():,} and {library.count_params():,}")
    print(f"largest difference of 1000 outputs: {np.abs(ours - theirs).max():.1e}")
    print(f"depth {count_depth(big)}, {count_macs(big) / 1e9:.2f} billion multiply-adds")
    stacks = [layer.output.shape[1:] for layer in big.layers if "oncat" in layer.name]
    maps = {shape[:2]: np.prod(shape) for shape in stacks}  # the last stack holds all maps
    print(f"numbers in its maps:        {sum(maps.values()) / 1e6:4.1f} million")
    print(f"numbers in all stacks read: {sum(map(np.prod, stacks)) / 1e6:4.1f} million")
    big = library = None  # makes room

# %% [markdown]
# **What you should see.** The same parameters, and the same outputs (or rounding errors). (The lecture prints 2.88 billion multiply-adds where we find 2.83: its counter adds the batch norms and ReLUs.) The last two lines show the price of the idea. A program that stores every concatenation keeps each map seven times on average, and training needs them all for the way back. DenseNets save parameters, not memory.
#
# ## A small one to train
#
# Your builder makes small nets too. This one has two blocks of six layers with k = 8, and sees 4,000 pictures of clothes (Fashion-MNIST). We train it as the paper does, by stochastic gradient descent with Nesterov's momentum, a rate that begins at 0.1, and weight decay. But the paper goes through its data 40 to 300 times and we go twice. Its decay of 10⁻⁴ would do nothing in so short a time. Ours is 0.2: a number that we tuned for these two rounds, not one of the paper's.

# %%
images, labels, test_images, test_labels = load_fashion_mnist()
images, test_images = (x[..., None] / np.float32(255) for x in (images, test_images))
images, labels = images[:4000], labels[:4000]
EPOCHS, BATCH = 2, 64
STEPS = -(-len(images) // BATCH)  # in one epoch

# %%
net = None  # until your densenet passes
if ready(densenet):
    keras.utils.set_random_seed(15)
    net = densenet((28, 28, 1), 10, (6, 6), 8)
    for layer in net.layers:
        if isinstance(layer, layers.BatchNormalization):
            layer.momentum = 0.9  # so few steps are too few for moving means with 0.99
    untrained = net.get_weights()
    rate = keras.optimizers.schedules.CosineDecay(0.1, EPOCHS * STEPS)
    sgd = keras.optimizers.SGD(rate, momentum=0.9, nesterov=True, weight_decay=0.2)
    sgd.exclude_from_weight_decay(var_names=["gamma", "beta", "bias"])
    net.compile(
        sgd, "sparse_categorical_crossentropy", metrics=["accuracy"], jit_compile=False
    )
    losses = []
    progress = [pictures.watch(losses)]
    net.fit(images, labels, BATCH, EPOCHS, verbose=0, callbacks=progress)
    _, accuracy = net.evaluate(test_images, test_labels, 500, verbose=0)
    print(f"{net.count_params():,} parameters, accuracy on test images {accuracy:.3f}")
    show(*pictures.draw_loss(losses, STEPS))

# %% [markdown]
# ## Are old maps used again?
#
# That was the promise: nobody has to find anything twice, because everything stays within reach. Does the net make use of it? The paper's figure 5 asks the weights. In a dense layer the 1×1 convolution reads the stack, and its kernel has a row of weights for each map. **Average the magnitudes over the maps of one source**, and you see how loudly that source is heard.

# %% [markdown] exercise="weight_by_source"
# Compute these averages for one kernel. *By hand*, 3 maps of input, then two layers with 1 map each, and 2 filters: the rows [1, −3], [2, 2], [0, 1] belong to the input, mean magnitude 9/6 = 1.5; [−5, 6] to layer 1, mean 5.5; [−4, 4] to layer 2, mean 4.


# %% answer="weight_by_source"
def weight_by_source(kernel, initial_maps, growth):
    """The mean magnitude of the weights with which a layer reads each of its sources.

    kernel: array (m, filters) of a dense layer or (1, 1, m, filters) of a 1×1 convolution.
    initial_maps: so many of the m maps, the first ones, are the block's input.
    growth: maps of each further source.
    Returns a float array with a number for each source: the block's input, layer 1, layer 2, …
    """
    ### BEGIN SOLUTION
    size = kernel.shape[-2]
    magnitudes = np.abs(kernel).reshape(size, -1)
    parts = np.split(magnitudes, range(initial_maps, size, growth))
    return np.array([part.mean() for part in parts])
    ### END SOLUTION


# %% test="weight_by_source"
check(weight_by_source)

# %% [markdown]
# The seven readers of a block are its six layers and what comes after: the transition, and after the last block the classifier. We divide each column by its mean, because the batch norm after a reader makes the size of a whole column meaningless. So 1 means "as loud as the others". And we do what a good experiment needs: we look at the *untrained* net as well.

# %%
if net is not None and ready(weight_by_source):
    readers = [layer for layer in net.layers if getattr(layer, "kernel_size", 0) == (1, 1)]
    readers += [layer for layer in net.layers if isinstance(layer, layers.Dense)]
    blocks, starts = (readers[:7], readers[7:]), (16, 32)  # maps at the start of each block

    def block_map(number, column):
        table = np.full((7, 7), np.nan)
        for place, layer in enumerate(blocks[number]):
            values = column(layer, starts[number])
            table[: len(values), place] = values
        return table

    def loudness(layer, start):
        kernel = keras.ops.convert_to_numpy(layer.kernel)
        weights = weight_by_source(kernel, start, 8)
        return weights / weights.mean()


# %%
ALT = "Four triangular maps. Untrained, all numbers are near 1; trained, still not far."
if net is not None and ready(weight_by_source):
    trained = net.get_weights()
    net.set_weights(untrained)
    maps = [block_map(number, loudness) for number in (0, 1)]
    net.set_weights(trained)
    maps += [block_map(number, loudness) for number in (0, 1)]
    titles = [f"{when}, block {n}" for when in ("Untrained", "Trained") for n in (1, 2)]
    ends = ["transition", "classifier"] * 2
    show(*pictures.draw_source_maps(maps, titles, ends, ALT, middle=1.0))

# %% [markdown]
# **What you should see.** No trained column has a source near 0: every layer reads all layers before it, the oldest too. And the classifier, the last column of block 2, prefers the later maps to the block's input. The paper reports both for its nets. But compare with the upper row. *Before* training all numbers are near 1 as well, because all weights are drawn alike! Two passes through the data move them little. A flat map is no proof of use. The paper trained 300 times through its data, with a decay that lets idle weights fade.
#
# ### Cut, and see what breaks
#
# A stronger test is to take a connection away: set a reader's weights for one source to 0, and measure how much the loss rises on 500 test images. Then put them back. This makes 56 cuts.

# %%
ALT = "Two triangular maps of the rise in loss; small in the columns of layers 5 and 6."
if net is not None and ready(weight_by_source):

    def loss():
        return net.test_on_batch(test_images[::4], test_labels[::4])[0]

    def damage(layer, start):
        size = layer.kernel.shape[-2]
        return pictures.cut_map(layer.kernel, [0, *range(start, size + 1, 8)], loss)

    cuts = [block_map(number, damage) for number in (0, 1)]
    titles = ["Rise of the loss, block 1", "Rise of the loss, block 2"]
    show(*pictures.draw_source_maps(cuts, titles, ["transition", "classifier"], ALT))
    for number, cut in enumerate(cuts, start=1):
        old = np.nansum(np.triu(np.nan_to_num(cut), 1)) / np.nansum(cut)
        print(f"block {number}: {old:.0%} of all damage is done off the diagonal")

# %% [markdown]
# **What you should see.** Three things that the weights did not show; the numbers themselves change from run to run. What comes after a block, the last column, loses most by cuts of *older* layers and of the input, not of the layer just before it. The block's input serves layer 2 too, not only layer 1. And connections are not equal: layers 5 and 6 of this net can lose any single source almost unharmed. A chain has only the diagonal of these maps. The two printed lines say how much of the damage is done off it: roughly a third to four fifths, from run to run. So maps *are* used again, above all by the next part of the net. That is where DenseNet saves: a layer needs to make 8 maps only, since it does not have to carry the others along.
#
# ## Summary
#
# - A dense layer concatenates where a residual block adds. Layer ℓ reads $k_0 + k(\ell - 1)$ maps; a block of L layers has L (L + 1) / 2 connections.
# - H is batch norm, ReLU, convolution without bias. A bottleneck (1×1 to 4k maps) pays as soon as a layer reads more than 7.2 k maps.
# - Transitions halve the sides and, with θ = 0.5, the number of maps.
# - DenseNet-121, 169 and 201 have 7.98, 14.15 and 20.01 million trained parameters; with statistics 8,062,504, 14,307,880 and 20,242,984.
# - Weights are a hint at what a net uses. Cutting is a test, and an untrained net is the control.
#
# ## Questions
#
# 1. A block has 10 layers, k₀ = 24, k = 12, no bottleneck. How many maps does its last layer read, and how many come out of the block?
# 2. Why can a transition not stand inside a dense block?
# 3. In a transition, may the average pooling stand before the 1×1 convolution? What would it save?
# 4. Why would a bias in the 3×3 convolution of a dense layer be wasted?
# 5. ResNet-50 makes 4.1 billion multiply-adds, DenseNet-121 2.8 billion. Still the DenseNet is often not faster. Why?
#
# <details><summary>Key</summary>
#
# 1. 24 + 12 · 9 = 132, and 24 + 12 · 10 = 144.
# 2. It halves the sides. Maps of different sizes cannot be put side by side, so the layers after it could not read the maps before it.
# 3. Yes: a mean over pixels and a weighted sum over maps are both linear, and without bias they may change places. The convolution then works on a quarter of the pixels.
# 4. Everything that reads these maps begins with a batch norm, which subtracts each map's mean, and the constant with it.
# 5. It has many small layers that read and write high stacks of maps. Moving these numbers takes time, too; multiply-adds do not count it.
#
# </details>
#
# ## Open work
#
# There is no key. Choose one question, and let the numbers answer.
#
# - Add or put side by side? Build a residual net with as many parameters as the small DenseNet, and train both from three seeds. *Measure* the test accuracy, the numbers in all maps, and the seconds of a step.
# - Does the bottleneck pay here? Replace `dense_layer` by one 3×3, and choose k so that the parameters are equal. *Measure* the test accuracy from three seeds.
# - The map of cuts is that of one net. *Measure* it for five seeds: which of its cells differ from 0 by more than their spread?
#
# ## References
#
# - G. Huang, Z. Liu, L. van der Maaten and K. Q. Weinberger, *Densely Connected Convolutional Networks*, CVPR 2017: figure 1 (the block), table 1 (the nets), figure 5 (feature reuse).
# - G. Pleiss, D. Chen, G. Huang, T. Li, L. van der Maaten and K. Q. Weinberger, *Memory-Efficient Implementation of DenseNets*, arXiv:1707.06990, 2017.<br>K. He, X. Zhang, S. Ren and J. Sun, *Identity Mappings in Deep Residual Networks*, ECCV 2016: batch norm and ReLU before the convolution.
# - H. Xiao, K. Rasul and R. Vollgraf, *Fashion-MNIST*, arXiv:1708.07747, 2017.
