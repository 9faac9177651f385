# %% [markdown]
# # Unit 9 · LeNet-5
#
# **You will be able to**
#
# - tell how convolutional nets came about, and what was in them already in 1989;
# - build LeNet-5's table of connections, and a convolution that obeys it;
# - count the parameters of every layer, and say which layer has them and which layer does the work;
# - build and train the net in Keras, and read its loss curve, its confusion matrix, its errors and its filters.
#
# **Time** about three hours. **Before this** Unit 6: the convolutional layer, and Unit 8: one layer in Keras.

# %% setup="numpy"
import numpy as np

from convcourse.check import check, ready
from convcourse.data import load_fashion_mnist
from convcourse.figures import show
from convcourse.predictions import predict
from convcourse.quiet import quietly
from convcourse.widgets import slide

with quietly():
    import keras
    from keras import layers

    from convcourse.pictures import lenet as course

FULL_RUN = False  # True: all 70,000 images, from the network, and ten trainings

# %% [markdown]
# ## A machine that reads cheques
#
# In June 1996 a machine began to read the amounts on bank cheques, handwritten ones too. By 1998 it read several million a day. Its heart was a convolutional net of the family of **LeNet-5**: 60,000 parameters, learned from examples. No one told it what a 7 looks like.
#
# Every net of the next units is a descendant. So we take this one apart, build it again, and let it learn something harder than digits: clothes.

# %%
show(*course.timeline_figure())

# %% [markdown]
# **Fukushima's** neocognitron had both kinds of layers: "simple" cells that look for the same feature everywhere (convolution), and "complex" cells that answer when it is anywhere near (pooling). The idea came from the cat's visual cortex. What it lacked was a way to train all layers towards a goal. **LeCun** and his colleagues took that from backpropagation.
#
# Slides often shorten history: ours date LeNet-5 to 1980 or 1989, and training on MNIST to 1993. The neocognitron is of 1979/80, the zip-code net of 1989; LeNet-5 and MNIST were published in 1998.
#
# The net of 1989 read 16 × 16 images of zip-code digits: 12 maps of 8 × 8, 12 maps of 4 × 4, 30 units, 10 units. All kernels were 5 × 5, with stride 2. In one respect it differs from today: every unit had a bias of its own. In another it was ahead: each map of the second layer saw only 8 of the 12 maps below. Let us count it.

# %%
units = np.array([12 * 8 * 8, 12 * 4 * 4, 30, 10])
inputs_of_a_unit = np.array([5 * 5, 8 * 5 * 5, 12 * 4 * 4, 30])
own_kernels = np.array([12, 12, 30, 10])  # one for each map, one for each dense unit
connections = units * (inputs_of_a_unit + 1)
weights = own_kernels * inputs_of_a_unit
parameters = weights + units  # each unit has its bias
print(f"1989: {units.sum() + 256:,} units with the input,", end=" ")
print(f"{connections.sum():,} connections, {parameters.sum():,} parameters")

# %% [markdown]
# The paper gives the same three numbers. On average more than six connections share a parameter: that is what convolution saves.
#
# ## LeNet-5 from left to right

# %%
show(*course.diagram_figure())

# %% [markdown]
# *Convolution, pooling, convolution, pooling, three dense layers.* C stands for convolution, S for subsampling (pooling), F for fully connected. Kernels are 5 × 5 and valid, windows 2 × 2: 32 → 28 → 14 → 10 → 5. In the end 16 maps of 5 × 5 are left, 400 numbers. C5 looks at all of them at once: a convolution whose kernel is as large as the map is a dense layer.
#
# Digits fill at most 20 × 20 pixels. Why then 32 × 32? So that the end of a stroke, or a corner, can lie in the *centre* of what a unit of C3 sees.
#
# ## Who sees whom
#
# S2 has 6 maps, C3 has 16. Today every map of C3 would see all six. In 1998 it did not: a **table of connections** said who sees whom. Two reasons were given. It saves work. And it *breaks the symmetry*: maps that see different things have to learn different things.
#
# The table follows a rule. Inputs stand in a ring: after input 5 comes input 0.
#
# - Maps 0 to 5 see three neighbours: 0, 1, 2, then 1, 2, 3, and so on, all the way round.
# - Maps 6 to 11 see four neighbours: 0, 1, 2, 3, then 1, 2, 3, 4 …
# - Maps 12 to 14 see two pairs with a gap: 0, 1, 3, 4, then 1, 2, 4, 5, then 2, 3, 5, 0.
# - Map 15 sees all.
#
# *By hand.* Map 4 begins at input 4. It sees 4, 5 and 6 mod 6 = 0.

# %% [markdown] exercise="c3_connections"
# Write the rule for any number of inputs. A pattern is a tuple *(offsets, number of maps)*; `((0, 1, 2), 6)` is the first line of the rule.


# %% answer="c3_connections"
def c3_connections(num_inputs, patterns):
    """The table of connections: which map sees which input.

    num_inputs: number of input maps, which stand in a ring.
    patterns: list of (offsets, num_maps); map s = 0 … num_maps − 1 of a pattern sees the inputs
        offset + s, counted round the ring. The maps of all patterns follow one another.
    Returns a boolean array (num_inputs, number of maps in all).
    """
    ### BEGIN SOLUTION
    columns = [
        [(offset + s) % num_inputs for offset in offsets]
        for offsets, num_maps in patterns
        for s in range(num_maps)
    ]
    return np.array([[n in column for column in columns] for n in range(num_inputs)])
    ### END SOLUTION


# %% test="c3_connections"
check(c3_connections)

# %%
lecun_1998 = [((0, 1, 2), 6), ((0, 1, 2, 3), 6), ((0, 1, 3, 4), 3), (range(6), 1)]
if ready(c3_connections):
    mask = np.array(c3_connections(6, lecun_1998), dtype=bool)
    slide(lambda m: course.connections_figure(mask, m), "map", 15, value=4)

# %%
if ready(c3_connections):
    show(*course.connections_figure(mask, 4))
    print("each input feeds", mask.sum(axis=1), "maps; each map sees", mask.sum(axis=0))
    print(f"{mask.sum()} connections of {mask.size}: {mask.sum()} · 25 + 16 =", end=" ")
    print(f"{mask.sum() * 25 + 16:,} parameters, and with all {mask.size * 25 + 16:,}")

# %% [markdown]
# **What you should see.** 60 crosses instead of 96, and each input feeds exactly ten maps. That is a *checksum*, and it is needed. In the text that we have of one lecture's slide, input 3 is the line below.

# %%
copied = ".XXX..XXXX.X.XXX"
if ready(c3_connections):
    crosses = np.array([sign == "X" for sign in copied])
    print(crosses.sum(), "crosses, wrong at the maps", np.flatnonzero(crosses != mask[3]))
    print(f"C3 would have {(mask.sum() + 1) * 25 + 16:,} parameters instead of 1,516")

# %% [markdown] exercise="design_connections"
# **Design.** Make a table of your own that breaks the symmetry as well: no two maps see the same inputs, and all inputs are used equally often. Your `c3_connections` may help.


# %% answer="design_connections"
def design_connections(num_inputs, num_maps, most):
    """A table of connections that breaks the symmetry.

    num_inputs: odd, 5 or more; num_maps: num_inputs or twice as many; most: 2 or 3, see below.
    Returns a boolean array (num_inputs, num_maps) with at most most · num_maps connections. No two
    maps see the same inputs, each map sees two or more, and each input feeds equally many maps.
    """
    ### BEGIN SOLUTION
    pairs = [((0, 1), num_inputs), ((0, 2), num_inputs)]
    return c3_connections(num_inputs, pairs[: num_maps // num_inputs])
    ### END SOLUTION


# %% test="design_connections"
check(design_connections)

# %% [markdown]
# ## A convolution that obeys the table
#
# Write $c_{nm}$ for 1 where the table has a cross and 0 elsewhere. Output map m is the sum over its inputs only, plus **one** bias:
#
# $$Z[i,j,m] = b[m] + \sum_{n} c_{nm} \sum_{k_1,k_2} W[k_1,k_2,n,m]\; X[i+k_1,\,j+k_2,\,n]$$
#
# *By hand.* Two inputs of one row, X₀ = [1, 2, 3] and X₁ = [10, 20, 30]. Map 0 sees both, with kernels [1, 2] and [1, 0] and bias 1: [5, 8] + [10, 20] + 1 = [16, 29]. Map 1 sees X₁ only, with kernel [0, 1] and bias −1: [19, 29]. Whatever stands in its kernel for X₀ does not count.

# %% [markdown] exercise="masked_conv"
# Write it: convolution without reversal, valid, stride 1.


# %% answer="masked_conv"
def masked_conv(maps, weights, bias, mask):
    """A convolutional layer with a table of connections.

    maps: array (rows, cols, inputs); weights: array (krow, kcol, inputs, outputs); bias: (outputs,).
    mask: boolean array (inputs, outputs); False: this output does not see this input. An output
    may see no input at all: then its bias is all that is left.
    Returns a float array (rows − krow + 1, cols − kcol + 1, outputs).
    """
    ### BEGIN SOLUTION
    krow, kcol, _, outputs = weights.shape
    connected = weights * mask
    result = np.zeros((maps.shape[0] - krow + 1, maps.shape[1] - kcol + 1, outputs))
    for i, j in np.ndindex(result.shape[:2]):
        patch = maps[i : i + krow, j : j + kcol]
        result[i, j] = np.tensordot(patch, connected, axes=3) + bias
    return result
    ### END SOLUTION


# %% test="masked_conv"
check(masked_conv)

# %% [markdown]
# Keras has no layer with such a table. It does not need one: a connection that is not there is a kernel of zeros. Set these zeros in a plain `Conv2D`, and the two must agree.

# %%
if ready(c3_connections, masked_conv):
    generator = np.random.default_rng(5)
    s2 = generator.normal(size=(14, 14, 6)).astype("float32")
    kernel = generator.normal(size=(5, 5, 6, 16)).astype("float32")
    bias = generator.normal(size=16).astype("float32")
    c3 = layers.Conv2D(16, 5)
    c3.build((None, 14, 14, 6))
    c3.set_weights([np.where(mask, kernel, 0), bias])
    gap = np.abs(np.asarray(c3(s2[None]))[0] - masked_conv(s2, kernel, bias, mask)).max()
    print(f"numbers up to {np.abs(c3(s2[None])).max():.0f}, differences up to {gap:.0e}")

# %% [markdown]
# ## Count every layer
#
# Describe the net as a table, one tuple a layer:
#
# | tuple | layer | parameters |
# | --- | --- | --- |
# | `("conv", size, num_maps)` | valid convolution, all pairs | size² weights a pair, one bias a map |
# | `("sparse", size, num_maps, connections)` | the same with a table of connections | size² weights a connection, one bias a map |
# | `("pool", size)` | size × size windows side by side | none |
# | `("dense", units)` | fully connected to all numbers before it | one weight a number and one bias, for each unit |
#
# *By hand.* C1 has six maps that see one image: 6 · (5 · 5 · 1 + 1) = 156.
#
# **Predict before you run.** A *connection* is one product of a weight and a number. Which of C1, C3, C5 has the most connections, and so the most work?

# %%
guess = None
predict(guess, right="C3", why="1,516 parameters at 100 places; C1 has 156 at 784.")

# %% [markdown] exercise="lenet5_parameters"
# Count the parameters of each layer. Keep the shape of the maps as you walk through; pooling drops rows and columns that do not fill a window.


# %% answer="lenet5_parameters"
def lenet5_parameters(input_shape, layers):
    """The number of parameters of each layer.

    input_shape: (rows, cols, channels); layers: list of tuples as in the table above.
    Returns a list of integers, one for each layer.
    """
    ### BEGIN SOLUTION
    (rows, cols, channels), counts = input_shape, []
    for kind, number, *rest in layers:
        if kind == "pool":
            counts.append(0)
            rows, cols = rows // number, cols // number
        elif kind == "dense":
            counts.append(number * (rows * cols * channels + 1))
            rows, cols, channels = 1, 1, number
        else:
            num_maps = rest[0]
            kernels = rest[1] if kind == "sparse" else channels * num_maps
            counts.append(kernels * number**2 + num_maps)
            rows, cols, channels = rows - number + 1, cols - number + 1, num_maps
    return counts
    ### END SOLUTION


# %% test="lenet5_parameters"
check(lenet5_parameters)

# %% [markdown]
# Now the whole table, three times. The *lecture's* LeNet-5 has the table of connections and plain pooling. *Today* all pairs are connected. In the *paper* S2 and S4 learn too, a factor and a bias for each map, and the output layer compares with ten fixed pictures and learns nothing.

# %%
names = ["C1", "S2", "C3", "S4", "C5", "F6", "output"]
front, back = [("conv", 5, 6), ("pool", 2)], [("pool", 2), ("dense", 120), ("dense", 84)]
lecture = [*front, ("sparse", 5, 16, 60), *back, ("dense", 10)]
today = [*front, ("conv", 5, 16), *back, ("dense", 10)]
if ready(lenet5_parameters):
    counts = [lenet5_parameters((32, 32, 1), net) for net in (lecture, today)]
    table = course.three_counts(names, *counts)
    print(table.map("{:,}".format).to_string())

# %% [markdown]
# **What you should see.** The paper says: *340,908 connections, but only 60,000 trainable parameters, because of the weight sharing*. Both sums come out. With plain pooling and ten learned output units it is 60,806, with all pairs 61,706.

# %%
if ready(lenet5_parameters):
    show(*course.cost_figure(names, table["paper"][:-1], table["connections"][:-1]))

# %% [markdown]
# **Why it matters.** Four in five parameters are in C5, a dense layer, but four in five connections, which are the work, are in C1 and C3. You will see this in VGG again, a thousand times larger: *dense layers cost memory, convolutions cost time.*
#
# ## The net in Keras
#
# Unit 8 had one layer. A whole net is a list of them in `keras.Sequential`, the input's shape first. Four more kinds are needed:
#
# | layer | what it does | from → to |
# | --- | --- | --- |
# | `layers.Conv2D(4, 3, activation="relu")` | valid convolution, then a function of each number | (10, 10, 1) → (8, 8, 4) |
# | `layers.MaxPooling2D(2)` | the largest of each 2 × 2 window, side by side | (8, 8, 4) → (4, 4, 4) |
# | `layers.Flatten()` | writes all numbers of an image into one row | (4, 4, 4) → (64,) |
# | `layers.Dense(7, activation="softmax")` | connects each of 7 units with every number; softmax makes the seven a set of probabilities (Unit 7) | (64,) → (7,) |
#
# A layer's `name` is free; it shows in `summary()`.

# %% [markdown] exercise="lenet5"
# Build the lecture's net with all pairs connected: C1, max pooling, C3, max pooling, flatten, dense 120, dense 84, dense `classes` with softmax. All layers but pooling and the last use `activation`. Use `layers.Dense` for C5 too.


# %% answer="lenet5"
def lenet5(input_shape, classes, activation):
    """LeNet-5 with max pooling and all pairs connected in C3.

    input_shape: (rows, cols, channels); classes: int; activation: a name such as "tanh".
    Returns a keras.Model from images to class probabilities.
    """
    ### BEGIN SOLUTION
    return keras.Sequential(
        [
            keras.Input(input_shape),
            layers.Conv2D(6, 5, activation=activation, name="C1"),
            layers.MaxPooling2D(2, name="S2"),
            layers.Conv2D(16, 5, activation=activation, name="C3"),
            layers.MaxPooling2D(2, name="S4"),
            layers.Flatten(),
            layers.Dense(120, activation=activation, name="C5"),
            layers.Dense(84, activation=activation, name="F6"),
            layers.Dense(classes, activation="softmax", name="output"),
        ]
    )
    ### END SOLUTION


# %% test="lenet5"
check(lenet5)

# %%
if ready(lenet5, lenet5_parameters):
    net = lenet5((32, 32, 1), 10, "tanh")
    print("Keras:", [layer.count_params() for layer in net.layers if layer.weights])
    print("yours:", [n for n in lenet5_parameters((32, 32, 1), today) if n])
    print(f"in all {net.count_params():,}")

# %% [markdown]
# ## What to train it on
#
# Progress in recognition is also a history of data sets. Each one was made when the one before had become too easy.

# %%
course.show_data_sets()

# %% [markdown]
# - **MNIST** has handwritten digits. LeNet-5 made 0.95 % errors on its test images. **SVHN** has digits again, on photographed house numbers.
# - **NORB** has toy figurines, with two cameras: 25 toys for training, 25 others for the test, 9 heights, 18 turns, 6 lamps. So each part has 25 · 9 · 18 · 6 = 24,300 pairs.
# - **Caltech** was collected from Google Images and sorted by hand; a class "clutter" is counted in. There is no fixed test part. **CIFAR** has small colour photographs.
# - **ImageNet** was labelled by people on the internet, with nouns of a dictionary, and grew until 2011. The lecture rounds to 15 million images and 22,000 classes. The challenge (Unit 11) took 1,000 classes. Its test images count here with the 50,000 for validation.
# - **Fashion-MNIST** looks like MNIST from outside and is harder. It is small enough for us. With this course come 10,000 training images and 2,000 test images of it; `FULL_RUN` takes them all.

# %%
train_raw, train_labels, test_raw, test_labels = load_fashion_mnist(full=FULL_RUN)
first = [np.flatnonzero(train_labels == c)[:2] for c in range(10)]
chosen = np.transpose(first).ravel()
words = [course.CLOTHES[label] for label in train_labels[chosen]]
show(course.sheet(train_raw[chosen], words), "Two pictures each of ten kinds of clothes.")
print(f"{len(train_raw):,} training and {len(test_raw):,} test images, 28 × 28")

# %% [markdown]
# The images have 28 × 28 bytes from 0 (empty) to 255. LeNet-5 wants 32 × 32. The paper also scales: empty becomes −0.1 and full ink 1.175, so that digits have mean about 0 and variance about 1. Learning is faster then. We keep these two numbers.

# %% [markdown] exercise="prepare_images"
# Put empty pixels around, the same number on both sides, scale, and add the channel axis.


# %% answer="prepare_images"
def prepare_images(images, size):
    """Images for LeNet-5: in the middle of size × size pixels, scaled from 0 … 255 to −0.1 … 1.175.

    images: uint8 array (count, rows, cols); size − rows and size − cols are even and not negative.
    Returns a float array (count, size, size, 1); empty pixels are −0.1.
    """
    ### BEGIN SOLUTION
    above, left = (size - images.shape[1]) // 2, (size - images.shape[2]) // 2
    padded = np.pad(images, [(0, 0), (above, above), (left, left)])
    return (padded / 255 * 1.275 - 0.1).astype("float32")[..., None]
    ### END SOLUTION


# %% test="prepare_images"
check(prepare_images)

# %% [markdown] exercise="one_batch"
# **Repair.** Training goes through the images in batches, in a new order each time. The function below should hand out one batch. Read the names under the pictures: so no net can learn. Mend it.


# %% answer="one_batch"
def one_batch(images, labels, order, number, size):
    """A batch of the shuffled images, with the labels that belong to them.

    images: array (count, rows, cols); labels: ints (count,).
    order: the numbers 0 … count − 1, shuffled: the first image of the first batch is images[order[0]].
    number: which batch, from 0 on; size: images in a batch (the last batch may have fewer).
    Returns (images, labels) of this batch.
    """
    ### BEGIN SOLUTION
    start = number * size
    chosen = order[start : start + size]
    return images[chosen], labels[chosen]
    ### END SOLUTION


# %%
order = np.random.default_rng(3).permutation(len(train_raw))
pictures, names_of = one_batch(train_raw, train_labels, order, 0, 10)
words = [course.CLOTHES[label] for label in names_of]
show(course.sheet(pictures, words), "A batch of ten pictures, each with its name.")

# %% test="one_batch"
check(one_batch)

# %% [markdown]
# ## Train
#
# The loss is the **cross-entropy**, −ln of the probability that the net gives to the right class. Before training every class gets about 1/10, so it begins near ln 10 = 2.30. If yours does not, or if it stays there, look for the error before you wait. Each step takes a batch of images: stochastic gradient descent with momentum 0.9, as in Unit 7.
#
# Your loop of Unit 7 is two calls in Keras. `compile` says *how* to train, `fit` does it: it cuts the images into batches, goes forward and back, and lets the optimiser take its steps. For a net that ends in softmax, and labels that are class numbers:
#
# ```python
# adam = keras.optimizers.Adam(0.001)  # another rule for the steps
# net.compile(optimizer=adam, loss="sparse_categorical_crossentropy", metrics=["accuracy"])
# past = net.fit(images, labels, epochs=3, batch_size=16, validation_data=(others, theirs))
# net.predict(others)  # probabilities, an array (count, classes)
# ```
#
# `past.history` holds one number an epoch for each loss and metric. A **callback** is an object that `fit` calls after each epoch, for example to draw.

# %% [markdown] exercise="train_lenet"
# Train a model that ends in softmax. So that all trainings can be compared, take the images **in the given order**: `shuffle=False`. (Ours are shuffled already.) Hand the callbacks on to `fit`: one of them will draw the curve.


# %% answer="train_lenet"
def train_lenet(model, images, labels, epochs, batch_size, learning_rate, callbacks=()):
    """Train with stochastic gradient descent, momentum 0.9, on the cross-entropy.

    model: a keras.Model from images to class probabilities; it is changed.
    images: array (count, rows, cols, channels); labels: ints (count,).
    epochs, batch_size, learning_rate: as in Keras; the images keep their order.
    callbacks: Keras callbacks for `fit`. Returns the trained model.
    """
    ### BEGIN SOLUTION
    optimizer = keras.optimizers.SGD(learning_rate, momentum=0.9)
    model.compile(optimizer=optimizer, loss="sparse_categorical_crossentropy")
    settings = {"batch_size": batch_size, "shuffle": False, "verbose": 0}
    model.fit(images, labels, epochs=epochs, callbacks=list(callbacks), **settings)
    return model
    ### END SOLUTION


# %% test="train_lenet"
check(train_lenet)

# %% [markdown]
# Now the real thing, with the table of 1998: `course.connect` sets the kernels of missing connections to 0 and keeps them there. To be quick we take 6,000 of the images; with `FULL_RUN` you train on all. The learning rate is 0.03 for two epochs and 0.006 for two more; the paper lowered it, too. The curve looks at the first 1,000 images of each part.

# %%
trained = ready(c3_connections, lenet5, prepare_images, train_lenet)
if trained:
    some = len(train_raw) if FULL_RUN else 6000
    images, test_images = (prepare_images(raw, 32) for raw in (train_raw[:some], test_raw))
    labels = train_labels[:some]
    keras.utils.set_random_seed(0)
    net = course.connect(lenet5((32, 32, 1), 10, "tanh"), mask)
    parts = {"training": (images, labels), "test": (test_images, test_labels)}
    curve = course.LiveCurve(parts, epochs=4, most=1000)
    for epochs, learning_rate in ((2, 0.03), (2, 0.006)):
        net = train_lenet(net, images, labels, epochs, 32, learning_rate, [curve])

# %%
if trained:
    probabilities = np.concatenate([net(part) for part in np.split(test_images, 10)])
    answers = probabilities.argmax(axis=1)
    accuracy = np.mean(answers == test_labels)
    print(f"loss before training {curve.losses[0][0]:.2f}, ln 10 = {np.log(10):.2f}")
    print(f"{accuracy:.1%} of {len(test_labels):,} test images are right (wanted: 84 %)")

# %% [markdown]
# **What you should see.** A loss that falls fast in the first epoch, then slowly. In the end the loss is a little lower on the training images than on the test images: the net begins to learn the training images by heart. Unit 10 is about that.
#
# One training proves little. We ran six with the table of 1998 and six with all pairs connected (three seeds, two settings of TensorFlow): in both groups 85 to 86 % of the test images are right. So 900 weights fewer cost almost nothing. `FULL_RUN` repeats it on all images.

# %%
if FULL_RUN and trained:
    for name, table_used in (("1998", mask), ("all pairs", np.ones_like(mask))):
        results = []
        for seed in range(5):
            keras.utils.set_random_seed(seed)
            other = course.connect(lenet5((32, 32, 1), 10, "tanh"), table_used)
            for epochs, rate in ((2, 0.03), (2, 0.006)):
                other = train_lenet(other, images, labels, epochs, 32, rate)
            results.append(course.scores(other, test_images, test_labels)[1])
        print(f"{name}: {min(results):.1%} to {max(results):.1%}")

# %% [markdown]
# ## Which clothes are mixed up?
#
# One number hides a lot. The **confusion matrix** counts for each right class (row) what the net took it for (column). Right answers stand on the diagonal.

# %% [markdown] exercise="confusion"
# Count the pairs.


# %% answer="confusion"
def confusion(labels, predictions, classes):
    """The confusion matrix.

    labels: ints (count,), the right classes; predictions: ints (count,), the net's; classes: how many.
    Returns an integer array (classes, classes): row = right class, column = predicted class.
    """
    ### BEGIN SOLUTION
    matrix = np.zeros((classes, classes), dtype=int)
    for label, prediction in zip(labels, predictions):
        matrix[label, prediction] += 1
    return matrix
    ### END SOLUTION


# %% test="confusion"
check(confusion)

# %%
if trained and ready(confusion):
    matrix = np.array(confusion(test_labels, answers, 10))
    show(*course.confusion_figure(matrix))
    recall = np.diag(matrix) / matrix.sum(axis=1)
    worst = recall.argmin()
    print(f"hardest: {course.CLOTHES[worst]}, {recall[worst]:.0%} right;", end=" ")
    print(f"easiest: {course.CLOTHES[recall.argmax()]}, {recall.max():.0%}")

# %% [markdown]
# **What you should see.** Shirts are the trouble: T-shirt, pullover, coat and dress are all close to them. Trousers, bags and shoes make islands of their own. No one told the net that three of the classes are shoes, but it mixes them up almost only with each other.
#
# Now the worst errors: wrong answers of which the net was most sure.

# %%
if trained:
    sure = np.where(answers == test_labels, 0, probabilities.max(axis=1))
    worst = np.argsort(-sure)[:20]
    alt = "The twenty errors with the highest probability; many would deceive a person too."
    show(course.errors_figure(test_raw, test_labels, answers, sure, worst), alt)

# %% [markdown]
# Above each picture stand its label and the net's answer. Some of the labels are doubtful. Look at such a sheet for every net that you train: it shows errors in the *data* faster than anything else.
#
# ## What has it learned?

# %%
if trained:
    show(*course.first_filters_figure(net, test_images[0]))
    c3_kernel = next(w for w in net.weights if tuple(w.shape) == (5, 5, 6, 16))
    show(*course.second_filters_figure(np.asarray(c3_kernel)))

# %% [markdown]
# **What you should see.** Some kernels of C1 with a light and a dark side: edge detectors, as in Unit 4, but found by training. In C3 the holes of the table are still there. Its kernels are hard to read, because they combine maps and not pixels. Unit 18 will find out what such units look for.
#
# ## From 1998 to today
#
# | LeNet-5, 1998 | this notebook, and today |
# | --- | --- |
# | pooling: mean of 2 × 2, times a learned factor, plus a learned bias | max pooling, nothing to learn |
# | 1.7159 · tanh(2a/3) | tanh here; mostly ReLU since 2012 |
# | table of connections in C3 | all pairs; groups come back in AlexNet (Unit 11) and ResNeXt (Unit 14) |
# | output: distance to ten fixed pictures | softmax and cross-entropy |
# | 60,000 digits, two to three days of training | 6,000 clothes, less than a minute |
#
# ## Summary
#
# - Convolution and pooling are Fukushima's (1979), training them by backpropagation is LeCun's (1989). LeNet-5 is of 1998.
# - A **table of connections** is a mask on the kernels: a missing connection is a kernel of zeros. C3 has 60 · 25 + 16 = 1,516 parameters, with all pairs 2,416.
# - Parameters: 156, 0, 1,516, 0, 48,120, 10,164, 850. Most are in the dense layers; most of the work is in the convolutions.
# - The loss begins near ln(classes). A **confusion matrix** and a sheet of the worst errors say more than the accuracy.
#
# ## Questions
#
# 1. C5 is "a convolution" in the paper and `Dense` here. For which input sizes do the two differ?
# 2. Suppose all maps of C3 see the same inputs and start with the same weights. What happens in training?
# 3. Why must the test images be scaled with 255, and not with their own largest value?
# 4. Accuracy is 86 %. 9 in 10 of your users' pictures are shirts. What will they say?
#
# <details><summary>Key</summary>
#
# 1. For all larger than 32 × 32. Then S4 is larger than 5 × 5: the convolution gives several places with 120 numbers each, and `Dense` gets more weights.
# 2. They get the same gradients and stay equal: sixteen copies of one map. Random starting weights break the symmetry; the table does so, too.
# 3. The net has learned what a grey of 0.5 means. If the scale depends on the images shown, the same jacket gets other numbers when other images stand beside it.
# 4. They see about the accuracy of the row "shirt", which is far lower. The mean over classes counts only if the classes come as often in use.
#
# </details>
#
# ## Open work
#
# No key is given. Each asks for a measurement; keep your numbers, over three seeds or more.
#
# 1. Design: the smallest net that has 84 % of the test images right after the same four epochs. Count with `lenet5_parameters`; which layer do you shrink first?
# 2. Does the table of 1998 break the symmetry? Draw other tables with 60 crosses at random, and one in which all maps see the same inputs. Compare the accuracies and their spread.
# 3. Move the test clothes by 1, 2, 3 pixels inside the 32 × 32 field. How fast does the accuracy fall, and how much of it comes back when training images are moved too?
#
# ## References
#
# - D. Hubel, T. Wiesel, *Receptive fields, binocular interaction and functional architecture in the cat's visual cortex*, Journal of Physiology 160, 1962.
# - K. Fukushima, *Neocognitron: a self-organizing neural network model for a mechanism of pattern recognition unaffected by shift in position*, Biological Cybernetics 36, 1980 (in Japanese 1979).
# - Y. LeCun and others, *Backpropagation applied to handwritten zip code recognition*, Neural Computation 1, 1989.
# - Y. LeCun, L. Bottou, Y. Bengio, P. Haffner, *Gradient-based learning applied to document recognition*, Proceedings of the IEEE 86, 1998.
# - H. Xiao, K. Rasul, R. Vollgraf, *Fashion-MNIST: a novel image dataset for benchmarking machine learning algorithms*, arXiv 1708.07747, 2017.
# - J. Deng and others, *ImageNet: a large-scale hierarchical image database*, CVPR 2009.<br>O. Russakovsky and others, *ImageNet large scale visual recognition challenge*, IJCV 115, 2015.
# - T. Berariu, *Convolutional nets*, lecture, Bucharest 2015, whose tables of LeNet-5 and of data sets are computed here.
