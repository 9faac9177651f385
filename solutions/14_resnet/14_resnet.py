# %% [markdown]
# # Unit 14 · ResNet: blocks that add
#
# **You will be able to**
#
# - measure *degradation*: a deeper net that is worse even on its own training images;
# - write the basic and the bottleneck block, with identity and projection shortcuts, and say why they cure it;
# - build ResNet-18 to ResNet-152 from one table, and explain why three libraries print three counts for "ResNet-50";
# - go on to ResNeXt, where one wide path becomes 32 narrow ones.
#
# **Time** about three hours. **Before this** Unit 10: batch normalisation, and Unit 12: nets from a table.

# %% setup="numpy"
import logging

import numpy as np

import convcourse.pictures.resnet as picture
from convcourse.check import check, ready
from convcourse.figures import show
from convcourse.pictures.keras_conv2d import quietly
from convcourse.predictions import predict
from convcourse.widgets import slide

with quietly():  # TensorFlow greets with some lines that say nothing to us
    import keras
    from keras import layers

    logging.getLogger("tensorflow").setLevel(logging.ERROR)

FULL_RUN = False  # True: download CIFAR-10 and train ResNet-20 on it (best with a GPU)

# %% [markdown]
# ## Is deeper always better?
#
# | year | net | layers | top-5 error on ImageNet: one net (validation) | several together (test) |
# |---|---|---|---|---|
# | 2012 | AlexNet | 8 | 18.2 % | 16.4 % (five) |
# | 2014 | VGG | 19 | 7.1 % (the paper's last version) | 7.3 % (seven, in the challenge) |
# | 2014 | GoogLeNet | 22 | 7.9 % | 6.7 % (seven) |
# | 2015 | **ResNet** | **152** | **4.49 %** | **3.57 %** (six) |
#
# Compare within a column: lectures print the last one, and seldom say that it belongs to several nets. From 22 to 152 layers in one year. Why did nobody stack 50 layers before? They had tried, and the nets got **worse**. Kaiming He and his colleagues at Microsoft Research measured it: of two plain nets in VGG's style, the one with 34 layers had a higher error on ImageNet (28.54 %, top-1) than the one with 18 (27.94 %). Overfitting, you may think. But then the *training* error would be low, and it was higher too. They called this **degradation**. It is strange: the deeper net could copy the shallow one and let its other layers pass everything on unchanged. So a solution that is as good exists. Gradient descent does not find it.
#
# ### The brick
#
# Every net of this unit is made of one brick: **convolution, then batch normalisation**. Three decisions are in it.
#
# - *No bias.* Batch normalisation takes the mean of each map away, and a bias with it. It has its own offset β (Unit 10).
# - *Zeros on all four sides*, `kernel // 2` of them, as in the paper. For stride 1 that is `padding="same"`. For stride 2 it is not: Keras then puts its zeros on the right and below only, and the kernel sits one pixel off.
# - *No ReLU.* The blocks decide where it goes.

# %% [markdown] exercise="conv_norm"
# Write the brick. `groups` is for the end of this unit; hand it on to `Conv2D`, as in AlexNet's two towers. *By hand:* from 6 maps to 4 with a 3 × 3 kernel: 9 · 6 · 4 = 216 weights, and four numbers for each of 4 maps (γ, β, mean, variance): 232.


# %% answer="conv_norm"
def conv_norm(x, filters, kernel, stride=1, groups=1):
    """Convolution without bias, then batch normalisation; no activation.

    x: tensor (batch, rows, cols, channels). The kernel is kernel × kernel (odd), with
    kernel // 2 zeros on each of the four sides; both axes have the same stride.
    Batch normalisation with momentum=0.9 and epsilon=1e-5.
    Returns a tensor (batch, rows / stride, cols / stride, filters), rounded up.
    """
    ### BEGIN SOLUTION
    ### BODY resnet.conv_norm
    ### END SOLUTION


# %% test="conv_norm"
check(conv_norm)

# %% [markdown]
# ### Degradation, measured
#
# Two bricks with ReLU make a plain block. The nets below stack it 3 or 12 times on 4 × 4 maps of small handwritten digits: 8 and 26 layers, all with 16 filters. Each is trained three times, from three different starts: one run alone may be luck.


# %%
### SHOW resnet.plain_block


def thin_net(block, blocks):
    images = keras.Input((8, 8, 1))
    x = layers.ReLU()(conv_norm(images, 16, 3, 2))
    for _ in range(blocks):
        x = block(x, 16, 1)
    x = layers.GlobalAveragePooling2D()(x)
    return keras.Model(images, layers.Dense(10, activation="softmax")(x))


# %%
train_images, train_labels, test_images, test_labels = picture.small_digits()
histories = {}
EPOCHS = 4  # 20: to the end (some minutes)

if ready(conv_norm):
    shallow, deep = thin_net(plain_block, 3), thin_net(plain_block, 12)
    for name, net in [("plain, 8 layers", shallow), ("plain, 26 layers", deep)]:
        histories[name] = picture.train(name, net, train_images, train_labels, EPOCHS)
    show(*picture.curves_figure(histories))

# %% [markdown]
# **What you should see.** The shallow net learns quickly. The deep one, with three times as many layers and the same everything else, learns more slowly *on its own training images*: on the average of the three starts its error is about twice as high, or more. Batch normalisation keeps its signals at a healthy size, so they do not simply die out. But four epochs measure how a net *starts*, and a slow start alone is no degradation. So we let both train for 20 epochs, from the same three starts. Then 0.0 to 0.2 % of the training images were wrong for 8 layers, and 1.7 to 6.0 % for 26: more than the shallow net had after ten (0.9 to 2.0 %). Set `EPOCHS` to see it.
#
# ## Learn the difference
#
# Suppose that some layers would best leave their input alone: the map wanted is $H(x) = x$. A plain layer must *learn* that. Its kernels must become deltas (Unit 2), each in the right channel. From random numbers that is a long way. Now give the input a way around the layers, and **add** it at the end, $H(x) = F(x) + x$. The layers learn the **residual** $F(x) = H(x) - x$, the difference.
#
# *By hand:* to turn x = [4, 0, 2] into H = [4, 0, 3], a plain block must reproduce the 4, the 0 and the 2 as well; the residual block needs F = [0, 0, 1] only. And to do nothing at all it needs F = 0, the easiest of all functions. Compression does the same: it stores how an image differs from its forecast. The way around is a **shortcut**. It costs no parameters and one addition.

# %%
show(*picture.blocks_figure("plain", "basic"))

# %% [markdown] exercise="residual_stack"
# The code below is a stack of such blocks on plain vectors, with matrices for the convolutions. It runs. But in the figure under it no number ever becomes smaller from one block to the next, whatever the weights. Compare the code with the block on the right above, find the fault and **repair** it.


# %% answer="residual_stack"
def residual_stack(x, weights):
    """A signal behind a stack of basic blocks without normalisation; the shortcuts are identities.

    x: array (signals, channels); weights: list of pairs W1 (channels, h), W2 (h, channels).
    Returns an array (signals, channels).
    """
    ### BEGIN SOLUTION
    for W1, W2 in weights:
        branch = np.maximum(x @ W1, 0) @ W2
        x = np.maximum(branch + x, 0)
    return x
    ### END SOLUTION


# %%
show(*picture.grown_figure(residual_stack))

# %% test="residual_stack"
check(residual_stack)

# %% [markdown]
# **What you should see** when it is mended: numbers that rise and fall. Mind where the ReLUs are: one inside the branch, one **after the sum**, none just before it. Otherwise a branch could add but never take away.
#
# ### When x does not fit
#
# Two tensors can be added only if their shapes agree. Where a block halves the sides or makes more maps, the shortcut has to follow: a **projection**, a 1 × 1 convolution with the block's stride. The paper calls this option B.

# %% [markdown] exercise="shortcut"
# Return what is to be added: x itself wherever it fits, a projection everywhere else.


# %% answer="shortcut"
def shortcut(x, filters, stride):
    """What a block adds to its branch.

    x: tensor (batch, rows, cols, channels).
    Returns x itself if the branch keeps its shape (stride 1 and filters == channels);
    otherwise conv_norm with a 1×1 kernel, giving (batch, rows / stride, cols / stride, filters).
    """
    ### BEGIN SOLUTION
    ### BODY resnet.shortcut
    ### END SOLUTION


# %% test="shortcut"
check(shortcut)

# %% [markdown] exercise="basic_block"
# Turn `plain_block` into a block that adds.


# %% answer="basic_block"
def basic_block(x, filters, stride):
    """Two 3×3 layers and a shortcut.

    x: tensor (batch, rows, cols, channels). Branch: conv_norm with the stride, ReLU,
    conv_norm with stride 1. Then the sum of branch and shortcut, then ReLU.
    Returns a tensor (batch, rows / stride, cols / stride, filters).
    """
    ### BEGIN SOLUTION
    ### BODY resnet.basic_block
    ### END SOLUTION


# %% test="basic_block"
check(basic_block)

# %% [markdown]
# The same 26 layers once more, now with shortcuts. All of them are identities, so **both nets have exactly the same number of parameters**. Whatever happens now is the work of 12 additions.

# %%
if ready(conv_norm, basic_block):
    residual = thin_net(basic_block, 12)
    print(f"parameters: {deep.count_params():,} and {residual.count_params():,}")
    name = "residual, 26 layers"
    histories[name] = picture.train(name, residual, train_images, train_labels, EPOCHS)
    show(*picture.curves_figure(histories))
    for name, net in [("plain 8", shallow), ("plain 26", deep), ("residual 26", residual)]:
        print(f"{name}: test error {picture.error_of(net(test_images), test_labels):.1f} %")

# %% [markdown]
# **What you should see.** The residual net learns faster than both, although it is as deep as the one that learns slowly. After 20 epochs it had every training image right, from all three starts. (The test errors are those of the last seed.) The paper's version of this experiment, on ImageNet (top-1 error in per cent, ten crops): 18 layers have 27.94 plain and 27.88 with shortcuts; 34 layers have 28.54 plain and **25.03** with shortcuts. With 18 layers the shortcuts change little; with 34 the order turns round, and deeper is better again.
#
# ## A branch that says nothing
#
# If a branch gives zero, the block is the identity: max(x + 0, 0) = x, because x comes from a ReLU already. Which weights make it zero? The branch ends with batch normalisation, $\gamma\,(x-\mu)/\sqrt{\sigma^2+\varepsilon}+\beta$. So it is enough that **γ = 0 and β = 0**.

# %% [markdown] exercise="zero_residual"
# Silence one branch of a trained model.


# %% answer="zero_residual"
def zero_residual(model, name):
    """Make one batch normalisation of a trained model give zero for any input.

    model: a keras.Model; name: the name of one of its BatchNormalization layers, the last
    of a branch. All other layers stay as they are. Returns the model.
    """
    ### BEGIN SOLUTION
    norm = model.get_layer(name)
    norm.gamma.assign(np.zeros(norm.gamma.shape))
    norm.beta.assign(np.zeros(norm.beta.shape))
    return model
    ### END SOLUTION


# %% test="zero_residual"
check(zero_residual)

# %%
if ready(basic_block, zero_residual):
    maps = keras.Input((5, 7, 3))
    block = keras.Model(maps, basic_block(maps, 3, 1))
    signal = np.random.default_rng(0).normal(size=(1, 5, 7, 3)).astype("float32")
    print("before: identity?", np.allclose(block(signal), np.maximum(signal, 0)))
    zero_residual(block, picture.branch_norms(block)[0])
    print("after:  identity?", np.allclose(block(signal), np.maximum(signal, 0)))

# %% [markdown]
# **What is it good for?** Take blocks without batch normalisation, whose branch gives numbers as large as those it gets (He's spread, Unit 12), but independent of them. Variances of independent numbers add up. **Predict before you run:** x has the variance 1. What is it after 12 such blocks?

# %%
guess = None
predict(guess, 2**12, "Each block adds as much variance as there is.", close=0.1)

# %%
generator = np.random.default_rng(14)
bare = normed = generator.normal(size=(500, 200))
print("blocks   bare branches   branches with batch normalisation")
for block in range(1, 13):
    W = generator.normal(0, np.sqrt(1 / 200), size=(200, 200))
    bare = bare + bare @ W
    normed = normed + (normed @ W) / (normed @ W).std(axis=0)
    if block in (1, 2, 4, 12):
        print(f"{block:6}  {bare.var():14,.1f}  {normed.var():14,.1f}")

# %% [markdown]
# Bare branches double the variance each time. (Unit 25 measures what depth does to the *gradient*: it shatters.) Batch normalisation at the end of a branch (γ = 1) makes its variance 1, so every block adds 1; and with γ = 0 the signal stays as it is. Many training programs use this: they *start* with γ = 0 at the end of every branch. Such a net begins as a very shallow one and grows its depth while it learns. You can also use it as a surgeon's knife. Take the trained nets, take out one block, and see what is lost. In the plain net the two layers are left out; in the residual net the branch is silenced.

# %%
if ready(zero_residual) and len(histories) == 3:
    errors, whole = {"plain": [], "residual": []}, {}
    for name, net in [("plain", deep), ("residual", residual)]:
        whole[name] = picture.error_of(net(test_images), test_labels)
    for number in range(12):
        left = picture.without_plain_block(deep, number, test_images)
        errors["plain"].append(picture.error_of(left, test_labels))
    for norm in picture.branch_norms(residual):
        weights = residual.get_weights()
        zero_residual(residual, norm)
        errors["residual"].append(picture.error_of(residual(test_images), test_labels))
        residual.set_weights(weights)
    show(*picture.silenced_figure(errors, whole))

# %% [markdown]
# **What you should see.** Without one block the plain net is lost: each layer depends on the one before. The residual net needs its first blocks, and hardly notices most of the others. Veit and others (2016) read it as a *collection of paths*: 12 blocks, each used or gone around, give 2¹² = 4,096 paths, and one block less leaves half of them.
#
# ## The bottleneck
#
# For nets of 50 layers and more, 3 × 3 layers on many maps cost too much. As in GoogLeNet (Unit 13), a 1 × 1 layer first makes the maps fewer; here another one opens them up again at the end, to four times as many.

# %%
show(*picture.blocks_figure("basic", "bottleneck"))

# %% [markdown] exercise="block_parameters"
# Count the weights of both kinds of branch. *By hand*, as in the 2018 lecture: basic on 64 maps 3·3·64·64 + 3·3·64·64 = 73,728; bottleneck on 256 maps 256·64 + 3·3·64·64 + 64·256 = 69,632.


# %% answer="block_parameters"
def block_parameters(kind, channels, filters):
    """Weights of the convolutions in a block's branch, without shortcut and normalisation.

    kind: "basic" (3×3, 3×3, both with `filters` maps) or "bottleneck" (1×1 and 3×3 with
    `filters` maps, 1×1 with 4 · filters). channels: maps that come in.
    Returns an int.
    """
    ### BEGIN SOLUTION
    inside = 9 * filters * filters
    if kind == "basic":
        return 9 * channels * filters + inside
    return channels * filters + inside + filters * 4 * filters
    ### END SOLUTION


# %% test="block_parameters"
check(block_parameters)

# %%
if ready(block_parameters):
    for case in [("basic", 64, 64), ("bottleneck", 256, 64), ("basic", 256, 256)]:
        print(f"{case[0]} on {case[1]} maps: {block_parameters(*case):,}")

# %% [markdown] exercise="bottleneck_block"
# Four times as many maps, one layer more, and fewer weights; a basic block on 256 maps would cost 17 times as much. Write the bottleneck. The stride is in the 3 × 3.


# %% answer="bottleneck_block"
def bottleneck_block(x, filters, stride):
    """1×1 to few maps, 3×3 on these, 1×1 to four times as many, and a shortcut.

    x: tensor (batch, rows, cols, channels). Bricks and ReLUs as in the figure, with
    `filters` maps inside; the stride is in the 3×3.
    Returns a tensor (batch, rows / stride, cols / stride, 4 · filters).
    """
    ### BEGIN SOLUTION
    ### BODY resnet.bottleneck_block
    ### END SOLUTION


# %% test="bottleneck_block"
check(bottleneck_block)

# %% [markdown]
# ## Five nets, one table
#
# This is table 1 of the paper. A row is a stage: the side of its maps, the filters of its blocks, and how many blocks it has in each of the five nets. In front is a **stem**, a 7 × 7 convolution with 64 filters and stride 2 and a 3 × 3 max pooling with stride 2; at the end a global average and one dense layer. The two smaller nets are made of basic blocks, the other three of bottlenecks.


# %%
### SHOW resnet.COLUMNS
### SHOW resnet.TABLE


### SHOW resnet.column


print(column(50))
show(*picture.nets_figure(COLUMNS, TABLE))

# %% [markdown] exercise="resnet_depth"
# Why is it called ResNet-50? Count the layers with weights on the longest path: the stem's convolution, those of the branches, the dense layer.


# %% answer="resnet_depth"
def resnet_depth(kind, repeats):
    """Layers with weights, one after the other.

    kind: "basic" or "bottleneck"; repeats: list with the number of blocks in each stage.
    Poolings and projections do not count. Returns an int.
    """
    ### BEGIN SOLUTION
    return 2 + (2 if kind == "basic" else 3) * sum(repeats)
    ### END SOLUTION


# %% test="resnet_depth"
check(resnet_depth)

# %% [markdown] exercise="deep_for_less"
# **Design** a column of your own: exactly `depth` layers, and at most `weights` weights in the branches (as `block_parameters` counts them; 64 maps come from the stem, stages have 64, 128, 256 and 512 filters). For each depth asked, only one kind of block comes out even.


# %% answer="deep_for_less"
def deep_for_less(depth, weights):
    """A net of a given depth with few weights.

    depth: layers with weights, even for basic blocks, odd for bottlenecks; weights: the most.
    Returns the kind, "basic" or "bottleneck", and a list: the blocks of four stages, ≥ 2 each.
    """
    ### BEGIN SOLUTION
    kind, inside = ("basic", 2) if depth % 2 == 0 else ("bottleneck", 3)
    return kind, [(depth - 2) // inside - 6, 2, 2, 2]
    ### END SOLUTION


# %% test="deep_for_less"
check(deep_for_less)

# %% [markdown] exercise="residual_net"
# Now the whole net, from a column. The first stage keeps the sides, since the pooling has just halved them; in each later stage the *first* block halves them. Max pooling is padded like the bricks: one row of zeros on each side (`ZeroPadding2D(1)`), which does no harm after a ReLU. *By hand*, for the example in the check (stem 3 maps, stages (3, 1) and (4, 2), 2 channels in, 5 classes): stem 49·2·3 + 12 = 306, first block 2·(81 + 12) = 186, second 108 + 144 + 12 + 48 = 312, third 2·(144 + 16) = 320, dense 25. Together 1,149.


# %% answer="residual_net"
BLOCKS = {"basic": basic_block, "bottleneck": bottleneck_block}


def residual_net(kind, stages, stem, input_shape, classes):
    """Stem, stages of blocks, global average, dense layer with softmax.

    kind: "basic" or "bottleneck"; stages: ((filters, blocks), …), one pair for each stage.
    Stem: conv_norm 7×7 with `stem` filters and stride 2, ReLU, one row of zeros on each
    side, max pooling 3×3 with stride 2. The first block of every stage but the first has
    stride 2, all other blocks stride 1.
    Returns a keras.Model from input_shape, (rows, cols, channels), to (classes,).
    """
    ### BEGIN SOLUTION
    ### BODY resnet.residual_net
    ### END SOLUTION


# %% test="residual_net"
check(residual_net)

# %% [markdown]
# With the paper's table you have all five. Inside `shapes_only` Keras notes the shapes and draws no weights, so nothing fills the memory. Beside your counts are those of torchvision, from the 2020 lecture.

# %%
if ready(residual_net):
    from convcourse.nets.count import count_depth, count_macs
    from convcourse.pictures.architecture import architecture_figure

    printed = {18: 11.69, 34: 21.80, 50: 25.56, 101: 44.55, 152: 60.19}
    drawing = None
    print("depth   parameters   printed   multiply-adds")
    for depth, millions in printed.items():
        kind, stages = column(depth)
        with picture.shapes_only():
            net = residual_net(kind, stages, 64, (224, 224, 3), 1000)
        size = sum(int(np.prod(weight.shape)) for weight in net.trainable_weights)
        macs = count_macs(net) / 1e9
        print(f"{count_depth(net):5}  {size:11,}  {millions:6.2f} M  {macs:12.2f} G")
        drawing = architecture_figure(net, "ResNet-50") if depth == 50 else drawing
    show(*drawing)

# %% [markdown]
# 152 layers, and still less work than VGG16's 15.5 G. Move the slider and see where weights and work are: each stage halves the sides and doubles the filters, so blocks of all stages cost about the same *work*, while a block of each stage has four times the *weights* of one before. In the nets of up to 50 layers most weights are therefore in conv5_x. In ResNet-101 and 152 most are in conv4_x, which has 23 and 36 blocks beside the 3 of conv5_x.

# %%
slide(lambda net: picture.stages_figure(net, COLUMNS, TABLE), label="net", stop=4, value=2)
show(*picture.stages_figure(4, COLUMNS, TABLE))

# %% [markdown]
# Now ResNet-50 in earnest, with weights, on an image of the published size. It is untrained, so its answer is a guess; the shapes are what we want to see.

# %%
resnet50 = None
if ready(residual_net):
    resnet50 = residual_net(*column(50), 64, (224, 224, 3), 1000)
    image = np.random.default_rng(1).uniform(size=(1, 224, 224, 3)).astype("float32")
    print(f"the probabilities add up to {np.asarray(resnet50(image)).sum():.3f}")
    shapes = [layer.output.shape[1:] for layer in resnet50.layers]
    ends = [(row[0], row[0], 4 * row[1]) for row in TABLE.values()]
    stops = [(112, 112, 64), (56, 56, 64), *ends, (2048,), (1000,)]
    print(" → ".join("×".join(map(str, stop)) for stop in stops if stop in shapes))

# %% [markdown]
# ## Three counts for one net
#
# Look up "ResNet-50" and you find 25,557,032, or 25,610,152, or 25,636,712 parameters. All are right.

# %%
if resnet50 is not None:
    from convcourse.nets.resnet import keras_resnet

    trained = sum(int(np.prod(weight.shape)) for weight in resnet50.trainable_weights)
    maps = sum(w.shape[0] for w in resnet50.weights if w.name == "gamma")
    with picture.shapes_only():
        theirs = keras_resnet(50)
    print(f"what training changes (torchvision):        {trained:,}")
    print(f"and mean and variance of {maps:,} maps:      {trained + 2 * maps:,}")
    print(f"and a bias for each map (keras.applications): {trained + 3 * maps:,}")
    print(f"keras_resnet(50) of our library:              {theirs.count_params():,}")
    ours, other = count_macs(resnet50) / 1e9, count_macs(theirs) / 1e9
    print(f"multiply-adds: {ours:.2f} G here, {other:.2f} G there")

# %% [markdown]
# The biases do nothing, as you know from the brick. The multiply-adds differ for another reason. In the paper's nets, and in Keras's, the stride is in the **first 1 × 1** of a block; torchvision, and you, put it in the 3 × 3. The 1 × 1 then works on the larger map, which costs 6 % more: 4.09 G instead of 3.86 G (3.8 in the paper; 7.6 and 11.3 for the deeper ones). But it reads every pixel.

# %%
show(*picture.strides_figure())

# %% [markdown]
# A word on units. The paper says "FLOPs" and means multiply-adds. The 2020 lecture notes "GMACs = 2 · GFLOPs"; it is the other way round: one multiply-add is two operations, so GFLOPs = 2 · GMACs. And its 4.12 G for ResNet-50 are our 4.09 G plus batch normalisation, ReLU and pooling.
#
# ## The small nets for CIFAR-10
#
# For images of 32 × 32 the paper has thinner nets: one 3 × 3 layer, three stages with 16, 32 and 64 filters and n basic blocks each, 6n + 2 layers. Their shortcuts have no parameters at all (option A): every second pixel, and zeros for the new maps.

# %%
if ready():
    from convcourse.nets.resnet import cifar_resnet

    for n, printed, error in [(3, 0.27, 8.75), (5, 0.46, 7.51), (9, 0.85, 6.97)]:
        with picture.shapes_only():
            net = cifar_resnet(6 * n + 2)
        size = sum(int(np.prod(weight.shape)) for weight in net.trainable_weights)
        print(f"ResNet-{6 * n + 2}: {size:,} parameters ({printed} M), error {error} %")

# %% [markdown]
# The errors are the paper's. It went on to 1,202 layers and 19.4 M parameters. They trained without trouble, to less than 0.1 % training error, but 7.93 % of the test images were wrong: *now* it was overfitting. With `FULL_RUN = True` you can train ResNet-20 yourself.

# %%
if FULL_RUN and ready():
    (images, labels), new = keras.datasets.cifar10.load_data()
    inputs = keras.Input((32, 32, 3))
    x = layers.Rescaling(1 / 64, offset=-2)(inputs)
    x = layers.RandomTranslation(0.125, 0.125, fill_mode="constant")(x)
    net = keras.Model(inputs, cifar_resnet(20)(layers.RandomFlip("horizontal")(x)))
    rate = keras.optimizers.schedules.CosineDecay(0.1, 100 * 391)
    rule = keras.optimizers.SGD(rate, momentum=0.9, weight_decay=1e-4)
    net.compile(rule, "sparse_categorical_crossentropy", metrics=["accuracy"])
    net.fit(images, labels, batch_size=128, epochs=100, validation_data=new)

# %% [markdown]
# ## ResNeXt: many narrow paths
#
# What is better than a deeper net, or a wider one? Xie and others (2017): **more paths**. They cut the inside of a bottleneck into C = 32 paths of d = 4 maps each ("32×4d"), all of the same shape, and add up what they give. C is the **cardinality**. 32 small convolutions side by side are one **grouped** convolution: maps 1 to 4 of its output see maps 1 to 4 of its input, and so on. That saves so much that the inside can be twice as wide for the same price: 256·128 + 9·4·128 + 128·256 = 70,144 weights beside the bottleneck's 69,632.

# %%
show(*picture.blocks_figure("bottleneck", "resnext"))

# %% [markdown] exercise="resnext_block"
# Write it. Only the 3 × 3 is grouped: the 1 × 1 layers let the paths mix.


# %% answer="resnext_block"
def resnext_block(x, filters, stride, groups=32):
    """1×1, grouped 3×3, 1×1 to twice as many maps, and a shortcut.

    x: tensor (batch, rows, cols, channels). Stride and ReLUs as in bottleneck_block, with
    `filters` maps inside, in `groups` groups where the kernel is 3×3.
    Returns a tensor (batch, rows / stride, cols / stride, 2 · filters).
    """
    ### BEGIN SOLUTION
    ### BODY resnext.resnext_block
    ### END SOLUTION


# %% test="resnext_block"
check(resnext_block)

# %%
if ready(resnext_block):
    from convcourse.nets import resnext
    from convcourse.nets.count import count_macs
    from convcourse.pictures.architecture import architecture_figure

    resnext.BLOCKS["resnext"] = resnext_block  # your block in the library's builder
    with picture.shapes_only():
        net = resnext.resnext(50)
    size = sum(int(np.prod(weight.shape)) for weight in net.trainable_weights)
    print(f"ResNeXt-50: {size:,} parameters, {count_macs(net) / 1e9:.2f} G multiply-adds")
    show(*architecture_figure(net, "ResNeXt-50"))

# %% [markdown]
# As large as ResNet-50, as costly, and better: top-1 error 22.2 % instead of 23.9 %. With 101 layers it is 21.2 % instead of 22.0 % (paper's table 3). Taken to the end, with as many groups as maps, this idea is the depthwise convolution of Unit 16.
#
# ## Summary
#
# - Plain nets *degrade*: beyond some depth even their training error rises. A good solution exists; the optimiser does not find it.
# - A residual block learns F(x) = H(x) − x and adds x back. Doing nothing is then easy: F = 0.
# - The shortcut is x itself where it fits, else a 1 × 1 projection. ReLU comes after the sum.
# - A bottleneck on 256 maps (69,632 weights) is cheaper than a basic block on 64 (73,728).
# - One table gives 18 to 152 layers: 11.69, 21.80, 25.56, 44.55, 60.19 M parameters, 1.8 to 11.5 G multiply-adds (11.3 G with the paper's strides).
# - ResNeXt cuts the inside into 32 groups: 25,028,904 parameters, the same work, a lower error.
#
# ## Questions
#
# 1. A plain net of 56 layers has a higher test error than one of 20. What else must you look at before you say "degradation"?
# 2. Why is it enough that γ and β are zero, whatever the convolution's weights are?
# 3. How many layers has a net of basic blocks with [3, 4, 6, 3] blocks? And of bottlenecks?
# 4. The first block of conv2_x in ResNet-50 has stride 1. Why does its shortcut need a projection all the same?
# 5. You load Keras's ResNet-50 weights into a net with the stride in the 3 × 3. All shapes fit. What goes wrong?
# 6. A 3 × 3 convolution from 128 to 128 maps: how many weights with 1, 32 and 128 groups?
#
# <details><summary>Key</summary>
#
# 1. The training error. Higher on both: degradation. Lower in training only: overfitting.
# 2. The norm is the last step of the branch and gives γ · (…) + β = 0 for any input.
# 3. 2 + 2 · 16 = 34 and 2 + 3 · 16 = 50.
# 4. 64 maps come in and 256 go out. The sides fit, the channels do not.
# 5. Each 3 × 3 was trained on the pixels that the 1 × 1 had picked. Now it meets a finer map, at full size. The net runs and answers badly.
# 6. 147,456; 9 · 4 · 128 = 4,608; 1,152.
#
# </details>
#
# ## Open work
#
# There is no key. Choose one question, and let the numbers answer.
#
# - Where does a plain net begin to degrade? Train thin nets with 3, 6, 9 and 12 blocks for 20 epochs, plain and residual, from three seeds. *Measure* the training error at the end, and the size of the gradient in the first layer at the start.
# - Normalise and rectify *before* each convolution, as He and others proposed in 2016, so that nothing stands on the shortcut. *Measure* the training error after four epochs beside the block of this unit, for 12 and for 24 blocks.
# - Silence two, three, four blocks of the trained residual net at once, drawn at random. *Measure* the test error over twenty draws each. Does it grow as Veit's collection of paths lets you expect?
#
# ## References
#
# - K. He, X. Zhang, S. Ren and J. Sun, *Deep residual learning for image recognition*, CVPR 2016. Tables 1 to 6. The same, *Identity mappings in deep residual networks*, ECCV 2016: normalisation and ReLU moved in front of the convolutions.
# - S. Xie, R. Girshick, P. Dollár, Z. Tu and K. He, *Aggregated residual transformations for deep neural networks*, CVPR 2017.
# - A. Veit, M. Wilber and S. Belongie, *Residual networks behave like ensembles of relatively shallow networks*, NIPS 2016.
# - R. Ptucha, *Convolution neural networks*, Rochester Institute of Technology, 2018: 73.7 K against 69.6 K.
