# %% [markdown]
# # Unit 10 · Against learning by heart
#
# **You will be able to**
#
# - see overfitting in two curves, and measure what a remedy does to it, with mean and spread;
# - write dropout, DropConnect and batch normalisation, and say what each does in training and in inference;
# - make many pictures out of one: crops, flips, changed colours, vignettes;
# - answer by asking many times: ten crops, several sizes, several nets.
#
# **Time** about three hours. **Before this** Unit 7: backpropagation, and Unit 9: LeNet-5.

# %% setup="numpy"
import numpy as np
import skimage.data

from convcourse.check import check, ready
from convcourse.figures import show
from convcourse.predictions import predict
from convcourse.quiet import quietly
from convcourse.widgets import slide

with quietly():
    import keras
    from keras import layers

    from convcourse.pictures import regularization as course
    from convcourse.pictures.regularization import measure

# %% [markdown]
# ## Three hundred snapshots
#
# A small shop wants a net that sorts customers' snapshots into ten kinds of clothes. It has **300 pictures** with labels, thirty of each kind. Is that enough? Our snapshots come from Fashion-MNIST. Its originals are too kind: every piece stands in the middle, and every shoe points left. So we make each piece 14 × 14, put it anywhere in a field of 20 × 20, mirror half of them, and add noise. The net sees the middle 18 × 18.
#
# Two more sets of 2,000 snapshots are kept apart. We look at the **validation set** as often as we like: to compare remedies, to choose their strength, to stop. Whoever chooses by a set makes its numbers too good: the winner is partly the luckiest. So the **test set** is opened once, at the end of the unit, for the remedy that we have chosen.

# %%
data = course.make_snapshots()
show(*course.snapshots_figure(data))

# %% [markdown]
# Here is the net: one convolution layer, one hidden layer, ten scores. It has places for the remedies of this unit (`limits` will keep the weights of the dense layers small); for now all are off. Training goes through the 300 pictures 50 times. `measure` does it three times, with three seeds for the first weights and the order of the pictures, and prints the shares of right answers on the validation pictures, with their mean ± standard deviation. **Without the spread you cannot tell a remedy from luck.**


# %%
def small_net(rate=0.0, batch_norm=False, **limits):
    norm = layers.BatchNormalization if batch_norm else lambda momentum: layers.Identity()
    convolution = [layers.Conv2D(8, 5, strides=2), norm(momentum=0.9), layers.ReLU()]
    between = [layers.Flatten(), layers.Dropout(rate / 2)]
    hidden = [layers.Dense(64, **limits), norm(momentum=0.9), layers.ReLU()]
    scores = [layers.Dropout(rate), layers.Dense(10, **limits)]
    image = layers.Input((18, 18, 1))
    return keras.Sequential([image, *convolution, *between, *hidden, *scores])


count = small_net().count_params()
print(f"{count:,} parameters: {count / 300:.0f} for each training picture")

# %%
nothing = measure("nothing", small_net, data)
outcomes = [nothing]
show(*course.curves_figure(nothing))
print("right on the training pictures:", f"{nothing.last[:, 0].mean():.1%}")

# %% [markdown]
# **What you should see.** On its 300 pictures the net becomes perfect, or nearly so; on new ones little more than half of its answers are right. And look at the loss: on new pictures it falls for a short time, then it climbs. The net gets *surer and surer*, also where it is wrong. This is **overfitting**: it has learned the pictures by heart, noise and all. You could stop early, where the validation loss is lowest. The other remedies have three ideas: **keep the weights small**, **let the net not rely on single numbers**, **show it more**.
#
# ## Keep the weights small
#
# **Weight decay** (L2) adds a price for large weights to the loss. Its gradient pulls each weight towards 0:
#
# $$J' = J + \tfrac{\delta}{2}\sum w^2, \qquad w \leftarrow w - \eta\,(g + \delta w) = (1 - \eta\delta)\,w - \eta g .$$
#
# AlexNet took $\delta = 0.0005$, with momentum (Unit 7): $v \leftarrow 0.9\,v - 0.0005\,\eta\,w - \eta\,g$, then $w \leftarrow w + v$. **Max-norm** asks no price. It sets a limit: where the weights of *one unit* have a length above $c$, scale them back, $w \leftarrow w \cdot \min(1, c/\lVert w\rVert)$. Two traps: Keras's `L2(λ)` adds $\lambda \sum w^2$, without the half, so its λ is δ/2. And under Adam the pull is divided by Adam's running scale, like any gradient; `AdamW` decays the weights themselves (Loshchilov and Hutter 2019).


# %%
def decay_step(weights, gradient, learning_rate, decay):
    return weights - learning_rate * (gradient + decay * weights)


def max_norm(weights, limit):
    """Each column holds the weights of one unit."""
    return weights * np.minimum(1, limit / np.linalg.norm(weights, axis=0))


units = np.random.default_rng(4).uniform(-1.9, 1.9, (2, 14))
decayed, limited = decay_step(units, 0, 0.5, 0.6), max_norm(units, 1.0)
show(*course.shrink_figure(units, decayed, limited))
print("max-norm as in Keras:", np.allclose(limited, keras.constraints.MaxNorm(1)(units)))

# %%
l2, limit = keras.regularizers.L2(0.01), keras.constraints.MaxNorm(1.0)
decay = measure("weight decay", lambda: small_net(kernel_regularizer=l2), data)
longest = measure("max-norm", lambda: small_net(kernel_constraint=limit), data)
outcomes += [decay, longest]
show(*course.curves_figure(nothing, decay))

# %% [markdown]
# **What you should see.** Weight decay keeps the net from learning everything by heart. The loss on new pictures no longer runs away. The gain in right answers is small: in three runs with other seeds (nine trainings) 1.6 points each time, beside a spread of up to 2. Max-norm tames the loss as well, and gains 0.5 to 1.3 points. How strong should decay be? Try 0.03 and 0.001.
#
# ## Dropout
#
# The next idea is odd and strong. In each training step, **switch off each hidden unit with probability** `rate`, at random. No unit can count on a certain other one being there. Each step trains another thinned net; with 64 units there are $2^{64}$ of them, and all share their weights. Each unit gets a number between 0 and 1, and is kept where it is not below the rate. Move the rate.

# %%
slide(course.thinned_net_figure, "10 · rate", 9, value=4)

# %%
show(*course.thinned_net_figure(5))

# %% [markdown]
# With rate 0.5, a sum over the units is on average half as large as with all units. In inference, where nothing is dropped, everything would be twice too large. There are two cures. The paper's, in the lecture as $r_j \sim \text{Bernoulli}(p)$ with $p = 1 - \text{rate}$ the chance to *stay*, multiplies by $p$ in inference. Today's **inverted dropout** divides by $1 - \text{rate}$ in training, so that inference needs no change:
#
# $$\tilde y_j = \frac{m_j}{1 - \text{rate}}\, y_j, \qquad m_j = 1 \text{ where } u_j \ge \text{rate, else } 0 .$$
#
# *By hand:* y = [2, 4, 6, 8], rate 0.5, u = [0.7, 0.2, 0.5, 0.1]. Kept are the first and the third: [4, 0, 12, 0]. The sum was 20 and is 16; over many draws its mean is 20.

# %% [markdown] exercise="dropout"
# The random numbers come in as an argument, so that the result is determined. On the way back they are needed again: the gradient is multiplied by the same numbers as y, `dropout(gradient, rate, uniform, True)`.


# %% answer="dropout"
def dropout(x, rate, uniform, training):
    """Inverted dropout.

    x: array of any shape, of whole numbers or floats; rate: the share to drop, 0 ≤ rate < 1.
    uniform: array of x's shape, random numbers in [0, 1); an entry is kept where uniform >= rate.
    training: True, or False for inference, where x comes out unchanged. Returns an array of x's shape.
    """
    ### BEGIN SOLUTION
    if not training:
        return x
    return x * (uniform >= rate) / (1 - rate)
    ### END SOLUTION


# %% test="dropout"
check(dropout)

# %% [markdown]
# Is the mean right? Drop from a million threes, and compare with Keras's layer. The mean stays 3. What changes is the variance: from 0 to $x^2 \cdot \text{rate}/(1 - \text{rate})$. **Dropout is noise that leaves the mean alone.**

# %%
if ready(dropout):
    threes, dice = np.full(1_000_000, 3.0), np.random.default_rng(1).random(1_000_000)
    results = dropout(threes, 0.2, dice, True), layers.Dropout(0.2)(threes, training=True)
    for name, y in zip(("yours", "Keras"), map(np.asarray, results)):
        print(f"{name}: mean {y.mean():.2f}, variance {y.var():.2f}, values {np.unique(y)}")
    print(f"theory: mean 3, variance {3**2 * 0.2 / 0.8:.2f}, values 0 and {3 / 0.8}")

# %%
drop = measure("dropout", lambda: small_net(rate=0.5), data)
outcomes += [drop]
show(*course.curves_figure(nothing, drop))
losses = [outcome.last[:, 3].mean().round(2) for outcome in outcomes]
print("validation loss: nothing, weight decay, max-norm, dropout:", *losses)

# %% [markdown]
# **What you should see.** A few more right answers, in the same three runs 1.2 to 2.7 points. That is little more than the spread: do not oversell it. But the loss is much lower than with nothing, as low as weight decay and max-norm made it. All three keep the net from being sure where it is wrong.
#
# ## DropConnect
#
# Why drop whole units? **DropConnect** (Wan and others 2013) drops single weights. In the lecture's formula, ∘ multiplies entry by entry:
#
# $$a = f\big((M \circ W)\,x\big), \qquad M_{ij} = 1 \text{ with probability } 1 - \text{rate, else } 0 .$$
#
# Note: nothing is divided here. So in inference the mean of the mask stands for the mask, $a = f\big((1 - \text{rate})\, W x\big)$. (The paper goes further: there it draws the sums from a normal distribution with the right mean and variance.) Our f is ReLU.

# %% [markdown] exercise="dropconnect"
# Every weight has a die of its own.


# %% answer="dropconnect"
def dropconnect(x, weights, rate, uniform, training):
    """a = f((M∘W) x) in training, f((1 − rate) W x) in inference, with f = ReLU.

    x: array (inputs,); weights, uniform: arrays (units, inputs); M is 1 where uniform >= rate, else 0.
    rate: the share of weights to drop; training: True or False. Returns an array (units,).
    """
    ### BEGIN SOLUTION
    mask = (uniform >= rate) if training else 1 - rate
    return np.maximum((mask * weights) @ x, 0)
    ### END SOLUTION


# %% test="dropconnect"
check(dropconnect)

# %% [markdown]
# Give all weights of a unit the *same* number, and the whole unit goes. As $f(0) = 0$, that is dropout, up to the factor. So DropConnect is the more general of the two.
#
# Which is better? On MNIST the paper's DropConnect won with ReLU (1.20 % errors against 1.28) and with tanh, and lost with the sigmoid. Another table of the lecture (Srivastava and others 2014) shows that remedies *add up*: L2 1.62 %, max-norm 1.35, dropout + L2 1.25, dropout + max-norm 1.05.
#
# ## Batch normalisation
#
# While a layer learns, the numbers that feed the next layer drift and stretch. **Batch normalisation** brings each channel of each batch to mean 0 and variance 1, then gives it a scale γ and a shift β that are learned:
#
# $$\hat x = \frac{x - \mu}{\sqrt{\sigma^2 + \varepsilon}}, \qquad y = \gamma\,\hat x + \beta .$$
#
# μ and σ² are the batch's own mean and (biased) variance of this channel: over the batch, and for images over rows and columns too. In inference there may be one picture only, so one keeps **running** numbers in training, new = momentum · old + (1 − momentum) · batch's, and uses those. *By hand:* a channel with x = [1, 3]: μ = 2, σ² = 1, so x̂ = [−1, 1] (with ε = 0). Running mean 0, momentum 0.9: it becomes 0.9 · 0 + 0.1 · 2 = 0.2.

# %% [markdown] exercise="batch_norm_forward"
# Write both modes, for vectors and for images. The channels are the last axis.


# %% answer="batch_norm_forward"
def batch_norm_forward(x, gamma, beta, mean, variance, training, momentum, epsilon):
    """Batch normalisation of each channel (the last axis).

    x: array (batch, channels) or (batch, rows, cols, channels); gamma, beta: arrays (channels,).
    mean, variance: arrays (channels,), the running numbers so far, not changed in place.
    training: True: normalise with the batch's numbers, and update the running ones; False: use these.
    momentum: share of the old running number; epsilon: added to the variance under the root.
    Returns (y, mean, variance): y of x's shape, and the running numbers afterwards.
    """
    ### BEGIN SOLUTION
    used_mean, used_variance = mean, variance
    if training:
        others = tuple(range(x.ndim - 1))
        used_mean, used_variance = x.mean(axis=others), x.var(axis=others)
        mean = momentum * mean + (1 - momentum) * used_mean
        variance = momentum * variance + (1 - momentum) * used_variance
    normal = (x - used_mean) / np.sqrt(used_variance + epsilon)
    return gamma * normal + beta, mean, variance
    ### END SOLUTION


# %% test="batch_norm_forward"
check(batch_norm_forward)

# %%
if ready(batch_norm_forward):
    dice = np.random.default_rng(2)
    batch = dice.normal(size=(200, 2)) @ [[3, 0.5], [0, 0.6]] + [6, 2]
    one, zero = np.ones(2), np.zeros(2)
    y, mean, variance = batch_norm_forward(batch, one, zero, zero, one, True, 0.9, 1e-3)
    show(*course.batch_figure(batch, y))
    layer = layers.BatchNormalization(momentum=0.9, epsilon=1e-3, dtype="float64")
    difference = np.abs(np.asarray(layer(batch, training=True)) - y).max()
    print("training as in Keras: ", difference < 1e-6, np.allclose(layer.moving_mean, mean))
    y = batch_norm_forward(batch, one, zero, mean, variance, False, 0.9, 1e-3)[0]
    print("inference as in Keras:", np.allclose(layer(batch, training=False), y))

# %% [markdown]
# And backwards? μ and σ² are made of *all* x of a channel. Raise one x, and every output of the channel moves. Two facts must show in the gradient. Adding the same number to all x changes nothing: so over a channel the gradient adds up to **0**. Stretching them changes nothing either, but for ε: so the gradient has **no part along x̂**.
#
# *By hand:* x = [0, 0, 2, 2] gives x̂ = [−1, −1, 1, 1]. Ask for more of the first output only, g = [1, 0, 0, 0]. Its mean is 1/4, its part along x̂ is −1/4 · x̂. Without both, [1/2, −1/2, 0, 0] is left. To raise the first, lower its twin.

# %% [markdown] exercise="batch_norm_backward"
# **Repair.** The function below should be that gradient. In the picture, points on the line agree with nudging each x by a little. Find what was forgotten.


# %% answer="batch_norm_backward"
def batch_norm_backward(x, gamma, grad_y, epsilon):
    """The gradients of batch normalisation in training.

    x, grad_y: arrays (batch, channels) or (batch, rows, cols, channels): the input, and the gradient
        of the loss with respect to the output y; gamma: array (channels,); epsilon: as forward.
    Returns (grad_x, grad_gamma, grad_beta), each of the shape of what it belongs to.
    """
    ### BEGIN SOLUTION
    leading = tuple(range(x.ndim - 1))
    deviation = np.sqrt(x.var(axis=leading) + epsilon)
    normal = (x - x.mean(axis=leading)) / deviation
    grad_gamma = (grad_y * normal).sum(axis=leading)
    along = normal * (grad_y * normal).mean(axis=leading)
    grad_x = gamma * (grad_y - grad_y.mean(axis=leading) - along) / deviation
    return grad_x, grad_gamma, grad_y.sum(axis=leading)
    ### END SOLUTION


# %%
x, g = np.random.default_rng(3).normal(size=(2, 6, 4))
grad_x = batch_norm_backward(x, np.ones(4), g, 1e-3)[0]
show(*course.nudged_figure(x, g, grad_x, epsilon=1e-3))

# %% test="batch_norm_backward"
check(batch_norm_backward)

# %% [markdown]
# **Predict before you run.** Now the net with batch norm on our 300 snapshots. On *new* pictures, will it be "better" or "worse" than with nothing?

# %%
guess = None
predict(guess, right="worse", why="It learns faster, and here that means by heart.")

# %%
norm = measure("batch norm", lambda: small_net(batch_norm=True), data)
outcomes += [norm]
show(*course.curves_figure(nothing, norm))
fast = [f"{o.curves[:, 1, 0].mean():.0%} ({o.name})" for o in (nothing, norm)]
print("right on the training pictures after ten passes:", ", ".join(fast))

# %% [markdown]
# **What you should see.** Batch norm learns much faster: after ten passes it knows nearly all training pictures. That is what it was made for, and deep nets hardly train without it. But here it learns *by heart* faster, and on new pictures it is clearly worse: by 8 to 9 points in the three runs. Books call it a regulariser, as each picture is normalised by its chance neighbours in the batch. On this task that noise is no remedy. Measure, before you believe. (Its turn comes again below.)
#
# ## Show it more: crops and flips
#
# A boot stays a boot when it moves by a pixel or faces the other way. So show the net another view in each pass. AlexNet cut views of 224 × 224 out of 256 × 256, and mirrored half of them. The paper counts 32 · 32 · 2 = 2,048 views of each picture. But 256 − 224 + 1 is 33: there is one place more on each side, so there are 33 · 33 · 2 = 2,178.

# %% [markdown] exercise="random_crop_flip"
# Cut a view out of each image at its own place; then mirror it, left and right, where its flip says so.


# %% answer="random_crop_flip"
def random_crop_flip(images, crop_shape, tops, lefts, flips):
    """One view of each image.

    images: array (batch, rows, cols, channels); crop_shape: (krow, kcol), not always square.
    tops, lefts: ints (batch,), the first row and column of each view; flips: bools (batch,).
    Returns an array (batch, krow, kcol, channels): cut first, then mirrored where flips is True.
    """
    ### BEGIN SOLUTION
    krow, kcol = crop_shape
    views = []
    for image, top, left, flip in zip(images, tops, lefts, flips):
        view = image[top : top + krow, left : left + kcol]
        views.append(view[:, ::-1] if flip else view)
    return np.stack(views)
    ### END SOLUTION


# %% test="random_crop_flip"
check(random_crop_flip)


# %%
def new_views(images, generator):
    """A random view of 18 × 18 of each snapshot of 20 × 20."""
    tops, lefts = generator.integers(0, 3, size=(2, len(images)))
    flips = generator.random(len(images)) < 0.5
    return random_crop_flip(images, (18, 18), tops, lefts, flips)


if ready(random_crop_flip):
    boot = np.repeat(data.images[data.labels == 9][:1], 10, axis=0)
    views = new_views(boot, np.random.default_rng(0))
    show(*course.views_figure(views, "One boot in ten passes"))
    crops = measure("crops and flips", small_net, data, new_views)
    both = measure("crops, flips, dropout", lambda: small_net(0.2), data, new_views)
    three = measure("crops, flips, batch norm", lambda: small_net(0, True), data, new_views)
    outcomes += [crops, both, three]
    show(*course.curves_figure(nothing, crops))

# %% [markdown]
# **What you should see.** This is the big one: 9 to 11 points in the three runs, several times the spread, from a few lines that touch only the data. 300 pictures have become 300 · 9 · 2 views. And batch norm, so harmful alone, now costs a point or so, no more than the spread. Dropout on top hardly changes the right answers, but the loss is again a little lower. **An augmentation is a claim**: "this change does not change the class". It holds for clothes. A mirrored digit 2 is no 2, a 6 upside down is a 9, and for these a flip would teach nonsense.
#
# ## Show it more: colours
#
# Light changes, the object stays. Collect the colours (red, green, blue) of all pixels and find the directions in which they vary most: the **principal components**, eigenvectors $p_i$ of the covariance matrix, with eigenvalues $\lambda_i$. (The lecture names them in the other order, a slip.) AlexNet adds to *every* pixel of a picture the same shift along these directions, with new $\alpha_i$ each time, drawn from a normal distribution with mean 0 and **standard deviation** 0.1. (The paper says so. A slide that writes $N(0, 0.1)$ leaves open whether 0.1 is the deviation or the variance; say which.)
#
# $$I'_{x,y} = I_{x,y} + [\,p_1, p_2, p_3\,]\,[\alpha_1\lambda_1,\ \alpha_2\lambda_2,\ \alpha_3\lambda_3]^T .$$

# %%
photo = skimage.data.coffee()
pixels = photo.reshape(-1, 3) / 255
values, vectors = np.linalg.eigh(np.cov(pixels.T))
values, vectors = values[::-1], vectors[:, ::-1]  # the largest first; vector i is column i
vectors = vectors * np.where(vectors.sum(axis=0) < 0, -1, 1)  # they point to bright
show(*course.colours_figure(pixels, pixels.mean(axis=0), values, vectors))
print("eigenvalues:", values.round(4), " p1:", vectors[:, 0].round(2))

# %% [markdown] exercise="pca_color"
# Almost all variance lies along $p_1$, nearly equal parts of red, green and blue: *brightness*. The next direction is warm against cold light. So the shifts are like those that real light makes. Add the shift to the image. Do not round, and do not cut.


# %% answer="pca_color"
def pca_color(image, eigenvalues, eigenvectors, alphas):
    """The image plus α₁λ₁p₁ + α₂λ₂p₂ + α₃λ₃p₃ at every pixel.

    image: array (rows, cols, 3), whole numbers or fractions; eigenvalues, alphas: arrays (3,).
    eigenvectors: array (3, 3), vector i is column i. Returns a float array (rows, cols, 3).
    """
    ### BEGIN SOLUTION
    return image + eigenvectors @ (alphas * eigenvalues)
    ### END SOLUTION


# %% test="pca_color"
check(pca_color)

# %% [markdown]
# **Mind the units.** λ is a variance, so it grows with the *square* of the scale. *By hand:* λ₁ = 0.143 and p₁ is 0.60 for red, with pixels from 0 to 1. So α₁ = 0.1 moves red by 0.1 · 0.143 · 0.60 = 0.009, 2 of 255 levels. With pixels from 0 to 255 λ₁ is 255² times larger: red moves by more than 500 levels, and the picture is gone. The paper does not say which scale; only the first makes sense.

# %% [markdown] exercise="color_cast"
# Simpler and coarser is **colour casting** (Wu and others 2015): for each of red, green and blue decide at random whether to add a whole number from −20 to 20. Photographs are stored in bytes, `uint8`, from 0 to 255, and bytes **wrap round**: 250 + 20 gives 14. So add in a wider type, and cut.


# %% answer="color_cast"
def color_cast(image, changed, amounts):
    """Add amounts[c] to channel c where changed[c] is True; cut at 0 and 255.

    image: uint8 array (rows, cols, 3), not changed; changed: bools (3,); amounts: ints (3,).
    Returns an array (rows, cols, 3) of whole numbers from 0 to 255.
    """
    ### BEGIN SOLUTION
    moved = image.astype(int) + np.where(changed, amounts, 0)
    return np.clip(moved, 0, 255).astype(np.uint8)
    ### END SOLUTION


# %% test="color_cast"
check(color_cast)

# %% [markdown] exercise="vignette"
# Cheap lenses darken the corners: a **vignette**. It works on grey and on colour pictures. Rows are numbered from 0 to rows − 1, so the centre is at row (rows − 1)/2; likewise for columns. Let $d$ be a pixel's distance from the centre, divided by that of the corner pixels, so that $d = 1$ in the corners. Up to a radius nothing happens; from there the brightness falls in a straight line, and the corners lose the share `strength`:
#
# $$I' = I \cdot \Big(1 - \text{strength} \cdot \max\Big(0, \frac{d - \text{radius}}{1 - \text{radius}}\Big)\Big).$$


# %% answer="vignette"
def vignette(image, radius, strength):
    """Darken an image towards its corners.

    image: array (rows, cols) or (rows, cols, channels), at least two pixels.
    radius: where it begins, 0 ≤ radius < 1, the corners being at 1; strength: loss in the corners.
    Returns a float array of the image's shape.
    """
    ### BEGIN SOLUTION
    rows, cols = image.shape[:2]
    row, col = np.ogrid[:rows, :cols]
    half_row, half_col = (rows - 1) / 2, (cols - 1) / 2
    distance = np.hypot(row - half_row, col - half_col) / np.hypot(half_row, half_col)
    factor = 1 - strength * np.maximum(0, (distance - radius) / (1 - radius))
    return image * (factor if image.ndim == 2 else factor[..., None])
    ### END SOLUTION


# %% test="vignette"
check(vignette)

# %% [markdown]
# Two more come from scikit-image: **stretch** (resize one axis, cut back) and **rotation** (turn, and cut out the middle so that no empty corner shows). Here is the whole sheet, a little exaggerated.

# %%
if ready(pca_color, color_cast, vignette):
    middle = photo[50:350, 75:525]
    versions = course.library_versions(photo) | {
        "PCA colour": 255 * pca_color(middle / 255, values, vectors, np.array([0.9, 2, 0])),
        "red cast": color_cast(middle, np.array([True, False, False]), np.full(3, 30)),
        "vignette": vignette(middle, 0.3, 0.8),
    }
    show(*course.sheet(list(versions.values()), list(versions)))

# %% [markdown]
# ## Ask many times
#
# The same trick works in inference: show the net several views of one picture, and average its answers. AlexNet took **ten crops**: four corners, the centre, and the mirror images of all five. Move the slider.

# %%
slide(lambda n: course.crops_figure(photo, (320, 480), n), "crop", 9, value=3)

# %%
show(*course.crops_figure(photo, (320, 480), 6))

# %% [markdown] exercise="ten_crop"
# Cut the ten, in this order: top left, top right, bottom left, bottom right, centre; then the mirror images of these five.


# %% answer="ten_crop"
def ten_crop(image, crop_shape):
    """Four corners and the centre, then the same five mirrored left to right.

    image: array (rows, cols, channels); crop_shape: (krow, kcol), at most the image's size.
    The centre starts at ((rows − krow) // 2, (cols − kcol) // 2). Returns (10, krow, kcol, channels).
    """
    ### BEGIN SOLUTION
    krow, kcol = crop_shape
    down, right = image.shape[0] - krow, image.shape[1] - kcol
    starts = [(0, 0), (0, right), (down, 0), (down, right), (down // 2, right // 2)]
    five = np.stack([image[r : r + krow, c : c + kcol] for r, c in starts])
    return np.concatenate([five, five[:, :, ::-1]])
    ### END SOLUTION


# %% test="ten_crop"
check(ten_crop)

# %% [markdown] exercise="average_predictions"
# Several nets, each with other first weights, make other errors. Average over them too: an **ensemble**. What is averaged are probabilities. A view that is sure counts more than one that wavers; that is lost when views only vote. *By hand:* three views say (0.6, 0.4), (0.6, 0.4) and (0, 1). Two of three vote for class 0, but the mean is (0.4, 0.6). Average over models and crops; then choose.


# %% answer="average_predictions"
def average_predictions(probabilities):
    """The mean prediction of all views by all models, and the class it chooses.

    probabilities: array (models, crops, images, classes).
    Returns (means, labels): means (images, classes), labels (images,) of whole numbers.
    """
    ### BEGIN SOLUTION
    means = probabilities.mean(axis=(0, 1))
    return means, means.argmax(axis=1)
    ### END SOLUTION


# %% test="average_predictions"
check(average_predictions)

# %% [markdown] exercise="design_split_vote"
# **Design.** Make such a case yourself: all views but one vote for class 0, and still the mean chooses another class.


# %% answer="design_split_vote"
def design_split_vote(views, classes, lead):
    """Probabilities for which the vote and the mean disagree.

    views: 3 or more; classes: 2 or more; lead: how far class 0 must lead, see below.
    Returns an array (views, classes), each row a set of probabilities. In views − 1 rows or more,
    class 0 leads each other class by `lead` or more; in the mean of all rows it is beaten by 0.01.
    """
    ### BEGIN SOLUTION
    answers = np.full((views, classes), (1 - lead) / classes)
    answers[:, 0] += lead
    answers[-1] = np.eye(classes)[1]
    return answers
    ### END SOLUTION


# %% test="design_split_vote"
check(design_split_vote)

# %% [markdown]
# Now on our shop. Ten crops at one size, 20 × 20; then also at 19 × 19 and 22 × 22, which is **multi-scale** testing: 30 views.

# %%
if ready(random_crop_flip, ten_crop, average_predictions):
    course.print_views(crops.models, data, ten_crop, average_predictions)

# %% [markdown]
# **What you should see.** Ten views help, three nets help, and both together help most: for thirty times the work. Other sizes add nothing clear here, since the net has seen one size only. GoogLeNet's authors made the same table in 2014: four sizes, of each the left, centre and right square, of each square six views (four corners, the centre, the whole square shrunk), each also mirrored.

# %%
course.print_googlenet()

# %% [markdown]
# In the last row the lecture, like the paper, prints −3.45. But 6.67 − 10.07 is **−3.40**: a slip of the pen that has been copied since. Look at the price too: from 70 to 1,008 evaluations, the error falls by less than one point. (For AlexNet the lecture gives 18.2 % for one net and 15.4 % for seven.)
#
# ## The table of remedies, measured

# %%
show(*course.outcomes_figure(outcomes))
course.print_table(outcomes)

# %% [markdown]
# **What you should see.** Three marks a row, one a seed; the red line is their mean. On the loss, weight decay and max-norm do about as well as dropout. For 300 small pictures *more views* beat every other remedy. That is this task, not a law: with deep nets and much data the order is another. **Why it matters.** You now have the way to find out: one change at a time, several seeds, mean and spread. Try other rates, or more seeds: `measure(..., seeds=range(10))`.
#
# Now the test set, once: for the net without remedies, and for the best one on the validation set.

# %%
chosen = max(outcomes, key=lambda outcome: outcome.last[:, 1].mean())
course.print_test((nothing, chosen), data)

# %% [markdown]
# **What you should see.** The gain is real: on the test set, too, it is 9 to 10 points (in the three runs). Both nets are 0.5 to 2 points lower there, also the one that nobody chose: two samples of 2,000 pictures differ by about as much by chance. Without a third set you could not tell chance from your own choosing.
#
# ## Summary
#
# - **Overfitting**: training accuracy rises while that on new pictures stands still and their loss climbs.
# - **Weight decay** pulls all weights towards 0; **max-norm** limits their length, unit by unit.
# - **Dropout** switches units off, **DropConnect** single weights, in training only; in inference the mean stays as it was.
# - **Batch norm** uses the batch's numbers in training and running ones in inference. What it brings is speed.
# - **Augmentation** claims that a change does not change the class. When the claim is true, nothing helps more.
# - Choose on a **validation set**, open the **test set** once.
# - **Ten crops, several sizes, several nets**: average the probabilities; every evaluation costs.
#
# ## Questions
#
# 1. Training loss is low and falls on; validation loss has climbed for ten passes. Someone proposes to train longer. What do you say?
# 2. Why must batch norm not use the batch's mean in inference?
# 3. Which augmentations would you *not* use for reading digits? For X-ray pictures of the heart?
# 4. A remedy gains 0.8 points on one seed. The spread over seeds is 1.5 points. Is it a remedy?
#
# <details><summary>Key</summary>
#
# 1. It gets worse: the net learns by heart. Stop early, or add a remedy; most of all get more data or more views.
# 2. A picture's answer would depend on its neighbours in the batch; with a single picture every channel of a dense layer would become β.
# 3. Digits: mirroring, and turning by 180° (6 and 9). Hearts: mirroring, since the heart is on the left, and that is a finding.
# 4. You cannot know. Run more seeds, and compare means with their spread.
#
# </details>
#
# ## Open work
#
# No key is given. Choose on the validation set, and open the test set once. Five seeds or more.
#
# 1. How much are labels worth? Take 10, 30, 100, 300 pictures a class (`make_snapshots(per_class=...)`), with crops and flips and without. How many labels does augmentation replace?
# 2. Find a strength of weight decay between 0.0001 and 0.1, and a rate of dropout, that win together. Is their sum as good as the two gains added?
# 3. Stop early at the lowest validation loss, and at the highest validation accuracy. Which stops first, and which net would you give to the shop?
#
# ## References
#
# - A. Krizhevsky, I. Sutskever, G. Hinton, *ImageNet classification with deep convolutional neural networks*, NIPS 2012.
# - N. Srivastava, G. Hinton, A. Krizhevsky, I. Sutskever, R. Salakhutdinov, *Dropout: a simple way to prevent neural networks from overfitting*, JMLR 15, 2014.
# - L. Wan, M. Zeiler, S. Zhang, Y. LeCun, R. Fergus, *Regularization of neural networks using DropConnect*, ICML 2013.
# - S. Ioffe, C. Szegedy, *Batch normalization*, ICML 2015.
# - C. Szegedy and others, *Going deeper with convolutions*, CVPR 2015.
# - R. Wu, S. Yan, Y. Shan, Q. Dang, G. Sun, *Deep Image: scaling up image recognition*, arXiv:1501.02876, 2015.
# - I. Loshchilov, F. Hutter, *Decoupled weight decay regularization*, ICLR 2019.
# - H. Xiao, K. Rasul, R. Vollgraf, *Fashion-MNIST*, arXiv:1708.07747, 2017.
