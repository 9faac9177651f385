# %% [markdown]
# # Unit 5 · A toy net for X and O
#
# **You will be able to**
#
# - follow every number through a convolutional net: match, ReLU, pooling, votes;
# - say why matching pieces survives where comparing pixels fails;
# - measure how wrong an answer is, and find out which way to change each number;
# - train the net's features and voting weights by backpropagation, and count what it saves.
#
# **Time** about three and a half hours. **Before this** Unit 4: image filters.

# %% setup="numpy"
import numpy as np

import convcourse.pictures.xo_toy_net as toy
from convcourse.check import check, ready
from convcourse.figures import show
from convcourse.pictures.xo_toy_net import CROSS, FEATURES, NAMES, RING, cut
from convcourse.predictions import predict
from convcourse.widgets import slide

# %% [markdown]
# ## Is it an X or an O?
#
# A child sees it at once. A computer sees 81 numbers: 1 for ink, −1 for paper. Can it compare **pixels**?
#
# **Predict before you run.** Move the X by one pixel to the right. In how many of the 81 places does it still agree with the X? And does an O agree in more places, or in fewer?

# %%
guess = None
shifted = np.roll(CROSS, 1, axis=1)
predict(
    guess,
    np.sum(shifted == CROSS),
    "Paper agrees with paper; no ink meets ink.",
    close=0.05,
)

# %%
figure = toy.pixels_figure({"X": CROSS, "X, one pixel on": shifted, "O": RING})
show(figure, "An X, the same X one pixel to the right, and an O, as tables of 1 and -1.")

# %% [markdown]
# The shifted X agrees with the X in fewer places than the O does: comparing pixels does not work. The way out is to compare **pieces**. Any X has a stroke falling to the right, a stroke rising to the right, and a crossing. Where exactly they are matters less. These three pieces are our **features**, three kernels of 3 × 3. The idea of this toy net is Brandon Rohrer's (2016).

# %%
figure = toy.maps_figure(FEATURES, NAMES)
show(figure, "Three features of 3 by 3: a falling stroke, a cross, a rising stroke.")

# %% [markdown]
# ## A match, by hand
#
# Lay the feature on a patch of the image. Multiply pixel by pixel: 1 · 1 and (−1) · (−1) give 1, unequal pixels give −1. The **match** is the mean of the nine products. A perfect match is 1. If seven pixels agree and two do not, it is (7 − 2)/9 = 5/9 = 0.555….

# %% [markdown] exercise="match_score"
# Compute the match of a patch and a feature of the same shape.


# %% answer="match_score"
def match_score(patch, feature):
    """How well a feature matches a patch.

    patch, feature: arrays of the same shape. Returns a number: the mean of their products.
    """
    ### BEGIN SOLUTION
    return np.mean(patch * feature)
    ### END SOLUTION


# %% test="match_score"
check(match_score)

# %% [markdown]
# ## Every possible place
#
# Now slide the feature over the image and write down the match at each place. You know this operation: it is convolution **without** reversal, mode valid, divided by the number of pixels. Move the slider. The still picture stops at row 2, column 2, on the X's falling stroke.

# %%
slide(lambda step: toy.match_figure(CROSS, FEATURES[0], step), "place", 48, value=16)
show(*toy.match_figure(CROSS, FEATURES[0], 16))

# %% [markdown] exercise="filter_image"
# Write it. Use your `match_score`.


# %% answer="filter_image"
def filter_image(image, feature):
    """The map of all matches: convolution without reversal, mode valid, as a mean.

    image: array (rows, cols), feature: array (krow, kcol), not larger; integers or floats.
    Returns a float array (rows − krow + 1, cols − kcol + 1).
    """
    ### BEGIN SOLUTION
    krow, kcol = feature.shape
    rows, cols = image.shape[0] - krow + 1, image.shape[1] - kcol + 1
    matches = np.zeros((rows, cols))
    for r in range(rows):
        for c in range(cols):
            matches[r, c] = match_score(image[r : r + krow, c : c + kcol], feature)
    return matches
    ### END SOLUTION


# %% test="filter_image"
check(filter_image)

# %%
if ready(filter_image):
    maps = np.stack([filter_image(CROSS, feature) for feature in FEATURES])
    figure = toy.maps_figure(maps, NAMES)
    show(figure, "Three maps of 7 by 7 matches, each strongest where its piece lies.")
    print("first row, cut:", cut(maps[0, 0]), "rounded:", maps[0, 0].round(2))

# %% [markdown]
# **What you should see.** 9 × 9 becomes 7 × 7. The first map has a falling line of strong matches, the third a rising one; the cross matches fully only in the centre.
#
# **Cut or rounded?** 5/9 is 0.5555…. Rounded it is 0.56. The lecture prints 0.55, because it cuts the rest off, and 0.77 for 7/9. The pictures here cut too, so that you can lay them beside the lecture. The numbers behind them are exact.

# %% [markdown] exercise="telling_feature"
# Any piece can be a feature. **Design** a feature of 3 × 3 that is found in one image and not in another. Two images may share many pieces, but seldom all. Every feature that tells them apart is right.


# %% answer="telling_feature"
def telling_feature(image, other):
    """A feature that is somewhere in `image` and nowhere in `other`.

    image, other: arrays (rows, cols) of 1 and −1. Returns an array (3, 3) of numbers from −1 to 1.
    Its best match anywhere in `image` is 1 (0.99 or more), and in `other` at most 0.6.
    """
    ### BEGIN SOLUTION
    for r, c in np.ndindex(image.shape[0] - 2, image.shape[1] - 2):
        piece = image[r : r + 3, c : c + 3]
        if filter_image(other, piece).max() < 0.6:
            return piece
    ### END SOLUTION


# %% test="telling_feature"
check(telling_feature)

# %% [markdown]
# ## Negative matches become zero
#
# A strong negative match says "the opposite of the feature". To say "not here" a zero is enough. The **rectified linear unit**, ReLU, sets negative numbers to zero and leaves all others.

# %% [markdown] exercise="relu"
# It works on arrays of any shape.


# %% answer="relu"
def relu(image):
    """Negative numbers become 0.

    image: an array of any shape, not changed. Returns a new array of that shape.
    """
    ### BEGIN SOLUTION
    return np.maximum(image, 0)
    ### END SOLUTION


# %% test="relu"
check(relu)

# %%
if ready(filter_image, relu):
    figure = toy.maps_figure(relu(maps), [f"ReLU of {name}" for name in NAMES])
    show(figure, "The same three maps; all negative numbers have become zero.")

# %% [markdown]
# ## Smaller, and less fussy
#
# **Max pooling** walks a window over the map and keeps the largest number of each. With windows of 2 × 2 side by side, four numbers become one: a good match was *somewhere here*. This makes the net less fussy about the exact place.
#
# Seven columns do not divide by two. The last window sticks out; it is **cut**, and gives the largest of what is left. So 7 × 7 becomes 4 × 4.

# %% [markdown] exercise="max_pool"
# Windows of size × size, side by side, cut at the ragged edge.


# %% answer="max_pool"
def max_pool(image, size):
    """The largest number of each window of size × size; windows stand side by side, cut at the edge.

    image: array (rows, cols), integers or floats; size: int ≥ 1, may be larger than the image.
    Returns an array (⌈rows/size⌉, ⌈cols/size⌉).
    """
    ### BEGIN SOLUTION
    rows, cols = (range(0, length, size) for length in image.shape)
    windows = [[image[r : r + size, c : c + size] for c in cols] for r in rows]
    return np.array([[window.max() for window in row] for row in windows])
    ### END SOLUTION


# %% test="max_pool"
check(max_pool)

# %%
if ready(filter_image, max_pool):
    pooled = [max_pool(m, 2) for m in maps]
    figure = toy.maps_figure(pooled, [f"pooled {name}" for name in NAMES])
    show(figure, "Three maps of 4 by 4; the falling and the rising line can still be seen.")

# %% [markdown]
# The 4 × 4 maps still show what the 7 × 7 maps showed. ReLU before or after max pooling makes no difference. (Why? See the questions.)
#
# ## Layers
#
# A **layer** turns a stack of images into a stack of images. A convolution layer applies every feature to every image of the stack: N images and M features give N·M maps. (In real nets the maps that come from one feature are added up; that is unit 6.)

# %% [markdown] exercise="conv_layer"
# First all features on image 0, then all features on image 1, and so on.


# %% answer="conv_layer"
def conv_layer(images, features):
    """Every feature on every image.

    images: array (N, rows, cols); features: array (M, krow, kcol).
    Returns an array (N·M, rows − krow + 1, cols − kcol + 1), image by image.
    """
    ### BEGIN SOLUTION
    return np.stack([filter_image(x, feature) for x in images for feature in features])
    ### END SOLUTION


# %% test="conv_layer"
check(conv_layer)

# %% [markdown] exercise="stack"
# Now stack layers in any order: the output of one is the input of the next. The order is a list of words: `"conv"`, `"relu"`, and `"pool"` for max pooling with windows of 2 × 2.


# %% answer="stack"
def stack(image, features, layers):
    """Run an image through layers.

    image: array (rows, cols); features: array (M, krow, kcol), the same for every "conv".
    layers: list of "conv", "relu", "pool" (2 × 2), in the order in which they work.
    Returns an array (maps, rows, cols).
    """
    ### BEGIN SOLUTION
    maps = image[None]
    for layer in layers:
        if layer == "conv":
            maps = conv_layer(maps, features)
        elif layer == "relu":
            maps = relu(maps)
        else:
            maps = np.stack([max_pool(m, 2) for m in maps])
    return maps
    ### END SOLUTION


# %% test="stack"
check(stack)

# %%
if ready(stack):
    deep = ["conv", "relu", "pool", "relu", "pool"]
    last_x, last_o = stack(CROSS, FEATURES, deep), stack(RING, FEATURES, deep)
    names = [f"{shape}: {name}" for shape in "XO" for name in NAMES]
    figure = toy.maps_figure([*last_x, *last_o], names)
    show(figure, "Three maps of 2 by 2 for X and three for O, strong in different places.")
    twice = stack(CROSS, FEATURES, ["conv", "relu", "pool", "conv", "relu", "pool"])
    print("conv-ReLU-pool twice:", twice.shape, cut(twice.ravel()))

# %% [markdown]
# **What you should see.** Where X reaches 1.00, O has 0.55, and the other way round. Twelve numbers now carry the answer. Convolving twice gives nine maps of one number each. The lecture shows "deep stacking" with the 2 × 2 maps above: they come from *one* convolution and *two* poolings.
#
# ## Votes
#
# The twelve numbers vote. Each has a **weight** for X and a weight for O; the votes of a class are the sum of weight times value. This is a **fully connected layer**. What weights are sensible? Let a place vote for X with 1/5 where X reaches 1.00 (there are five), and for O with 1/4 where O does (four).

# %% [markdown] exercise="votes"
# Count the votes.


# %% answer="votes"
def votes(maps, weights):
    """The votes of each class: the sum of weight · value over all numbers of the stack.

    maps: array of any shape with N numbers, read map by map and row by row; weights: array (classes, N).
    Returns an array (classes,).
    """
    ### BEGIN SOLUTION
    return weights @ np.ravel(maps)
    ### END SOLUTION


# %% test="votes"
check(votes)

# %%
if ready(stack, votes):
    weights = np.isclose([last_x, last_o], 1).reshape(2, -1) / [[5], [4]]
    print("votes of the X for (X, O):", votes(last_x, weights).round(2))
    print("votes of the O for (X, O):", votes(last_o, weights).round(2))
    lecture = toy.LECTURE_VALUES
    print("the lecture's new image:  ", votes(lecture, weights))
    figure = toy.votes_figure(lecture, weights)
    show(figure, "Twelve bars; five of them vote for X and four for O.")

# %% [markdown]
# The lecture's new image gets 0.912 votes for X and 0.5175 for O: an X. The slide prints .92 and .51, so the second is cut, and the first is a slip of the pen for .91.
#
# ## How wrong is it?
#
# The right answer for an X is 1 for X and 0 for O. The **error** adds up how far each vote is away: $E = \sum_c |\text{right}_c - \text{vote}_c|$.

# %% [markdown] exercise="total_error"
# Add up the sizes of the differences.


# %% answer="total_error"
def total_error(right, actual):
    """Σ |right − actual| over all classes.

    right, actual: arrays (classes,). Returns a number.
    """
    ### BEGIN SOLUTION
    return np.sum(np.abs(right - actual))
    ### END SOLUTION


# %% test="total_error"
check(total_error)

# %%
if ready(total_error):
    answer, wanted = np.array([0.92, 0.51]), np.array([1, 0])
    print("sizes:", np.abs(wanted - answer).round(2), "total:", total_error(wanted, answer))
    print("with .49 for .51:", round(total_error(wanted, np.array([0.92, 0.49])), 2))

# %% [markdown]
# 0.08 + 0.51 is **0.59**. The lecture's table says 0.49 for the second size (1 − 0.51, as if 1 were right for O) and so **.57** in all. Slips like these are why we compute.
#
# ## Learning, first way: nudge every number
#
# Where do good weights come from? Nudge one number a little **up** and measure the error; then a little **down**. The difference, divided by the way between the two, is the **slope**: how fast the error grows with this number. Do it for all numbers, and you know how to change each: against its slope. This is a **gradient** by central differences.

# %% [markdown] exercise="nudge_gradient"
# Find the slope of `total_error` for each voting weight. Nudge one weight at a time, up and down by `step`; all others stay.


# %% answer="nudge_gradient"
def nudge_gradient(values, weights, right, step):
    """The slope of the error for each voting weight: (error up − error down) / (2·step).

    values: array (N,), what votes; weights: float array (classes, N), not changed.
    right: array (classes,); step: a positive number. Returns an array (classes, N).
    Where a vote is right the error has a corner: the formula gives 0 there.
    """
    ### BEGIN SOLUTION
    gradient = np.zeros(weights.shape)
    for place in np.ndindex(weights.shape):
        up, down = weights.copy(), weights.copy()
        up[place] += step
        down[place] -= step
        above, below = (total_error(right, votes(values, moved)) for moved in (up, down))
        gradient[place] = (above - below) / (2 * step)
    return gradient
    ### END SOLUTION


# %% test="nudge_gradient"
check(nudge_gradient)

# %%
if ready(stack, votes, nudge_gradient):
    learned, errors = weights.copy(), []
    for _ in range(40):
        errors.append(total_error(wanted, votes(lecture, learned)))
        learned -= 0.002 * nudge_gradient(lecture, learned, wanted, 0.001)
    show(toy.error_figure(errors), "The error falls in a straight line, then more slowly.")
    print("votes:", votes(lecture, weights).round(3), "→", votes(lecture, learned).round(3))

# %% [markdown]
# The straight line comes from the error's shape: $|\cdot|$ has the same slope near the goal as far from it. The first vote reaches its goal and the kink in the line shows it; a slope that shrinks near the goal would be gentler. So from here on we take $E = \tfrac12\sum_c (\text{vote}_c - \text{right}_c)^2$, whose slope is simply the difference.
#
# ## Trickier shapes
#
# Real letters are moved, scaled, turned, thick, noisy. Here are 2,000 of them, 16 × 16, half of them X. 1,500 are for learning, 500 are held out for the test.

# %%
images, labels = toy.make_shapes(2000, seed=0)
train, test = slice(0, 1500), slice(1500, 2000)
figure = toy.sheet(images[:30], ["XO"[label] for label in labels[:30]])
show(figure, "Thirty crosses and rings of many sizes, places and turns, with noise.")
by_pixels = toy.accuracy_by_pixels(images, labels, train, test)
print(f"the best line through all pixels recognises {by_pixels:.1%} of the test shapes")

# %% [markdown]
# ## Learning, second way: backpropagation
#
# *Two numbers first.* A line answers $a x + b$; its error for one pair $(x, y)$ is $\tfrac12 (a x + b - y)^2$. With $d = a x + b - y$ the slope for $a$ is $d\,x$, and for $b$ it is $d$. No nudging: each slope is written down.

# %% [markdown] exercise="line_pass"
# Go through the pairs once. After each pair both numbers take a step: number ← number − rate · slope.


# %% answer="line_pass"
def line_pass(x, y, a, b, rate):
    """One pass over the pairs (x, y), one step of the line a·x + b after each, in the given order.

    x, y: float arrays (count,); a, b, rate: numbers. Returns the new (a, b).
    """
    ### BEGIN SOLUTION
    for place, wanted in zip(x, y):
        d = a * place + b - wanted
        a, b = a - rate * d * place, b - rate * d
    return a, b
    ### END SOLUTION


# %% test="line_pass"
check(line_pass)

# %% [markdown] exercise="chain_pass"
# *Then two layers of one number each.* The value is $\max(0, f x)$, the vote is $w \cdot \text{value}$, and $d = \text{vote} - y$. The slope for $w$ is $d \cdot \text{value}$. The value is to blame by $d\,w$; if it is positive, the slope for $f$ is $d\,w\,x$, and else 0. Use the old $w$ for the blame.


# %% answer="chain_pass"
def chain_pass(x, y, f, w, rate):
    """One pass over the pairs (x, y), one step of the net w · max(0, f·x) after each, in the given order.

    x, y: float arrays (count,); f, w, rate: numbers. Returns the new (f, w).
    """
    ### BEGIN SOLUTION
    for pixel, wanted in zip(x, y):
        value = max(0, f * pixel)
        d = w * value - wanted
        blame = d * w if value > 0 else 0
        f, w = f - rate * blame * pixel, w - rate * d * value
    return f, w
    ### END SOLUTION


# %% test="chain_pass"
check(chain_pass)

# %% [markdown]
# ### The whole net
#
# Our net for these shapes is small. Eight features of 5 × 5, for each its **best match** anywhere in the image (max pooling over the whole map), ReLU, and votes:
#
# $$\text{value}_m = \max(0,\ \text{match of feature } m \text{ at its best place}),\qquad \text{vote}_c = \sum_m w_{cm}\,\text{value}_m .$$
#
# Nudging 216 numbers takes 432 runs of the net, for one step, for one image. **Backpropagation** finds all slopes in one walk back through the layers. Ask at each layer: if my output should change, who is to blame?
#
# 1. *Votes.* $d_c = \text{vote}_c - \text{right}_c$ is the slope of the error for vote c.
# 2. *Weights.* $w_{cm}$ is multiplied by value m, so its slope is $d_c \cdot \text{value}_m$.
# 3. *Values.* Value m went into all votes, so its slope is $b_m = \sum_c d_c\, w_{cm}$: the blame, sent back through the same weights.
# 4. *ReLU.* Where the best match was not positive, the value is 0 and a nudge changes nothing: the slope ends here.
# 5. *Max.* Only the best place counts. The other places get nothing.
# 6. *Feature.* The match is the mean of feature · patch, so the slope of feature m is $b_m \cdot \text{patch} / (\text{krow}\cdot\text{kcol})$, with the patch at its best place.
#
# *By hand.* One feature [1, 1], image [2, 1, −1]: the matches are 1.5 and 0, the best patch is [2, 1], the value 1.5. With weights 1 for X and 0 for O the votes are (1.5, 0). It is an X: d = (0.5, 0). Slope of the first weight: 0.5 · 1.5 = 0.75. Blame: 0.5 · 1 = 0.5. Slope of the feature: 0.5 · [2, 1]/2 = [0.5, 0.25].

# %% [markdown] exercise="train_xo"
# One pass over the images, one step after each image: number ← number − rate · slope, for features and weights alike. Use the old weights for the blame.


# %% answer="train_xo"
def train_xo(images, labels, features, weights, rate):
    """One pass of backpropagation, image after image, in the given order.

    images: array (count, rows, cols); labels: ints (count,), the class of each image.
    features: array (M, krow, kcol); weights: array (classes, M); neither is changed.
    rate: the size of a step. Returns the new (features, weights).
    """
    ### BEGIN SOLUTION
    features, weights = features.copy(), weights.copy()
    krow, kcol = features.shape[1:]
    for image, label in zip(images, labels):
        patches = np.lib.stride_tricks.sliding_window_view(image, (krow, kcol))
        matches = np.tensordot(patches, features, axes=([2, 3], [1, 2])) / (krow * kcol)
        matches = matches.reshape(-1, len(features))
        best = patches.reshape(-1, krow, kcol)[matches.argmax(axis=0)]
        values = relu(matches.max(axis=0))
        wrong = votes(values, weights)
        wrong[label] -= 1
        blame = (weights.T @ wrong) * (values > 0)
        weights -= rate * np.outer(wrong, values)
        features -= rate * blame[:, None, None] * best / (krow * kcol)
    return features, weights
    ### END SOLUTION


# %% test="train_xo"
check(train_xo)

# %% [markdown]
# ### Do both ways agree?
#
# One step with rate 1 moves every number by its slope. Compare these slopes with nudging.

# %%
if ready(train_xo):
    net = toy.start_net(8, 5, seed=1)
    after = train_xo(images[:1], labels[:1], *net, 1.0)
    back = np.concatenate([(old - new).ravel() for old, new in zip(net, after)])
    nudged = toy.nudge_net(images[0], labels[0], *net)
    print(f"{back.size} numbers: nudging runs the net {2 * back.size} times, this way once")
    print("largest difference between the two:", f"{np.abs(back - nudged).max():.0e}")
    figure = toy.slopes_figure(nudged, back)
    show(figure, "All points lie on the diagonal: both ways agree.")

# %% [markdown] exercise="start_features"
# **Repair.** Before training, the features get small random numbers. The function below does it, and runs. But all features come out the same, and the figure shows that training never parts them: equal features with equal weights get equal slopes. Mend it.


# %% answer="start_features"
def start_features(count, size, seed):
    """Random features to begin with, all different; the same for the same seed.

    count, size, seed: integers. Returns a float array (count, size, size): numbers of *one* generator,
    np.random.default_rng(seed), normal with mean 0 and spread 0.5, drawn feature by feature.
    """
    ### BEGIN SOLUTION
    features = np.zeros((count, size, size))
    generator = np.random.default_rng(seed)
    for number in range(count):
        features[number] = generator.normal(0, 0.5, size=(size, size))
    return features
    ### END SOLUTION


# %%
if ready(train_xo):
    begun = start_features(8, 5, 1), np.array([[0.1] * 8, [-0.1] * 8])
    passed = train_xo(images[train], labels[train], *begun, 0.1)
    alt = "Two rows of eight features of 5 by 5, before and after training."
    show(toy.features_figure([*begun[0], *passed[0]], ["start"] * 8 + ["trained"] * 8), alt)

# %% test="start_features"
check(start_features)

# %%
if ready(train_xo):  # now train: ten passes
    net, learning, parts = toy.start_net(8, 5, seed=1), [], (train, test)
    for number in range(1, 11):
        net = train_xo(images[train], labels[train], *net, 0.1)
        learning.append([toy.accuracy(images[part], labels[part], *net) for part in parts])
        known, new = learning[-1]
        print(
            f"pass {number:2d}: {known:.1%} of the training, {new:.1%} of the test shapes"
        )
    show(toy.learning_figure(learning, by_pixels, net[1]), "Accuracy far above pixels.")

# %%
if ready(train_xo):
    titles = ["for X" if for_x > for_o else "for O" for for_x, for_o in net[1].T]
    show(toy.features_figure(net[0], titles), "Crossings and corners for X, bows for O.")
    print("missed test shapes:", (toy.recognise(images[test], *net) != labels[test]).sum())
    scores = toy.other_sets(train_xo, train, test)
    print(f"ten other sets, 4 passes: {min(scores):.1%} to {max(scores):.1%} of the test")

# %% [markdown]
# **What you should see.** After a few passes the net knows nearly all shapes that it has never seen, far more than the line through all pixels. Nobody told it about strokes and bows: the features were noise at the start. **Why it matters.** Every net of this course is this net, larger: match, ReLU, pool, vote, and blame sent back.
#
# ## Summary
#
# - A **feature** is laid on every patch; the **match** is the mean of the products. That is convolution without reversal.
# - **ReLU** drops what is negative; **max pooling** keeps the best of each window, and makes the exact place matter less.
# - A **fully connected layer** lets every value vote, with a weight for each class.
# - The **slope** of the error says how to change each number. Nudging costs two runs for each number, backpropagation about one walk back for all.
#
# ## Questions
#
# 1. Why may ReLU and max pooling change places?
# 2. The X and the shifted X disagree in many pixels. Why do their pooled maps still look alike?
# 3. A net has a million numbers, and one run takes 10 ms. How long does one step take by nudging?
# 4. Your columns are name, age and address of customers. Is a convolutional net a good idea?
# 5. Feature m's best match is negative for every training image. What happens to it in training?
#
# <details><summary>Key</summary>
#
# 1. ReLU never turns an order round: if a ≥ b then ReLU(a) ≥ ReLU(b). So the largest number of a window stays the largest.
# 2. Each piece still matches, one pixel further on. Pooling keeps the best of a window, and often the shift stays inside it.
# 3. Two million runs of 10 ms: 20,000 s, more than five hours.
# 4. No. Swapping two columns would change nothing that matters, so neighbours in the table mean nothing. Convolution pays where things that are close together belong together.
# 5. Its value is always 0, so all its slopes are 0 and it never changes. It is called a dead unit.
#
# </details>
#
# ## Open work
#
# No key is given. Each asks for a measurement; keep your numbers, over five seeds or more.
#
# 1. How many features does the net need? Train with 1, 2, 4, 8, 16, and draw the share of right test shapes with its spread. What do the features of the smallest good net look like?
# 2. How many shapes does it need to learn from? Take 50, 150, 500, 1,500, and compare with the line through all pixels.
# 3. Train without ReLU. What is lost, and why does this net still learn? (Think of what the maximum does.)
#
# ## References
#
# - B. Rohrer, *How do convolutional neural networks work?*, 2016.
# - D. Rumelhart, G. Hinton, R. Williams, *Learning representations by back-propagating errors*, Nature 323, 1986.
# - V. Nair, G. Hinton, *Rectified linear units improve restricted Boltzmann machines*, ICML 2010.
