# %% [markdown]
# # Unit 26 · Nets of thin layers
#
# **You will be able to**
#
# - say what a ReLU between the two steps of a separable convolution changes, and measure it;
# - build Xception, all 36 convolutions in 14 modules, from two kinds of module;
# - build ShuffleNet from both kinds of its unit: the one that adds and the one that lays side by side;
# - see in a measurement what happens to groups that never meet, and choose groups that do.
#
# **Time** about three hours. **Before this** Unit 14: shortcuts, and Unit 16: separable convolutions and groups.

# %% setup="numpy"
import numpy as np

from convcourse.check import check, ready
from convcourse.data import load_fashion_mnist
from convcourse.figures import show
from convcourse.pictures import thin_layers as picture
from convcourse.predictions import predict
from convcourse.quiet import quietly
from convcourse.widgets import slide

with quietly():  # TensorFlow greets with some lines that say nothing to us
    import keras
    from keras import layers

FULL_RUN = False  # True: train two small Xceptions that differ in one ReLU (a minute)

# %% [markdown]
# ## One idea, two ends
#
# In Unit 16 you split a convolution in two: a *depthwise* step that looks at a neighbourhood, channel by channel, and a *pointwise* step, 1 × 1, that mixes the channels. It costs an eighth or a ninth. What do you do with what you save?
#
# François Chollet **spent** it (2016). His **Xception** has as many weights as Inception v3, and uses them better. Xiangyu Zhang and others **saved on** (2017): their **ShuffleNet** makes even the 1 × 1 convolutions thin, for telephones. The two nets share the layer, and the shortcut of Unit 14. You will build both, whole. On the way there are two questions that every designer of a net has to answer: *where does a ReLU belong*, and *who hears whom*?
#
# ## Two steps, or one?
#
# Let $D$ be the depthwise kernels and $P$ the pointwise weights. Channel $c$ of the input is $x_c$. Filter $m$ gives
#
# $$y_m = \sum_c P_{cm}\, (D_c * x_c) = \sum_c (P_{cm} D_c) * x_c.$$
#
# The right-hand side is an *ordinary* convolution. So without a ReLU between them, two thin layers are one ordinary layer, with a kernel that you can write down. *By hand:* channel 0 has the kernel (1, −1), channel 1 has (2, 3). Filter 0 takes 10 times channel 0 and 5 times channel 1. Its ordinary kernel is (10, −10) for channel 0, and (10, 15) for channel 1.

# %% [markdown] exercise="as_one_kernel"
# Write the kernel of that ordinary layer. The order of its axes is Keras's: rows, columns, channels that come in, filters.


# %% answer="as_one_kernel"
def as_one_kernel(depthwise, pointwise):
    """The kernel of the ordinary convolution that does what two thin layers do, without anything between.

    depthwise: array (rows, cols, channels), a kernel for each channel; pointwise: array (channels, filters).
    Returns an array (rows, cols, channels, filters).
    """
    ### BEGIN SOLUTION
    return depthwise[..., None] * pointwise
    ### END SOLUTION


# %% test="as_one_kernel"
check(as_one_kernel)

# %% [markdown]
# Now two thin layers from 2 channels to 4 filters. We put noise through them, with and without a ReLU between. Then we look for the ordinary kernel that comes nearest, by least squares (Unit 4).

# %%
if ready(as_one_kernel):
    deep, point = picture.thin_layers()
    own = as_one_kernel(deep, point)
    show(*picture.kernels_figure(own))
    noise = np.random.default_rng(26).normal(size=(8, 12, 12, 2))
    for relu, words in ((False, "without a ReLU"), (True, "with a ReLU")):
        maps = picture.two_steps(noise, deep, point, relu)
        kernel, missed = picture.nearest_kernel(noise, maps, side=3)
        same = np.allclose(kernel, own, atol=1e-3)
        print(f"{words}: the nearest kernel misses {missed:.0%}; it is yours: {same}")

# %% [markdown]
# **What you should see.** In each row of the figure all kernels are multiples of one. That is the price of 26 weights in place of 72: an ordinary layer may look at a channel in four ways, a thin one in a single way. Without a ReLU the nearest kernel is yours, and misses nothing. With a ReLU no kernel does it: the nearest one misses a quarter of the variance (24 to 29 % for other noise). So the ReLU makes the layer *richer*. It must be better to have one there?
#
# ### What Chollet found
#
# MobileNet has a ReLU between the steps. Chollet trained Xception on ImageNet three times: with a ReLU there, with its smooth sister ELU, and with nothing. **Nothing was best**, from the start to the end (his figure 10). For Inception modules, others had found the opposite. His explanation is a guess, and he says so: an Inception map has read many channels before the ReLU cuts it. A depthwise map has read *one*. What is cut off there, no other map knows.
#
# Can you see it at home? We trained small Xceptions on clothes, for 300 steps of 32, from eight seeds. Without the ReLU between they ended with 80 to 83 % right, with it with 78 to 82 %; the means are 81.4 and 80.5. That leans to Chollet's side, but seeds differ by more. **A finding holds for what was measured:** large nets, a million photographs, days on 60 GPUs. `FULL_RUN` trains two of our small ones, somewhat longer.
#
# ## The middle flow
#
# Xception is made of modules with shortcuts. Most of them are *middle modules*: three times "ReLU, separable convolution, batch normalisation", and x is added. The ReLU stands **before** a convolution, never after it. So the sum is not rectified, and a branch can add or take away. These two helpers do the rest.

# %%
### SHOW xception.conv_norm


### SHOW xception.separable_norm

# %% [markdown]
# *By hand*, one separable convolution from 4 channels to 4: 36 weights depthwise, 16 pointwise, and a norm of 4·4 = 16 numbers. Together 68. In the real net, from 728 channels to 728: 6,552 + 529,984 + 2,912 = 539,448. Eight modules of three make 24 · 539,448 = **12,946,752**.

# %% [markdown] exercise="middle_module"
# **Repair.** Somebody has drawn the first ReLU out of the loop, "since x needs it only once". The figure silences the branch: all its norms multiply by 0. Then a module should hand on x as it is. Find the fault, and mend it.


# %% answer="middle_module"
def middle_module(x, filters):
    """A module of the middle flow: a branch of separable convolutions, and x is added.

    x: tensor (batch, rows, cols, channels); filters: of each convolution in turn, the last one as many as
    x has channels. In the branch a ReLU stands before each separable_norm. Returns a tensor of the shape of x.
    """
    ### BEGIN SOLUTION
    ### BODY xception.middle_module
    ### END SOLUTION


# %%
show(*picture.silent_figure(middle_module))

# %% test="middle_module"
check(middle_module)

# %% [markdown]
# **What you should see** when it is mended: the wave comes out as it went in. Before, everything negative was lost, in *every* module, and nobody complained: shapes and counts were right, and the net would even learn. This fault is real. In PyTorch a ReLU may work *in place*, `nn.ReLU(inplace=True)`: it overwrites x, and a shortcut that reads x a line later gets the rectified one.
#
# ## Modules that shrink
#
# Between the stages the maps get smaller, and more. There x does not fit the sum: it needs a **projection**, as in Unit 14. A shrinking module has two ways:
#
# - the branch: "ReLU, separable convolution, norm" for each of its filters, then the largest of 3 × 3 pixels, with stride 2 and padding "same";
# - the shortcut: a 1 × 1 convolution with stride 2, and a norm.
#
# Both are added. *By hand*, from 2 channels with filters (3, 4): 18 + 6 and a norm of 12, 27 + 12 and a norm of 16, and for the shortcut 8 and a norm of 16. Together 115.

# %% [markdown] exercise="shrinking_module"
# Write it.


# %% answer="shrinking_module"
def shrinking_module(x, filters):
    """A module of the entry or exit flow: its maps are half as high and wide, and their number changes.

    x: tensor (batch, rows, cols, channels); filters: of each separable convolution of the branch.
    Returns (batch, ⌈rows / 2⌉, ⌈cols / 2⌉, filters[-1]).
    """
    ### BEGIN SOLUTION
    ### BODY xception.shrinking_module
    ### END SOLUTION


# %% test="shrinking_module"
check(shrinking_module)

# %% [markdown]
# ## The whole of Xception
#
# The paper's figure 5 is a list of filters. The **stem** is two ordinary 3 × 3 convolutions without padding, the first with stride 2, each with norm and ReLU. Then come three shrinking modules (**entry** flow), eight middle modules, and one more shrinking module (**exit** flow). The **last** two separable convolutions stand in no module: each is followed by a ReLU. At the end, the mean of each map, and the classes.

# %%
### SHOW xception.FLOWS

# %% [markdown]
# *By hand*, for the check's first example, in the order of the net: 26 + 66 for the stem, 55 + 68 + 28 for the entry module, 68, then 68 + 76 + 40 for the exit, 99 and 21. Together 615. (In the figure of the paper the very first module has no ReLU in front. Its x has just been rectified; a second ReLU changes nothing, so our modules need no exception.)

# %% [markdown] exercise="xception"
# Build the net from any such list.


# %% answer="xception"
def xception(flows, input_shape=(299, 299, 3), classes=1000):
    """Xception, from the filters of its flows.

    flows: a dictionary like FLOWS: "stem" has two numbers, "entry", "middle" and "exit" have a tuple of filters
    for each module, "last" a number for each separable convolution. Returns a keras.Model with softmax.
    """
    ### BEGIN SOLUTION
    ### BODY xception.xception
    ### END SOLUTION


# %% test="xception"
check(xception)

# %%
if ready(middle_module, shrinking_module, xception):
    from convcourse.nets import count
    from convcourse.pictures.architecture import architecture_figure

    net = xception(FLOWS)
    fixed = sum(int(np.prod(weight.shape)) for weight in net.non_trainable_weights)
    print(f"Xception: {net.count_params():,} parameters (Keras's net: 22,910,480)")
    print(
        f"without means and variances: {net.count_params() - fixed:,} (paper: 22,855,952)"
    )
    thin = sum(isinstance(step, layers.SeparableConv2D) for step in net.layers)
    share = 24 * 539_448 / net.count_params()
    print(
        f"{thin} separable convolutions; the middle flow has {share:.0%} of all parameters"
    )
    print(
        f"{count.count_macs(net) / 1e9:.2f} G multiply-adds; depth {count.count_depth(net)}"
    )
    show(*architecture_figure(net, "Xception"))
    del net

# %% [markdown]
# **What you should see.** The paper's count, to the last weight. Counted as the paper counts, there are 36 convolutions: a separable one is one, and shortcuts are left out. In the order of computing, with both steps of each, and the dense layer, it is 71 deep. On ImageNet Chollet measured 21.0 % errors, against 21.8 % for Inception v3, trained and tested alike. On Google's own 350 million photographs the lead was larger. The two have nearly the same number of weights. So the gain, he concludes, is not size, but better use.
#
# `FULL_RUN` trains two small ones, which differ in the ReLU between.

# %%
if FULL_RUN and ready(middle_module, shrinking_module, xception):
    small = {"stem": (8, 16), "entry": ((32, 32),), "exit": ((32, 48),), "last": (64,)}
    small["middle"] = ((32, 32, 32),) * 2
    images, labels, test, answers = load_fashion_mnist()
    images, test, past = images[..., None] / 255, test[..., None] / 255, {}
    for name in ("nothing between", "ReLU between"):
        keras.utils.set_random_seed(26)
        net = xception(small, (28, 28, 1), 10)
        net = net if name == "nothing between" else picture.with_relu_between(net)
        past[name] = picture.train_clothes(net, images, labels, (test, answers), 3)
    words = "Two small Xceptions learn clothes"
    show(*picture.accuracy_figure(past, words, every=1, unit="epoch", floor=0.5))

# %% [markdown]
# ## ShuffleNet: who hears whom?
#
# In MobileNet 95 % of the work is in the 1 × 1 convolutions (Unit 16). ShuffleNet puts *these* into **groups**: channels and filters are dealt into $G$ equal parts, and each filter reads only the channels of its part. That is a $G$-th of the work. But two grouped layers, one after the other, are $G$ separate nets. What group 1 sees, group 2 never hears of.
#
# The remedy costs no product. **Between the two layers, deal the channels like cards**: one of each group in turn. Six channels in two groups, 0 1 2 | 3 4 5, become 0 3 | 1 4 | 2 5, that is 0 3 1 | 4 2 5. Now each group of the next layer has channels from both.

# %% [markdown] exercise="channel_shuffle"
# Write the shuffle. No loop is needed: lay the channels out as a small table, and read it the other way.


# %% answer="channel_shuffle"
def channel_shuffle(x, groups):
    """Deal the channels of all groups round: one of each group in turn.

    x: tensor (batch, rows, cols, channels), channels a multiple of groups; a group's lie side
    by side. 6 channels in 2 groups: 0, 3, 1, 4, 2, 5. Returns a tensor of the same shape.
    """
    ### BEGIN SOLUTION
    ### BODY shufflenet.channel_shuffle
    ### END SOLUTION


# %% test="channel_shuffle"
check(channel_shuffle)

# %% [markdown]
# Move the slider through some numbers of groups of 12 channels. Where do the channels of group 1 go? Below it is the picture for three groups. The squares show which channel is heard in which map after two grouped layers, first without the shuffle.

# %%
if ready(channel_shuffle):
    numbers = [1, 2, 3, 4, 6]
    orders = [picture.order_after(channel_shuffle, 12, groups) for groups in numbers]
    slide(lambda n: picture.shuffle_figure(orders[n], numbers[n]), "choice", 4, 1)
    show(*picture.shuffle_figure(orders[2], 3))
    heard = {"nothing between": picture.hearing(lambda x, groups: x)}
    show(*picture.hearing_figure(heard | {"shuffled": picture.hearing(channel_shuffle)}))

# %% [markdown]
# ## Same or not?
#
# Is that only a nicety? Here is a task in which the groups *must* meet. An image has two channels, and each holds a handwritten digit. The question is whether they are the same digit. The net works in two groups from its first layer on, so each group sees one of the two digits. Half of the pairs are the same.

# %%
images, labels = picture.pairs(5, seed=1)
show(*picture.pairs_figure(images, labels))

# %% [markdown]
# **Predict before you run.** We train twice, with your shuffle between the 1 × 1 layers, and without. Without it, how many per cent of new pairs will the net get right, after any amount of training?

# %%
guess = None
predict(
    guess,
    50,
    "Its scores are f(first digit) + g(second digit). No such sum says «same».",
    close=0.06,
)

# %%
if ready(channel_shuffle):
    past = {}
    betweens = {"shuffled": channel_shuffle, "nothing between": lambda x, groups: x}
    for name, between in betweens.items():
        keras.utils.set_random_seed(26)
        net = picture.pair_net(between)
        past[name] = picture.train_pairs(net, seed=26)
        print(f"{name}: {net.count_params():,} parameters, right {past[name][-1]:.0%}")
    words = "Are the two digits the same?"
    show(*picture.accuracy_figure(past, words, every=25, unit="steps", floor=0.4))

# %% [markdown]
# **What you should see.** With the shuffle about 85 % are right after 150 steps; without it half of the pairs, no better than a guess. (With ten seeds it was 84 to 88 %, and 48 to 51 %.) The two nets have the same number of weights and of multiply-adds. One of them just cannot *say* the answer. Its last layer adds a score that group 1 has found in the first digit, and one that group 2 has found in the second. "Same" is no such sum: a score that is high for two threes and for two fives is also high for a three and a five. On real images no group is so alone, since the first layers read all colours, and the loss is smaller. It is there all the same. Errors on ImageNet, by the paper's table 3:

# %%
for (width, groups), (without, shuffled) in picture.SHUFFLE_ERRORS.items():
    print(f"width {width:g}, {groups} groups: {without} % without, {shuffled} % shuffled")

# %% [markdown]
# The more groups, the more it matters: 1.9 points with three groups, 5.2 with eight.
#
# ## The unit, both kinds
#
# ShuffleNet's unit is a bottleneck (Unit 14) of thin parts. The first 1 × 1 makes a quarter of the filters; then the shuffle; then a depthwise 3 × 3; then a 1 × 1 back to full width. A norm follows each convolution. And where are the ReLUs? One after the first norm, one at the very end. After the depthwise step there is **none**: the authors follow Chollet.

# %%
show(*picture.units_figure())

# %% [markdown]
# The kind on the right begins a stage: maps half as large, and more of them. ResNet would project x and add. ShuffleNet takes the means of 3 × 3 pixels (stride 2, padding "same") and lays them **beside** the new maps. The old maps then cost nothing, and the branch makes only the rest: from 240 channels to 480 it has 240 filters at its end, not 480.
#
# *By hand*, stride 1, 24 channels and 24 filters, two groups: first 1 × 1 from 24 to 6, each filter reads 12: 72 weights, norm 24. Depthwise 54, norm 24. Last 1 × 1 from 6 to 24, each filter reads 3: 72, norm 96. Together 342.

# %% [markdown] exercise="shuffle_unit"
# Write both kinds in one function.


# %% answer="shuffle_unit"
def shuffle_unit(x, filters, groups, stride, first_groups=None):
    """ShuffleNet's unit. No biases; padding "same".

    x: tensor (batch, rows, cols, channels); filters: maps of the result; stride: 1 (then channels is filters) or 2.
    groups: of both 1 × 1 convolutions and of the shuffle. first_groups: of the first 1 × 1 alone, unless None.
    Returns (batch, ⌈rows / stride⌉, ⌈cols / stride⌉, filters).
    """
    ### BEGIN SOLUTION
    ### BODY shufflenet.shuffle_unit
    ### END SOLUTION


# %% test="shuffle_unit"
check(shuffle_unit)

# %% [markdown]
# ## The whole of ShuffleNet
#
# An ordinary 3 × 3 convolution with 24 filters, stride 2, norm and ReLU; the largest of 3 × 3 pixels, stride 2; both with padding "same". Then three stages of units. In each stage the first unit has stride 2. One exception: the 24 maps that the very first unit reads are too few to be grouped, so its first 1 × 1 has one group. At the end the mean of each map, and the classes. The paper's table 1 has the stages' filters for each number of groups, chosen so that the work is nearly the same, and the units of each stage.

# %%
### SHOW shufflenet.TABLE
### SHOW shufflenet.UNITS

# %% [markdown] exercise="shufflenet"
# Build it. *By hand*, for the check's first example: 648 + 96 for the stem; 288 + 48, 108 + 48, 144 + 96 for one unit from 24 maps to 48, in two groups; (48 + 1)·5 for the classes. Together 1,721.


# %% answer="shufflenet"
def shufflenet(stages, groups, units=UNITS, input_shape=(224, 224, 3), classes=1000):
    """ShuffleNet.

    stages: filters of each stage, a line of TABLE; groups: of the units; units: how many each stage has.
    Returns a keras.Model from input_shape to `classes`, with softmax.
    """
    ### BEGIN SOLUTION
    ### BODY shufflenet.shufflenet
    ### END SOLUTION


# %% test="shufflenet"
check(shufflenet)

# %%
if ready(channel_shuffle, shuffle_unit, shufflenet):
    from convcourse.nets import count
    from convcourse.pictures.architecture import architecture_figure

    for groups, printed in ((1, 143), (3, 137), (8, 137)):
        net = shufflenet(TABLE[groups], groups)
        work = count.count_macs(net) - count.layer_macs(net.layers[-1])
        print(f"{groups} group(s), {net.count_params():,} parameters:", end=" ")
        print(f"{work / 1e6:.0f} M multiply-adds in convolutions (paper: {printed} M)")
    show(*architecture_figure(net, "ShuffleNet, eight groups"))
    del net

# %% [markdown]
# **What you should see.** The paper's counts, which leave the classes out. For the same work one group carries 144, 288 and 576 maps, and eight groups carry 384, 768 and 1,536. That is the bargain: **wider maps for the same price**. By the paper's table 2 the error falls from 33.6 % with one group over 32.6 % with three to 32.4 % with eight. In the thinnest nets, a quarter as wide, the step is larger, from 57.1 to 52.7 %.
#
# ## How many groups?
#
# Why not 16 groups, or 48? Look at the thin maps between the two 1 × 1 layers. There are `filters` / 4 of them, so `filters` / (4·groups) in each group. After the shuffle these come from as many *different* groups as there are maps, and no more. *By hand:* 48 filters in four groups have 12 thin maps, three a group. Each group of the last layer hears of three groups; the fourth is lost.

# %% [markdown] exercise="wide_unit"
# **Design** a unit with stride 1, on maps of `side` × `side`, which is wide enough, cheap enough, and in which every map of the branch hears of all groups. The judge counts its convolutions' multiply-adds: with $F$ filters in $G$ groups these are $F \cdot \frac{F}{4} / G$ at each place for either 1 × 1, and 9 · $\frac{F}{4}$ for the depthwise one.


# %% answer="wide_unit"
def wide_unit(filters, side, work):
    """Filters and groups of a shuffle unit with stride 1.

    filters: the fewest; side: of the maps; work: the most multiply-adds of its convolutions.
    Returns two integers, filters and groups. A quarter of the filters must be a multiple of groups.
    """
    ### BEGIN SOLUTION
    best = []
    for groups in range(1, 20):
        step = 4 * groups
        wide = step * max(groups, -(-filters // step))
        best.append((side**2 * (wide**2 // (2 * groups) + 9 * wide // 4), wide, groups))
    return min(best)[1:]
    ### END SOLUTION


# %% test="wide_unit"
check(wide_unit)

# %%
if ready(wide_unit):
    for groups, (wide, *_) in TABLE.items():
        thin = wide // 4 // groups
        print(f"{groups} group(s), {wide} filters: {thin} thin maps in each;", end=" ")
        print("all are heard" if thin >= groups else "not all are heard")
    print("240 filters or more at 28 × 28, below 5 M:", wide_unit(240, 28, 5_000_000))

# %% [markdown]
# **What you should see.** In all of the paper's nets everyone is heard, in a single unit. It needs four times the square of the groups as filters: 256 for eight, 1,024 for sixteen. Real nets may break the rule, since a few units in a row hear of everything, too.
#
# Multiply-adds are not seconds. A shuffle costs no product, but it moves every number in the memory, and grouped layers keep a processor waiting. The same laboratory built ShuffleNet v2 a year later, by the stopwatch, with fewer groups: that is Unit 24's story.
#
# ## Summary
#
# - Without a ReLU between them, a depthwise and a pointwise layer are one ordinary layer. Of each channel all its kernels are multiples of one.
# - Chollet found on ImageNet: between the two steps, no ReLU is better. In small, seeds differ by more.
# - Xception is a chain of modules with shortcuts, ReLU *before* each separable convolution: 22,910,480 parameters, more than half in the middle flow.
# - A shortcut must hold x from before anything was done to it.
# - Groups divide the work of 1 × 1 layers. Without a shuffle they never meet, and a task that needs two of them stays a guess.
# - ShuffleNet's unit adds with stride 1 and lays side by side with stride 2. At the same work, more groups carry more maps.
#
# ## Questions
#
# 1. Two thin layers from 64 channels to 64 filters, 3 × 3, have nothing between. How many weights have they, and how many has the ordinary layer that does the same?
# 2. A middle module runs on maps of 19 × 19 with 728 channels. How many multiply-adds are its three separable convolutions?
# 3. Twelve channels, four groups. Which channels make up the second group after the shuffle?
# 4. A unit with stride 2 leads from 240 to 480 channels in three groups. How many weights has its last 1 × 1 convolution? How many would it have if x were projected and added?
# 5. Same or not: would one ordinary 1 × 1 convolution, somewhere in the net without the shuffle, be enough?
#
# <details><summary>Key</summary>
#
# 1. 9·64 + 64·64 = 4,672. The ordinary one has 9·64·64 = 36,864.
# 2. 3 · 361 · (9·728 + 728²) = 3 · 361 · 536,536 = 581,068,488.
# 3. The new order is 0, 3, 6, 9, 1, 4, 7, 10, 2, 5, 8, 11, in groups of three. The second group has 9, 1, 4.
# 4. The branch has 120 thin maps, 40 in a group. 240 new maps: 40·240 = 9,600. With a sum it would make all 480: 19,200, and the projection comes on top.
# 5. Yes, if a nonlinear layer follows it. After a ReLU each of its maps depends on both digits at once. As the very last layer it would not: a sum of scores is all that it could make.
#
# </details>
#
# ## Open work
#
# No key is given. Each asks for a measurement; keep your numbers, over five seeds.
#
# 1. Chollet's ReLU in small: *measure* the accuracy of Xceptions of growing width and depth with and without it (`picture.with_relu_between`). Is there a size from which on you see a difference? Put a batch normalisation before the ReLU, as MobileNet does. Does that change it?
# 2. What does the shuffle bring on clothes? Build a small ShuffleNet, with your `channel_shuffle` and with one that does nothing. *Measure* the test accuracy for 2, 4 and 8 groups.
# 3. Take the shortcuts out of your small Xception. Chollet's net hardly learned without them. *Measure* the training loss against the number of middle modules. (His paper says at once that a net of another plan might do without.)
# 4. Give the pairs of digits a harder question: is the sum of the two even? Is the first one larger? *Measure* what the net without the shuffle can do. For which questions is a sum of scores enough?
#
# ## References
#
# - F. Chollet, *Xception: deep learning with depthwise separable convolutions*, CVPR 2017, arXiv:1610.02357: the net in figure 5, errors and sizes in tables 1 and 3, shortcuts in figure 9, the ReLU between in figure 10.
# - X. Zhang, X. Zhou, M. Lin and J. Sun, *ShuffleNet: an extremely efficient convolutional neural network for mobile devices*, CVPR 2018, arXiv:1707.01083: the units in figure 2, nets and errors in tables 1 to 3.
# - A. Howard and others, *MobileNets: efficient convolutional neural networks for mobile vision applications*, 2017, arXiv:1704.04861.
# - C. Szegedy, S. Ioffe, V. Vanhoucke and A. Alemi, *Inception-v4, Inception-ResNet and the impact of residual connections on learning*, AAAI 2017.
