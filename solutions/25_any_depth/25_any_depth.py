# %% [markdown]
# # Unit 25 · A net of any depth
#
# **You will be able to**
#
# - read an array as a row of numbers in the memory, and see a diagonal or all windows of an image in it without copying one number;
# - write a convolutional layer with stride and padding as a single `einsum`, and lead a gradient back through it;
# - write backpropagation once, for any list of layers, with shortcuts in it too;
# - measure what depth does to a new net, to its signal and to its gradient, and mend it.
#
# **Time** about two and a half hours. **Before this** Unit 7: backpropagation; for the last part Unit 14: shortcuts.

# %% setup="numpy"
import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from sklearn.datasets import load_digits

from convcourse.check import check, ready
from convcourse.figures import show
from convcourse.pictures import any_depth as picture
from convcourse.predictions import predict
from convcourse.widgets import slide

# %% [markdown]
# ## Three things that Unit 7 left out
#
# In Unit 7 you trained a net in NumPy alone. But it had *two* convolutions: a third one would have needed new code, forward and back. Its convolutions had no stride and no padding. And they were loops over the kernel. Libraries have none of these limits. In PyTorch or Keras you write down a list of layers, and any list is trained.
#
# **How do they do it?** With three ideas, each a few lines long: a *view* of the memory, a sum with named axes, and layers that hand back their own way back. You will write them in this order. At the end your library trains a net of 18 convolutions. At first it will not learn, and you will find out why.
#
# ## The memory is a line
#
# An image has rows and columns; the memory has not. It is one long line of places. NumPy writes an image there row after row. So the number of row $i$, column $j$ of an image with $C$ columns stands at place
#
# $$i \cdot C + j \cdot 1.$$
#
# The two factors, $(C, 1)$, are the **strides** of the array: how many places further the next row and the next column are. An array is a memory, a **shape**, and strides. (NumPy counts strides in bytes, 8 for a float64. We count them in numbers.) So one memory can be read in many ways. Other strides, another array, and nothing is copied: such an array is called a **view**. The transposed image, for instance, is the shape $(C, R)$ with the strides $(1, C)$.
#
# *By hand.* In an image of 4 × 6, the last column: 4 numbers, each 6 places after the one before; shape (4,), strides (6,). It begins at place 5. Our other views begin at place 0.

# %%
image = np.arange(24).reshape(4, 6)
print("NumPy says", image.strides, "bytes; in numbers:", *np.array(image.strides) // 8)
show(*picture.draw_memory(4, 6, image[:, 5:], "the last column"))

# %% [markdown] exercise="diagonal_view"
# Which shape and which strides show the diagonal of an image, from its upper left corner? Count in numbers.


# %% answer="diagonal_view"
def diagonal_view(rows, cols):
    """Shape and strides with which a memory shows the diagonal of an image.

    rows, cols: size of the image, integers ≥ 2.
    Returns two tuples of one integer each, shape and strides; the strides are counted in numbers.
    """
    ### BEGIN SOLUTION
    return (min(rows, cols),), (cols + 1,)
    ### END SOLUTION


# %% test="diagonal_view"
check(diagonal_view)

# %% [markdown]
# `picture.look(memory, shape, strides)` reads a memory as you say, and stops if you leave it.

# %%
if ready(diagonal_view):
    print(image, picture.look(image.ravel(), *diagonal_view(4, 6)), sep="\n")

# %% [markdown]
# ## Every window, and nothing copied
#
# A view may have *more* axes than the image, and it may show a number many times. Then all windows of an image are one array of four axes, `windows[i, j, k, l]`: which window (row and column), and which number in it (row and column). Walk along each axis by one, and ask how far you have gone in the memory. Move the window below, and look at the line above it.

# %%
show(*picture.draw_window(5))
slide(picture.draw_window, label="window", stop=11, value=5)

# %% [markdown] exercise="windows_view"
# Write shape and strides of all windows, `stride` rows and columns apart.


# %% answer="windows_view"
def windows_view(rows, cols, krow, kcol, stride):
    """Shape and strides with which a memory shows all windows of an image.

    rows, cols: size of the image; krow, kcol: size of a window, not larger; stride ≥ 1, between windows.
    Returns two tuples of four integers, shape (out_rows, out_cols, krow, kcol) and strides, counted in
    numbers. A last window that would leave the image is left out.
    """
    ### BEGIN SOLUTION
    shape = (rows - krow) // stride + 1, (cols - kcol) // stride + 1, krow, kcol
    return shape, (stride * cols, stride, cols, 1)
    ### END SOLUTION


# %% test="windows_view"
check(windows_view)

# %% [markdown]
# **Predict before you run.** An image of 224 × 224, and all its windows of 5 × 5. How many times as many numbers as the image does the view show?

# %%
guess = None
predict(guess, 220**2 * 25 / 224**2, "Nearly every pixel is in 25 windows.", close=0.06)

# %%
if ready(windows_view):
    photo = np.random.default_rng(0).random((224, 224))
    view = picture.look(photo.ravel(), *windows_view(224, 224, 5, 5, 1))
    print(f"numbers shown: {view.size:,}; numbers in the memory: {photo.size:,}")
    print("the same memory:", np.shares_memory(photo, view))
    print("as NumPy does it:", np.array_equal(view, sliding_window_view(photo, (5, 5))))

# %% [markdown]
# **What you should see.** The view shows 1.2 million numbers, and there are 50,176. Unit 3's `im2col` wrote such a table into the memory. A view is a table only to those who read it. (The price comes later: as soon as a matrix product wants the table as rows and columns, the library copies it.) NumPy's `sliding_window_view` is just your function, for any number of axes. From here on you may use it.
#
# ## One einsum
#
# With the windows at hand, the layer of Unit 6 is one line of mathematics. For a batch $b$, channels $c$, filters $m$:
#
# $$Z_{b\,i\,j\,m} = \sum_{c}\sum_{k}\sum_{l} \text{windows}_{b\,i\,j\,c\,k\,l}\; W_{k\,l\,c\,m}.$$
#
# `np.einsum` takes this line as it stands. You give the letters of each operand and those of the result; a letter that the result does not have is summed over. *By hand:* `np.einsum("ik,kj->ij", A, B)` is the matrix product, `"ij->j"` the sums of the columns, `"ii->"` the sum of the diagonal. With `optimize=True` it finds the matrix product in your line, and is fast.

# %% [markdown] exercise="conv_by_einsum"
# Write the layer, with stride and padding (without its bias). Any way is right; one `einsum` is the short one.


# %% answer="conv_by_einsum"
def conv_by_einsum(inputs, weights, stride, padding):
    """A convolutional layer without reversal and without bias, for a batch.

    inputs: array (batch, rows, cols, channels); weights: array (krow, kcol, channels, num_filters).
    stride ≥ 1 and padding ≥ 0 (zeros on each side), the same for rows and columns.
    Returns a float array (batch, out_rows, out_cols, num_filters); a step that does not fit is left out.
    """
    ### BEGIN SOLUTION
    framed = np.pad(inputs, [(0, 0), (padding, padding), (padding, padding), (0, 0)])
    windows = sliding_window_view(framed, weights.shape[:2], axis=(1, 2))
    kept = windows[:, ::stride, ::stride]
    return np.einsum("bijckl,klcm->bijm", kept, weights, optimize=True)
    ### END SOLUTION


# %% test="conv_by_einsum"
check(conv_by_einsum)

# %% [markdown]
# ## The way back: fold the windows
#
# Forward, a pixel is *read* in many windows. On the way back each of these windows has something to say about it, and the chain rule asks for the sum. So the gradient of "take all windows" is "lay all windows back onto the image, and add where they overlap". Libraries call this **fold**, or *col2im*. With windows full of ones it counts in how many windows each pixel lies.

# %% [markdown] exercise="fold_windows"
# **Repair.** The function below makes a view of all *places*, and adds the windows there in a single line. It looks right, and it runs. In the figure, with stride 3 the windows lie side by side, and all is well. With stride 1, every pixel seems to lie in one window only. Mend it.


# %% answer="fold_windows"
def fold_windows(patches, rows, cols, stride):
    """The sum of windows, each laid where it was taken from.

    patches: array (out_rows, out_cols, krow, kcol); window (i, j) begins at row i · stride, column j · stride.
    rows, cols: size of the image. Returns a float array (rows, cols).
    """
    ### BEGIN SOLUTION
    places = np.arange(rows * cols).reshape(rows, cols)
    places = sliding_window_view(places, patches.shape[2:])[::stride, ::stride]
    total = np.zeros(rows * cols)
    np.add.at(total, places, patches)
    return total.reshape(rows, cols)
    ### END SOLUTION


# %%
show(*picture.draw_fold(fold_windows))

# %% test="fold_windows"
check(fold_windows)

# %% [markdown]
# **What you should see** when it is mended: with stride 1 the corners lie in one window, the pixels in the middle in nine. This mistake hides well. `+=` with a list of places reads them all first and writes them all afterwards; a place that occurs twice keeps the last writing. NumPy is meant to work so, and gives no warning.
#
# ### Back through stride and padding
#
# Now the whole layer. Two things are new since Unit 7. **Stride:** the weight $W[k_1, k_2]$ has met the pixels $k_1,\ k_1 + S,\ k_1 + 2S, \dots$ of the framed input: a slice with a step. **Padding:** the frame takes part like all pixels; at the end it is cut off, since nobody needs the gradient of a zero that we put there. *By hand*, along a line: pixels (5, 6, 7), padding 1, kernel (1, 10), stride 2. The framed line is (0, 5, 6, 7, 0), the windows (0, 5) and (6, 7). If (2, 3) comes back, the weights get 2·0 + 3·6 = **18** and 2·5 + 3·7 = **31**; the framed line gets (2, 20, 3, 30, 0), and so the pixels **(20, 3, 30)**.

# %% [markdown] exercise="conv_backward"
# Write both gradients. Go over the kernel's places, or fold windows, image by image.


# %% answer="conv_backward"
def conv_backward(grad_output, inputs, weights, stride, padding):
    """The gradients of `conv_by_einsum`.

    grad_output: dJ/dZ, array (batch, out_rows, out_cols, num_filters); inputs, weights, stride, padding: as
    on the way forward, where a last step that does not fit was left out.
    Returns dJ/dinputs, float array of the shape of `inputs`, and dJ/dweights, of the shape of `weights`.
    """
    ### BEGIN SOLUTION
    framed = np.pad(inputs, [(0, 0), (padding, padding), (padding, padding), (0, 0)])
    grad_framed, grad_weights = np.zeros(framed.shape), np.zeros(weights.shape)
    rows, cols = stride * np.array(grad_output.shape[1:3])
    for k1, k2 in np.ndindex(*weights.shape[:2]):
        met = np.s_[:, k1 : k1 + rows : stride, k2 : k2 + cols : stride]
        grad_weights[k1, k2] = np.einsum("bijc,bijm->cm", framed[met], grad_output)
        grad_framed[met] += grad_output @ weights[k1, k2].T
    grad_inputs = grad_framed[:, padding:, padding:]
    return grad_inputs[:, : inputs.shape[1], : inputs.shape[2]], grad_weights
    ### END SOLUTION


# %% test="conv_backward"
check(conv_backward)

# %% [markdown]
# ## A layer that hands back its own way back
#
# What does a net need to know of a layer? Two things only: what it makes of its input, and what it makes of a gradient on the way back. So let a layer be a function. It takes $x$ and returns **two** things: its output, and a function `back`. This one takes the gradient for the output, and returns the gradient for $x$ and a list of the gradients of the layer's own parameters. `back` remembers the $x$ of its layer. Here are two; read them line by line.


# %%
def conv(weights, bias, stride, padding):
    def layer(x):
        def back(grad):
            grad_x, grad_weights = conv_backward(grad, x, weights, stride, padding)
            return grad_x, [grad_weights, grad.sum(axis=(0, 1, 2))]

        return conv_by_einsum(x, weights, stride, padding) + bias, back

    return layer


def relu():
    return lambda x: (np.maximum(x, 0), lambda grad: (grad * (x > 0), []))


y, back = relu()(np.array([-1.0, 2.0, 3.0]))
print("forward:", y, "  back:", back(np.array([10.0, 20.0, 30.0])))

# %% [markdown]
# A net is now a list. For each layer it has its kind and its arrays: `("dense", W, b)`, `("relu",)`, `("flatten",)`. `("shortcut", s, …)` computes $x + s \cdot \text{branch}(x)$, where the branch is a list of layers again (Unit 14). `(conv, W, b, 1, 1)` is your own layer above. `picture.layer(*spec)` makes a layer of such a line.
#
# *By hand*, two dense layers with one number each, W = 2 and W = 3, no biases, and x = 5. Forward 5 → 10 → 30. If 1 comes back: the second layer's weight gets 1 · 10, and hands on 1 · 3; the first layer's gets 3 · 5 = 15. Whatever a layer is, the net asks for no more than this.

# %% [markdown] exercise="net_gradients"
# Write backpropagation, once and for all. The last step forward is softmax with cross-entropy, as in Unit 7: `loss, grad = picture.softmax_cross_entropy(scores, labels)`.


# %% answer="net_gradients"
def net_gradients(inputs, labels, specs):
    """The loss of a net of any depth, and the gradients of all its parameters.

    inputs: float array (batch, …); labels: integer array (batch,).
    specs: one tuple for each layer, the first layer first: its kind and its arguments.
    Returns the loss (one number) and one list of arrays: the gradients of the first layer's parameters, as
    its `back` gives them, then the second layer's, and so on.
    """
    net = [picture.layer(*spec) for spec in specs]
    ### BEGIN SOLUTION
    x, ways_back = inputs, []
    for layer in net:
        x, back = layer(x)
        ways_back.append(back)
    loss, grad = picture.softmax_cross_entropy(x, labels)
    gradients = []
    for back in reversed(ways_back):
        grad, own = back(grad)
        gradients = own + gradients
    return loss, gradients
    ### END SOLUTION


# %% test="net_gradients"
check(net_gradients)

# %% [markdown]
# Trust it only when the judge of Unit 7 agrees. We build a net of six convolutions for digits, one with stride 2, all padded, four of them in shortcuts. In each array one number is nudged, up and down. The input is noise: blank paper is exactly 0, on ReLU's kink, where the judge errs (Unit 7).

# %%
digits = load_digits()
images, labels = digits.images[..., None] / 16, digits.target
whole = ready(conv_by_einsum, conv_backward, net_gradients)
if whole:
    specs = picture.digit_net(conv, depth=4, share=0.5, seed=0)
    noise, arrays = (
        np.random.default_rng(0).normal(size=(4, 8, 8, 1)),
        picture.parameters(specs),
    )
    gradients = net_gradients(noise, labels[:4], specs)[1]
    off, step = [], 1e-5
    for gradient, array in zip(gradients, arrays, strict=True):
        losses = []
        for moved in (step, -2 * step, step):  # up, down, and back to its place
            array.flat[-1] += moved
            losses.append(net_gradients(noise, labels[:4], specs)[0])
        off.append(abs((losses[0] - losses[1]) / (2 * step) - gradient.flat[-1]))
    print(f"{len(arrays)} arrays; the largest difference is below 1e-7: {max(off) < 1e-7}")

# %% [markdown]
# Look at the line `array.flat[-1] += moved`. It changes a weight *in its place*, and the layer sees it, because the layer holds the same memory. Training uses this: `weight -= rate * gradient` needs to tell nobody. (`weight = weight − …` would make a new array, and the layer would keep the old one.)
#
# ## Deep
#
# Now train 18 convolutions. All start with He's spread (Unit 12). Beside them a net of two. One pass through 1,280 digits, 32 at a time.


# %%
def train(name, depth, share):
    specs, losses = picture.digit_net(conv, depth, share, seed=0), []
    for start in range(0, 1280, 32):
        part = order[start : start + 32]
        with picture.one_thread():
            loss, gradients = net_gradients(images[part], labels[part], specs)
        for weight, gradient in zip(picture.parameters(specs), gradients, strict=True):
            weight -= 0.1 * gradient
        losses.append(loss)
    scores = picture.scores_of(specs, images[order[1280:]])
    right = np.mean(scores.argmax(axis=1) == labels[order[1280:]])
    print(f"{name}: loss at the end {np.mean(losses[-10:]):.2f}, right {right:.0%}")
    return losses


order, histories = np.random.default_rng(0).permutation(1797), {}
if whole:
    for name, depth in (("2 convolutions", 0), ("18 convolutions", 16)):
        histories[name] = train(name, depth, None)

# %% [markdown]
# **What you should see.** Two convolutions learn; eighteen hardly do better than a guess, which costs log 10 = 2.30. (With five seeds the two end between 0.6 and 1.0, the eighteen between 2.2 and 2.3.) The gradient is right, you have checked it. The signal does not die either: that is what He's spread is for. So what is wrong?
#
# ### Shattered gradients
#
# A gradient is a promise: *go a little this way, and the loss falls.* It helps only if it still holds a little further on. David Balduzzi and others looked at just that, in 2017. Take a new net with one input $t$, and draw its slope $dy/dt$ for 256 points of a line. Compare three nets of dense layers, with 100 units each.
#
# **Predict before you run:** in which net will the slope jump most from point to point: `"shallow"`, `"plain"` (48 layers) or `"shortcuts"` (48 layers)?

# %%
guess = None
predict(guess, "plain", "Each ReLU that switches changes the slope of everything after it.")

# %%
show(*picture.draw_slopes())
depths = [1, 4, 12, 24, 48]
found = picture.agreements(depths, seeds=range(5))
show(*picture.draw_agreements(depths, found))
for name, values in found.items():
    print(f"{name:26}", *(f"{value:6.2f}" for value in values.mean(axis=0)))

# %% [markdown]
# **What you should see.** The lines are the correlation of the slopes of points that lie four places apart, for 1, 4, 12, 24 and 48 layers, the mean of five seeds. In a shallow net neighbours agree. In the plain net of 48 layers the slope is nearly noise: what you learn at one point says little about the next. That is **shattering**. Shortcuts around whole branches help little. Around *quiet* branches, neighbours agree at any depth. (With twenty seeds the means at 48 layers were 0.43, 0.54 and 0.90. Single nets differ much: see the shaded ranges.)
#
# ### How loud may a branch be?
#
# Unit 14 has measured the other trouble: with whole branches the variance doubles from block to block, and $2^{48}$ is no place to start. There batch normalisation helped. Without it the branch must be quieter: $x + s \cdot \text{branch}(x)$ with a share $s$. The branch is independent of $x$ and as large as $x$, so a block multiplies the variance by $1 + s^2$. *By hand:* s = ½ makes it 1.25 times as large; four blocks 1.25⁴ = 2.44.

# %% [markdown] exercise="branch_share"
# **Design.** Choose the share so that after `depth` blocks the variance has grown by a factor between `low` and `high`.


# %% answer="branch_share"
def branch_share(depth, low, high):
    """The share s of each branch, with which `depth` blocks let the variance grow as much as is asked.

    depth: an integer ≥ 1; low, high: numbers, 1 < low < high. Each block multiplies the variance by 1 + s².
    Returns one number s, 0 < s ≤ 10, for which the growth after all blocks is from low to high.
    """
    ### BEGIN SOLUTION
    goal = (low + high) / 2
    return (goal ** (1 / depth) - 1) ** 0.5
    ### END SOLUTION


# %% test="branch_share"
check(branch_share)

# %%
if whole and ready(branch_share):
    name = "18, with shortcuts"
    histories[name] = train(name, 16, float(branch_share(16, 2.0, 3.0)))
    show(*picture.draw_losses(histories))

# %% [markdown]
# **What you should see.** The same depth, the same code, the same rate, and now it learns. With five seeds, and a share of ¼, it ended between 0.4 and 0.8. Nothing in `net_gradients` has changed: a shortcut is one more layer to it. It is not *better* than two convolutions here: these digits do not need 18. But depth is no longer a wall.
#
# ## What libraries do more
#
# You have the core of a deep-learning library. What else do PyTorch, Keras and JAX have? They cut layers into single operations, each with its own way back, so that any *formula* has a gradient and not only a list of layers; they free memory as early as they can; and they run on graphics cards, where the windows are not even views, but indices computed on the fly. The idea is the one that you wrote: go forward, keep the ways back, walk through them from the end.
#
# ## Summary
#
# - An array is a memory with shape and strides. Diagonal, transpose and all windows are views: other strides, nothing copied.
# - A convolutional layer is: frame, windows, every S-th, one einsum. Its way back: a slice with step S for each weight, sums where windows overlap, and the frame cut off.
# - `total[places] += …` adds only once at a place that occurs twice.
# - A layer returns its output and its way back. Then backpropagation is two loops, for nets of any depth.
# - Deep plain nets start with shattered gradients. Shortcuts with a share of about 1/√depth keep both the signal and the slopes.
#
# ## Questions
#
# 1. Which shape and strides show every second row of a 6 × 4 image, and which its transpose?
# 2. A line of 7 pixels, padding 1, kernel 3, stride 3. Which pixels of the framed line has the middle weight met?
# 3. Why does `back` need the layer's input for a dense layer, and only its signs for ReLU? What does this mean for the memory of a deep net?
# 4. Twelve blocks with share ½: how much has the variance grown?
#
# <details><summary>Key</summary>
#
# 1. (3, 4) with (8, 1); (4, 6) with (1, 4).
# 2. The framed line has 9 places, and (9 − 3)/3 + 1 = 3 windows. The middle weight has met the places 1, 4 and 7: the pixels 0, 3 and 6.
# 3. The gradient of W is inputᵀ · grad; ReLU's gate needs z > 0 only. Until the way back, every layer's input must be kept: memory grows with depth.
# 4. 1.25¹² = 14.6 times.
#
# </details>
#
# ## Open work
#
# No key is given. Each asks for a measurement; keep your numbers, over five seeds.
#
# 1. Write max pooling and batch normalisation as layers that hand back their way back (Units 7 and 10 have the formulas). Does batch normalisation repair the plain net of 18 convolutions? *Measure* its loss, and the agreement of its slopes.
# 2. *Measure* the seconds of `conv_by_einsum` and of your `conv2d_im2col` (Unit 3) for kernels of 1, 3, 5 and 9. When does the view win, and when the copy?
# 3. *Measure* the memory of a step against depth (`tracemalloc`). Then keep only every fourth layer's input and compute the others again on the way back. What do you save, and what does it cost in time?
#
# ## References
#
# - S. van der Walt, S. C. Colbert and G. Varoquaux, *The NumPy array: a structure for efficient numerical computation*, Computing in Science & Engineering 13, 2011: strides and views.
# - D. Balduzzi, M. Frean, L. Leary, J. P. Lewis, K. W.-D. Ma and B. McWilliams, *The shattered gradients problem: if resnets are the answer, then what is the question?*, ICML 2017.
# - H. Zhang, Y. N. Dauphin and T. Ma, *Fixup initialization: residual learning without normalization*, ICLR 2019: branches that begin quietly.
# - A. Baydin, B. Pearlmutter, A. Radul and J. Siskind, *Automatic differentiation in machine learning: a survey*, Journal of Machine Learning Research 18, 2018.
