# %% [markdown]
# # Unit 7 · Backpropagation
#
# **You will be able to**
#
# - compute the gradient of a convolution for its weights, its bias and its input, and say for each of them whether it is a convolution with or without reversal;
# - lead a gradient back through ReLU, pooling, a dense layer and softmax with cross-entropy;
# - check any gradient against central differences before you trust it;
# - train a net that is written in NumPy alone, with the update rule of AlexNet.
#
# **Time** about three and a half hours. **Before this** Unit 6: the convolutional layer and pooling, forwards.

# %% setup="numpy"
import time

import numpy as np
from scipy.signal import convolve2d, correlate2d
from sklearn.datasets import load_digits

from convcourse.check import check, ready
from convcourse.figures import show
from convcourse.pictures import backpropagation as pictures
from convcourse.pictures.backpropagation import join_parameters, split_parameters
from convcourse.predictions import predict
from convcourse.widgets import slide

# %% [markdown]
# ## Which way should 60 million numbers move?
#
# A net has parameters $\theta$, and a loss $J(\theta)$ says how wrong it is. To train is to change $\theta$ so that $J$ falls. The simplest way was in Unit 5: *move one parameter up and down a bit and see how the error changes.* It needs two forward passes for each parameter. AlexNet has about 60 million: 120 million forward passes for *one* step of training. It made some 840,000 steps (90 times through 1.2 million images, 128 at a time). **Backpropagation** finds all these numbers in one pass back through the net, for about the price of two forward passes. You will write it layer by layer. But nudging is not useless: it is slow and nearly always right, so it is the judge of everything that is fast. We begin with the judge.
#
# ## The judge: central differences
#
# *By hand:* $J(x) = x^2$ at $x = 3$, with $h = 0.5$. One-sided: $(3.5^2 - 3^2)/0.5 = 6.5$. To both sides: $(3.5^2 - 2.5^2)/1 = 6$, exactly the slope.
#
# $$\frac{\partial J}{\partial x_i} \approx \frac{J(x + h\,e_i) - J(x - h\,e_i)}{2h}$$
#
# Here $e_i$ is 1 at place $i$ and 0 elsewhere. Halve $h$, and the one-sided error halves; the central error falls to a quarter. How small should $h$ be, then? Below the exercise we try the slope of sin at 1, which is cos 1.

# %% [markdown] exercise="numerical_gradient"
# Write it for an array of any shape. `loss` is a function: `loss(x)` gives one number.


# %% answer="numerical_gradient"
def numerical_gradient(loss, x, step=1e-5):
    """The gradient of `loss` at x by central differences, one number at a time.

    loss: a function of a float array that returns one number.
    x: array of any shape, integers or floats; it must not be changed. step: the distance h to each side.
    Returns a float array of the shape of x.
    """
    ### BEGIN SOLUTION
    gradient = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        above, below = x.astype(float), x.astype(float)
        above[index] += step
        below[index] -= step
        gradient[index] = (loss(above) - loss(below)) / (2 * step)
    return gradient
    ### END SOLUTION


# %% test="numerical_gradient"
check(numerical_gradient)

# %% [markdown]
# **Predict before you run.** Of h = 0.1, 0.01, 0.001, … $10^{-12}$, which finds the slope of sin at 1 most exactly by central differences? Say how many places after the point it has, 1 to 12.

# %%
guess = None
h = np.logspace(-1, -12, 12)
errors = np.abs((np.sin(1 + h) - np.sin(1 - h)) / (2 * h) - np.cos(1))
predict(guess, 1 + errors.argmin(), "Smaller steps drown in rounding.", close=0.2)

# %%
if ready(numerical_gradient):
    steps, one_sided, central = pictures.step_errors(numerical_gradient)
    show(*pictures.draw_step_sizes(steps, one_sided, central))
    print(f"smallest error {central.min():.0e}, at h = {steps[central.argmin()]:.0e}")

# %% [markdown]
# **What you should see.** Two valleys. On the right the formula is wrong, because the curve bends. On the left the computer is: the two losses agree in nearly all of their 16 digits, and their difference is rounding. About $10^{-5}$ is best, in float64. In float32, with 7 digits, a gradient check is hardly worth making.
#
# ## What comes back to a layer
#
# A convolutional layer computes, without reversal (Unit 6; the index of the image in the batch is left out),
#
# $$Z[i,j,m] = \sum_{k_1}\sum_{k_2}\sum_n W[k_1,k_2,n,m]\; U[i+k_1,\,j+k_2,\,n] + b[m].$$
#
# Somewhere after it stands the loss. The layers in between hand one thing back: $\partial J/\partial Z$, as large as $Z$, which says by how much $J$ rises when each output rises a little. We call it **`grad_output`**. From it the layer makes three gradients: for $b$, for $W$, and for $U$. The last one is the `grad_output` of the layer before. The **chain rule** does it all: *a number's gradient is the sum, over all outputs that it touches, of (how strongly it touches the output) × (the output's gradient)*. Here is a case small enough for paper. Suppose that `grad_output` has come back as drawn.

# %%
U = np.array([[1, 2, 0], [0, 1, 3], [2, 1, 1]])
W, G = np.array([[1, 0], [-1, 2]]), np.array([[1, 2], [0, -1]])
show(*pictures.draw_forward(U, W, G))

# %% [markdown]
# ## The bias
#
# $b[m]$ is added once at every place of map $m$, with factor 1. So its gradient is the sum of `grad_output` over all places, and over all images of the batch. *By hand:* 1 + 2 + 0 − 1 = **2**.

# %% [markdown] exercise="conv_grad_bias"
# Write it for a batch and several filters.


# %% answer="conv_grad_bias"
def conv_grad_bias(grad_output):
    """dJ/db of a convolutional layer.

    grad_output: dJ/dZ, array (batch, rows, cols, num_filters), integers or floats.
    Returns an array (num_filters,).
    """
    ### BEGIN SOLUTION
    return grad_output.sum(axis=(0, 1, 2))
    ### END SOLUTION


# %% test="conv_grad_bias"
check(conv_grad_bias)

# %% [markdown]
# ## The weights
#
# In $Z[i,j,m]$ the weight $W[k_1,k_2,n,m]$ multiplies $U[i+k_1,\,j+k_2,\,n]$. That pixel is "how strongly it touches". Sum over all outputs:
#
# $$\frac{\partial J}{\partial W[k_1,k_2,n,m]} = \sum_{i=0}^{N_1-1}\;\sum_{j=0}^{N_2-1} U[i+k_1,\,j+k_2,\,n]\;\frac{\partial J}{\partial Z[i,j,m]}, \quad\text{and over the images of the batch.}$$
#
# Look at the indices: $i + k_1$, a plus. This is a **convolution without reversal, mode valid**: the input is the image, and `grad_output` the kernel. (The lecture counts the kernel's places from 0 but starts these two sums at 1. With 0 … N − 1, as here, both fit.) *By hand*, the weight W[0, 1] has met the pixels 2, 0, 1, 3 on its way over the image: 1·2 + 2·0 + 0·1 − 1·3 = **−1**. Then move to the other weights, and say each sum aloud before you look.

# %%
show(*pictures.draw_weight_step(U, G, 1))
slide(lambda step: pictures.draw_weight_step(U, G, step), label="weight", stop=3, value=1)

# %% [markdown] exercise="conv_grad_weights"
# Write it for a whole batch. Each pair of a channel n and a filter m has a small image of weights of its own. You may use SciPy's `correlate2d`, or slices.


# %% answer="conv_grad_weights"
def conv_grad_weights(grad_output, inputs):
    """dJ/dW of a convolutional layer (without reversal, mode valid, stride 1).

    grad_output: dJ/dZ, array (batch, rows − krow + 1, cols − kcol + 1, num_filters).
    inputs: U, array (batch, rows, cols, channels), integers or floats.
    Returns a float array (krow, kcol, channels, num_filters); krow and kcol follow from the shapes.
    """
    ### BEGIN SOLUTION
    rows, cols, num_filters = grad_output.shape[1:]
    krow, kcol = inputs.shape[1] - rows + 1, inputs.shape[2] - cols + 1
    gradient = np.zeros((krow, kcol, inputs.shape[3], num_filters))
    for k1, k2 in np.ndindex(krow, kcol):
        met = inputs[:, k1 : k1 + rows, k2 : k2 + cols]
        gradient[k1, k2] = np.tensordot(met, grad_output, axes=((0, 1, 2), (0, 1, 2)))
    return gradient
    ### END SOLUTION


# %% test="conv_grad_weights"
check(conv_grad_weights)

# %% [markdown]
# ## The input
#
# Now stand on a pixel $U[p,q]$ and look at the outputs. It touches $Z[i,j]$ whenever $i + k_1 = p$, so $i = p - k_1$, with the strength $W[k_1,k_2]$:
#
# $$\frac{\partial J}{\partial U[p,q,n]} = \sum_m\sum_{k_1}\sum_{k_2} \frac{\partial J}{\partial Z[p-k_1,\,q-k_2,\,m]}\; W[k_1,k_2,n,m].$$
#
# A minus: this is a **convolution with reversal, mode full**. `grad_output` is the image, with zeros around it; the kernel lies flipped. The corner pixel has touched one output, the middle pixel all four. *By hand*, the middle: G[1,1]·W[0,0] + G[1,0]·W[0,1] + G[0,1]·W[1,0] + G[0,0]·W[1,1] = −1 + 0 − 2 + 2 = **−1**.

# %%
show(*pictures.draw_input_step(W, G, 4))
slide(lambda step: pictures.draw_input_step(W, G, step), label="pixel", stop=8, value=4)

# %% [markdown] exercise="conv_grad_input"
# Write it. The picture *collects* for each pixel. You may as well *scatter*: each output sends its gradient, times the weights, back to the pixels that made it.


# %% answer="conv_grad_input"
def conv_grad_input(grad_output, weights):
    """dJ/dU of a convolutional layer (without reversal, mode valid, stride 1).

    grad_output: dJ/dZ, array (batch, rows, cols, num_filters), integers or floats.
    weights: W, array (krow, kcol, channels, num_filters).
    Returns a float array (batch, rows + krow − 1, cols + kcol − 1, channels).
    """
    ### BEGIN SOLUTION
    batch, rows, cols, _ = grad_output.shape
    krow, kcol, channels, _ = weights.shape
    gradient = np.zeros((batch, rows + krow - 1, cols + kcol - 1, channels))
    for k1, k2 in np.ndindex(krow, kcol):
        gradient[:, k1 : k1 + rows, k2 : k2 + cols] += grad_output @ weights[k1, k2].T
    return gradient
    ### END SOLUTION


# %% test="conv_grad_input"
check(conv_grad_input)

# %% [markdown] exercise="strided_grad_input"
# **Repair.** The function below *scatters*, for a layer with a stride, one channel and one filter. It runs. Compare it with nudging in the figure: with stride 3 the 3 × 3 windows lie side by side, and all is well; with stride 1 nearly all is wrong. What is different for a pixel there? Mend it.


# %% answer="strided_grad_input"
def strided_grad_input(grad_output, kernel, stride, rows, cols):
    """dJ/dU of a convolution with a stride (without reversal, no padding).

    grad_output: dJ/dZ, array (out_rows, out_cols); kernel: array (krow, kcol); stride: an integer ≥ 1;
    rows, cols: the size of U. Returns a float array (rows, cols).
    """
    ### BEGIN SOLUTION
    gradient = np.zeros((rows, cols))
    krow, kcol = kernel.shape
    for i, j in np.ndindex(*grad_output.shape):
        top, left = i * stride, j * stride
        gradient[top : top + krow, left : left + kcol] += grad_output[i, j] * kernel
    return gradient
    ### END SOLUTION


# %%
show(*pictures.draw_scatter(strided_grad_input))

# %% test="strided_grad_input"
check(strided_grad_input)

# %% [markdown]
# ### The gradient of a convolution is a convolution
#
# | gradient for | image | kernel | which convolution | summed over |
# |---|---|---|---|---|
# | weights | input U | `grad_output` | without reversal, valid | images |
# | bias | ones, as large as Z | `grad_output` | without reversal, valid: one number | images |
# | input | `grad_output` | W | **with** reversal, full | filters |

# %%
show(*pictures.draw_three_gradients(U, W, G))
print("dJ/dW:", correlate2d(U, G, mode="valid").tolist(), " dJ/db:", G.sum())
print("dJ/dU:", convolve2d(G, W, mode="full").tolist())

# %% [markdown]
# ### Check before you trust
#
# Take random arrays and $J = \sum \texttt{grad\_output} \cdot Z$, so that $\partial J/\partial Z$ is just `grad_output`. The judge nudges every number; you compare. A difference near $10^{-9}$ means equal. Above $10^{-5}$ there is a bug.

# %%
if ready(numerical_gradient, conv_grad_bias, conv_grad_weights, conv_grad_input):
    random = np.random.default_rng(0)
    u, w = random.normal(size=(2, 5, 6, 3)), random.normal(size=(2, 3, 3, 4))
    b, g = random.normal(size=4), random.normal(size=(2, 4, 4, 4))
    conv = pictures.conv_forward
    pairs = {
        "weights": (conv_grad_weights(g, u), lambda v: np.sum(g * conv(u, v, b)), w),
        "bias": (conv_grad_bias(g), lambda v: np.sum(g * conv(u, w, v)), b),
        "input": (conv_grad_input(g, w), lambda v: np.sum(g * conv(v, w, b)), u),
    }
    for name, (yours, loss, place) in pairs.items():
        off = np.abs(yours - numerical_gradient(loss, place)).max()
        print(f"{name:8} {place.size:4} numbers, off by less than 1e-8: {off < 1e-8}")

# %% [markdown]
# ## Gates and switches: ReLU and pooling
#
# **ReLU** is a gate. Where $z > 0$ it passed the value on unchanged (slope 1), and the gradient passes too. Elsewhere it gave 0 whatever $z$ was (slope 0), and the gradient stops. At exactly 0 there is no slope; by custom the gate is shut.

# %% [markdown] exercise="relu_backward"
# Mind who decides: the sign of $z$ on the way forward, not the sign of the gradient.


# %% answer="relu_backward"
def relu_backward(grad_output, z):
    """dJ/dz of ReLU, max(z, 0).

    grad_output: gradient for ReLU's result; z: what went into ReLU; arrays of one shape,
    with any number of axes.
    Returns an array of that shape. The slope at z = 0 counts as 0.
    """
    ### BEGIN SOLUTION
    return grad_output * (z > 0)
    ### END SOLUTION


# %% test="relu_backward"
check(relu_backward)

# %% [markdown]
# **Average pooling** gives each of its size² pixels the weight 1/size², and so it shares the gradient out evenly. **Max pooling** is a switch: only the largest pixel moved the result, so it gets the whole gradient and the others nothing. When the largest value stands there more than once, one place gets it: the **first** in reading order (row by row).

# %%
z, back = np.array([[1, 3, 2, 0], [5, 0, 4, 1]]), np.array([[4, 8]])
show(*pictures.draw_pool(z, back))

# %% [markdown] exercise="pool_backward"
# Write both, for windows that do not overlap.


# %% answer="pool_backward"
def pool_backward(grad_output, z, size, kind):
    """dJ/dz of pooling over windows size × size that do not overlap.

    grad_output: array (batch, rows / size, cols / size, channels).
    z: what went into the pooling, array (batch, rows, cols, channels); kind: "max" or "average".
    Returns a float array of the shape of z. For max, the first largest of a window gets all.
    """
    ### BEGIN SOLUTION
    if kind == "average":
        return grad_output.repeat(size, axis=1).repeat(size, axis=2) / size**2
    gradient = np.zeros(z.shape)
    left = np.ones(grad_output.shape, dtype=bool)  # windows whose largest is still to come
    largest = pictures.pool_forward(z, size, "max")
    for i, j in np.ndindex(size, size):
        here = left & (z[:, i::size, j::size] == largest)
        gradient[:, i::size, j::size] = grad_output * here
        left &= ~here
    return gradient
    ### END SOLUTION


# %% test="pool_backward"
check(pool_backward)

# %% [markdown]
# ## The dense layer
#
# $s = xV + c$, for a batch of rows $x$. It is the old story: $V[f,u]$ touches $s[u]$ with strength $x[f]$, and $x[f]$ touches $s[u]$ with strength $V[f,u]$. For a whole batch the sums become products of matrices:
#
# $$\frac{\partial J}{\partial V} = x^T g, \qquad \frac{\partial J}{\partial c} = \sum_{\text{images}} g, \qquad \frac{\partial J}{\partial x} = g\,V^T, \qquad g = \frac{\partial J}{\partial s}.$$
#
# ## Where the gradient begins
#
# The scores $s$ become probabilities by **softmax**, $p_c = e^{s_c} / \sum_k e^{s_k}$. The **cross-entropy** of an image with label $y$ is $-\log p_y$; the loss is the mean over the batch. Their gradient is as simple as one could wish: $\partial J / \partial s = (p - \text{one-hot}(y)) / \text{batch}$. *By hand:* scores (0, log 2, 0), label 1. Powers 1, 2, 1, so p = (¼, ½, ¼). Loss log 2 = 0.693. Gradient (¼, **−½**, ¼): the right score should rise, the others fall.
#
# **Numbers that overflow.** $e^{1000}$ is too large for a computer, but a common shift of all scores cancels in $p$. Subtract the largest score first. And never take the logarithm of a probability that may have been rounded to 0: $\log p_y = s_y - \log \sum_k e^{s_k}$, with shifted scores.

# %% [markdown] exercise="softmax_cross_entropy"
# Write it so that scores of 1000 do no harm.


# %% answer="softmax_cross_entropy"
def softmax_cross_entropy(scores, labels):
    """Mean cross-entropy of softmax, and its gradient.

    scores: float array (batch, classes), of any size; labels: integer array (batch,), 0 ≤ label < classes.
    Returns the loss (one number) and dJ/dscores, array (batch, classes).
    """
    ### BEGIN SOLUTION
    shifted = scores - scores.max(axis=1, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    at_label = np.arange(len(labels)), labels
    gradient = np.exp(log_p)
    gradient[at_label] -= 1
    return -log_p[at_label].mean(), gradient / len(labels)
    ### END SOLUTION


# %% test="softmax_cross_entropy"
check(softmax_cross_entropy)

# %% [markdown]
# ## AlexNet's update rule
#
# With the gradient in hand, which step do we take? AlexNet's authors print their rule in full:
#
# $$v \leftarrow 0.9\,v - 0.0005\,\eta\,w - \eta\,\frac{\partial J}{\partial w}, \qquad w \leftarrow w + v.$$
#
# $\eta$ is the learning rate (the paper writes $\varepsilon$, which in Unit 10 means something else), and $v$ is the **velocity**, the step that $w$ takes. **Momentum** 0.9 keeps most of the last step's velocity, so steps in one direction add up and steps to and fro cancel. **Weight decay** 0.0005 pulls each weight a little towards 0. *By hand*, $J = w^2$ (gradient $2w$), from $w = 1$ with $\eta = 0.1$:
#
# | step | 0.9 v | − 0.0005 η w | − η · 2w | new v | new w |
# |---|---|---|---|---|---|
# | 1 | 0 | −0.00005 | −0.2 | **−0.20005** | **0.79995** |
# | 2 | −0.180045 | −0.00004 | −0.15999 | **−0.340075** | **0.459875** |
# | 3 | −0.306067 | −0.00002 | −0.091975 | **−0.398065** | **0.061810** |

# %% [markdown] exercise="sgd_momentum_step"
# Write one step.


# %% answer="sgd_momentum_step"
def sgd_momentum_step(weights, velocity, grad, learning_rate, momentum=0.9, decay=0.0005):
    """One step of AlexNet's rule.

    weights, velocity, grad: float arrays of one shape, which must not be changed; the others: numbers.
    Returns the new weights and the new velocity.
    """
    ### BEGIN SOLUTION
    pull = decay * learning_rate * weights
    velocity = momentum * velocity - pull - learning_rate * grad
    return weights + velocity, velocity
    ### END SOLUTION


# %% test="sgd_momentum_step"
check(sgd_momentum_step)

# %%
if ready(sgd_momentum_step):
    w, v = np.array([1.0]), np.array([0.0])
    for step in range(1, 4):
        w, v = sgd_momentum_step(w, v, 2 * w, 0.1)
        print(f"step {step}: v = {v.item():.6f}, w = {w.item():.6f}")
    show(*pictures.draw_valley(pictures.valley_paths(sgd_momentum_step, 30.0), 30.0))

# %% [markdown]
# **What you should see.** Sixty steps in a valley thirty times steeper across than along. Without momentum the ball creeps; with it, it rolls, overshoots, swings back, and still comes much closer.

# %% [markdown] exercise="choose_descent"
# **Design** a descent. In the valley $J = \tfrac12 (s_0 x^2 + s_1 y^2)$ the ball starts at (10, 10). Choose rate and momentum so that after sixty steps, without weight decay, it lies at the bottom. Each valley is 25 to 60 times steeper one way than the other, and some are steeper in all. Try things out with your `sgd_momentum_step`.


# %% answer="choose_descent"
def choose_descent(slopes):
    """A learning rate and a momentum that lead down a valley in sixty steps.

    slopes: float array (2,), s0 and s1, both > 0; the gradient at w is slopes · w.
    Returns (learning_rate, momentum), learning_rate > 0, 0 ≤ momentum < 1. From w = (10, 10) and v = (0, 0),
    after 60 steps with decay 0, w is at most 0.01 away from (0, 0).
    """
    ### BEGIN SOLUTION
    return 2 / max(slopes), 0.7
    ### END SOLUTION


# %% test="choose_descent"
check(choose_descent)

# %% [markdown]
# ## A whole net
#
# | step forward | result for an 8×8 digit | parameters | step back |
# |---|---|---|---|
# | convolution 3×3, 8 filters | 6×6×8 | 80 | `conv_grad_weights`, `conv_grad_bias` |
# | ReLU | 6×6×8 | | `relu_backward` with z1 |
# | convolution 3×3, 16 filters | 4×4×16 | 1,168 | the same two, and `conv_grad_input` |
# | ReLU | 4×4×16 | | `relu_backward` with z2 |
# | max pooling 2×2 | 2×2×16 | | `pool_backward` |
# | flatten, dense | 10 scores | 650 | the three products above |
# | softmax, cross-entropy | the loss | | `softmax_cross_entropy` |
#
# All parameters lie end to end in **one vector** θ; so any rule for a vector serves the whole net. `split_parameters(theta, shapes)` cuts it into arrays, `join_parameters(arrays)` joins them. The way forward is given: `f = pictures.cnn_forward(images, theta, shapes)` keeps what the way back needs, `f.z1`, `f.a1` (after ReLU), `f.z2`, `f.a2`, `f.pooled`, `f.flat`, `f.scores`.

# %% [markdown] exercise="cnn_loss_gradient"
# Go back through the table from its last line to its first.


# %% answer="cnn_loss_gradient"
def cnn_loss_gradient(images, labels, parameters, shapes):
    """The loss of the net and its gradient for all parameters.

    images: float array (batch, rows, cols, channels); labels: integer array (batch,).
    parameters: float array (P,); shapes: the shapes of W1, b1, W2, b2, V, c, in which it is cut.
    Returns the loss (one number) and the gradient, float array (P,), ordered as `parameters`.
    """
    f = pictures.cnn_forward(images, parameters, shapes)
    _, _, W2, _, V, _ = split_parameters(parameters, shapes)
    ### BEGIN SOLUTION
    loss, grad = softmax_cross_entropy(f.scores, labels)
    grad_V, grad_c = f.flat.T @ grad, grad.sum(axis=0)
    grad = pool_backward((grad @ V.T).reshape(f.pooled.shape), f.a2, 2, "max")
    grad = relu_backward(grad, f.z2)
    grad_W2, grad_b2 = conv_grad_weights(grad, f.a1), conv_grad_bias(grad)
    grad = relu_backward(conv_grad_input(grad, W2), f.z1)
    grad_W1, grad_b1 = conv_grad_weights(grad, images), conv_grad_bias(grad)
    return loss, join_parameters([grad_W1, grad_b1, grad_W2, grad_b2, grad_V, grad_c])
    ### END SOLUTION


# %% test="cnn_loss_gradient"
check(cnn_loss_gradient)

# %% [markdown]
# ### Three questions to a new net
#
# Before any long training, ask a new net: *Is the first loss about log 10 = 2.303*, as for one who guesses among ten? *Does the gradient pass the check?* And, below: *can it learn a handful by heart?*

# %%
digits = load_digits()
order = np.random.default_rng(1).permutation(len(digits.images))
images, labels = digits.images[order, :, :, None] / 16, digits.target[order]
shapes = pictures.DIGIT_NET
theta = pictures.new_parameters(shapes, seed=0)
print(f"{len(images):,} digits {images.shape[1:]}, a net with {theta.size:,} parameters")
if ready(numerical_gradient, softmax_cross_entropy, cnn_loss_gradient):
    x, y = images[:4], labels[:4]

    def loss(v):
        return softmax_cross_entropy(pictures.cnn_forward(x, v, shapes).scores, y)[0]

    print(f"a guess among ten costs {np.log(10):.3f}; the first loss is {loss(theta):.2f}")
    for name, place in {"new net": theta, "all moved by 0.01": theta + 0.01}.items():
        start = time.perf_counter()
        fast = cnn_loss_gradient(x, y, place, shapes)[1]
        middle = time.perf_counter()
        slow = numerical_gradient(loss, place)
        ratio = (time.perf_counter() - middle) / (middle - start)
        wrong = np.flatnonzero(np.abs(fast - slow) > 1e-6)
        print(f"{name}: {len(wrong)} differ {wrong}; nudging took {ratio:,.0f} × as long")

# %% [markdown]
# **What you should see.** At the new net exactly eight numbers differ: the biases of the first layer. Here, for once, *the judge errs*. Blank paper is exactly 0 and so are the first biases, so many $z$ are exactly 0, on ReLU's kink, and nudging to both sides sees half a slope. A hair beside the kink all numbers agree. And the judge needed 3,796 forward passes, backpropagation one pass each way.
#
# ## Train it

# %% [markdown] exercise="train_numpy_cnn"
# One **epoch** passes all images once, batch by batch; after every batch the parameters take one step. Write the loop. Take the images in the order given: whoever calls you has shuffled them.


# %% answer="train_numpy_cnn"
def train_numpy_cnn(images, labels, parameters, shapes, epochs, batch_size, learning_rate):
    """Train the net by AlexNet's rule (momentum 0.9, weight decay 0.0005); the velocity starts at 0, once.

    images, labels, parameters, shapes: as for `cnn_loss_gradient`.
    epochs, batch_size: integers; the last batch of an epoch may be smaller, and is used too.
    Returns the trained parameters (P,) and a list with one number an epoch: the mean of its
    batches' losses, each taken before the step.
    """
    ### BEGIN SOLUTION
    theta, velocity, history = parameters, np.zeros(parameters.shape), []
    for _ in range(epochs):
        losses = []
        for start in range(0, len(images), batch_size):
            part = slice(start, start + batch_size)
            loss, gradient = cnn_loss_gradient(images[part], labels[part], theta, shapes)
            theta, velocity = sgd_momentum_step(theta, velocity, gradient, learning_rate)
            losses.append(loss)
        history.append(np.mean(losses))
    return theta, history
    ### END SOLUTION


# %% test="train_numpy_cnn"
check(train_numpy_cnn)

# %% [markdown]
# First the third question: a net that cannot learn twenty digits by heart has a bug. Then in earnest: 1,297 digits to learn from, 500 **held out**. We shuffle before each epoch (each call starts its velocity at 0, which does no harm), and divide the learning rate by ten for the last four, as AlexNet's authors did when the error stopped falling.

# %%
x, y, held_out = images[:1297], labels[:1297], (images[1297:], labels[1297:])
random = np.random.default_rng(2)
if ready(train_numpy_cnn):
    few = images[:20], labels[:20]
    by_heart, _ = train_numpy_cnn(*few, theta, shapes, 60, 10, 0.05)
    print(f"twenty by heart: {pictures.accuracy(*few, by_heart, shapes):.0%} right")
    view, trained, start = pictures.TrainingView(epochs=16), theta, time.perf_counter()
    for epoch in range(16):
        mixed, rate = random.permutation(1297), 0.05 if epoch < 12 else 0.005
        trained, (loss,) = train_numpy_cnn(x[mixed], y[mixed], trained, shapes, 1, 32, rate)
        view.add(loss, pictures.accuracy(*held_out, trained, shapes))
    share = pictures.accuracy(*held_out, trained, shapes)
    print(f"{time.perf_counter() - start:.1f} s; held-out digits right: {share:.1%}")
    print("at least 95 % of 500 held-out digits:", share >= 0.95)
    show(*view.curves())

# %% [markdown]
# **What you should see.** More than 95 % right after a few seconds, without any deep-learning library. (From six other starts, with the digits in six other orders, we got 95 to 99 %.) The loss falls once more when the learning rate does. **Held out from whom?** We shuffled before we cut, so the same people's writing lies in both parts. In the file's own order, samples are apparently grouped by writer. Cut it there, and the last 500 are probably by *other* hands. That is the harder test, and the one that a post office would ask for. To compare the two cuts fairly, both trainings below have the same schedule, shorter than the one above: twelve epochs at one rate, in one order.

# %%
if ready(train_numpy_cnn):
    mixed = random.permutation(1297)
    for name, cut in (("shuffled", order), ("in the file's order", np.arange(1797))):
        x, y = digits.images[cut, ..., None] / 16, digits.target[cut]
        net, _ = train_numpy_cnn(x[mixed], y[mixed], theta, shapes, 12, 32, 0.05)
        share = pictures.accuracy(x[1297:], y[1297:], net, shapes)
        print(f"{name}: {share:.1%} of the last 500")

# %% [markdown]
# **What you should see.** Strangers cost points: with five other starts and shuffles we got 95 to 98 % for the shuffled cut and 92 to 95 % for the file's order, 1 to 6 points less each time.
#
# ## Summary
#
# - Backpropagation is the chain rule, read from the loss to the input; central differences in float64 are its judge. Each layer turns `grad_output` into gradients for its parameters and for its input.
# - For a convolution without reversal: weights by convolution of input and `grad_output` without reversal (valid), bias by a sum, input by convolution with reversal (full).
# - ReLU is a gate, max pooling a switch, average pooling shares out; softmax with cross-entropy starts with p − one-hot.
# - AlexNet's rule: v ← 0.9 v − 0.0005 η w − η grad; w ← w + v.
#
# ## Questions
#
# 1. A layer has input 32×32×3 and ten 5×5 filters, mode valid. What shapes have `grad_output` and the three gradients for a batch of 64?
# 2. You forget that max pooling windows hold a tie and send the gradient to both places. Does training break?
# 3. The first loss of a net with ten classes is 7. What do you suspect?
#
# <details><summary>Key</summary>
#
# 1. Z is (64, 28, 28, 10), so `grad_output` too; weights (5, 5, 3, 10), bias (10,), input (64, 32, 32, 3).
# 2. Hardly: it is another choice at a point without slope, too strong by a factor. But a check against other programs fails, and with many ties (zeros after ReLU) the factor matters.
# 3. A guess among ten has log 10 ≈ 2.3. A net that begins at 7 is sure of wrong answers: its first weights are too large.
#
# </details>
#
# ## Open work
#
# No key is given. Each asks for a measurement; keep your numbers, over five starts or more.
#
# 1. Give the net above a third convolution. How many lines do you have to change, and which of them by hand? (Unit 25 writes a net of any depth, with stride and padding.) Does the third one help, at equal training time?
# 2. Divide the first weights by 10, and multiply them by 10. Draw the loss of each epoch and the size of each layer's gradient. Which start still learns, and why not the others?
# 3. Momentum 0, 0.5, 0.9, 0.99: for each find the best of the rates 0.005, 0.015, 0.05, 0.15. Does momentum win by more than a larger rate would?
#
# ## References
#
# - D. E. Rumelhart, G. E. Hinton and R. J. Williams, *Learning representations by back-propagating errors*, Nature 323, 1986.
# - A. Krizhevsky, I. Sutskever and G. E. Hinton, *ImageNet classification with deep convolutional neural networks*, NIPS 2012: the update rule in section 5.
# - S. Rangan, *Introduction to Machine Learning*, lecture 10, New York University: the gradient with respect to the weights.
# - E. Alpaydin and C. Kaynak, *Optical Recognition of Handwritten Digits*, UCI Machine Learning Repository, 1998: the digits, as packaged in scikit-learn.
