# %% [markdown]
# # Unit 11 · AlexNet and ZFNet
#
# **You will be able to**
#
# - tell what happened in the ImageNet challenge from 2010 to 2017, in numbers, and what those numbers hide;
# - say why AlexNet's images have 227 pixels a side, whatever the paper says;
# - build AlexNet from its table: in two towers as in 2012, and in one as today; count its 61 million parameters;
# - explain what Zeiler and Fergus saw in AlexNet's first two layers, and how a smaller stride helps.
#
# **Time** about three hours. **Before this** Unit 6: sizes and parameters of layers, Unit 8: one layer in Keras, and Unit 9: LeNet-5.

# %% setup="numpy"
import numpy as np
from skimage.data import chelsea
from skimage.transform import resize

from convcourse.check import check, ready
from convcourse.data import data_file, load_fashion_mnist
from convcourse.figures import show
from convcourse.pictures import alexnet_zfnet as course
from convcourse.pictures.keras_conv2d import quietly
from convcourse.predictions import predict
from convcourse.widgets import slide

with quietly():  # TensorFlow greets with some lines that say nothing to us
    import keras
    from keras import layers

FULL_RUN = False  # True: download and train on all 60,000 images, for 15 epochs

# %% [markdown]
# ## The year 2012
#
# Since 2010 research groups had met once a year to compete: 1.2 million photographs to learn from, 1,000 classes, and 100,000 or more test images whose labels nobody saw. A program may name five classes for each image. The **top-5 error** is the share of images whose right class is not among the five. The first two winners measured hand-made features (edges, textures) and put a linear classifier on top. In 2012 a group of three from Toronto sent in a convolutional net.

# %%
show(*course.years_figure())
for year, team, error, _, second, second_error, source in course.ILSVRC:
    print(f"{year}  {team:22s}{error:6.2f}   {second:18s}{second_error:6.2f}   {source}")
errors = {line[0]: line[2] for line in course.ILSVRC}
for year in range(2011, 2018):
    saved = 1 - errors[year] / errors[year - 1]
    print(f"{year}: {saved:.0%} fewer errors than the year before")

# %% [markdown]
# **What you should see.** 9 % fewer errors in 2011, then 36 % fewer in 2012: **AlexNet**. A year later nearly everybody used such nets. All the other landmarks of the next units are in this one chart.
#
# Read such charts with care:
#
# - **One net or several.** One AlexNet alone had 18.2 % on the validation images, five together 16.4 %. With two more, trained on outside images first, it was 15.3 %. Slides mix the three.
# - **Whose number?** One lecture gives ZFNet 11.7 % in 2013. That is Clarifai, the company that Matthew Zeiler founded. "ZF", his and Fergus's own entry, came third with 13.51 %. Another gives the runner-up of 2012 as 25.6 %; the results page says 26.17 %.
# - **"Better than humans"?** 5.1 % is *one* person's error, after training with 500 images; a second person, with less practice, had 12.0 %.
# - **Deep Image** (5.98 %, 2015) was no entry. Its authors later withdrew the paper: they had tried the test server more often than the rules allow.
#
# ## The net
#
# Two graphics cards had 3 GB of memory each, too little for the whole net. So Krizhevsky cut it into **two towers**, one on each card.

# %%
show(*course.towers_figure())

# %% [markdown]
# Here is the same as a table. A `conv` row has *filters, kernel, stride, zeros on each side, groups*; a `pool` row has *window, stride, zeros*. After these rows come FC6 and FC7 with 4,096 units each, and FC8 with a unit for each class. Every layer but the last has a ReLU.

# %%
### SHOW alexnet.TWO_TOWERS


# %% [markdown]
# ## 224 or 227?
#
# The paper says that the images have 224 × 224 pixels, and so do most slides. The first layer has kernels of 11 × 11 that move on by 4. Along an axis with $N$ pixels and $Z$ zeros on each side there are $\lfloor (N + 2Z - K)/S \rfloor + 1$ windows. *By hand:* $(224-11)/4 = 53.25$. The last window ends one pixel before the edge, and there are 54 windows. But the next layers only make sense with **55**. Now $(227-11)/4 = 54$, which is exact: 55 windows.

# %%
show(*course.edge_figure([224, 227]))

# %% [markdown] exercise="alexnet_sizes"
# Walk through several layers. For each give the number of windows, which is the side of the next map, and how many pixels (zeros count as pixels) no window reaches.


# %% answer="alexnet_sizes"
def alexnet_sizes(side, windows):
    """The side of the maps after each layer, and what is left over at the edge.

    side: pixels along one axis; windows: list of (kernel, stride, zeros on each side).
    Returns a list of pairs of ints: (side after the layer, pixels that no window reaches).
    """
    ### BEGIN SOLUTION
    result = []
    for kernel, stride, zeros in windows:
        moves, unseen = divmod(side + 2 * zeros - kernel, stride)
        side = moves + 1
        result.append((side, unseen))
    return result
    ### END SOLUTION


# %% test="alexnet_sizes"
check(alexnet_sizes)


# %%
def windows_of(table):
    """Kernel, stride and zeros of each convolution and pooling."""
    return [row[-3:] if row[0] == "pool" else row[2:5] for row in table if len(row) > 1]


if ready(alexnet_sizes):
    windows = windows_of(TWO_TOWERS)
    for pixels in (224, 227):
        print(pixels, "→", *alexnet_sizes(pixels, windows))
    rests = {n: sum(rest for _, rest in alexnet_sizes(n, windows)) for n in range(190, 270)}
    print("nothing left over:", [n for n, rest in rests.items() if rest == 0])
    print("two zeros on each side of 224:", alexnet_sizes(224, [(11, 4, 2)]))
    print("pooling 2 × 2 at stride 2, twice:", alexnet_sizes(55, [(2, 2, 0), (2, 2, 0)]))

# %% [markdown]
# **What you should see.** With 227 every layer fits: 55, 27, 27, 13, 13, 13, 13, 6, no pixel lost. The next sides that do so are 195 and 259, as the strides multiply to 4·2·2·2 = 32. With 224 something is left over in several layers, and the last maps have 5 × 5. (PyTorch's version takes 224 and adds two zeros on each side; that gives 55, with one column of zeros that nobody looks at.) The paper also lists how many units each layer has. Check its first number:

# %%
places = np.array([55, 27, 13, 13, 13, 1, 1, 1]) ** 2
outputs = np.array([96, 256, 384, 384, 256, 4096, 4096, 1000])  # filters or units
print("units:", *(f"{n:,}" for n in places * outputs), f"  together {places @ outputs:,}")
print(f"the paper's first: 253,440 = 55 · {253_440 // 55 // 96} · 96")

# %% [markdown]
# A 48 slipped in for a 55: there are 48 maps in each tower. All the other numbers agree, and the sum explains the "650,000 neurons" of the abstract. Good papers have slips too.
#
# **Overlapping pooling.** Windows of 3 × 3 move on by 2, so neighbours share a row or column. The maps get as large as with 2 × 2 windows: 27, then 13. In the paper it lowers the top-1 error by 0.4 points and the top-5 error by 0.3.
#
# ## Neighbours damp each other
#
# After the first two layers comes **local response normalisation**. You wrote it for arrays in Unit 6; $a_i$ is channel $i$ at some pixel:
#
# $$b_i = a_i \Big/ \Bigl(k + \alpha \sum_{|j-i| \le n/2} a_j^2\Bigr)^{\beta}, \qquad n = 5,\; k = 2,\; \alpha = 10^{-4},\; \beta = 0.75.$$
#
# In a net we need it for *tensors*: stand-ins for numbers that come later. A loop over channels would make hundreds of small steps. But the sum over neighbours is a **matrix product**: $x^2$ times a matrix of zeros and ones, with a band along the diagonal. *By hand*, three channels (1, 2, 3) and $n = 3$: $(1, 4, 9)$ times $\begin{pmatrix}1&1&0\\1&1&1\\0&1&1\end{pmatrix}$ is $(5, 14, 13)$.

# %% [markdown] exercise="lrn"
# Write it with `keras.ops`. `places = np.arange(x.shape[-1])` numbers the channels; NumPy may build the matrix.


# %% answer="lrn"
def lrn(x, size=5, k=2.0, alpha=1e-4, beta=0.75):
    """Local response normalisation over neighbouring channels, without weights.

    x: tensor (batch, rows, cols, channels); size: odd, how many channels a sum takes (fewer at
    both ends). alpha is not divided by size. Returns a tensor of x's shape.
    """
    ### BEGIN SOLUTION
    ### BODY lrn.local_response_norm
    ### END SOLUTION


# %% test="lrn"
check(lrn)

# %%
if ready(lrn):
    pixel = np.full((1, 1, 1, 32), 60.0, dtype="float32")
    pixel[..., 12] = 400
    show(*course.lrn_figure(pixel.ravel(), np.asarray(lrn(pixel)).ravel()))
    alone = np.arange(1, 1001, dtype="float32").reshape(1000, 1)
    loudest = alone[np.argmax(np.asarray(lrn(alone)))].item()
    print("a single channel gives most at a =", int(loudest))

# %% [markdown]
# **What you should see.** The loudest channel pushes its four neighbours down to less than a third of the others. A channel that grows beyond 200 even lowers itself: then $\alpha a^2 > 2k$. In the paper LRN lowers the error by about one point; two years later VGG found no use in it (Unit 12), and batch normalisation took its place.
#
# ## Two towers are a grouped convolution
#
# In layers 2, 4 and 5 a tower sees only its own half of the maps. That is why the paper writes kernels of 5 × 5 × **48** in layer 2, where 96 maps lie before it. Today it is called a convolution with 2 **groups**.

# %%
show(*course.connections_figure())

# %% [markdown]
# Remember LeNet's table of connections (Unit 9): this is one with blocks along the diagonal. With $g$ groups there are $g$ times fewer kernels, and $g$ times less work. *By hand:* from 4 channels to 6 filters, kernels 3 × 3, two groups: each tower has (9·2 + 1)·3 = 57 parameters, both 114. One ordinary layer has (9·4 + 1)·6 = 222.

# %% [markdown] exercise="grouped_conv"
# Build it as Krizhevsky did: cut the channels, give each part an ordinary `layers.Conv2D` of its own, put the results together. (Keras can do it in one layer, `Conv2D(…, groups=2)`, with weights of another shape. On a CPU that is painfully slow in training, so we use towers.)


# %% answer="grouped_conv"
def grouped_conv(x, filters, kernel, stride, groups):
    """Convolution with ReLU in separate towers, each with its share of channels and filters.

    x: tensor (batch, rows, cols, channels); kernel: the side of the kernels; no padding.
    groups: number of towers; it divides channels and filters. The first tower sees the
    first channels and gives the first maps. Made of `groups` ordinary convolutions.
    Returns a tensor (batch, out_rows, out_cols, filters).
    """
    ### BEGIN SOLUTION
    ### BODY alexnet.grouped_conv
    ### END SOLUTION


# %% test="grouped_conv"
check(grouped_conv)

# %% [markdown]
# Three ways to say the same: your towers, Keras's `groups=2`, and an ordinary layer whose kernel is zero outside the blocks.

# %%
if ready(grouped_conv):
    images = keras.Input((9, 9, 4))
    towers = keras.Model(images, grouped_conv(images, 6, 3, 1, 2))
    first, bias1, second, bias2 = towers.get_weights()
    bias = np.concatenate([bias1, bias2])
    full = np.zeros((3, 3, 4, 6))
    full[:, :, :2, :3], full[:, :, 2:, 3:] = first, second
    maps = np.random.default_rng(11).normal(size=(1, 9, 9, 4)).astype("float32")
    both = np.concatenate([first, second], axis=-1)
    for groups, kernels in ((2, both), (1, full)):
        layer = layers.Conv2D(6, 3, groups=groups, activation="relu")
        layer.build(maps.shape)
        layer.set_weights([kernels, bias])
        off = np.abs(np.asarray(layer(maps)) - np.asarray(towers(maps))).max()
        print(f"Conv2D with groups={groups}, kernel {kernels.shape}: {off:.0e} off")

# %% [markdown]
# ## The whole net

# %% [markdown] exercise="alexnet"
# Now read a table like the one above, row by row. Then flatten, add the fully connected layers of `units`, each with ReLU and dropout 0.5 after it (Unit 10), and the last layer with softmax. Zeros come from `layers.ZeroPadding2D`.
#
# *By hand*, for the first example of the check: 40 + 114 for the convolutions; 15 → 7 → 3 → 3 pixels a side, so (3·3·6 + 1)·7 = 385; and (7 + 1)·3 = 24. Together 563.


# %% answer="alexnet"
def alexnet(table, units=(4096, 4096), input_shape=(227, 227, 3), classes=1000):
    """The net of a table: features, flattened, fully connected layers, softmax.

    table: rows ("conv", filters, kernel, stride, zeros, groups) with ReLU, ("lrn",), and
    ("pool", window, stride, zeros); input_shape: (rows, cols, channels).
    units: sizes of the fully connected layers before the last; each has a ReLU and is
    followed by dropout 0.5. Returns a keras.Model from input_shape to `classes`.
    """
    ### BEGIN SOLUTION
    ### BODY alexnet.alexnet
    ### END SOLUTION


# %% test="alexnet"
check(alexnet)

# %% [markdown]
# In full size it takes 240 MB. We send a photograph through it; the batch has one image.

# %%
photo = resize(chelsea()[:, 75:375], (227, 227), anti_aliasing=True).astype("float32")
if ready(alexnet):
    from convcourse.pictures.architecture import architecture_figure

    net = alexnet(TWO_TOWERS)
    print(f"AlexNet: {net.count_params():,} parameters (the paper: 60 million)")
    kinds = layers.Conv2D | layers.MaxPooling2D | layers.Dense
    shown = [step for step in net.layers if isinstance(step, kinds)]
    results = keras.Model(net.inputs[0], [step.output for step in shown])(photo[None])
    for step, out in zip(shown, results):
        kernel = tuple(step.kernel.shape) if hasattr(step, "kernel") else ""
        print(f"  {type(step).__name__:13s}{tuple(out.shape[1:])!s:15s}{kernel}")
    show(*architecture_figure(net, "AlexNet"))
    del net, results

# %% [markdown]
# **What you should see.** The paper's kernels: 11 × 11 × 3, 5 × 5 × **48**, 3 × 3 × **256**, 3 × 3 × **192**, 3 × 3 × **192**; layers 2, 4 and 5 twice, once for each tower, with half of the filters. At the end 6 × 6 × 256 = 9,216 numbers, 4,096, 4,096, 1,000. The picture is drawn from the net itself; units 11 to 16 draw all their nets in this way. A box is a layer: its kernel (↓4 means stride 4), below it the number of filters. A frame joins layers that belong together, boxes beside each other read the same maps, and under the frame stand the size of what comes out and the parameters.
#
# ## Where are they?
#
# Which layers have the parameters, and which do the work? *By hand*, layer 1: 11·11·3·96 = 34,848 weights, "about 35 K" in one lecture, and 96 biases.
#
# **Predict before you run.** The three fully connected layers have 9,217 · 4,096, 4,097 · 4,096 and 4,097 · 1,000 parameters. How many per cent of all are that? Do not calculate: guess, in place of `None`, and run the cell.

# %%
guess = None
dense = 9217 * 4096 + 4097 * 4096 + 4097 * 1000
predict(guess, round(100 * dense / 60_965_224), "FC6 reads 9,216 numbers.", close=0.05)

# %% [markdown] exercise="alexnet_parameters"
# Count without Keras, and mind the groups.


# %% answer="alexnet_parameters"
def alexnet_parameters(table, units, input_shape, classes):
    """Parameters of each layer that has some, biases included.

    Arguments as in alexnet(...). Returns a list of ints: one for each "conv" row (all towers
    together), one for each of `units`, and one for the output layer.
    """
    ### BEGIN SOLUTION
    (rows, cols, channels), counts = input_shape, []
    for kind, *numbers in table:
        if kind == "lrn":
            continue
        window = numbers if kind == "pool" else numbers[1:4]
        rows, cols = (alexnet_sizes(side, [window])[0][0] for side in (rows, cols))
        if kind == "conv":
            filters, kernel, _, _, groups = numbers
            counts.append((kernel**2 * channels // groups + 1) * filters)
            channels = filters
    before = rows * cols * channels
    for size in [*units, classes]:
        counts.append((before + 1) * size)
        before = size
    return counts
    ### END SOLUTION


# %% test="alexnet_parameters"
check(alexnet_parameters)

# %% [markdown]
# Since 2014 most programs use a version in one tower, with fewer filters in some layers and no LRN. This is PyTorch's. (After it PyTorch averages the maps to 6 × 6. For images of 224 pixels they have that size already; larger ones fit, too.)

# %%
### SHOW alexnet.ONE_TOWER


FC = (4096, 4096)

# %%
names = ["conv 1", "conv 2", "conv 3", "conv 4", "conv 5", "FC6", "FC7", "FC8"]
if ready(alexnet_parameters):
    counts = np.array(alexnet_parameters(TWO_TOWERS, FC, (227, 227, 3), 1000))
    one = alexnet_parameters(ONE_TOWER, FC, (224, 224, 3), 1000)
    joined = [(*row[:-1], 1) if row[0] == "conv" else row for row in TWO_TOWERS]
    print("two towers:", *(f"{n:,}" for n in counts), "=", f"{counts.sum():,}")
    print("one tower, PyTorch:", f"{sum(one):,}")
    whole = alexnet_parameters(joined, FC, (227, 227, 3), 1000)
    print(f"two towers, groups forgotten: {sum(whole):,}")
    products = (counts - outputs) * places
    print(f"FC layers: {counts[5:].sum() / counts.sum():.1%} of the parameters,", end=" ")
    print(f"{products[5:].sum() / products.sum():.1%} of {products.sum():,} multiply-adds")
    show(*course.costs_figure(names, counts, products))

# %% [markdown]
# **What you should see.** 60,965,224, and 61,100,840 for PyTorch's version. A third number goes round in books, 62,378,344: that is the first net with the groups forgotten. So when somebody says "AlexNet", ask which one. 96 % of the parameters are in the fully connected layers, 92 % of the work is done in the convolutions. It was so in LeNet, and it will be so in VGG.
#
# ## How it starts
#
# Weights are drawn from a normal distribution with mean 0 and standard deviation **0.01**. The biases start with **1 in layers 2, 4 and 5 and in the hidden fully connected layers**, and with 0 elsewhere. Why? A ReLU whose input is negative is silent and learns nothing. A bias of 1 gives it positive input in the first hours of training. One lecture has it the other way round, "bias = 0 for layers 2, 4, 5", and writes $\mathcal N(0, 0.01 \cdot I)$, which makes 0.01 the variance. Both are slips.

# %% [markdown] exercise="alexnet_initial"
# Draw the arrays. `shapes` lists the kernels of the five convolutions and then those of the fully connected layers; the last one belongs to the output. Make one generator, `np.random.default_rng(seed)`, and draw the kernels in order with its `normal`.


# %% answer="alexnet_initial"
def alexnet_initial(shapes, seed):
    """AlexNet's initial weights, in one tower.

    shapes: five of (krow, kcol, channels, filters), then two or more of (inputs, units).
    Returns a list of arrays: kernel and biases of each layer in turn, as set_weights wants them.
    """
    ### BEGIN SOLUTION
    generator, arrays = np.random.default_rng(seed), []
    for place, shape in enumerate(shapes):
        positive = place in (1, 3, 4) or 5 <= place < len(shapes) - 1
        arrays.append(generator.normal(0, 0.01, shape))
        arrays.append(np.full(shape[-1], float(positive)))
    return arrays
    ### END SOLUTION


# %% test="alexnet_initial"
check(alexnet_initial)

# %%
if ready(alexnet, alexnet_initial):
    net = alexnet(ONE_TOWER, (256, 256), (224, 224, 3), 10)
    steps = [s for s in net.layers if isinstance(s, layers.Conv2D | layers.Dense)][:-1]
    inside = keras.Model(net.inputs[0], [step.output for step in steps])
    pixels = 255 * (photo[None, :224, :224] - photo.mean(axis=(0, 1)))  # mean 0
    sizes, alive = {}, {}
    for name, factor in (("all biases 0", 0), ("the paper's biases", 1)):
        arrays = list(alexnet_initial([w.shape for w in net.get_weights()[::2]], seed=11))
        arrays[1::2] = [factor * np.asarray(bias) for bias in arrays[1::2]]
        net.set_weights(arrays)
        results = [np.asarray(out) for out in inside(pixels)]
        sizes[name] = np.array([np.sqrt(np.mean(out**2)) for out in results])
        alive[name] = np.array([np.mean(out > 0) for out in results])
        print(f"{name:20s}", *(f"{n:.2g}" for n in sizes[name]), f"{alive[name][-1]:.0%}")
    show(*course.start_figure(sizes, alive, names[:7]))
    del net, inside

# %% [markdown]
# **What you should see.** With biases 0 the numbers shrink two hundredfold, and about half of the units are silent. With the paper's biases they stay near 1, and in the upper layers nearly all units are at work: gradients flow. It is a crutch. Deviations that fit the number of inputs of each unit (He and others 2015; Unit 12) made it unnecessary.
#
# ## What a first layer learns
#
# Figure 3 of the paper shows AlexNet's 96 first filters: those of one card are mostly grey, edges and stripes at many angles; those of the other are mostly blobs and edges of colour. Its weights do not come with this course. SqueezeNet's do (Unit 16), a net trained on the same 1.2 million photographs: 64 filters, of 3 × 3 pixels only. Measure
# how grey each is: the share of its squared weights that is left when its three colours get their mean.

# %%
stored = np.load(data_file("squeezenet_v1_1_imagenet.npz"))["conv1/kernel"].astype(float)
kernels = stored[:, :, ::-1]  # the file has blue, green, red
grey = 3 * (kernels.mean(axis=2) ** 2).sum(axis=(0, 1)) / (kernels**2).sum(axis=(0, 1, 2))
show(*course.first_filters_figure(kernels, grey))
print(f"{np.sum(grey > 0.8)} of 64 are more than 80 % grey,", end=" ")
print(f"{np.sum(grey < 0.2)} less than 20 %")

# %% [markdown]
# **What you should see.** The two kinds again: colour against its opposite, and grey edges, bars and spots. Nobody cut this net into towers, so the two kinds do not come from the two cards. Stripes like AlexNet's need more than three pixels.
#
# ## What Zeiler and Fergus saw
#
# In 2013 Zeiler and Fergus built a *deconvolution net* (Unit 18), which shows what an inner unit responds to. They looked at AlexNet and found two things. The filters of layer 1 have very high and very low frequencies, with little in between. And layer 2 shows **aliasing**, patterns that are not in the image; they blamed the stride of 4. A third trouble was their *own* net's: in training a few filters of its first layer dominated. They cured it by scaling back every filter whose root mean square exceeds 0.1.
#
# Here is why. A filter that likes fine stripes gives a map with fine stripes. With stride $S$ we look at every $S$-th place only. From one sample to the next a wave of $f$ cycles a pixel makes $f \cdot S$ turns. **Whole turns cannot be seen**, and 0.92 of a turn forwards looks like 0.08 of a turn backwards. *By hand:* $f = 0.23$, $S = 4$: 0.92 turns, seen as 0.08, that is $0.08/4 = 0.02$ cycles a pixel. The stripes were 4 pixels apart; now they seem to be 50.

# %% [markdown] exercise="aliased_frequency"
# Which frequency do the samples show?


# %% answer="aliased_frequency"
def aliased_frequency(frequency, stride):
    """The frequency of the slowest wave that has the same samples.

    frequency: cycles per pixel, ≥ 0; stride: pixels from sample to sample.
    Returns cycles per pixel, a float between 0 and 1 / (2 · stride).
    """
    ### BEGIN SOLUTION
    turns = frequency * stride
    return abs(turns - round(turns)) / stride
    ### END SOLUTION


# %% test="aliased_frequency"
check(aliased_frequency)

# %% [markdown]
# Move the slider: at which frequencies does stride 2 fail? And stride 4? Below it stands the picture for 0.23.


# %%
def draw(hundredths):
    seen = [(stride, aliased_frequency(hundredths / 100, stride)) for stride in (4, 2)]
    return course.alias_figure(hundredths / 100, seen)


if ready(aliased_frequency):
    slide(draw, "f in hundredths", stop=50, value=30)
    show(*draw(23))
    for stride in (4, 2):
        print(f"0.23 at stride {stride} looks like {aliased_frequency(0.23, stride):.2f}")
show(*course.zones_figure(course.zone_plate(), 0.23, [(11, 4), (7, 2)]))

# %% [markdown]
# **What you should see.** Stride 4 is honest up to 1/8 cycle a pixel, stride 2 up to 1/4. On the right, the same filter on the same rings: with stride 4 the fine stripes melt into a broad patch that does not exist; with stride 2 they survive. If a net must take large steps, it can smooth first: a fine wave that is gone cannot come back as a false one.

# %% [markdown] exercise="thinned_row"
# The function below should do that for a row of pixels: take the mean of every window of `width` pixels, and keep each `stride`-th mean. It runs, but the figure under it shows fine stripes coming out as a strong, broad wave that nobody painted. Find the fault and **repair** it.


# %% answer="thinned_row"
def thinned_row(row, width, stride):
    """The means of the windows that begin at 0, stride, 2 · stride, … and lie wholly inside.

    row: array of N numbers; width ≤ N: pixels of a window; stride: from window to window.
    Returns an array of (N − width) // stride + 1 means.
    """
    ### BEGIN SOLUTION
    means = np.convolve(row, np.ones(width) / width, mode="valid")
    return means[::stride]
    ### END SOLUTION


# %%
show(*course.thinned_figure(thinned_row))

# %% test="thinned_row"
check(thinned_row)

# %% [markdown]
# **What you should see** when it is mended: the broad stripes stay, of the fine ones almost nothing is left. The other way is a smaller stride.

# %% [markdown] exercise="first_layer"
# Now **design** a first layer yourself. It must show every wave up to `frequency` truly, skip no pixel, leave none over at the edge, and have at most `places` windows along an axis. Every answer that measures up is right.


# %% answer="first_layer"
def first_layer(side, frequency, places):
    """A first layer that shows waves up to a frequency truly, with few windows.

    side: pixels along one axis; frequency: cycles per pixel; places: the most windows.
    Returns three whole numbers: kernel (3 to 11), stride, zeros on each side (< kernel).
    """
    ### BEGIN SOLUTION
    stride = int(1 / (2 * frequency))
    kernel = next(k for k in range(max(3, stride), 12) if (side - k) % stride == 0)
    return kernel, stride, 0
    ### END SOLUTION


# %% test="first_layer"
check(first_layer)

# %% [markdown]
# ZFNet has **7 × 7 kernels with stride 2** in layer 1, and stride 2 again in layer 2. The rest is AlexNet in one tower. In the paper's pictures layer 1 has more distinct filters and fewer **dead** ones, and layer 2 is free of aliasing.

# %%
### SHOW zfnet.TABLE
### SHOW zfnet.CHANGES

# %%
if ready(alexnet_parameters):
    print("ZFNet:", *(side for side, _ in alexnet_sizes(224, windows_of(TABLE))))
    print(f"parameters: {sum(alexnet_parameters(TABLE, FC, (224, 224, 3), 1000)):,}")
    top5 = {name: val for name, _, _, val in CHANGES}
    heads = {"AlexNet, rebuilt": FC, "without layer 7": FC[:1], "without layers 6, 7": ()}
    for name, units in heads.items():
        n = sum(alexnet_parameters(TWO_TOWERS, units, (227, 227, 3), 1000))
        print(f"{name:20s} {n:11,} parameters   top-5 error {top5[name]} %")

# %% [markdown]
# **What you should see.** 110, 55, 26, 13, 13, 13, 13, 6, as in the paper's drawing, and 62,357,608 parameters. The error falls from 18.1 to 16.5 %.
#
# **What do FC6 and FC7 cost?** Without FC7 AlexNet loses 16.8 million parameters, and 0.3 points. Without both, **four fifths of all parameters are gone**: 11.6 million are left. The lecture quotes the paper, "only a small increase in error". In its table that is 4.3 points, from 18.1 to 22.4 %. As much is lost without layers 3 and 4; without all four the net falls to 50.1 %. *Depth* counts more than any one layer. (The group's rebuilt AlexNet had one tower.)
#
# ## AlexNet in small
#
# A small table with everything in it: a first layer with stride, LRN, overlapping pooling, towers. We train it on clothes (Fashion-MNIST, 28 × 28, ten classes), on 3,000 images; `FULL_RUN` takes all.

# %%
SMALL = [("conv", 16, 5, 2, 2, 1), ("lrn",), ("pool", 3, 2, 1)]
SMALL += [("conv", 32, 3, 1, 1, 2), ("lrn",), ("conv", 48, 3, 1, 1, 1)]
SMALL += [("conv", 48, 3, 1, 1, 2), ("conv", 32, 3, 1, 1, 2), ("pool", 3, 2, 0)]
train, labels, test, test_labels = load_fashion_mnist(full=FULL_RUN)
train, test = train[..., None] / 255, test[..., None] / 255

# %%
if ready(alexnet):
    keras.utils.set_random_seed(11)
    small = alexnet(SMALL, (128, 128), (28, 28, 1), 10)
    rate = keras.optimizers.Adam(0.002)
    small.compile(rate, "sparse_categorical_crossentropy", metrics=["accuracy"])
    line = keras.callbacks.LambdaCallback(
        on_epoch_end=lambda e, logs: print(f"epoch {e + 1}: {logs['val_accuracy']:.3f}")
    )
    count, epochs = (len(train), 15) if FULL_RUN else (3000, 5)
    print(f"{small.count_params():,} parameters, {count:,} images; held-out accuracy:")
    past = small.fit(
        train[:count], labels[:count], batch_size=64, epochs=epochs, verbose=0,
        validation_data=(test[:1000], test_labels[:1000]), callbacks=[line],
    )  # fmt: skip
    show(*course.training_figure(past.history))
    scores = small.predict(test[:1000], verbose=0)
    order = np.argsort(-scores, axis=1)
    for n in (1, 2, 5):
        right = (order[:, :n] == test_labels[:1000, None]).any(axis=1)
        print(f"top-{n} error {1 - right.mean():.1%}")

# %% [markdown]
# **What you should see.** About three quarters right after five short epochs. Training accuracy is lower, because dropout switches off half of the hidden units there. And the top-5 error is tiny: with ten classes five guesses are generous. With a thousand they are fair, since a photograph often shows several things. ReLU is often said to be new in AlexNet. It is older (Fukushima 1969; Jarrett 2009; Nair and Hinton 2010); the paper measured that a net of *four* layers reaches 25 % training error on CIFAR-10 six times faster with it than with tanh. It shows no such curve for AlexNet itself. New was the whole: GPUs, 1.2 million images, ReLU, dropout, augmentation (Unit 10), together.
#
# ## Summary
#
# - 2012: top-5 error from 25.77 to 16.42 %. Ask which number: one net or many, with outside images or without.
# - $\lfloor (N + 2Z - K)/S \rfloor + 1$ windows. 227 fits through the whole net, 224 does not.
# - Two towers are a grouped convolution: $g$ times fewer kernels. AlexNet has 60,965,224 parameters, in one tower (PyTorch) 61,100,840.
# - 96 % of the parameters are in FC6 to FC8, 92 % of the work is in the convolutions.
# - Start: standard deviation 0.01; biases 1 in layers 2, 4, 5, FC6, FC7.
# - A stride $S$ keeps waves up to $1/(2S)$ cycles a pixel; faster ones come back as false slow ones. ZFNet: 7 × 7, stride 2.
#
# ## Questions
#
# 1. Which image sides from 220 to 240 does layer 1 (11 × 11, stride 4) fit exactly?
# 2. How many kernels of size 3 × 3 (single slices) has a layer with 192 channels, 384 filters, 4 groups?
# 3. Layer 3 has one group, though the net has two towers. What would the net be if it had two as well, up to FC6?
# 4. You train AlexNet with the slide's biases, 0 in layers 2, 4, 5. What do you look at first when it does not learn?
# 5. A first layer has stride 3. Which is the finest wave that it shows truly?
# 6. A firm claims 4.9 % top-5 error, "better than a human". What do you ask?
#
# <details><summary>Key</summary>
#
# 1. $N = 11 + 4m$: 223, 227, 231, 235, 239.
# 2. 384 filters with 192/4 = 48 slices each: 18,432.
# 3. Two separate nets side by side; they would meet only in the fully connected layers.
# 4. At the share of units that are not silent, and at the size of numbers and gradients in each layer.
# 5. 1/6 cycle a pixel: stripes 6 pixels apart.
# 6. One net or several, how many crops of each image, outside data, how often they used the test server; and which human.
#
# </details>
#
# ## Open work
#
# No key is given. Each asks for a measurement; keep your numbers, over three seeds or more.
#
# 1. Take pieces out of the small AlexNet, one at a time: LRN, overlap, towers, dropout. Which piece is missed on clothes, and by how much beside the spread?
# 2. Is ReLU six times faster here? Train the small net with ReLU and with tanh, find the best rate for each, and count the steps to 25 % training error.
# 3. Change the first stride of the small net from 2 to 1 and to 4, with as many numbers before the dense layers as you can keep. What does the stride cost?
#
# ## References
#
# - A. Krizhevsky, I. Sutskever and G. E. Hinton, *ImageNet classification with deep convolutional neural networks*, NIPS 2012.<br>A. Krizhevsky, *One weird trick for parallelizing convolutional neural networks*, 2014, arXiv:1404.5997: one tower.
# - M. D. Zeiler and R. Fergus, *Visualizing and understanding convolutional networks*, ECCV 2014, arXiv:1311.2901: figure 3, tables 2 and 3.
# - O. Russakovsky and others, *ImageNet large scale visual recognition challenge*, IJCV 115, 2015: the challenge, and the human estimate. Results pages: image-net.org/challenges/LSVRC. J. Hu, L. Shen and G. Sun, *Squeeze-and-excitation networks*, CVPR 2018.<br>K. He and others, *Deep residual learning*, CVPR 2016.
# - V. Nair and G. E. Hinton, *Rectified linear units improve restricted Boltzmann machines*, ICML 2010.<br>K. Jarrett and others, *What is the best multi-stage architecture for object recognition?*, ICCV 2009.<br>K. Fukushima, *Visual feature extraction by a multilayered network of analog threshold elements*, IEEE Transactions on Systems Science and Cybernetics 5, 1969: the ReLU. K. He and others, *Delving deep into rectifiers*, ICCV 2015: how to start.
# - H. Xiao, K. Rasul and R. Vollgraf, *Fashion-MNIST*, 2017, arXiv:1708.07747. Lectures: Bucharest 2015, Korea University, MSU 2020, New York University.
