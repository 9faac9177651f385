# %% [markdown]
# # Unit 12 · VGG: small kernels, deep nets
#
# **You will be able to**
#
# - say why three kernels of 3 × 3 beat one of 7 × 7, in numbers;
# - write a net as a table, and build any of the six VGG nets from its column;
# - predict parameters, memory and receptive field of a net before you build it;
# - turn a fully connected layer into a convolution, and slide a trained net over a larger image.
#
# **Time** about three hours. **Before this** Unit 6: parameters and receptive fields, and Unit 11: AlexNet.

# %% setup="numpy"
import numpy as np
from skimage.data import chelsea
from skimage.transform import resize

import convcourse.pictures.vgg as picture
from convcourse.check import check, ready
from convcourse.data import load_fashion_mnist
from convcourse.figures import show
from convcourse.predictions import predict
from convcourse.quiet import quietly
from convcourse.pictures.vgg import CLOTHES
from convcourse.widgets import slide

with quietly():  # TensorFlow greets with some lines that say nothing to us
    import keras
    from keras import layers

FULL_RUN = False  # True: download and train on all 60,000 images

# %% [markdown]
# ## How deep should a net be?
#
# AlexNet (2012) has 8 layers with weights. Why 8? Nobody knew. Its kernels are 11 × 11, 5 × 5 and 3 × 3, and its successors changed many things at a time. In 2014 Karen Simonyan and Andrew Zisserman, of Oxford's Visual Geometry Group, made a clean experiment. **They fixed everything but the depth.** All kernels are 3 × 3 (net C tries some of 1 × 1), all poolings 2 × 2, and six nets, A to E, differ in how many convolutions they stack. These are their errors on ImageNet: net, layers, the image sides in training and test, top-1 and top-5 error.

# %%
### SHOW vgg.ERRORS


# %%
show(*picture.errors_figure(ERRORS))
best = {name: (top1, top5) for name, _, _, _, top1, top5 in ERRORS}
small = {name: top1 for name, _, side, _, top1, _ in ERRORS if side == "256"}
for one, other in [("A", "A-LRN"), ("A", "B"), ("B", "C"), ("C", "D"), ("D", "E")]:
    print(f"{one} → {other}: {small[other] - small[one]:+.1f} in top-1 error, side 256")
fixed = {name: top1 for name, _, side, _, top1, _ in ERRORS if side == "384"}
for name in "CDE":
    print(f"{name}, mixed sizes: {best[name][0] - fixed[name]:+.1f}, best {best[name]}")

# %% [markdown]
# **What you should see.** Local response normalisation (A-LRN) does not help: the group dropped it, and so did everybody after them. More layers help, from 11 to 16. Net C adds 1 × 1 kernels to B and gains 0.6; net D has 3 × 3 in their place and gains 1.1 more, so seeing more of the neighbourhood matters too. At 19 layers the gain is used up. Training on images of mixed sizes, tested at side 384, brings another 0.8 (C), 1.2 (D) and 1.4 (E).
#
# With seven nets together the group reached 7.32 % in the ILSVRC of 2014. GoogLeNet was first with 6.67 % (so its paper; one of our lectures prints 6.66 as well). A slide of another lecture says that VGG *won* that year: in localisation it did, in classification it came second.

# %% [markdown]
# ## Three small kernels for one large
#
# A unit after one 3 × 3 convolution sees 3 pixels along each axis. After two it sees 5, after three 7. So three small layers **see as much as one 7 × 7**. What do they cost, with C channels in and C out?
#
# | layers | sees | weights | ReLUs |
# |---|---|---|---|
# | one 7 × 7 | 7 × 7 | 7² C² = **49 C²** | 1 |
# | three 3 × 3 | 7 × 7 | 3 · 3² C² = **27 C²** | 3 |
#
# The large kernel has 49/27 = 1.81 times as many weights: 81 % more. And the stack bends the signal three times instead of once. Do all 49 pixels count alike? Count the **paths** from each pixel to the unit. Along one axis that is `[1, 1, 1]` convolved with itself, as in Unit 2. **Predict before you run:** one path leads from a corner pixel to the unit. How many lead from the middle pixel?

# %%
guess = None
ones = np.ones(3)
paths = np.convolve(np.convolve(ones, ones), ones)
predict(guess, paths.max() ** 2, why="Along each axis 7 paths meet, and 7 · 7 = 49.")

# %%
print("paths along one axis:", paths, " in the middle 7 · 7 = 49 of", 27**2)
for channels in (64, 256, 512):
    print(f"C = {channels}: {49 * channels**2:,} against {27 * channels**2:,} weights")
show(*picture.paths_figure(paths))

# %% [markdown]
# The middle pixel has 49 paths, a corner one. So the field in which a unit really *reads* is smaller than the one that it can *reach*. Luo and others (2016) call it the **effective receptive field**.
#
# ## A net is a column of a table
#
# This is table 1 of the paper, nearly as printed. `conv3-64` is a convolution with kernels of **3** × 3 and **64** filters; a dot means that there is no layer. Every convolution has a ReLU. Below each column stand the same three fully connected layers: FC-4096, FC-4096, FC-1000, soft-max.

# %%
### SHOW vgg.TABLE


# %%
### SHOW vgg.column


print(column("C"))

# %% [markdown]
# Look at C and D: they differ in three entries. Widths double from 64 to 512 as pooling halves the sides, so that no layer becomes a bottleneck.

# %% [markdown] exercise="read_conv"
# First teach Python the paper's notation. Kernels may have two digits: AlexNet would begin with `conv11-96`.


# %% answer="read_conv"
def read_conv(entry):
    """What an entry such as "conv3-64" says.

    entry: text "convK-F". Returns two ints: the kernel's side K and the number of filters F.
    """
    ### BEGIN SOLUTION
    ### BODY vgg.read_conv
    ### END SOLUTION


# %% test="read_conv"
check(read_conv)

# %% [markdown]
# ## The block
#
# Between two poolings, nets A, B, D and E repeat one layer. That is a **block**: some 3 × 3 convolutions with equally many filters, and a pooling at the end.

# %%
show(*picture.block_figure(64, 2))

# %% [markdown] exercise="vgg_block"
# Write it as a function on tensors: it takes a tensor, adds layers to it, and returns the last tensor.
#
# *By hand:* from 3 channels, two convolutions of 4 filters have (9·3 + 1)·4 + (9·4 + 1)·4 = 112 + 148 = 260 parameters. Pooling has none.


# %% answer="vgg_block"
def vgg_block(x, filters, convolutions):
    """The block of the figure, with any number of convolutions.

    x: tensor (batch, rows, cols, channels). filters: of each of the `convolutions` layers.
    Only the pooling changes rows and cols.
    Returns a tensor (batch, rows // 2, cols // 2, filters).
    """
    ### BEGIN SOLUTION
    ### BODY vgg.vgg_block
    ### END SOLUTION


# %% test="vgg_block"
check(vgg_block)

# %% [markdown]
# ## From a column to layers
#
# Five blocks make net D. Net C does not fit in, because of its `conv1` entries, and A-LRN has the entry `LRN`. So read the column itself, entry by entry. For `LRN` here is the course's function, AlexNet's formula from Unit 11: $b_i = a_i / (k + \alpha \sum_j a_j^2)^\beta$, the sum over 5 neighbouring channels. It has no weights.


# %%
### SHOW lrn.local_response_norm


# %% [markdown] exercise="vgg_features"
# Add the layers of a column, in order.


# %% answer="vgg_features"
def vgg_features(x, entries):
    """The convolutional part of a net: the layers of a column, one after the other.

    x: tensor (batch, rows, cols, channels); entries: list such as
    ["conv3-64", "maxpool", "conv1-32"]. A convolution keeps rows and cols and has a
    ReLU; max pooling is 2 × 2, stride 2. For an entry "LRN" call local_response_norm(x)
    (the check does not try it). Returns a tensor.
    """
    ### BEGIN SOLUTION
    ### BODY vgg.vgg_features
    ### END SOLUTION


# %% test="vgg_features"
check(vgg_features)

# %% [markdown] exercise="vgg"
# Now the whole net. The maps are flattened; fully connected layers with ReLU follow, each followed by dropout 0.5; the last layer gives probabilities.
#
# *By hand*, for the example in the check: 112 for the convolution, then (48 + 1)·6 + (6 + 1)·7 + (7 + 1)·5 = 383. Together 495.


# %% answer="vgg"
def vgg(entries, input_shape=(224, 224, 3), classes=1000, units=(4096, 4096)):
    """The net of a column: features, flattened, fully connected layers, softmax.

    entries: as in vgg_features; input_shape: (rows, cols, channels).
    units: sizes of the fully connected layers before the last; each has a ReLU and is
    followed by dropout 0.5. Returns a keras.Model from input_shape to `classes`.
    """
    ### BEGIN SOLUTION
    ### BODY vgg.vgg
    ### END SOLUTION


# %% test="vgg"
check(vgg)

# %% [markdown]
# Here it is: **VGG16**, column D, in full size. It needs about 550 MB, so give it some seconds. We send a photograph of 224 × 224 pixels through it, and print what comes out after each pooling and each fully connected layer.

# %%
photo = resize(chelsea()[:, 75:375], (224, 224), anti_aliasing=True)

if ready(vgg):
    from convcourse.nets.count import count_macs
    from convcourse.pictures.architecture import architecture_figure

    net = vgg(column("D"))
    print(f"VGG16: {net.count_params():,} parameters (published: 138,357,544)")
    print(f"{count_macs(net):,} multiply-adds for one image")
    kinds = layers.MaxPooling2D | layers.Dense
    shown = [step for step in net.layers if isinstance(step, kinds)]
    outs = keras.Model(net.input, [step.output for step in shown])(photo[None])
    for step, out in zip(shown, outs):
        print(f"  {type(step).__name__:13s}{tuple(out.shape[1:])}")
    loss = -np.log(np.asarray(out)[0, 281])  # class 281 is the tabby cat
    print(f"loss of the untrained net: {loss:.2f}; log(1000) is {np.log(1000):.2f}")
    show(*architecture_figure(net, "VGG16"))
    del net, out, outs

# %% [markdown]
# ×3 means "three times in a row". And the same net from the side:

# %%
show(*picture.net_figure(column("D"), (224, 224, 3), (4096, 4096, 1000)))

# %% [markdown]
# ## Where are 138 million parameters?
#
# You need not build a net to know its size. A convolution has (K²·channels + 1)·filters parameters, the 1 being the bias. A fully connected layer has (inputs + 1)·units. *By hand:* VGG's first layer has (9·3 + 1)·64 = 1,792.

# %% [markdown] exercise="column_parameters"
# Count both parts of a net, without Keras. Remember that pooling changes what the first fully connected layer gets.


# %% answer="column_parameters"
def column_parameters(entries, input_shape, units):
    """Parameters, biases included, of the net of a column.

    entries: list of "convK-F" and "maxpool", with at least one convolution;
    input_shape: (rows, cols, channels); units: sizes of all fully connected layers.
    Pooling rounds down. Returns two ints: those of the convolutions, those of the rest.
    """
    ### BEGIN SOLUTION
    rows, cols, channels = input_shape
    features = head = 0
    for entry in entries:
        if entry == "maxpool":
            rows, cols = rows // 2, cols // 2
        else:
            kernel, filters = read_conv(entry)
            features += (kernel**2 * channels + 1) * filters
            channels = filters
    before = rows * cols * channels
    for number in units:
        head += (before + 1) * number
        before = number
    return features, head
    ### END SOLUTION


# %% test="column_parameters"
check(column_parameters)

# %%
FC = (4096, 4096, 1000)
published = {"A": 133, "B": 133, "C": 134, "D": 138, "E": 144}  # table 2, in millions

if ready(read_conv, column_parameters):
    for name, millions in published.items():
        features, head = column_parameters(column(name), (224, 224, 3), FC)
        total = features + head
        print(f"{name}: {features:10,} + {head:,} = {total:,}  (paper: {millions} M)")
    features, head = column_parameters(column("D"), (224, 224, 3), FC)
    total = features + head
    biases = sum(read_conv(e)[1] for e in column("D") if e != "maxpool") + sum(FC)
    print(f"net D: {head / total:.0%} are in three layers; {biases:,} are biases")
    print(f"net D without biases, as the lecture lists it: {total - biases:,}")

# %% [markdown]
# **What you should see.** The paper's 133, 133, 134, 138 and 144 million (A-LRN has as many as A). VGG19 has exactly 143,667,240. Going from 11 to 19 layers costs 8 % more parameters, because **nine tenths of them are in the fully connected layers**, most of them in the first: 7·7·512·4096 = 102,760,448 weights. The lecture's list, like many others, adds up weights only. The 13,416 biases are a ten-thousandth of the whole, but without them you do not get 138,357,544.
#
# **Parameters are not work.** What costs time are multiply-adds, and a convolution uses each of its weights at every place. For VGG16 the program counted 15,470,264,320 above. The lecture's table has 15.5 G (and 7.63, 11.34, 19.67 G for A, B, E): up to 0.3 % more than pure multiply-adds, because its tool counted biases, ReLU and pooling too. AlexNet needs 0.7 G. VGG16 does twenty times as much work, 99 % of it in the convolutions, which hold a tenth of the parameters.
#
# ## How far does a unit see?
#
# Keep two numbers while you walk through the column. The **field** is how many pixels a unit sees along one axis. The **step** is how many pixels lie between neighbouring units. Both begin at 1.
#
# *By hand:* `conv3` makes the field 3. `maxpool` looks at two neighbours, one pixel apart: field 4; from now on the step is 2. Another `conv3` reaches one neighbour to each side, 2 pixels away: field 4 + 2·2 = 8.

# %% [markdown] exercise="column_field"
# Compute both for a whole column.


# %% answer="column_field"
def column_field(entries):
    """Receptive field of one unit after the last entry, and the step between units.

    entries: list of "convK-F" (stride 1) and "maxpool" (2 × 2, stride 2), may be empty.
    Returns two ints, in pixels along one axis, borders left aside: (field, step).
    """
    ### BEGIN SOLUTION
    field = step = 1
    for entry in entries:
        if entry == "maxpool":
            field, step = field + step, 2 * step
        else:
            field += (read_conv(entry)[0] - 1) * step
    return field, step
    ### END SOLUTION


# %% test="column_field"
check(column_field)

# %% [markdown]
# Move the slider from layer to layer of net D. The dashed square is what one unit in the middle sees; from step 8 on, white dots show where its neighbours look. Below it is a still picture: the last convolution of the fourth block.

# %%
if ready(column_field):
    entries = column("D")

    def seen(n):
        return picture.field_figure(photo, entries[:n], *column_field(entries[:n]))

    slide(seen, label="layers", stop=len(entries), value=len(entries))
    show(*picture.field_figure(photo, entries[:13], *column_field(entries[:13])))
    for name in published:
        field, step = column_field(column(name))
        print(f"net {name}: field {field}, step {step}; before the last pooling:", end=" ")
        print(column_field(column(name)[:-1])[0])

# %%
show(*picture.shares_figure(column("D")))

# %% [markdown]
# **What you should see.** A unit of the first block sees a few hairs, one of the fourth nose and eyes, one of the last nearly the whole face: 212 of 224 pixels. C's 1 × 1 kernels widen nothing: D sees more with as many layers. And the paths of D, pooling included, make a bell: what a unit reads from is about half of what it can reach.

# %% [markdown] exercise="far_sight"
# **Design** a column that sees at least `field` pixels, with at most `weights` weights. All layers, the first one too, have `channels` maps before and after them (so a kernel K × K costs K² · channels² weights; biases are left out). The first entry is a convolution, and at most two poolings are allowed.


# %% answer="far_sight"
def far_sight(field, channels, weights):
    """A column that sees far and costs little.

    field: pixels along one axis; channels: maps before and after each layer; weights: the most.
    Returns a list of "convK-F", all with F = channels, and "maxpool".
    """
    ### BEGIN SOLUTION
    entries = [f"conv3-{channels}", "maxpool", "maxpool"]
    while column_field(entries)[0] < field:
        entries.append(f"conv3-{channels}")
    return entries
    ### END SOLUTION


# %% test="far_sight"
check(far_sight)

# %% [markdown]
# ## Memory for one image
#
# To train, every layer's result must be kept until the gradient comes back (Unit 7). A number in float32 takes 4 bytes. *By hand:* VGG's first convolution gives 224·224·64 = 3,211,264 numbers, 12.8 MB. For one image.

# %% [markdown] exercise="column_memory"
# List the bytes: first the image, then the result of every entry, then that of every fully connected layer.


# %% answer="column_memory"
def column_memory(entries, input_shape, units):
    """Bytes of float32 that a net's results take for one image.

    entries, input_shape, units: as in column_parameters; pooling rounds down.
    Returns a list of 1 + len(entries) + len(units) ints: the image, each entry, each FC layer.
    ReLU and dropout are not counted apart.
    """
    ### BEGIN SOLUTION
    rows, cols, channels = input_shape
    sizes = [rows * cols * channels]
    for entry in entries:
        if entry == "maxpool":
            rows, cols = rows // 2, cols // 2
        else:
            channels = read_conv(entry)[1]
        sizes.append(rows * cols * channels)
    return [4 * number for number in [*sizes, *units]]
    ### END SOLUTION


# %% test="column_memory"
check(column_memory)

# %%
if ready(column_parameters, column_memory):
    entries = column("D")
    bytes_ = column_memory(entries, (224, 224, 3), FC)
    print(f"VGG16: {sum(bytes_) // 4:,} numbers, {sum(bytes_) / 1e6:.1f} MB for one image")
    names = ["image", *entries, *(f"FC-{number}" for number in FC)]
    counts = [0]
    for place in range(len(entries)):
        before, now = entries[:place], entries[: place + 1]
        known = column_parameters(before, (224, 224, 3), ())[0] if place else 0
        counts.append(column_parameters(now, (224, 224, 3), ())[0] - known)
    heads = [column_parameters(entries, (224, 224, 3), FC[:n])[1] for n in range(4)]
    millions = np.append(counts, np.diff(heads)) / 1e6
    show(*picture.costs_figure(names, np.array(bytes_) / 1e6, millions))

# %% [markdown]
# **A slip, and a lesson.** The lecture's slide lists each layer's memory rightly, and then writes "total 24 M · 4 bytes ≈ 96 MB". The lines of its own list add up to **15.2 M** numbers, and 61 MB. It pays to let a program add. For training, take it twice: the gradients have the same shapes.
#
# And see where it goes: **memory in the first layers, parameters in the last ones.** Later nets act on both. They shrink the image early, and replace the fully connected layers by a mean over each map (Unit 13).

# %% [markdown]
# ## Why deep nets would not start
#
# Badly drawn weights can stall a deep net, the paper warns. So the group trained net A first, and began the deeper nets with some of A's layers in place. What goes wrong? Send random images through net E's sixteen convolutions and measure how large the numbers are after each, for three ways to draw the weights.

# %%
if ready(vgg_features):
    images = keras.Input((32, 32, 3))
    tower = keras.Model(images, vgg_features(images, column("E")))
    noise = np.random.default_rng(1).normal(size=(4, 32, 32, 3)).astype("float32")
    spreads = {"AlexNet: 0.01": 0.01, "the paper: 0.1": 0.1, "He: √(2 / fan-in)": None}
    sizes = {name: picture.signal_sizes(tower, s, noise) for name, s in spreads.items()}
    for name, values in sizes.items():
        print(f"{name:18s} first {values[0]:.1e}   last {values[-1]:.1e}")
    show(*picture.signal_figure(sizes))
    del tower

# %% [markdown]
# **What you should see.** With AlexNet's standard deviation of 0.01 the signal dies: it ends twenty million times smaller than it began. With 0.1 (the paper says "variance 10⁻²") it explodes. Each layer multiplies the signal by about $\sqrt{n/2}$ times the spread, where $n$ = K²·channels is the **fan-in**, and the 2 comes from ReLU, which silences half. Choose the spread $\sqrt{2/n}$, and the factor is 1 (He and others, 2015). Keras's default, by Glorot and Bengio (2010), has a factor of about 0.7, which sixteen layers still bear: the paper's last version says that with it no net A is needed first.

# %% [markdown] exercise="start_spreads"
# A library's function should give He's spread for each convolution. Nets of equal widths start well with it. But in the figure under it, net E's signal fades, and only at some layers. Find the fault and **repair** it.


# %% answer="start_spreads"
def start_spreads(convolutions, channels):
    """He's spread, √(2 / fan-in), for the weights of each layer of a chain.

    convolutions: list of pairs (side of the kernel, filters); channels: of the image.
    Returns a number for each layer.
    """
    ### BEGIN SOLUTION
    maps = [channels, *(filters for _, filters in convolutions)]
    return [np.sqrt(2 / (k**2 * maps[n])) for n, (k, _) in enumerate(convolutions)]
    ### END SOLUTION


# %%
show(*picture.started_figure(start_spreads))

# %% test="start_spreads"
check(start_spreads)

# %% [markdown]
# ## A small VGG at work
#
# ImageNet does not fit into this notebook. Clothes do: Fashion-MNIST, 28 × 28 pixels, ten classes. Two blocks, and a 7 × 7 map is left, as in the large net. To be quick we take 4,000 of the images; with `FULL_RUN` you train on all 60,000. The net will later slide over a larger image, where most windows hold no whole piece. So it gets an eleventh class, *nothing*: windows that lie 8 pixels or more beside a piece.

# %%
SMALL = ["conv3-8", "conv3-8", "maxpool", "conv3-16", "conv3-16", "maxpool"]
train, labels, test, test_labels = load_fashion_mnist(full=FULL_RUN)
train, test = train[..., None] / 255, test[..., None] / 255
some = len(train) if FULL_RUN else 4000
missed = picture.cut_off_pieces(train[:some], some * 3 // 8, seed=0)
order = np.random.default_rng(1).permutation(some + len(missed))
images = np.concatenate([train[:some], missed])[order]
answers = np.append(labels[:some], np.full(len(missed), 10))[order]

# %%
if ready(vgg):
    keras.utils.set_random_seed(12)
    small_net = vgg(SMALL, (28, 28, 1), len(CLOTHES), (64,))
    rate = keras.optimizers.Adam(0.004)
    small_net.compile(rate, "sparse_categorical_crossentropy", metrics=["accuracy"])
    line = keras.callbacks.LambdaCallback(
        on_epoch_end=lambda e, logs: print(f"epoch {e + 1}: {logs['val_accuracy']:.3f}")
    )
    print(f"{small_net.count_params():,} parameters, {len(images):,} images; held out:")
    held_out = test[:1000], test_labels[:1000]
    past = small_net.fit(images, answers, 32, 3, 0, [line], validation_data=held_out)
    show(*picture.training_figure(past.history))

# %% [markdown]
# **What you should see.** About four in five of the held-out clothes are named rightly after three short epochs.
#
# ## Fully connected? Fully convolutional!
#
# The net wants 28 × 28 pixels, because its first fully connected layer wants 7·7·16 numbers. But look what that layer does: each unit multiplies all numbers of a 7 × 7 map by weights and adds them up. **That is a convolution with a 7 × 7 kernel at its only valid place.** The next layer is a 1 × 1 convolution. Written so, the net accepts any larger image, and gives scores at many places in one pass. The VGG group tested its nets this way: FC-4096 became `conv7-4096`, and they averaged the map of scores.
#
# *By hand:* `Flatten` reads row by row, place by place, and at each place all channels. With 1 row, 3 cols and 2 channels, weights 1, 2 | 3, 4 | 5, 6 belong to the three places.

# %% [markdown] exercise="dense_as_convolution"
# Bring the weights of a fully connected layer into the shape of a convolution's kernel.


# %% answer="dense_as_convolution"
def dense_as_convolution(weights, rows, cols):
    """The kernel of the convolution that does what a fully connected layer does.

    weights: array (rows · cols · channels, units) of a Dense layer after Flatten, whose
    input were maps (rows, cols, channels).
    Returns an array (rows, cols, channels, units), as layers.Conv2D has it.
    """
    ### BEGIN SOLUTION
    return np.reshape(weights, (rows, cols, -1, np.shape(weights)[1]))
    ### END SOLUTION


# %% test="dense_as_convolution"
check(dense_as_convolution)

# %%
if ready(vgg, dense_as_convolution):
    images = keras.Input((None, None, 1))
    x = layers.Conv2D(64, 7, activation="relu")(vgg_features(images, SMALL))
    wide_net = keras.Model(images, layers.Conv2D(len(CLOTHES), 1, activation="softmax")(x))
    *features, w1, b1, w2, b2 = small_net.get_weights()
    kernels = dense_as_convolution(w1, 7, 7), dense_as_convolution(w2, 1, 1)
    wide_net.set_weights([*features, kernels[0], b1, kernels[1], b2])
    same = np.asarray(wide_net(test[:50]))[:, 0, 0] - np.asarray(small_net(test[:50]))
    print(f"largest difference on images of 28 × 28: {np.abs(same).max():.0e}")

# %% [markdown]
# The same numbers, up to rounding. Now lay four pieces from the test set on a canvas, and look for three of them.

# %%
canvas = np.zeros((84, 140, 1))
for piece, row, col in [(1, 8, 12), (9, 52, 32), (8, 20, 60), (2, 48, 100)]:
    canvas[row : row + 28, col : col + 28] = test[np.flatnonzero(test_labels == piece)[3]]

if ready(vgg, dense_as_convolution):
    scores = np.asarray(wide_net(canvas[None]))[0]
    print("map of scores:", scores.shape, "from a canvas of", canvas.shape[:2])
    print(f"pixels in 435 windows: {435 * 28**2:,}; on the canvas: {canvas.size:,}")
    wanted = (1, 9, 8)
    maps = [scores[..., number] for number in wanted]
    found = [CLOTHES[number] for number in wanted]
    show(*picture.scores_figure(canvas[..., 0], maps, found, side=28, step=4))

# %% [markdown]
# **What you should see.** A map of 15 × 29 scores, because two poolings make a step of 4: (84 − 28)/4 + 1 = 15. The trouser, the boot and the bag light up where they lie, and a few false alarms are left, most of them on the map of the bag: cut in the right place, a pullover passes for one. 435 separate windows would cost nearly thirty times the work. From here it is a short way to detection and segmentation (Unit 22).
#
# One subtlety: the scores are not exactly those of separate windows. A window is padded with zeros; in the canvas, what lies beside it is seen. The paper says so, and uses both ways.

# %% [markdown]
# ## Summary
#
# - VGG fixed everything but depth: 3 × 3 convolutions, 2 × 2 pooling, widths 64 to 512. Error falls up to 16 layers and levels off at 19.
# - Three 3 × 3 see as much as one 7 × 7, with 27 C² weights against 49 C², and three ReLUs. Most paths start in the middle of the field.
# - A net is a column of a table. From it you predict parameters (VGG16 138,357,544, VGG19 143,667,240), field (212 pixels) and memory (15.2 M numbers, 61 MB an image).
# - Memory goes into the first layers, parameters into the first fully connected one.
# - Deep nets start when weights are drawn with spread √(2 / fan-in).
# - A fully connected layer is a convolution as large as its map.
#
# ## Questions
#
# 1. How many 3 × 3 layers see as much as one 11 × 11? Compare the weights for C channels.
# 2. Net D on images of 320 × 320: which of your three counts change? Which layer no longer fits?
# 3. Why has a 1 × 1 convolution in net C any use, if it sees no neighbours?
# 4. Without ReLUs, what are three stacked 3 × 3 convolutions?
# 5. VGG16 as a fully convolutional net sees 384 × 384 pixels. How large is the map of scores?
#
# <details><summary>Key</summary>
#
# 1. Five, since 2·5 + 1 = 11. 45 C² against 121 C².
# 2. Parameters of the first FC layer and memory; the field does not. The first FC layer wants 7·7·512 inputs and would get 10·10·512.
# 3. It mixes the channels at each place, and its ReLU adds a non-linearity.
# 4. One linear 7 × 7 convolution (leaving borders aside): convolutions of convolutions are convolutions, as in Unit 2.
# 5. 384/32 = 12 places after the last pooling, minus 6 for the 7 × 7 kernel: 6 × 6.
#
# </details>
#
# ## Open work
#
# There is no key. Choose one question, and let the numbers answer.
#
# - Is it the depth or the number of weights? Build columns with 2, 4 and 6 convolutions, choose their widths so that `column_parameters` gives nearly the same count, and train each from three seeds. *Measure* the held-out accuracy: mean and range.
# - The effective receptive field of a *trained* net: take the gradient of one unit of the last map with respect to the pixels, over 100 images. *Measure* the width that holds 95 % of its magnitude, before and after training, beside `column_field`.
# - The sliding net has false alarms. *Measure* hits and false alarms on twenty canvases for eleven classes and for ten, and for thresholds from 0.5 to 0.99.
#
# ## References
#
# - K. Simonyan and A. Zisserman, *Very deep convolutional networks for large-scale image recognition*, ICLR 2015, arXiv:1409.1556: tables 1 to 3.
# - W. Luo, Y. Li, R. Urtasun and R. Zemel, *Understanding the effective receptive field in deep convolutional neural networks*, NIPS 2016.
# - K. He, X. Zhang, S. Ren and J. Sun, *Delving deep into rectifiers*, ICCV 2015: weights for deep nets with ReLU. X. Glorot and Y. Bengio, *Understanding the difficulty of training deep feedforward neural networks*, AISTATS 2010.
# - A. Krizhevsky, I. Sutskever and G. E. Hinton, *ImageNet classification with deep convolutional neural networks*, NIPS 2012: local response normalisation.
# - H. Xiao, K. Rasul and R. Vollgraf, *Fashion-MNIST*, 2017, arXiv:1708.07747.
