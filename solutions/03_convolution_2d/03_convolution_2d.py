# %% [markdown]
# # Unit 3 · Convolution in two dimensions
#
# **You will be able to**
#
# - convolve an image with and without reversal, in the modes valid, same and full, with padding and stride;
# - say how large the result is before you compute it;
# - turn the loops into one matrix product, and say why that is faster;
# - find a shape in an image with a score that does not depend on brightness and contrast.
#
# **Time** about three and a half hours. **Before this** Unit 2: convolution of signals.

# %% setup="numpy"
import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from convcourse.check import check, ready
from convcourse.data import digit_form, training_digits
from convcourse.figures import show, show_images
from convcourse.pictures.convolution_2d import (
    draw_boxes,
    draw_race,
    draw_stride,
    draw_table,
    draw_window,
    four_loops,
    hits,
    race,
)
from convcourse.predictions import predict
from convcourse.widgets import slide

# %% [markdown]
# ## Find every 3
#
# Here is a form with sixty handwritten digits. **Where are the threes?** You can do it in a few seconds. At the end of this unit a program of yours will do it: it slides a small window over the form and asks at every place, "is this a 3?"

# %%
form, written = digit_form(seed=2)
show(draw_boxes(form, [], [], "A form of 512 × 512 pixels"), "A form with sixty digits.")

# %% [markdown]
# ## A window on an image
#
# An image is a table of numbers with rows and columns. The kernel is now a small table too. Lay it on the image at row $i$, column
# $j$, multiply what lies on top of each other, add:
#
# $$Z[i,j] = \sum_{k_1} \sum_{k_2} W[k_1, k_2]\; X[i+k_1,\, j+k_2] \qquad\text{(without reversal)}$$
#
# $$Z[i,j] = \sum_{k_1} \sum_{k_2} W[k_1, k_2]\; X[i-k_1,\, j-k_2] \qquad\text{(with reversal)}$$
#
# *By hand, without reversal:* the window at the top left holds 1, 2 / 0, 1, the kernel 1, 0 / 2, −1. The products are 1, 0 / 0, −1. Their sum is **0**.

# %%
image = np.array([[1, 2, 0, 1], [0, 1, 3, 2], [2, 1, 0, 1]])
kernel = np.array([[1, 0], [2, -1]])
show(*draw_window(image, kernel, 0, 0))

# %% [markdown]
# Move the window. An image of 3 × 4 and a kernel of 2 × 2 leave 2 × 3 places.

# %%
slide(lambda step: draw_window(image, kernel, *divmod(step, 3)), "place", 5, value=1)

# %% [markdown]
# ## Reversal in two dimensions
#
# As with signals, convolution *with* reversal is convolution *without* reversal by a flipped kernel. Now both axes are flipped.

# %% [markdown] exercise="flip2d"
# Flip a kernel in both axes.


# %% answer="flip2d"
def flip2d(kernel):
    """The kernel with both axes reversed.

    kernel: array of shape (rows, cols).
    Returns an array of the same shape.
    """
    ### BEGIN SOLUTION
    return kernel[::-1, ::-1]
    ### END SOLUTION


# %% test="flip2d"
check(flip2d)

# %% [markdown]
# Some kernels do not notice. This one, a lecture's first example, equals its own flip, so for it both conventions agree. A test with such a kernel proves nothing: remember that when you test your own code.

# %%
cross = np.array([[1, 0, 1], [0, 1, 0], [1, 0, 1]])
if ready(flip2d):
    print("equal to its flip:", np.array_equal(flip2d(cross), cross))

# %% [markdown] exercise="conv2d_valid"
# Write both conventions in one function, for all places where the kernel lies wholly on the image.


# %% answer="conv2d_valid"
def conv2d_valid(image, kernel, reversal=False):
    """Convolution in mode valid.

    image: array (rows, cols), integers or floats; kernel: array (kernel_rows, kernel_cols), not larger;
    reversal: flip the kernel first (signal processing) or not (deep learning).
    Returns a float array of shape (rows − kernel_rows + 1, cols − kernel_cols + 1).
    """
    ### BEGIN SOLUTION
    weights = flip2d(kernel) if reversal else kernel
    height, width = weights.shape
    result = np.zeros((image.shape[0] - height + 1, image.shape[1] - width + 1))
    for i, j in np.ndindex(*result.shape):
        result[i, j] = np.sum(weights * image[i : i + height, j : j + width])
    return result
    ### END SOLUTION


# %% test="conv2d_valid"
check(conv2d_valid)

# %% [markdown]
# From here on, and in the rest of the course, convolution is meant **without reversal** unless the text says otherwise.
#
# ## The border
#
# Each valid convolution makes the image smaller: 32 → 28 → 24 with 5 × 5 kernels. After six layers 8 × 8 pixels are left, after eight nothing. A frame of zeros, **padding**, stops that.

# %% [markdown] exercise="zero_pad"
# Put `rows` rows of zeros above and below, and `cols` columns of zeros left and right.


# %% answer="zero_pad"
def zero_pad(image, rows, cols):
    """An image with a frame of zeros.

    image: array (R, C), integers or floats; rows, cols: integers ≥ 0.
    Returns an array of shape (R + 2·rows, C + 2·cols) with all of the image's numbers as they are.
    """
    ### BEGIN SOLUTION
    height, width = image.shape
    padded = np.zeros((height + 2 * rows, width + 2 * cols))
    padded[rows : rows + height, cols : cols + width] = image
    return padded
    ### END SOLUTION


# %% test="zero_pad"
check(zero_pad)

# %% [markdown] exercise="conv2d_same"
# The result shall be as large as the image. K − 1 rows of zeros are needed in all: (K − 1) // 2 above and the rest below, and the same for columns.


# %% answer="conv2d_same"
def conv2d_same(image, kernel):
    """Convolution without reversal, mode same.

    image: array (rows, cols), integers or floats; kernel: array (kernel_rows, kernel_cols), odd or even.
    Returns a float array (rows, cols). Of K − 1 zeros, (K − 1) // 2 come before the image, the others after it.
    """
    ### BEGIN SOLUTION
    top, left = (np.array(kernel.shape) - 1) // 2
    framed = zero_pad(image, *kernel.shape)
    moved = framed[kernel.shape[0] - top :, kernel.shape[1] - left :]
    return conv2d_valid(moved, kernel)[: image.shape[0], : image.shape[1]]
    ### END SOLUTION


# %% test="conv2d_same"
check(conv2d_same)

# %% [markdown] exercise="local_mean"
# **Repair.** A frame of zeros is not free of harm. The function below should give the mean around each pixel. It runs, but a plain grey page comes out with a dark border:
# run the figure below it. Why is the border dark? Find out what is counted there, and mend it: the page should be as grey at its border as elsewhere.


# %% answer="local_mean"
def local_mean(image, size):
    """The mean around each pixel, of those pixels of a size × size window that lie on the image.

    image: array (rows, cols), integers or floats; size: an odd number. Returns a float array (rows, cols).
    """
    ### BEGIN SOLUTION
    window = np.ones((size, size))
    return conv2d_same(image, window) / conv2d_same(np.ones(image.shape), window)
    ### END SOLUTION


# %%
page = np.full((60, 90), 0.7)
page[20:40, 30:60], page[5:15, 65:80] = 0.3, 1.0
alt = "A grey page with a dark box and a bright one, and the page blurred by your function."
show_images([page, local_mean(page, 15)], ["a page", "its local means"], alt, bar=True)

# %% test="local_mean"
check(local_mean)

# %% [markdown] exercise="conv2d_full"
# And the whole convolution, *with* reversal, as in Unit 2: every place where the kernel touches the image. Nets do not use it going forward, but in Unit 7 it will turn up in the backward pass.


# %% answer="conv2d_full"
def conv2d_full(image, kernel):
    """Convolution with reversal, mode full.

    image: array (rows, cols), integers or floats; kernel: array (kernel_rows, kernel_cols), may be larger.
    Returns a float array (rows + kernel_rows − 1, cols + kernel_cols − 1).
    """
    ### BEGIN SOLUTION
    height, width = kernel.shape
    return conv2d_valid(zero_pad(image, height - 1, width - 1), kernel, reversal=True)
    ### END SOLUTION


# %% test="conv2d_full"
check(conv2d_full)

# %% [markdown]
# ## How large is the result?
#
# Let the input have $I$ pixels along an axis, the kernel $F$, the padding $P$ on each side, and let the kernel move in steps of $S$, the **stride**. It can travel $I + 2P - F$ pixels, so it stands at
#
# $$O = \left\lfloor \frac{I + 2P - F}{S} \right\rfloor + 1$$
#
# places. *By hand:* 32 pixels, kernel 7, stride 5: (32 − 7)/5 + 1 = 6. With stride 2 the division gives 12.5: the last step would carry the kernel over the edge. Libraries leave it out and so do we: **round down**. The hatched pixel is never seen.

# %%
show(*draw_stride(32, 7, 5))
show(*draw_stride(32, 7, 2))

# %% [markdown] exercise="conv_output_size"
# Write the formula.


# %% answer="conv_output_size"
def conv_output_size(size, kernel, stride, padding):
    """How many places a kernel has along one axis.

    size, kernel, stride ≥ 1 and padding ≥ 0 (zeros on each side): integers, with kernel ≤ size + 2·padding.
    Returns an integer; a last step that does not fit is left out.
    """
    ### BEGIN SOLUTION
    travel = size + 2 * padding - kernel
    return travel // stride + 1
    ### END SOLUTION


# %% test="conv_output_size"
check(conv_output_size)

# %%
if ready(conv_output_size):
    questions = [(32, 7, 1, 0), (32, 7, 5, 0), (32, 7, 2, 0), (32, 5, 3, 0), (7, 3, 1, 1)]
    for size, kernel, stride, padding in [*questions, (32, 5, 1, 0), (28, 5, 1, 0)]:
        result = conv_output_size(size, kernel, stride, padding)
        print(f"I = {size:2d}  F = {kernel}  S = {stride}  P = {padding}   →  {result}")
    kept = [conv_output_size(40, F, 1, (F - 1) // 2) for F in (1, 3, 5, 7, 9)]
    print("40 pixels with padding (F − 1)/2, for F = 1, 3, 5, 7, 9:", kept)

# %% [markdown] exercise="design_layer"
# Now **design**. A map of `size` pixels shall become one of exactly `places`. Which layer does it, so that no pixel is left over and none is skipped? There are often several: all are right.


# %% answer="design_layer"
def design_layer(size, places):
    """A kernel, a stride and a padding that lead from `size` pixels to `places` places, along one axis.

    size, places: integers. Returns three integers (kernel, stride, padding) with 3 ≤ kernel ≤ 11,
    1 ≤ stride ≤ kernel and 0 ≤ padding < kernel. All steps fit: no pixel is left over at the end.
    """
    ### BEGIN SOLUTION
    for kernel in range(3, 12):
        for stride in range(1, kernel + 1):
            for padding in range(kernel):
                if (places - 1) * stride + kernel == size + 2 * padding:
                    return kernel, stride, padding
    ### END SOLUTION


# %% test="design_layer"
check(design_layer)

# %% [markdown] exercise="conv2d_strided"
# Now the convolution itself with stride and padding. The same stride and padding hold for both axes.


# %% answer="conv2d_strided"
def conv2d_strided(image, kernel, stride, padding):
    """Convolution without reversal with a stride, after padding with zeros.

    image: array (rows, cols); kernel: array (kernel_rows, kernel_cols); stride ≥ 1; padding ≥ 0 on all sides.
    Returns a float array with conv_output_size(...) places along each axis.
    """
    ### BEGIN SOLUTION
    padded = zero_pad(image, padding, padding)
    height, width = kernel.shape
    rows = conv_output_size(image.shape[0], height, stride, padding)
    cols = conv_output_size(image.shape[1], width, stride, padding)
    result = np.zeros((rows, cols))
    for i, j in np.ndindex(rows, cols):
        top, left = i * stride, j * stride
        result[i, j] = np.sum(kernel * padded[top : top + height, left : left + width])
    return result
    ### END SOLUTION


# %% test="conv2d_strided"
check(conv2d_strided)

# %% [markdown]
# ## Move the image: does the result move along?
#
# Unit 1 promised **equivariance**: $\text{conv}(\text{shift } x) = \text{shift}(\text{conv } x)$. Test it. Cut two windows out of one picture, the second `steps` pixels further right. In the second everything stands `steps` pixels further left. So where both maps show the same part of the picture, they should hold the same numbers, `steps / stride` places apart.

# %% [markdown] exercise="breaks_when_moved"
# Compare column j of the second map with column j + `steps // stride` of the first, for all j that both have.


# %% answer="breaks_when_moved"
def breaks_when_moved(scene, kernel, stride, padding, steps):
    """In which columns does a convolution not move along with the picture?

    scene: float array (rows, cols). The first view lacks its last `steps` columns, the second its first.
    kernel, stride, padding: as for `conv2d_strided`; steps: an integer ≥ 1.
    Returns a bool array: True for each compared column in which any number differs by more than 1e-9.
    """
    ### BEGIN SOLUTION
    first = conv2d_strided(scene[:, :-steps], kernel, stride, padding)
    second = conv2d_strided(scene[:, steps:], kernel, stride, padding)
    moved = steps // stride
    off = first[:, moved:] - second[:, : second.shape[1] - moved]
    return np.any(np.abs(off) > 1e-9, axis=0)
    ### END SOLUTION


# %% test="breaks_when_moved"
check(breaks_when_moved)

# %% [markdown]
# **Predict before you run.** A kernel moves with stride 2, and the picture by *one* pixel. How many per cent of the columns will still hold the same numbers?

# %%
guess = None
scene = np.random.default_rng(4).normal(size=(12, 21))
sums = sliding_window_view(scene, (3, 3)).sum(
    axis=(2, 3)
)  # every other place, moved by one:
same = np.isclose(sums[:, 0:-1:2], sums[:, 1::2]).all(axis=0)
predict(guess, 100 * same.mean(), "A move by 1 falls between two places, in every column.")

# %%
if ready(breaks_when_moved):
    for steps, stride, padding in [(3, 1, 0), (3, 1, 1), (2, 2, 0), (1, 2, 0)]:
        breaks = breaks_when_moved(scene, np.eye(3), stride, padding, steps)
        print(f"moved by {steps}, stride {stride}, padding {padding}:", end=" ")
        print(f"{breaks.mean():.0%} of the columns differ", *np.where(breaks, "x", "."))

# %% [markdown]
# **What you should see.** Without padding and with stride 1 nothing differs. **Padding** breaks the law at the border only: there the frame of zeros stands where the other view sees the picture. **Stride 2** keeps it for moves by 2, 4, 6 pixels; a move by one pixel falls between two places, and every column differs. Unit 6 measures how much of this pooling forgives.
#
# ## From loops to one matrix product
#
# Loops in Python are slow: each step costs far more than the multiplication in it. Processors are built for another thing, the **matrix product**, which every library has tuned for decades. So write the convolution as one.
#
# Take every window, read it row by row, and make it **one row of a big table**. That is called *im2col*. The kernel, read the same way, becomes a column. Table times column gives all results at once; with several kernels there are several columns.

# %%
show(*draw_table(np.array([[1, 2, 3], [4, 5, 6]]), 2))

# %% [markdown] exercise="im2col"
# Make the table: windows along the first row of places first, each read row by row.


# %% answer="im2col"
def im2col(image, kernel_rows, kernel_cols):
    """Every window of an image as a row of a table.

    image: array (rows, cols), integers or floats.
    Returns an array of shape (out_rows · out_cols, kernel_rows · kernel_cols),
    out_rows = rows − kernel_rows + 1, out_cols = cols − kernel_cols + 1.
    """
    ### BEGIN SOLUTION
    all_windows = sliding_window_view(image, (kernel_rows, kernel_cols))
    return all_windows.reshape(-1, kernel_rows * kernel_cols)
    ### END SOLUTION


# %% test="im2col"
check(im2col)

# %% [markdown] exercise="conv2d_im2col"
# Convolve one image with several kernels. With `im2col` a single matrix product does it; any way is right.


# %% answer="conv2d_im2col"
def conv2d_im2col(image, kernels):
    """Convolution without reversal, mode valid, with several kernels at once.

    image: array (rows, cols); kernels: array (num_kernels, kernel_rows, kernel_cols).
    Returns a float array (num_kernels, out_rows, out_cols).
    """
    ### BEGIN SOLUTION
    number, height, width = kernels.shape
    product = im2col(image, height, width) @ kernels.reshape(number, -1).T
    return product.T.reshape(
        number, image.shape[0] - height + 1, image.shape[1] - width + 1
    )
    ### END SOLUTION


# %% test="conv2d_im2col"
check(conv2d_im2col)

# %% [markdown]
# A race: four loops in Python; two loops with a sum in NumPy (yours); and the matrix product (yours), all with one 5 × 5 kernel.

# %%
if ready(conv2d_valid, conv2d_im2col):
    racers = {"four loops": four_loops, "two loops": conv2d_valid}
    racers["im2col"] = lambda image, kernel: conv2d_im2col(image, kernel[None])
    sizes = [16, 32, 64, 128]
    times = race(racers, sizes)
    for name, seconds in times.items():
        print(f"{name:11s} {1000 * seconds[-1]:9.2f} ms for 128 × 128")
    show(*draw_race(times, sizes))

# %% [markdown]
# **What you should see.** The two loops are faster than the four, and the matrix product is far faster than both: how many times, you can read off the lines above. The price is memory: the table holds every pixel 25 times. Units 6 and 23 come back to this, and Unit 25 shows how the table can be seen without being written.
#
# ## Back to the form: a fair score
#
# To find a 3, use a picture of a 3 as the kernel: the matched filter again. But a plain sum of products answers to *bright* places as well as to *similar* ones: a thick black spot scores higher than a thin 3. So make it fair. For each window
#
# 1. subtract its own mean, and subtract the template's mean from the template;
# 2. divide by the lengths of both.
#
# $$s[i,j] = \frac{\sum (X_{ij} - \bar X_{ij})(T - \bar T)}{\sqrt{\sum (X_{ij} - \bar X_{ij})^2}\;\sqrt{\sum (T - \bar T)^2}}$$
#
# This is the cosine of Unit 1, of centred vectors: 1 for the same shape at any brightness and contrast, 0 for no likeness, −1 for the negative. *By hand:* template [10, 30], windows [1, 2], [2, 3], [3, 3], [3, 1]: rising, rising, flat, falling. The scores are 1, 1, 0, −1.

# %% [markdown] exercise="normalized_correlation"
# Write the score for every place. Where a window has no contrast at all, let it be 0.


# %% answer="normalized_correlation"
def normalized_correlation(image, template):
    """Normalised score of a template at every place (mode valid).

    image: float array (rows, cols); template: float array (template_rows, template_cols), not constant.
    Returns a float array (rows − template_rows + 1, cols − template_cols + 1), values from −1 to 1,
    0 where the window is constant.
    """
    ### BEGIN SOLUTION
    pattern = template - np.mean(template)
    windows = sliding_window_view(image, template.shape)
    centred = windows - windows.mean(axis=(2, 3), keepdims=True)
    lengths = np.sqrt(np.sum(centred**2, axis=(2, 3))) * np.sqrt(np.sum(pattern**2))
    products = np.einsum("ijkl,kl->ij", centred, pattern)
    return np.divide(products, lengths, out=np.zeros_like(products), where=lengths > 1e-12)
    ### END SOLUTION


# %% test="normalized_correlation"
check(normalized_correlation)

# %% [markdown] exercise="locate_digit"
# A digit makes a small hill of high scores. Keep the top of each hill: the places whose score is at least `threshold` and is the largest among all places at most `reach` rows and `reach` columns away.


# %% answer="locate_digit"
def locate_digit(scores, threshold, reach):
    """Tops of the hills in a map of scores.

    scores: float array (rows, cols); threshold: a number; reach: an integer ≥ 1.
    Returns an integer array (or list) of pairs (row, col), sorted by row, then by column.
    """
    ### BEGIN SOLUTION
    tops = []
    for i, j in np.argwhere(scores >= threshold):
        near = scores[max(i - reach, 0) : i + reach + 1, max(j - reach, 0) : j + reach + 1]
        if scores[i, j] == near.max():
            tops.append((i, j))
    return np.array(tops, dtype=int).reshape(-1, 2)
    ### END SOLUTION


# %% test="locate_digit"
check(locate_digit)

# %% [markdown]
# ### One template
#
# The digits on the form come from one half of a data set; the other half, 898 digits, is ours to learn from. The first idea: take the mean of all threes.

# %%
samples, kinds = training_digits()
mean_three = samples[kinds == 3].mean(axis=0)
threes = [(row, col) for row, col, digit in written if digit == 3]


def report(places, truth):
    found, right = hits(places, truth)
    print(f"recall {found} of {len(truth)}, precision {right} of {len(places)}")


if ready(normalized_correlation, locate_digit):
    scores = normalized_correlation(form, mean_three)
    report(locate_digit(scores, threshold=0.6, reach=4), threes)

# %% [markdown]
# **Recall** is the share of the true threes that we found, **precision** the share of our finds that are threes. Every 3 is found, but so is much else: a 9, an 8 and a 3 have a lot in common. A score for "3" alone cannot know that a 9 would fit still better.
#
# ### Let the others compete
#
# So look for *any* digit first, with the mean of all samples as the template. Then compare each window found with all 898 samples, and keep it only if the sample that fits best is a 3. (The window may be a pixel off, so we try the eight neighbouring places too.)


# %%
def find_threes(form):
    scores = normalized_correlation(form, samples.mean(axis=0))
    flat = samples.reshape(len(samples), 64)
    flat = flat - flat.mean(axis=1, keepdims=True)
    flat /= np.linalg.norm(flat, axis=1, keepdims=True)
    threes = []
    for row, col in locate_digit(scores, threshold=0.55, reach=4):
        around = form[max(row - 1, 0) : row + 9, max(col - 1, 0) : col + 9]
        windows = sliding_window_view(around, (8, 8)).reshape(-1, 64)
        windows = windows - windows.mean(axis=1, keepdims=True)
        fits = (windows / np.linalg.norm(windows, axis=1, keepdims=True)) @ flat.T
        if kinds[np.argmax(fits.max(axis=0))] == 3:
            threes.append((int(row), int(col)))
    return threes


if ready(normalized_correlation, locate_digit):
    places = find_threes(form)
    report(places, threes)
    boxes = draw_boxes(form, places, threes, f"{len(places)} threes found")
    show(boxes, "The form with red boxes around the threes.")

# %% [markdown]
# **What you should see.** All threes of this form are in a box, and nothing else. One form is not a measurement, so let us fill twelve.

# %%
if ready(normalized_correlation, locate_digit):
    counts = []
    for seed in range(1, 13):
        print(f"form {seed} of 12", end="\r")
        page, digits = digit_form(seed)
        truth = [(row, col) for row, col, digit in digits if digit == 3]
        places = find_threes(page)
        counts.append([*hits(places, truth), len(truth), len(places)])
    found, right, true, reported = np.sum(counts, axis=0)
    print(f"twelve forms: recall {found / true:.2f} ({found} of {true}),", end=" ")
    print(f"precision {right / reported:.2f} ({right} of {reported})")

# %% [markdown]
# A handful are missed: handwriting varies more than 898 samples can show. A template is a fixed kernel that we made. The nets of this course will *learn* their kernels, many of them, in layers. Units 7 and 9 show how much further that goes.
#
# ## Summary
#
# - In two dimensions a window slides over rows and columns; reversal flips the kernel in both axes.
# - The result has ⌊(I + 2P − F)/S⌋ + 1 places along an axis; padding (F − 1)/2 keeps the size for odd F.
# - im2col writes every window as a row, so that convolution becomes one matrix product: much faster, more memory.
# - Convolution is equivariant to shifts; padding breaks this at the border, stride between its steps.
# - Normalised correlation is the cosine between centred window and centred template. Rivals make it a classifier.
#
# ## Questions
#
# 1. A 100 × 200 image and a 7 × 3 kernel: how large are valid, same and full?
# 2. Which padding keeps the size for a 9 × 9 kernel with stride 1?
# 3. A 227-pixel axis, kernel 11, stride 4, no padding. How many places? And for 224 pixels?
# 4. Why is the kernel [[1, 0, 1], [0, 1, 0], [1, 0, 1]] a poor test for your own `conv2d_valid`?
# 5. You double the contrast of the form. What happens to the normalised scores, and what to the plain sums of products?
#
# <details><summary>Key</summary>
#
# 1. 94 × 198, 100 × 200, 106 × 202.
# 2. (9 − 1)/2 = 4 on each side.
# 3. (227 − 11)/4 + 1 = 55 exactly. For 224: 53.25, so 54 places; the last pixel is left over (Unit 11 tells that story).
# 4. It equals its own flip and its own transpose, so a wrong convention or exchanged axes would not show.
# 5. The scores stay; the sums double.
#
# </details>
#
# ## Open work
#
# No key is given. Each asks for a measurement; keep your numbers.
#
# 1. Turn the form by 5, 10, 20 degrees (`skimage.transform.rotate`). How fast do recall and precision of `find_threes` fall? What would you change to win them back?
# 2. How many samples does the search need? Keep 100, 200, 400 of the 898, five random choices each, and draw recall and precision with their spread.
# 3. Time `conv2d_im2col` for kernels of 3, 5, 9, 15 pixels, and for 1, 8 and 64 kernels. Where is the time spent: in making the table, or in the product?
#
# ## References
#
# - V. Dumoulin and F. Visin, *A guide to convolution arithmetic for deep learning*, arXiv:1603.07285, 2016.
# - K. Chellapilla, S. Puri and P. Simard, *High performance convolutional neural networks for document processing*, IWFHR, 2006: im2col.
# - J. P. Lewis, *Fast normalized cross-correlation*, Vision Interface, 1995.
# - E. Alpaydin and C. Kaynak, *Optical recognition of handwritten digits*, UCI Machine Learning Repository, 1998 (in scikit-learn).
