# %% [markdown]
# # Unit 1 · Why convolution?
#
# **You will be able to**
#
# - say what a single unit computes, and which input it is *tuned* to;
# - bound a region with several units, and make a region with dents with two layers;
# - count the weights of a fully connected, a locally connected and a convolutional layer;
# - tell for which data convolution is the right tool, and for which it is not.
#
# **Time** about two hours. **Before this** a little Python and NumPy: arrays, shapes, indexing.

# %% setup="numpy"
import numpy as np
import skimage.data
from sklearn.datasets import load_wine

from convcourse.check import check, ready
from convcourse.figures import BLUE, LINE, draw_image, new_figure, show
from convcourse.pictures.why_convolution import (
    draw_connections,
    draw_region,
    draw_tuning,
    plane_points,
)
from convcourse.predictions import predict
from convcourse.widgets import slide

# %% [markdown]
# ## How to work with these notebooks
#
# Run a cell with **Shift + Enter**. Three kinds of cells need your hands:
#
# - a **stub**: a function that says `raise NotImplementedError`. You write its body. In a **repair** it holds broken code, and you mend it;
# - below it **`check(...)`**, which tries your function on the examples and on random inputs, and tells you what it found:
#   ✔ *right*, ✘ *not right yet* with the case that failed, or ○ *not done yet*. You may run it as often as you like.
#   Below a case that failed, unfold **Try these inputs**: it has the lines that bring these very inputs into a new cell;
# - **hints**, folded away above the stub. Open the first one only when you are stuck, and then try again before the next.
#
# When your work is graded, the same checks run on fresh numbers.

# %% [markdown]
# ## One unit
#
# A net is made of very small parts. Each part, a **unit**, takes a list of numbers $x$, multiplies each by a **weight**,
# adds up, and adds a **bias** $b$:
#
# $$z = w \cdot x + b = w_1 x_1 + w_2 x_2 + \dots + w_N x_N + b.$$
#
# *By hand:* $x = [1, 2, 3]$, $w = [2, 0, -1]$, $b = 0.5$. The products are 2, 0 and −3; their sum is −1; with the bias $z = -0.5$.

# %% [markdown] exercise="linear_unit"
# Write it.


# %% answer="linear_unit"
def linear_unit(x, w, b):
    """One unit: z = w·x + b.

    x: array of N numbers, the input; w: array of N numbers, the weights; b: a number, the bias.
    Returns one number.
    """
    ### BEGIN SOLUTION
    return np.dot(w, x) + b
    ### END SOLUTION


# %% test="linear_unit"
check(linear_unit)

# %% [markdown]
# ## What is a unit looking for?
#
# The sum of products has a second face. If $\theta$ is the angle between $w$ and $x$, then
#
# $$z = w \cdot x + b = |w|\,|x| \cos\theta + b.$$
#
# Keep the length of $x$ fixed and turn it. The cosine is 1 when $x$ points along $w$, 0 when it stands at a right angle,
# −1 when it points the other way. So **a unit answers most strongly to the input that looks like its own weights**. We say that
# it is *tuned* to that input. The weights are a picture of what the unit is looking for.

# %%
show(*draw_tuning(35))

# %% [markdown]
# Turn x yourself. Where is the answer 0, and where is it smallest?

# %%
slide(lambda step: draw_tuning(15 * step - 180), label="turn x", stop=24, value=14)

# %% [markdown] exercise="tuned_input"
# Of all inputs of a given length, return the one that the unit likes best.


# %% answer="tuned_input"
def tuned_input(w, norm):
    """The input x with |x| = norm for which w·x is largest.

    w: array of N numbers, not all zero; norm: a positive number.
    Returns a float array of N numbers.
    """
    ### BEGIN SOLUTION
    return norm * w / np.linalg.norm(w)
    ### END SOLUTION


# %% test="tuned_input"
check(tuned_input)

# %% [markdown]
# No other input of that length does better. Let us try ten thousand of them.

# %%
if ready(linear_unit, tuned_input):
    w = np.array([2.0, -1.0, 0.5, 3.0])
    others = np.random.default_rng(1).normal(size=(10_000, 4))
    others *= 5 / np.linalg.norm(others, axis=1, keepdims=True)
    best = max(linear_unit(x, w, 0) for x in others)
    print(f"best of 10,000 random inputs of length 5: {best:.3f}")
    print(f"the tuned input: {linear_unit(tuned_input(w, 5), w, 0):.3f}")

# %% [markdown]
# ## A unit with a threshold cuts space in two
#
# Put a hard threshold after the unit: it says *yes* when $z > 0$ and *no* otherwise. The border $w \cdot x + b = 0$ is a straight
# line in the plane (a plane in space). It stands at right angles to $w$, and the bias shifts it. On one side lies the
# **half-space** that the unit accepts.
#
# Let several units look at the same point, and accept it only when **all** say yes. Their half-spaces cut out a **bounded** region.

# %%
points = plane_points()
cuts = [((1, 0.5), 0.5), ((-1, 1), 0.5), ((0.2, -1), 1.2)]
yes = [points @ np.array(w) + b > 0 for w, b in cuts]

figure, axes = new_figure(1, 4, width=11, height=2.9)
for number, (place, answers) in enumerate(zip(axes, yes), start=1):
    draw_region(place, answers, f"unit {number}")
draw_region(axes[3], np.all(yes, axis=0), "all three say yes")
show(figure, "Three half-planes, and the triangle in which all three units say yes.")

# %% [markdown] exercise="half_space_region"
# Many points at once: each row of `x` is a point, each row of `W` the weights of a unit.
# Say for each point whether every unit accepts it.


# %% answer="half_space_region"
def half_space_region(x, W, b):
    """Which points does every unit accept (w·x + b > 0 for all units)?

    x: array of shape (points, N); W: shape (units, N), one unit in each row; b: shape (units,).
    Returns a Boolean array of shape (points,).
    """
    ### BEGIN SOLUTION
    return np.all(x @ W.T + b > 0, axis=1)
    ### END SOLUTION


# %% test="half_space_region"
check(half_space_region)

# %% [markdown] exercise="fence_disc"
# You know what units do. Now **design** with them. There is no single right answer: what your function returns is measured, and everything that meets
# the demand is right. Return units whose common region holds a whole disc, and in no direction reaches as far as 1.2 radii from its centre. At most 8 units.


# %% answer="fence_disc"
def fence_disc(centre, radius):
    """Units that all accept a disc and little beyond it.

    centre: float array (2,); radius: a positive number.
    Returns W of shape (units, 2) and b of shape (units,), with at most 8 units.
    """
    ### BEGIN SOLUTION
    angles = 2 * np.pi * np.arange(8) / 8
    W = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    return W, 1.05 * radius - W @ centre
    ### END SOLUTION


# %% test="fence_disc"
check(fence_disc)

# %% [markdown]
# ## Two layers make dents
#
# However many units you take, a region in which *all* say yes has no dents: with two points it contains the whole straight
# line between them. Such a region is called **convex**. The letter L is not convex, nor is a ring, nor is a cat.
#
# The way out is a **second layer**. The units of the first layer bound several convex regions. A unit of the second layer
# looks at the regions and says yes when a point lies in *any* of them. With enough regions you can approach any shape.

# %% [markdown] exercise="union_region"
# Each `W[r]`, `b[r]` describes one region, as in the exercise before. Return the points that lie in at least one region.


# %% answer="union_region"
def union_region(x, W, b):
    """Which points lie in at least one of several regions?

    x: array of shape (points, N); W: shape (regions, units, N); b: shape (regions, units).
    Returns a Boolean array of shape (points,).
    """
    ### BEGIN SOLUTION
    inside = [half_space_region(x, units, biases) for units, biases in zip(W, b)]
    return np.any(inside, axis=0)
    ### END SOLUTION


# %% test="union_region"
check(union_region)

# %%
if ready(half_space_region, union_region):
    sides = np.array([[1, 0], [-1, 0], [0, 1], [0, -1]])
    W, b = np.stack([sides, sides]), np.array([[2, -0.5, 2, 2], [2, 2, 2, -0.8]])
    figure, axes = new_figure(1, 3, width=9, height=2.9)
    draw_region(axes[0], half_space_region(plane_points(), W[0], b[0]), "region 1")
    draw_region(axes[1], half_space_region(plane_points(), W[1], b[1]), "region 2")
    draw_region(axes[2], union_region(plane_points(), W, b), "in at least one: an L")
    show(figure, "A vertical bar, a horizontal bar, and both together: an L, not convex.")

# %% [markdown]
# **What you should see.** Two bars, and together an L. No single layer of thresholds whose units must all agree can draw it.

# %% [markdown]
# ## Now an image
#
# So far a point had two or three numbers. A small grey image has 200 × 200 = 40,000. Let a layer have as many units as the
# image has pixels. How many weights does it need? There are three ways to connect it.
#
# - **Fully connected** (dense): each unit sees every pixel.
# - **Locally connected**: each unit sees only a small window, and has weights of its own for it.
# - **Convolution**: each unit sees a small window, and *all units use the same weights*.
#
# Four words for what follows. A place where a window can lie is a **site**. The window has `kernel_rows × kernel_cols` pixels, and each
# pixel has `in_channels` numbers (1 for grey, 3 for colour). One set of weights for a window is a **filter**; the part of it that belongs to one
# channel, a small table, is a **kernel**. The answers of one filter at all sites make an image again, its **map**.

# %%
show(*draw_connections())

# %% [markdown] exercise="dense_weights"
# Count the weights of a fully connected layer. Leave the biases out.


# %% answer="dense_weights"
def dense_weights(num_inputs, num_units):
    """The number of weights (without biases) of a fully connected layer. Returns an integer."""
    ### BEGIN SOLUTION
    return num_inputs * num_units
    ### END SOLUTION


# %% test="dense_weights"
check(dense_weights)

# %% [markdown] exercise="locally_connected_weights"
# At each of `out_rows × out_cols` sites stand `num_filters` units, each with weights of its own for its window.


# %% answer="locally_connected_weights"
def locally_connected_weights(
    out_rows, out_cols, kernel_rows, kernel_cols, in_channels, num_filters
):
    """The number of weights (without biases) of a locally connected layer.

    out_rows, out_cols: sites; kernel_rows, kernel_cols: the window in pixels;
    in_channels: numbers in a pixel (1 for grey, 3 for colour); num_filters: units at each site.
    Returns an integer.
    """
    ### BEGIN SOLUTION
    window = kernel_rows * kernel_cols * in_channels
    return out_rows * out_cols * num_filters * window
    ### END SOLUTION


# %% test="locally_connected_weights"
check(locally_connected_weights)

# %% [markdown] exercise="conv_weights"
# In a convolution the sites share their filters. Count the weights, and one bias for each filter if `use_bias` is True.


# %% answer="conv_weights"
def conv_weights(kernel_rows, kernel_cols, in_channels, num_filters, use_bias):
    """The number of parameters of a convolutional layer.

    kernel_rows, kernel_cols, in_channels, num_filters: as above; use_bias: count one bias a filter?
    Returns an integer.
    """
    ### BEGIN SOLUTION
    window = kernel_rows * kernel_cols * in_channels
    return num_filters * (window + int(use_bias))
    ### END SOLUTION


# %% test="conv_weights"
check(conv_weights)

# %% [markdown]
# **Predict before you run.** A dense layer and a convolution with one filter, both with 40,000 units on a 200 × 200 image: how many times as many
# weights has the dense one? Write your guess, then run the cell.

# %%
guess = None
predict(
    guess,
    right=40_000 * 40_000 / (10 * 10),
    why="Each of 40,000 dense units has 40,000 weights; the others share 10 × 10.",
    close=0.1,
)

# %% [markdown]
# A 200 × 200 image and 40,000 units, one for each pixel: connected to all pixels; to a window of 10 × 10 each; to such a window with
# weights that all share. The lectures put *four* filters at each site in the last two cases, which makes 160,000 units: these stand below, too.

# %%
if ready(dense_weights, locally_connected_weights, conv_weights):
    counts = {"fully connected": dense_weights(200 * 200, 40_000)}
    for number, name in ((1, "1 filter"), (4, "4 filters")):
        local = locally_connected_weights(200, 200, 10, 10, 1, number)
        counts[f"locally connected, {name}"] = local
        counts[f"convolution, {name}"] = conv_weights(10, 10, 1, number, use_bias=False)
    for name, count in counts.items():
        print(f"{name:28s}{count:15,d} weights")

    figure, axes = new_figure(height=2.6)
    bars = axes.barh(list(counts), list(counts.values()), color=BLUE)
    axes.bar_label(bars, labels=[f"{count:,}" for count in counts.values()], padding=4)
    axes.set(
        xscale="log",
        xlim=(10, 3e11),
        xlabel="weights (each step of the axis is a factor of 100)",
    )
    axes.invert_yaxis()
    axes.set_title("One layer on a 200 × 200 image")
    show(figure, "Bars on a logarithmic axis, from 1.6 billion weights down to 100.")

# %% [markdown]
# **What you should see.** With 40,000 units each time: 1.6 billion, 4 million, 100. With four filters: 16 million and 400. In float32 the dense layer
# needs 6.4 GB; 400 weights fit on half a page. And weights that are used at 40,000 sites in every image can be learned from far fewer images.
#
# ### Two words: equivariant, invariant
#
# Units that share their weights have a property that the others lack. Move the input, and their answers **move along** and stay the same otherwise. This is called
# **equivariance**: what happens to the input happens to the output. If you then keep only the largest answer, even the place is forgotten: the result **does not change** at all.
# This is **invariance**. A net that says *where* the cat is needs the first, one that only says *that* there is a cat needs the second. Below, one unit stands at every place of a row.

# %%
if ready(linear_unit):
    row, weights = np.array([0, 0, 1, 3, 1, 0, 0, 0, 0]), np.array([-1, 2, -1])
    for name, seen in (("as it is", row), ("two places on", np.roll(row, 2))):
        answers = [int(linear_unit(seen[n : n + 3], weights, 0)) for n in range(7)]
        print(f"{name:14s} {answers}, largest {max(answers)}")

# %% [markdown]
# The answers have moved by two places, and the largest is the same. Units with weights of their own would have to learn the shape anew at every place. Units 3 and 6 measure how
# far this holds in a net.
#
# **Repair.** The function below should give the answers of one unit at every place of a row. It is broken, and the figure below it shows how:
# the answers rise at the bump, but they never come down again. Find the fault and mend it.

# %% [markdown] exercise="answers_along"
# Work the first example by hand beside the code. Change as little as you can.


# %% answer="answers_along"
def answers_along(row, w, b):
    """The answers of one unit at every place of a row.

    row: array of N numbers; w: array of K ≤ N weights; b: a number.
    Returns an array of N − K + 1 answers.
    """
    ### BEGIN SOLUTION
    answers = []
    for n in range(len(row) - len(w) + 1):
        z = b
        for k in range(len(w)):
            z += w[k] * row[n + k]
        answers.append(z)
    return np.array(answers)
    ### END SOLUTION


# %%
bump, moved = np.array([0, 0, 1, 3, 1, 0, 0, 0, 0]), np.array([0, 0, 0, 0, 1, 3, 1, 0, 0])
figure, axes = new_figure(1, 2, width=9, height=2.6)
for place, name, row in zip(axes, ("as it is", "two places on"), (bump, moved)):
    place.bar(range(9), row, color=LINE, label="row")
    place.plot(
        range(1, 8), answers_along(row, np.array([1, 2, 1]), 0.5), "o-", label="answers"
    )
    place.set(title=name, ylim=(0, 23))
axes[0].legend()
show(
    figure, "A bump in a row and a unit's answers along it, before and after it has moved."
)

# %% test="answers_along"
check(answers_along)

# %% [markdown]
# **What you should see** when it is mended: a hill over the bump, the same in both panels, two places apart.
#
# ### A famous first layer
#
# LeNet-5 (Unit 9) maps a 32 × 32 image to 6 maps of 28 × 28 with 5 × 5 windows.

# %%
if ready(dense_weights, conv_weights):
    dense = dense_weights(32 * 32, 6 * 28 * 28)
    weights, parameters = conv_weights(5, 5, 1, 6, False), conv_weights(5, 5, 1, 6, True)
    print(f"fully connected: {dense:,} weights")
    print(f"convolution:     {weights} weights and {parameters - weights} biases")

# %% [markdown]
# One lecture that this course grew out of gives "4.9 million" for the first line and "6 × 5 × 5 = 125" for the second.
# Your functions say 4.82 million and 150. Slips of the pen happen to everyone; that is why we compute every number here.

# %% [markdown]
# ## When not to use it
#
# A convolution looks at *neighbours*. It pays only if being neighbours means something. There is a simple test:
#
# > **If you may shuffle the columns of your data and nothing is lost, do not convolve.**
#
# Below, a photograph and a table (178 wines, 13 chemical measurements, each brought to the same scale), before and after a shuffle of the columns.

# %%
camera = skimage.data.camera()[::4, ::4] / 255
wine = load_wine().data
table = (wine - wine.mean(axis=0)) / wine.std(axis=0)
random = np.random.default_rng(0)

figure, axes = new_figure(1, 4, width=11, height=3.0)
for place, data, name in zip(axes[::2], (camera, table[:40]), ("photograph", "wines")):
    draw_image(place, data, name)
for place, data, name in zip(axes[1::2], (camera, table[:40]), ("photograph", "wines")):
    draw_image(place, data[:, random.permutation(data.shape[1])], f"{name}, shuffled")
show(figure, "The shuffled photograph is unreadable; the shuffled table looks as before.")

# %% [markdown]
# Put a number on it: how alike are neighbouring columns? We take the correlation of each column with the next, and the mean of its size.


# %%
def neighbour_correlation(data):
    both = zip(data.T[:-1], data.T[1:])
    return np.mean([abs(np.corrcoef(one, next_one)[0, 1]) for one, next_one in both])


for name, data in (("photograph", camera), ("wines", table)):
    shuffled = [data[:, random.permutation(data.shape[1])] for _ in range(20)]
    after = np.mean([neighbour_correlation(each) for each in shuffled])
    print(f"{name:11s} as it is {neighbour_correlation(data):.2f}, shuffled {after:.2f}")

# %% [markdown]
# **What you should see.** In the photograph neighbours agree strongly, and a shuffle takes much of that away. In the table the numbers
# before and after are nearly the same: its order was arbitrary. Compare each with its own shuffle, not one with the other: the shuffled photograph stays above the wines,
# because *any* two of its columns are somewhat alike (bright sky above, darker ground below). What the shuffle destroys is what *neighbours* have beyond that. Sound, text, ECGs and images pass the test; tables of customers do not.
# Unit 21 runs this experiment on whole nets.

# %% [markdown]
# ## Summary
#
# - A unit computes $w \cdot x + b$. It is tuned to inputs that point along its weights.
# - With a threshold it accepts a half-space; several units bound a convex region; a second layer joins regions to any shape.
# - 40,000 units on a 200 × 200 image: fully connected 1.6 billion weights, locally connected (10 × 10) 4 million, convolution 100.
# - Shared weights are **equivariant**: the answers move with the input. The largest answer is **invariant**.
# - Convolution needs neighbours that mean something: the shuffle test.
#
# ## Questions
#
# 1. A unit has $w = [3, 4]$, $b = 0$. What is the largest $z$ for inputs of length 2?
# 2. Why does $b$ not change which input of a given length a unit likes best?
# 3. How many units do you need, at least, to bound a region of the plane on all sides?
# 4. A convolution has 7 × 7 kernels, 3 input channels, 64 filters and biases. How many parameters? Does it matter how large the image is?
# 5. Would you convolve along the axis «day of the year» of a table of temperatures? Along the axis «city», sorted by name?
#
# <details><summary>Key</summary>
#
# 1. |w| = 5, so z = 5 · 2 = 10.
# 2. It adds the same number to every z; the order of the inputs stays as it was.
# 3. Three: a triangle.
# 4. 64 · (7 · 7 · 3 + 1) = 9,472. No.
# 5. Along the days, yes: neighbours are alike. Along the names of cities, no: shuffling them loses nothing.
#
# </details>
#
# ## Open work
#
# No key is given. Each asks for a measurement; keep your numbers.
#
# 1. How many half-planes does a good approximation of a disc need? Build regions with 3, 4, 6, 12 units, and measure the share of the plane's points that are on the wrong side.
# 2. Shuffle not the columns but blocks of 2, 4, 8, 16 columns of the photograph. How does the correlation of neighbours return? What size of window does your curve suggest?
# 3. Find a table for which the shuffle test fails to decide. What would you measure in its place?
#
# ## References
#
# - F. Rosenblatt, *The perceptron: a probabilistic model for information storage and organization in the brain*, Psychological Review 65, 1958.
# - Y. LeCun, L. Bottou, Y. Bengio and P. Haffner, *Gradient-based learning applied to document recognition*, Proceedings of the IEEE 86(11), 1998.
# - S. Aeberhard and M. Forina, *Wine*, UCI Machine Learning Repository, 1992 (in scikit-learn).
