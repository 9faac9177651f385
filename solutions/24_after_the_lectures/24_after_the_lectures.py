# %% [markdown]
# # Unit 24 · After the lectures
#
# **You will be able to**
#
# - build the blocks of 2017 to 2022, scale a net under a budget, and measure its seconds so that you may believe them;
# - walk from a ResNet to a ConvNeXt one step at a time, with three seeds, and say which steps helped *here*;
# - compare whole families of nets instead of single ones;
# - say what a vision transformer shares with a convolutional net, and what it gives up.
#
# **Time** about three hours. **Before this** Unit 14: ResNet, and Unit 16: efficient nets.

# %% setup="numpy"
import numpy as np
from scipy.ndimage import correlate
from skimage.data import astronaut
from skimage.transform import resize

from convcourse.check import check, ready
from convcourse.figures import show
from convcourse.pictures import after_the_lectures as picture
from convcourse.pictures.resnet import small_digits
from convcourse.predictions import predict
from convcourse.quiet import quietly

with quietly():  # TensorFlow greets with some lines that say nothing to us
    from keras import layers

FULL_RUN = False  # True: train the road map for 40 epochs instead of 5, and draw more nets
digits = small_digits()  # images and labels to train on, images and labels to test on
photo = resize(astronaut(), (224, 224))
### SHOW mobilenet.norm_relu6

# %% [markdown]
# ## After 2017
#
# The lectures that this course grew out of end with MobileNet, ShuffleNet and NASNet. ImageNet was "solved": its competition stopped in 2017. What came then?
#
# | year | idea | net | this unit |
# |---|---|---|---|
# | 2017 | let the net weigh its own maps | SENet, winner of the last ILSVRC: top-5 error 2.25 % | `squeeze_excite` |
# | 2018 | wide inside, narrow and *linear* outside | MobileNetV2 | `inverted_residual` |
# | 2018 | count seconds, not multiply-adds | ShuffleNet v2 | `which_is_faster` |
# | 2019 | grow depth, width and image together | EfficientNet | `grow_evenly` |
# | 2020 | judge families, not single nets | RegNet | `share_below` |
# | 2021 | no convolution at all? | ViT | `attention` |
# | 2022 | a ResNet with everything learned since | ConvNeXt | `convnext_block` |
#
# ## Gates for maps
#
# A convolution adds up its channels with weights that are the same for every image. But which maps matter depends on the image: on a photograph of the sea, the map that answers to fur says little. Jie Hu and others gave each block a small side branch. **Squeeze**: the mean of each map, one number for each channel. **Excite**: two dense layers make a number between 0 and 1 of it, a *gate*. Then each map is multiplied by its gate.

# %%
show(*picture.gates_figure())

# %% [markdown]
# The first dense layer is $r$ times narrower than the channels (the paper: $r = 16$). *By hand*, for 6 maps and $r = 3$: 6·2 weights and 2 biases, then 2·6 weights and 6 biases. Together 32.

# %% [markdown] exercise="squeeze_excite"
# Write the block.


# %% answer="squeeze_excite"
def squeeze_excite(x, ratio):
    """Multiply each map by a gate that the image itself sets.

    x: tensor (batch, rows, cols, channels). The mean of each map; a dense layer with
    channels // ratio units and ReLU; one with `channels` units and sigmoid, both with
    biases; the product with x. Returns a tensor of the shape of x.
    """
    ### BEGIN SOLUTION
    channels = x.shape[-1]
    gates = layers.GlobalAveragePooling2D(keepdims=True)(x)
    gates = layers.Dense(channels // ratio, activation="relu")(gates)
    gates = layers.Dense(channels, activation="sigmoid")(gates)
    return layers.Multiply()([x, gates])
    ### END SOLUTION


# %% test="squeeze_excite"
check(squeeze_excite)

# %% [markdown]
# What does it cost? ResNet-50 has 3, 4, 6 and 3 blocks that end with 256, 512, 1,024 and 2,048 maps. We count the weights of all gates. Then we train a small net on digits: two 3 × 3 layers with 16 maps, your block, the mean of each map, and a dense layer. Which gates does it set for each digit?

# %%
if ready(squeeze_excite):
    extra = sum(n * 2 * c * c // 16 for n, c in [(3, 256), (4, 512), (6, 1024), (3, 2048)])
    print(f"ResNet-50: {extra:,} weights for gates, a tenth of its 25.6 million,")
    print(f"and as many multiply-adds: {extra / 3.86e9:.2%} of its 3.86 G")
    show(*picture.gate_values_figure(picture.trained_gates(squeeze_excite, digits)))

# %% [markdown]
# **What you should see.** Some maps are always open. The gates of the others differ from digit to digit: the same map counts for much in one and for little in another. In the paper the gates took the top-1 error of ResNet-50 from 24.80 to 23.29 %, nearly that of ResNet-101 (23.17 %). Gates are in MobileNetV3, EfficientNet and RegNetY, too.
#
# ## Where ReLU does harm
#
# A ReLU throws away what is negative. Is that a loss? Mark Sandler and others asked so in 2018, with a spiral in the plane. Bring its points to $n$ channels by a random matrix $T$, take the ReLU, and go back by the pseudo-inverse of $T$, which undoes $T$ exactly. What is missing when the points are back was taken by the ReLU. *By hand:* T = [[1, 0, −1], [0, 1, 0]] makes (2, 1, −2) of (2, 1). After the ReLU (2, 1, 0) is left, and it comes back as (1, 1).

# %% [markdown] exercise="there_and_back"
# Write the experiment.


# %% answer="there_and_back"
def there_and_back(points, T):
    """Points through T, ReLU, and back by the pseudo-inverse of T.

    points: array (count, 2); T: array (2, n), n ≥ 2, of rank 2. Returns an array (count, 2).
    """
    ### BEGIN SOLUTION
    return np.maximum(points @ T, 0) @ np.linalg.pinv(T)
    ### END SOLUTION


# %% test="there_and_back"
check(there_and_back)

# %% [markdown]
# **Predict before you run.** A channel is silent for a point if its number is negative. With random directions that is so for every second point. In three channels, for which share of points are *all* silent, on the average over many matrices T? All that these points had to say is lost.

# %%
guess = None
predict(guess, 1 / 8, "Three times a half: 1/2 · 1/2 · 1/2.", close=0.1)

# %%
if ready(there_and_back):
    show(*picture.spiral_figure(there_and_back, (2, 3, 5, 15, 30)))
    for wide in (2, 3, 5, 15, 30):
        silent, error = picture.spiral_losses(there_and_back, wide)
        print(f"{wide:2} channels: {silent:6.2%} silent, error, doubled: {error:.2f}")

# %% [markdown]
# **What you should see.** With 2 or 3 channels the spiral folds flat; a quarter, an eighth of the points is silent altogether. With 15 or 30 it is a spiral again, at half its size: each channel drops half of its numbers, but for each point enough channels speak. (That is why the error is that of twice the result.) So a ReLU does little harm at a **wide** place and much at a **narrow** one.
#
# ## The bottleneck, turned inside out
#
# ResNet's bottleneck is wide outside and narrow inside. **MobileNetV2** does the opposite. Its shortcuts join the narrow places, where little has to be kept in memory. Inside, a 1 × 1 convolution first makes $t$ times as many maps (mostly $t = 6$), a depthwise 3 × 3 looks at them, and a 1 × 1 presses them together again. After this last one there is **no ReLU6**: a *linear bottleneck*. Where the stride is 1 and the number of maps stays, x is added. *By hand*, 3 maps to 3, $t = 2$: 18 weights and a norm of 24, 54 and 24, 18 and 12. Together 150.

# %% [markdown] exercise="inverted_residual"
# Write the block. `norm_relu6` is in the set-up cell.


# %% answer="inverted_residual"
def inverted_residual(x, filters, stride, expand):
    """1×1 to expand times as many maps, depthwise 3×3, 1×1 to `filters` maps, and a shortcut.

    x: tensor (batch, rows, cols, channels). No biases, padding "same"; norm_relu6 after the
    first two, batch normalisation alone after the last. The stride is in the depthwise one.
    With expand 1 the first convolution is left out. x is added where it fits: stride 1 and
    filters == channels. Returns (batch, ⌈rows / stride⌉, ⌈cols / stride⌉, filters).
    """
    ### BEGIN SOLUTION
    channels, branch = x.shape[-1], x
    if expand > 1:
        branch = norm_relu6(layers.Conv2D(expand * channels, 1, use_bias=False)(branch))
    deep = layers.DepthwiseConv2D(3, strides=stride, padding="same", use_bias=False)
    branch = norm_relu6(deep(branch))
    branch = layers.Conv2D(filters, 1, use_bias=False)(branch)
    branch = layers.BatchNormalization()(branch)
    return layers.Add()([x, branch]) if stride == 1 and filters == channels else branch
    ### END SOLUTION


# %% test="inverted_residual"
check(inverted_residual)

# %% [markdown]
# The whole net is the paper's table 2: expansion, filters, blocks, and the stride of the first block. A 3 × 3 convolution stands before it, a 1 × 1 with 1,280 filters after it.

# %%
MOBILENET_V2 = ((1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2))
MOBILENET_V2 += ((6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1))

if ready(inverted_residual):
    from convcourse.nets.count import count_macs

    net = picture.stacked(inverted_residual, norm_relu6, MOBILENET_V2)
    trained = sum(int(np.prod(weight.shape)) for weight in net.trainable_weights)
    print(f"MobileNetV2: {net.count_params():,} parameters, {trained:,} of them trained,")
    work = count_macs(net) / 1e6
    print(f"{work:.0f} million multiply-adds (paper: 3.4 million, 300 million)")

# %% [markdown]
# **What you should see.** 3,538,984 and 3,504,872, the counts of Keras and of torchvision. With fewer parameters and half of the work it is better than MobileNet: 72.0 % of the first guesses are right, where MobileNet had 70.6 %.
#
# ## Growing under a budget
#
# You have a good small net, and a machine with room for more. What do you make larger? You can take more blocks (**depth** times $d$), more filters (**width** times $w$), or larger images (**side** times $r$). The work grows with $d \cdot w^2 \cdot r^2$. Mingxing Tan and Quoc Le (2019) tried each alone, and all three together. To scale a table, its numbers must stay whole. Filters become multiples of 8, the nearest one, but never less than nine tenths of what is wanted; blocks are rounded up. *By hand*, for $w = 1.2$: 16 · 1.2 = 19.2. The nearest multiple of 8 is 16, less than 0.9 · 19.2 = 17.28, so it is 24.

# %% [markdown] exercise="scaled_stages"
# Scale a table.


# %% answer="scaled_stages"
def scaled_stages(stages, width, depth):
    """The table of a net made wider and deeper.

    stages: ((filters, blocks), …). Filters: filters · width, rounded to the nearest multiple
    of 8 (halves up), and 8 more if that is less than 0.9 · filters · width.
    Blocks: blocks · depth, rounded up. Returns a list of pairs of ints.
    """
    ### BEGIN SOLUTION
    result = []
    for filters, blocks in stages:
        wanted = filters * width
        near = int(wanted + 4) // 8 * 8
        near = near + 8 if near < 0.9 * wanted else near
        result.append((near, int(np.ceil(blocks * depth))))
    return result
    ### END SOLUTION


# %% test="scaled_stages"
check(scaled_stages)

# %% [markdown]
# EfficientNet-B0 is a chain of inverted residuals with gates (its activation is x · sigmoid(x), and some kernels are 5 × 5). From its table your function makes the seven larger ones. The counts of the paper are in brackets.


# %%
def counted(width, depth, side):
    (stem, _), (head, _) = scaled_stages(((32, 1), (1280, 1)), width, 1)
    stages = scaled_stages(picture.B0_STAGES, width, depth)
    return picture.efficientnet_counts(stages, stem, head, side)


if ready(scaled_stages):
    for name, row in picture.EFFICIENTNETS.items():
        size, work = counted(*row[:3])
        print(f"{name}: width {row[0]}, depth {row[1]}, {row[2]} pixels:", end=" ")
        print(f"{size:,} ({row[3]} M), {work / 1e9:.2f} G ({row[4]} G), {row[5]} %")
    works = {name: counted(*row[:3])[1] for name, row in picture.ONE_SIDED.items()}
    show(*picture.budget_figure(works))

# %% [markdown]
# **What you should see.** The paper's counts, to within 2 % (parameters) and 5 % (work). About four times the work in one thing brings less than two points; shared among three it brings nearly four (the accuracies are the paper's). Deeper nets on small images have nothing new to look at; large images need a wide field, so depth, and many fine patterns, so width. The authors searched once for the best shares, $d = 1.2^\varphi$, $w = 1.1^\varphi$, $r = 1.15^\varphi$, and then only turned $\varphi$: 1.2 · 1.1² · 1.15² = 1.92, so a step of $\varphi$ doubles the work, nearly.

# %% [markdown] exercise="grow_evenly"
# **Design** a growth of your own. All of `times` is to be spent, but for 5 % at most, and each of the three brings at least the factor times$^{0.15}$ of work.


# %% answer="grow_evenly"
def grow_evenly(times, side):
    """Depth, width and side of a net with `times` as much work.

    times: how many times the work may grow, 2 to 30; side: pixels of the images now.
    Work grows with depth · width² · (new side / side)²: by 0.95 · times to times.
    Returns depth (a factor), width (a factor), and the new side (a whole number of pixels).
    """
    ### BEGIN SOLUTION
    new_side = int(side * times**0.2)
    width = times**0.15
    return 0.99 * times / width**2 / (new_side / side) ** 2, width, new_side
    ### END SOLUTION


# %% test="grow_evenly"
check(grow_evenly)

# %%
if ready(scaled_stages, grow_evenly):
    _, base = counted(1, 1, 224)
    for times in (2, 4, 8, 16):
        depth, width, side = grow_evenly(times, 224)
        _, work = counted(width, depth, side)
        print(f"{times:2} times asked, {work / base:5.2f} counted: ", end="")
        print(f"depth {depth:.2f}, width {width:.2f}, {side} pixels")

# %% [markdown]
# The counted growth differs from what you asked for. Why? Blocks are rounded *up*, and filters move to multiples of 8. So a law of growth is a guide, and the count decides.
#
# ## Seconds, not multiply-adds
#
# In Unit 16 a layer with a seventh of the work was not seven times faster. A processor also waits for numbers that come from memory. Ningning Ma and others (ShuffleNet v2, 2018) measured, and found four rules. For the same work, (1) a 1 × 1 layer is fastest with as many filters as channels; (2) many groups cost time; (3) many small layers instead of a large one cost time. And (4) sums and ReLUs cost time, although nobody counts them.
#
# Count first: for a 1 × 1 layer each number of the maps that come in, of the maps that go out and of the weights moves once. *By hand*: 2 × 3 places, 4 channels, 6 filters: 24 + 36 + 24 = 84 numbers for 144 multiply-adds. With 2 groups 12 weights are left: 72 numbers, for 72 multiply-adds.

# %% [markdown] exercise="traffic"
# Count both.


# %% answer="traffic"
def traffic(rows, cols, channels, filters, groups=1):
    """Work and traffic of a 1×1 convolution without bias on one image.

    rows, cols: the places; channels come in and filters go out, in `groups` groups.
    Returns multiply-adds, and the numbers that move: maps in, maps out, weights. Two ints.
    """
    ### BEGIN SOLUTION
    weights = channels // groups * filters
    return rows * cols * weights, rows * cols * (channels + filters) + weights
    ### END SOLUTION


# %% test="traffic"
check(traffic)

# %% [markdown]
# And now the stopwatch. It is a bad witness: other programs run, and the processor grows warm and slows down. So take turns, first, second, first, second, and compare **within each round**. The median of these ratios forgives a disturbed round. But a ratio alone does not say whether you may trust it. Ask the rounds: only if three quarters of them agree, name the faster way, 1 or 2. Else say 0, neither.

# %% [markdown] exercise="which_is_faster"
# Let the rounds vote.


# %% answer="which_is_faster"
def which_is_faster(first, second):
    """What timed rounds say of two ways to do a thing.

    first, second: arrays of seconds, one of each for every round, measured in turn.
    Returns the median of the rounds' ratios second / first, and the faster way: 1 if the
    first took less time in three quarters of the rounds or more, 2 likewise, else 0.
    """
    ### BEGIN SOLUTION
    ratio = np.median(second / first)
    if np.mean(first < second) >= 0.75:
        return ratio, 1
    return ratio, 2 if np.mean(second < first) >= 0.75 else 0
    ### END SOLUTION


# %% test="which_is_faster"
check(which_is_faster)

# %% [markdown]
# Five pairs of ways, on *your* machine. In the first the second way needs eight times less work. In the next three both need the same, and the rules say that the second is slower. In the last both have the same convolutions.

# %%
times, promised, words = {}, {}, ("neither", "the first", "the second")
if ready(traffic, which_is_faster):
    from convcourse.nets.count import count_macs

    for name, ways in picture.PAIRS.items():
        first, second = picture.pair_nets(name)
        promised[name] = count_macs(second) / count_macs(first)
        times[name] = picture.timed_pair(first, second)
        ratio, faster = which_is_faster(*times[name])
        print(f"{name}:", *(f"{maps} maps, {chain};" for maps, chain in ways))
        print(f"  work × {promised[name]:.2f}, seconds × {ratio:.2f}.", end=" ")
        print(f"Faster: {words[faster]}")
    for sizes in ((128, 128, 1), (32, 512, 1), (256, 256, 4)):
        counts = "{:,} multiply-adds, {:,} numbers move".format(*traffic(28, 28, *sizes))
        print(f"{sizes}: {counts}")
    show(*picture.ratios_figure(times, promised))

# %% [markdown]
# **What you should see.** Only counts are the same on every machine: the three layers at the end all have 12,845,056 multiply-adds, and move 217,088, 442,880 and 417,792 numbers. The seconds are yours. In our runs, on two busy cores, the separable way took a sixth to a fourth of the time of the ordinary one, where multiply-adds promise less than an eighth. Four groups took nine to ten times as long as one. The other ratios were 1.06 to 1.16, and twice the rounds said «neither». And the rules? They were found on graphics cards and telephones, with the libraries of 2018. A processor with large caches may not feel the traffic, a library may have no good code for groups (then rule 2 costs far more than traffic explains), and a compiler may melt a ReLU into the convolution before it, so that it costs nothing. If your stopwatch says «neither», or contradicts a rule, believe the stopwatch, *for this machine, these sizes and this library*.
#
# ## What a ResNet becomes
#
# In 2021 nets without convolutions (you meet one below) led the tables. Zhuang Liu and others then asked: is it the attention, or everything else that had changed since 2015? They took ResNet-50 and brought it up to date, one step at a time, with three seeds each, and called the result **ConvNeXt**.

# %%
show(*picture.papers_road_figure())

# %% [markdown]
# The first step changes no layer at all, and brings the most: a **recipe** of 2021. AdamW for the optimiser, 300 epochs instead of 90, a rate that falls along a cosine, labels that are not quite sure, much augmentation. The end of the road is a new block. First comes a **depthwise convolution** with a large kernel, 7 × 7, which is cheap because it is depthwise. Then **one** layer normalisation, which normalises the channels of each place by themselves (epsilon 1e-6). Then a 1 × 1 to four times as many maps, **one** GELU, and a 1 × 1 back. (GELU is x times the share of normal numbers below x, a soft ReLU.) At last x is added, and nothing follows. The authors also multiply the branch by small learned numbers, γ, which we leave out. *By hand*, 4 maps and 7 × 7: 49·4 + 4, then 8, then 4·16 + 16, then 16·4 + 4. Together 356. All three convolutions have biases.

# %% [markdown] exercise="convnext_block"
# Write the block.


# %% answer="convnext_block"
def convnext_block(x, kernel=7):
    """Depthwise convolution, layer norm, 1×1 to four times as many maps, GELU, 1×1, sum.

    x: tensor (batch, rows, cols, channels); kernel: side of the depthwise kernels, odd.
    Padding "same", biases everywhere, epsilon 1e-6. Returns a tensor of the shape of x.
    """
    ### BEGIN SOLUTION
    channels = x.shape[-1]
    branch = layers.DepthwiseConv2D(kernel, padding="same")(x)
    branch = layers.LayerNormalization(epsilon=1e-6)(branch)
    branch = layers.Dense(4 * channels, activation="gelu")(branch)
    return layers.Add()([x, layers.Dense(channels)(branch)])
    ### END SOLUTION


# %% test="convnext_block"
check(convnext_block)

# %% [markdown]
# Now walk the road yourself, in small: 1,280 digits of 8 × 8 pixels, two blocks of 32 maps on 4 × 4 places, three seeds. The words of a step say what a block consists of. (On 4 × 4 places a kernel of 5 × 5 is large.) Before you look: which steps will help, if there are only 1,280 images?

# %%
road, epochs = {}, 40 if FULL_RUN else 5
if ready(convnext_block):
    for name, (recipe, stem, words) in picture.ROAD.items():
        net = picture.road_net(name, (8, 8, 1), patch=2)
        errors = road[name] = picture.train(net, digits, recipe, epochs)
        print(f"{name}: {recipe} recipe, stem of {stem}; {words}")
        print(f"  {net.count_params():,} parameters,", end=" ")
        print(f"error {errors.mean():.1f} % (seeds:", *errors.round(1), end=")\n")
    show(*picture.road_figure(road))

# %% [markdown]
# **What you should see.** Nothing like the paper's stairs. These are the errors that we measured, best to worst seed and machine, in per cent; yours may differ a little:
#
# | net | ResNet | recipe | patches | depthwise | inverted | 5 × 5 first | one GELU, one norm |
# |---|---|---|---|---|---|---|---|
# | 5 epochs | 1.9 to 12.4 | 4.1 to 7.2 | 15 to 21 | 13 to 22 | 5.6 to 7.9 | 5.8 to 10.4 | 22 to 31 |
# | 40 epochs | 0.6 to 1.5 | 1.0 to 1.4 | 1.9 to 2.5 | 1.7 to 3.1 | 0.8 | 1.9 to 2.1 | 2.3 to 2.5 |
#
# Did the recipe help? Nobody can tell: the seeds of one net differ by more than the two nets. Patches of 2 × 2 pixels cost points both times. Depthwise and wider: within the spread. Only the inverted bottleneck gains more than the spread, but it also has 3.5 times the parameters of the step before, so it is no proof for the inversion. The last step learns slowly. **So is ConvNeXt wrong?** No: the road was found on 1.3 million images, with 300 epochs and 28 million parameters. It says what helps *there*. And without three seeds you would have believed some differences that are none.
#
# ## Families of nets
#
# A net that is better than another may be so by luck: somebody tried more variants of it. Ilija Radosavovic and others (2020) therefore did not compare nets but **design spaces**: all nets that a rule allows. Draw some at random, train each for a short time, and look at *all* their errors. For each error $e$, plot which share of the nets has less: the **empirical distribution function**. Where one curve lies to the left of another, the best, the middle and the worst net of its family are each better.

# %% [markdown] exercise="share_below"
# Compute the curve.


# %% answer="share_below"
def share_below(errors, limits):
    """The share of nets whose error is below each limit.

    errors: array, one for each net; limits: array. An error equal to a limit is not below it.
    Returns an array with a number from 0 to 1 for each limit.
    """
    ### BEGIN SOLUTION
    return np.mean(errors[:, None] < limits, axis=0)
    ### END SOLUTION


# %% test="share_below"
check(share_below)

# %% [markdown]
# Two families of nets with three 3 × 3 layers, on digits. All have between 60,000 and 80,000 multiply-adds. In the first family any widths are allowed; in the second a layer has never fewer maps than the one before. Each net is trained once, for two epochs only. Half of the test images choose the winner of a family. The other half, which had no say, tell how good it is.

# %%
spaces = {}
if ready(share_below):
    generator, count = np.random.default_rng(24), 60 if FULL_RUN else 16
    for name, rising in [("any widths", False), ("widths that never fall", True)]:
        nets = picture.draw_nets(generator, count, 60_000, 80_000, rising)
        errors = picture.chain_errors(nets, digits, epochs=2)
        best = np.argmin(errors[:, 0])
        spaces[name] = errors.mean(axis=1)
        print(
            f"{name}: half of the nets are below {np.median(spaces[name]):.1f} %.", end=" "
        )
        print(f"Winner {nets[best]}: chosen with {errors[best, 0]:.1f} %,", end=" ")
        print(f"on fresh images {errors[best, 1]:.1f} %")
    show(*picture.space_figure(share_below, spaces))

# %% [markdown]
# **What you should see.** The second curve rises earlier and more steeply. In our run half of the free nets were below 8.3 %, and half of the others below 6.8 %; the worst of each family had 22 % and 8.5 %. The two worst free nets end with four and six maps: ten digits are hard to tell by four means. One line of a rule, *never fewer maps than before*, keeps such nets out, and no good one is lost. In the paper this was one step of several. At the end the widths of all blocks follow from four numbers, and the nets that they give are called **RegNet**. A winner's error on the images that chose it is a little too good, as a rule; one winner alone may be lucky both times.
#
# ## A net without convolutions?
#
# Alexey Dosovitskiy and others (2021) cut an image of 224 × 224 pixels into 14 × 14 patches of 16 × 16, and treated these 196 patches like the words of a sentence. Their **vision transformer** (ViT) turns each patch into a *token* of 768 numbers by one matrix: W · (pixels of the patch) + b. *By hand*: the image 0 1 2 3 / 4 5 6 7 has two patches of 2 × 2, with the pixels 0, 1, 4, 5 and 2, 3, 6, 7. With the weights 1, 10, 100, 1000 and the bias 0.5 they become 5,410.5 and 7,632.5.

# %%
show(*picture.patches_figure(photo, 16))

# %% [markdown] exercise="patch_tokens"
# Make the tokens.


# %% answer="patch_tokens"
def patch_tokens(image, W, b):
    """An image as a list of tokens, one for each patch.

    image: array (rows, cols, channels), rows and cols multiples of size;
    W: array (size, size, channels, units); b: array (units).
    Patches lie side by side; they are read row by row. Returns an array (patches, units).
    """
    ### BEGIN SOLUTION
    size, units = len(W), len(b)
    rows, cols, channels = image.shape
    table = image.reshape(rows // size, size, cols // size, size, channels)
    patches = table.transpose(0, 2, 1, 3, 4).reshape(-1, size * size * channels)
    return patches @ W.reshape(-1, units) + b
    ### END SOLUTION


# %% test="patch_tokens"
check(patch_tokens)

# %%
generator = np.random.default_rng(24)
W, b = generator.normal(0, 1 / 28, size=(16, 16, 3, 768)), generator.normal(size=768)
if ready(patch_tokens):
    layer = layers.Conv2D(768, 16, strides=16)
    layer.build((None, 224, 224, 3))
    layer.set_weights([W, b])
    maps = np.asarray(layer(photo[None].astype("float32")))
    tokens = patch_tokens(photo, W, b)
    print(
        f"convolution: {maps.shape}, tokens: {tokens.shape}, {W.size + b.size:,} parameters"
    )
    print(f"equal to 1e-4: {np.allclose(maps.reshape(-1, 768), tokens, atol=1e-4)}")

# %% [markdown]
# **What you should see.** Equal numbers. The first layer of the net "without convolutions" **is** a convolution, 16 × 16 with stride 16: the same weights for every patch. What comes then is new.
#
# A convolution mixes neighbours with fixed weights. **Attention** mixes *all* tokens, with weights that the tokens themselves set. Each token x asks (its query is x W_q), each answers (its key is x W_k). The product of a query and a key is a *score*, divided by the root of the length of a key. The softmax of a token's scores makes weights that add up to 1. The token's result is the average of all values x W_v with these weights.

# %% [markdown] exercise="attention"
# The function below runs, and its result has the right shape. But look at the figure: what do the weights of a token that asks add up to? Find the fault and **repair** it.


# %% answer="attention"
def attention(x, Wq, Wk, Wv):
    """Self-attention with one head.

    x: array (tokens, channels); Wq, Wk: arrays (channels, d); Wv: array (channels, units).
    Scores are divided by √d. Returns an array (tokens, units): for each token an average of
    all values.
    """
    ### BEGIN SOLUTION
    queries, keys, values = x @ Wq, x @ Wk, x @ Wv
    scores = queries @ keys.T / np.sqrt(keys.shape[1])
    weights = np.exp(scores - scores.max())
    weights = weights / weights.sum(axis=1, keepdims=True)
    return weights @ values
    ### END SOLUTION


# %%
show(*picture.weights_figure(picture.weights_of(attention)))

# %% test="attention"
check(attention)

# %% [markdown]
# **What you should see** when it is mended: every row adds up to 1. Now to what a transformer gives up. Unit 3 tested *equivariance*: the convolution of a moved image is the moved convolution. Take a 3 × 3 convolution with stride 1, the patches, and the patches with a **position** added to each, as ViT does. We move the photograph along its columns, round the corner, by 0 to 32 pixels, and measure how far the result is from the moved result (the best shift counts).

# %%
if ready(patch_tokens, attention):
    positions, errors = generator.normal(0, 0.5, size=(14, 14, 32)), {}
    kernel = generator.normal(size=(3, 3, 1))

    def patches(image):
        return patch_tokens(image, W[..., :32], b[:32]).reshape(14, 14, 32)

    for name, layer, stride in [
        ("convolution, stride 1", lambda image: correlate(image, kernel, mode="wrap"), 1),
        ("patches", patches, 16),
        ("patches and positions", lambda image: patches(image) + positions, 16),
    ]:
        errors[name] = picture.moved_errors(layer, photo, stride, range(33))
        print(f"{name}: no error at", *np.flatnonzero(errors[name] < 1e-9), "pixels")
    show(*picture.equivariance_figure(errors, range(33)))

# %% [markdown]
# **What you should see.** The convolution moves along by any number of pixels. Patches move along by 0, 16 and 32 pixels only: between these, the same photograph gives other tokens. With positions nothing moves along: every place has its own mark. (A stride of 2 breaks equivariance too, Unit 6; a stride of 16 breaks it sixteen-fold.) And attention itself? Does it know what is beside what?

# %%
if ready(attention, patch_tokens):
    tokens, matrices = patches(photo).reshape(-1, 32), generator.normal(0, 0.2, (3, 32, 32))
    order = generator.permutation(len(tokens))
    for name, mark in [("without", 0), ("with", positions.reshape(-1, 32))]:
        shuffled = attention(tokens[order] + mark, *matrices)
        same = np.allclose(shuffled, attention(tokens + mark, *matrices)[order])
        print(f"{name} positions, shuffled tokens give the shuffled result: {same}")

# %% [markdown]
# True, then False. Attention takes its tokens for a bag: shuffle the patches, and the result is shuffled in the same way. Without positions, ViT would not know an image from its jigsaw puzzle. (Unit 21 shuffled pixels: there the dense net did not care either.) So ViT *learns* from data what a convolution has by construction, that neighbours belong together and that a pattern may stand anywhere. With 1.3 million images it stayed behind ResNets of its size; with 300 million it overtook them.
#
# ## Summary
#
# - Squeeze and excitation: a gate for each map, set by the image itself. In ResNet-50 a tenth more weights, hardly any work. A ReLU at a narrow place destroys; at a wide place it does little harm. Hence the inverted residual with its linear bottleneck.
# - Work grows with depth · width² · side². Spend a budget on all three, and count what rounding made of it.
# - Multiply-adds are a promise. Measure seconds in turns, compare within rounds, and say «neither» when the rounds do not agree.
# - ConvNeXt is a ResNet after thirteen small steps; the recipe alone brings 2.7 of the 5.9 points. Steps that help on ImageNet need not help on little data.
# - Compare families by the distribution of all their errors; choose a winner on one part of the images, and judge it on another.
# - Patches are a convolution with stride 16. Attention mixes all tokens and knows no places; equivariance is gone.
#
# ## Questions
#
# 1. Squeeze and excitation on 64 maps with r = 16: how many parameters?
# 2. Four random channels, points of a plane: which share of points is silent in all?
# 3. In 12 rounds, the first way was faster nine times. What does `which_is_faster` say? And with eight?
# 4. How many tokens does ViT make of 384 × 384 pixels, with patches of 16?
#
# <details><summary>Key</summary>
#
# 1. 64·4 + 4 + 4·64 + 64 = 580.
# 2. 1/16.
# 3. 1, because 9/12 = 0.75; with eight 0, neither.
# 4. 24 · 24 = 576.
#
# </details>
#
# ## Open work
#
# There is no key. Choose one question, and let the numbers answer.
#
# - Does the narrow place have to be linear? Build a small net of inverted residuals for digits, once with ReLU6 after the last norm, once without. *Measure* the test error from five seeds, for 4, 8 and 16 narrow maps.
# - Which steps of the road map need data or time? *Measure* the road with 320, 640 and 1,280 images, and with 8, 20 and 40 epochs. Which step changes its sign?
# - Do the four rules hold with one image instead of eight, with maps of 7 × 7, on a graphics card? *Measure* the ratios and their spread, and write down machine and library.
#
# ## References
#
# - J. Hu, L. Shen and G. Sun, *Squeeze-and-excitation networks*, CVPR 2018.<br>M. Sandler, A. Howard, M. Zhu, A. Zhmoginov and L.-C. Chen, *MobileNetV2: inverted residuals and linear bottlenecks*, CVPR 2018.<br>N. Ma, X. Zhang, H.-T. Zheng and J. Sun, *ShuffleNet V2: practical guidelines for efficient CNN architecture design*, ECCV 2018.<br>M. Tan and Q. Le, *EfficientNet: rethinking model scaling for convolutional neural networks*, ICML 2019.<br>I. Radosavovic, R. Kosaraju, R. Girshick, K. He and P. Dollár, *Designing network design spaces*, CVPR 2020.<br>A. Dosovitskiy and others, *An image is worth 16x16 words: transformers for image recognition at scale*, ICLR 2021.<br>Z. Liu and others, *A ConvNet for the 2020s*, CVPR 2022.
