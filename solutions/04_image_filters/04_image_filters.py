# %% [markdown]
# # Unit 4 · Image filters
#
# **You will be able to**
#
# - find edges with Sobel's kernels, and say which sign they have and why;
# - blur with a uniform and a Gaussian kernel, and save most of the work when a kernel is separable;
# - build a bank of filters for colour, as the first layer of a net has;
# - tell what simple and complex cells of the visual cortex compute, and imitate both.
#
# **Time** about three hours. **Before this** Unit 3: convolution in two dimensions.

# %% setup="numpy"
import numpy as np
import skimage.data
from numpy.lib.stride_tricks import sliding_window_view
from scipy.signal import convolve2d, correlate2d

from convcourse.check import check, ready
from convcourse.figures import show, show_images
from convcourse.pictures.convolution_2d import best_time
from convcourse.pictures.image_filters import (
    draw_cells,
    draw_directions,
    draw_saving,
    draw_stripes_and_kernel,
)
from convcourse.pictures.image_filters import stripes
from convcourse.predictions import predict
from convcourse.widgets import slide

# %% [markdown]
# ## What does a photograph consist of?
#
# Look at the cameraman. You recognise him from his outline alone: a few **edges**, where bright meets dark. In 1959 Hubel and Wiesel found cells in a cat's brain that answer to just such edges. Sixty years later the first layers of trained nets hold kernels that look the same. In this unit you build these kernels by hand.
#
# You have written convolution yourself; from now on SciPy does it. Mind its two names:
#
# | SciPy | what it computes |
# |---|---|
# | `correlate2d(image, kernel, mode="valid")` | convolution **without** reversal: what nets do, and what we use |
# | `convolve2d(image, kernel, mode="valid")` | convolution **with** reversal |

# %%
camera = skimage.data.camera()
show_images(
    [camera, camera[60:200, 180:320]],
    ["camera", "a part of it"],
    "A man with a camera on a tripod, and his head enlarged.",
)
print(
    "shape", camera.shape, "dtype", camera.dtype, "from", camera.min(), "to", camera.max()
)

# %% [markdown]
# ## Edges
#
# An edge is a place where the image changes. Along a row, the change is a difference of neighbours: $[1, 0, -1]$ takes the pixel on the left minus the one on the right. One row alone is noisy, so average three rows with weights $[1, 2, 1]$. Both together make **Sobel's kernel**, and its transpose does the same for the other direction:
#
# $$G_x = \begin{bmatrix}1\\2\\1\end{bmatrix}\begin{bmatrix}1&0&-1\end{bmatrix}
#       = \begin{bmatrix}1&0&-1\\2&0&-2\\1&0&-1\end{bmatrix}, \qquad G_y = G_x^T .$$

# %% [markdown] exercise="sobel_kernels"
# Make such a pair from any smoothing weights and any difference weights.


# %% answer="sobel_kernels"
def sobel_kernels(smooth, difference):
    """A pair of edge kernels (Gx, Gy).

    smooth: array of K weights; difference: array of K weights; integers or floats, K ≥ 1.
    Returns two arrays of shape (K, K): Gx[i, j] = smooth[i] · difference[j], and its transpose.
    """
    ### BEGIN SOLUTION
    across = np.outer(smooth, difference)
    return across, across.T
    ### END SOLUTION


# %% test="sobel_kernels"
check(sobel_kernels)

# %% [markdown]
# ### Which sign?
#
# *By hand,* without reversal, on an image whose left half is bright (9) and whose right half is dark (1). The window over the border holds three rows 9, 9, 1. The products with Gx add up to 1·9 − 1·1 + 2·9 − 2·1 + 1·9 − 1·1 = **32**, positive.
#
# So Gx is **positive where bright turns dark from left to right**, negative where dark turns bright, and zero where nothing changes: its weights add up to 0. With reversal all signs turn. Printed books mix up the two. So try it.

# %%
gx = np.array([[1, 0, -1], [2, 0, -2], [1, 0, -1]])
bright_left = np.array([[9, 9, 1, 1]] * 3)
print("white to black, without reversal:", correlate2d(bright_left, gx, mode="valid"))
print("white to black, with reversal:   ", convolve2d(bright_left, gx, mode="valid"))
print(
    "black to white, without reversal:", correlate2d(bright_left[:, ::-1], gx, mode="valid")
)
print(
    "a constant image:                ", correlate2d(np.full((3, 4), 7), gx, mode="valid")
)
print(
    "convolve2d with the flipped one: ",
    convolve2d(bright_left, gx[::-1, ::-1], mode="valid"),
)

# %% [markdown] exercise="gradient_images"
# Compute both edge images of a photograph, without reversal, in mode valid. A photograph is stored in **bytes** (`uint8`, 0 to 255). In bytes 200 + 100 is 44, because 300 does not fit: turn the image into floats first.


# %% answer="gradient_images"
def gradient_images(image):
    """Edges of an image by Sobel's kernels, without reversal, mode valid.

    image: array (rows, cols), uint8 or float.
    Returns two float arrays (rows − 2, cols − 2): made with Gx, made with Gy.
    """
    ### BEGIN SOLUTION
    kernels = sobel_kernels(np.array([1, 2, 1]), np.array([1, 0, -1]))
    zx, zy = (correlate2d(image.astype(float), kernel, mode="valid") for kernel in kernels)
    return zx, zy
    ### END SOLUTION


# %% test="gradient_images"
check(gradient_images)

# %%
if ready(gradient_images):
    zx, zy = gradient_images(camera)
    print(camera.shape, "→", zx.shape)
    show_images(
        [zx, zy],
        ["Gx: vertical edges", "Gy: horizontal edges"],
        "Two edge images, orange for positive and purple for negative values.",
        symmetric=True,
        bar=True,
        height=2.9,
    )

# %% [markdown]
# **What you should see.** 512 × 512 becomes 510 × 510. The tripod's legs and the coat's outline appear in the first image, the horizon and the shoulders in the second. The right edge of the dark coat is purple (dark turns bright), its left edge orange.
#
# ### Strength and direction
#
# At each pixel the two numbers form an arrow $(g_x, g_y)$. Its length says how strong the edge is, its angle which way the image gets darker.

# %% [markdown] exercise="edge_magnitude_direction"
# Compute both for all pixels.


# %% answer="edge_magnitude_direction"
def edge_magnitude_direction(gx, gy):
    """Length and angle of the arrows (gx, gy).

    gx, gy: float arrays of the same shape.
    Returns two arrays of that shape: √(gx² + gy²), and the angle in radians from −π to π.
    """
    ### BEGIN SOLUTION
    return np.sqrt(gx**2 + gy**2), np.arctan2(gy, gx)
    ### END SOLUTION


# %% test="edge_magnitude_direction"
check(edge_magnitude_direction)

# %% [markdown]
# **Predict before you run.** Take SciPy's other function by mistake, `convolve2d`, for both edge images. How many of the 260,100 numbers of *strength* change?

# %%
guess = None
pair = (correlate2d, convolve2d)
one, other = [np.hypot(f(camera, gx, "valid"), f(camera, gx.T, "valid")) for f in pair]
why = "All signs turn, so each arrow points the other way, and is as long as before."
predict(guess, right=np.count_nonzero(one != other), why=why)

# %%
if ready(gradient_images, edge_magnitude_direction):
    strength, angle = edge_magnitude_direction(*gradient_images(camera))
    show(*draw_directions(strength, angle))

# %% [markdown]
# ## Blur
#
# The opposite of an edge detector is an average. The **uniform** kernel takes the mean of its window. It blurs, but it also makes boxes of points. A **Gaussian** kernel gives less weight to pixels further away:
#
# $$G[r, c] \propto \exp\!\left(-\frac{r^2 + c^2}{2\sigma^2}\right), \qquad \sum G = 1,$$
#
# with $r$ and $c$ counted from the kernel's centre.

# %% [markdown] exercise="uniform_kernel"
# First the uniform one.


# %% answer="uniform_kernel"
def uniform_kernel(krow, kcol):
    """A kernel that takes the mean of its window.

    krow, kcol: rows and columns. Returns a float array (krow, kcol) of equal weights with sum 1.
    """
    ### BEGIN SOLUTION
    return np.full((krow, kcol), 1 / (krow * kcol))
    ### END SOLUTION


# %% test="uniform_kernel"
check(uniform_kernel)

# %% [markdown] exercise="gauss_kernel"
# Then the Gaussian one. The centre is at ((krow − 1)/2, (kcol − 1)/2), between pixels when a size is even.


# %% answer="gauss_kernel"
def gauss_kernel(krow, kcol, sig):
    """A Gaussian kernel.

    krow, kcol: rows and columns; sig: the standard deviation σ in pixels.
    Returns a float array (krow, kcol) of weights ∝ exp(−(r² + c²)/(2σ²)) with sum 1.
    """
    ### BEGIN SOLUTION
    r = np.arange(krow)[:, None] - (krow - 1) / 2
    c = np.arange(kcol) - (kcol - 1) / 2
    bell = np.exp(-(r**2 + c**2) / (2 * sig**2))
    return bell / bell.sum()
    ### END SOLUTION


# %% test="gauss_kernel"
check(gauss_kernel)

# %%
if ready(uniform_kernel, gauss_kernel):
    part, box, bell = (
        camera[60:200, 180:320].astype(float),
        uniform_kernel(9, 9),
        gauss_kernel(9, 9, 2),
    )
    show_images(
        [part, correlate2d(part, box, "valid"), correlate2d(part, bell, "valid")],
        ["original", "uniform 9 × 9", "Gaussian 9 × 9, σ = 2"],
        "The cameraman's head, sharp and twice blurred; the Gaussian blur is smoother.",
    )
    spread = np.zeros((19, 19))
    spread[9, 9] = 1
    show_images(
        [correlate2d(spread, box, "same"), correlate2d(spread, bell, "same")],
        ["one bright point, uniform", "one bright point, Gaussian"],
        "A point becomes a hard square under one kernel and a soft spot under the other.",
        height=2.4,
    )

# %% [markdown]
# ### Separable kernels
#
# The Gaussian is a product: $e^{-(r^2+c^2)/2\sigma^2} = e^{-r^2/2\sigma^2}\, e^{-c^2/2\sigma^2}$. Such a kernel, a column times a row, is called **separable**. Instead of once with $K \times K$ weights you can filter with the column and then with the row: $2K$ products for each pixel instead of $K^2$. For 9 × 9 that is 18 instead of 81. Sobel's kernels are separable too.

# %% [markdown] exercise="separable_filter"
# Filter with a column, then with a row. (One filter of all the products gives the same, only slower.)


# %% answer="separable_filter"
def separable_filter(image, column, row):
    """Convolution without reversal, mode valid, with the kernel column[i] · row[j].

    image: array (rows, cols), uint8, integers or floats; column: array of A weights;
    row: array of B weights.
    Returns a float array (rows − A + 1, cols − B + 1).
    """
    ### BEGIN SOLUTION
    down = correlate2d(image, column[:, None], mode="valid")
    return correlate2d(down, row[None, :], mode="valid")
    ### END SOLUTION


# %% test="separable_filter"
check(separable_filter)

# %%
if ready(separable_filter):
    sizes, picture = [3, 9, 15, 21], camera[::2, ::2].astype(float)
    lines = [np.exp(-((np.arange(k) - (k - 1) / 2) ** 2) / k) for k in sizes]
    whole = [
        best_time(lambda a, b: correlate2d(a, b, "valid"), picture, np.outer(v, v))
        for v in lines
    ]
    parts = [best_time(separable_filter, picture, v, v) for v in lines]
    for k, slow, fast in zip(sizes, whole, parts):
        gain = f"{slow / fast:.1f} times as fast"
        print(f"{k:2d} × {k:2d}: {k * k:3d} products or {2 * k:2d}, {gain}")
    show(*draw_saving(sizes, whole, parts))

# %% [markdown]
# **What you should see.** The gain grows with K. For 3 × 3 it may be below 1, that is slower: two calls and an image in between cost more than the three products that are saved. Counting products tells where the time *must* go for large kernels; for small ones, measure.
#
# ### Sharpening
#
# Blur leads to two more classics. **Sharpening** adds what the blur took away: image + (image − blur), and back to bytes.

# %% [markdown] exercise="sharpen"
# **Repair.** The function below sharpens. It runs, but look at the picture: the brightest places have black specks, and the darkest have white ones. Find out what happens to their numbers, and mend it.


# %% answer="sharpen"
def sharpen(image, blurred, amount):
    """image + amount · (image − blurred), rounded, as a photograph's bytes; what lies beyond them becomes 0 or 255.

    image: array (rows, cols), uint8; blurred: float array of that shape; amount: a number.
    Returns a uint8 array of that shape.
    """
    ### BEGIN SOLUTION
    sharp = image + amount * (image - blurred)
    return np.clip(np.rint(sharp), 0, 255).astype(np.uint8)
    ### END SOLUTION


# %%
part = camera[60:200, 180:320]
soft = correlate2d(part, np.full((9, 9), 1 / 81), "same", "symm")
alt = "The cameraman's head, and after your function the same with stronger outlines."
show_images([part, sharpen(part, soft, 1)], ["original", "sharpened"], alt)

# %% test="sharpen"
check(sharpen)

# %% [markdown]
# ### Edges of blobs
#
# The **Laplacian of Gaussian** (LoG) blurs and takes the second derivative, in one kernel; it answers to blobs of a certain size, and its sign changes at edges. The retina's cells are often described by a kernel that looks much the same and is simpler to make, the **difference of Gaussians** (DoG): a wide average minus a narrow one.

# %%
if ready(gauss_kernel):
    r, c = np.mgrid[-7:8, -7:8]
    q = (r**2 + c**2) / (2 * 2.0**2)
    log = (q - 1) * np.exp(-q)
    log -= log.mean()  # no answer to constant areas
    dog = gauss_kernel(15, 15, 2.6) - gauss_kernel(15, 15, 1.6)
    print(f"LoG and DoG: correlation {np.corrcoef(log.ravel(), dog.ravel())[0, 1]:.2f}")
    alt = "A Mexican-hat kernel, and its answer with a change of sign along every outline."
    answer = correlate2d(part, log, "valid")
    show_images([log, answer], ["LoG kernel", "its answer"], alt, symmetric=True)

# %% [markdown]
# ## Colour
#
# A colour image has three numbers in each pixel: shape (rows, cols, 3). A filter for it has weights for each of the three **channels**, and adds up over all. A bank of several filters is an array with four axes, in the order that Keras uses:
#
# $$W[i, j, k, \ell] = G[i, j]\; C[\ell, k],$$
#
# row, column, input channel, filter. $G$ averages over space; $C$ has a line for each filter saying how it weighs red, green and blue. Our four lines like red, green, blue, and "red and blue but not green":
#
# $$C = \begin{bmatrix} 1 & -.5 & -.5 \\ -.5 & 1 & -.5 \\ -.5 & -.5 & 1 \\ .5 & -1 & .5 \end{bmatrix}$$

# %% [markdown] exercise="color_filter_bank"
# Put the bank together.


# %% answer="color_filter_bank"
def color_filter_bank(G, C):
    """A bank of colour filters: W[i, j, k, l] = G[i, j] · C[l, k].

    G: array (kernel_rows, kernel_cols); C: array (num_filters, channels).
    Returns a float array (kernel_rows, kernel_cols, channels, num_filters).
    """
    ### BEGIN SOLUTION
    return G[:, :, None, None] * C.T
    ### END SOLUTION


# %% test="color_filter_bank"
check(color_filter_bank)

# %%
if ready(gauss_kernel, color_filter_bank):
    C = np.array([[1, -0.5, -0.5], [-0.5, 1, -0.5], [-0.5, -0.5, 1], [0.5, -1, 0.5]])
    W = color_filter_bank(gauss_kernel(9, 9, 2), C)
    print("shape", W.shape, "with", W.size, "weights")
    astronaut = skimage.data.astronaut()[::2, ::2] / 255
    colours = astronaut.transpose(2, 0, 1)
    maps = [
        sum(
            correlate2d(colour, W[:, :, k, filter], "valid")
            for k, colour in enumerate(colours)
        )
        for filter in range(4)
    ]
    show_images([astronaut], ["astronaut"], "An astronaut in an orange suit.", height=2.8)
    show_images(
        maps,
        ["red", "green", "blue", "red-blue"],
        "Four maps: the suit glows in the first, the flag's blue in the third.",
        symmetric=True,
        height=2.9,
    )

# %% [markdown]
# **What you should see.** 9 × 9 × 3 × 4 = 972 weights. The suit and the red stripes light up in the first map, the flag's blue field in the third. White, grey and black give nothing in any: each line of C adds up to 0. In Unit 8 the same bank goes into a Keras layer, with 972 + 4 = 976 parameters.

# %% [markdown]
# ## From retina to cortex
#
# The retina turns light into signals. They pass a relay in the thalamus (the *lateral geniculate nucleus*, LGN) and reach the primary visual cortex, V1. Its **simple cells** answer to a bright or dark bar at one place and at one angle. A good model is the **Gabor kernel**: stripes under a bell,
#
# $$g(r, c) = \exp\!\left(-\frac{r^2 + c^2}{2\sigma^2}\right) \cos\!\left(\frac{2\pi x'}{\lambda} + \varphi\right), \qquad x' = c\cos\theta + r\sin\theta,$$
#
# with the angle $\theta$, the wavelength $\lambda$ and the phase $\varphi$: with $\varphi = 0$ there is a bright bar in the middle, with $\varphi = \pi/2$ an edge.

# %% [markdown] exercise="gabor_kernel"
# Write it. Count r (rows, downwards) and c (columns, to the right) from the middle.


# %% answer="gabor_kernel"
def gabor_kernel(size, wavelength, angle, sigma, phase):
    """A Gabor kernel.

    size: odd number of rows and columns; wavelength, sigma: in pixels; angle, phase: in radians.
    Returns a float array (size, size).
    """
    ### BEGIN SOLUTION
    r, c = np.mgrid[:size, :size] - size // 2
    wave = np.cos(2 * np.pi * (c * np.cos(angle) + r * np.sin(angle)) / wavelength + phase)
    return np.exp(-(r**2 + c**2) / (2 * sigma**2)) * wave
    ### END SOLUTION


# %% test="gabor_kernel"
check(gabor_kernel)

# %%
if ready(gabor_kernel):
    angles = [0, np.pi / 4, np.pi / 2, 3 * np.pi / 4]
    kernels = [gabor_kernel(21, 8, angle, 4, 0) for angle in angles]
    titles = ["0°", "45°", "90°", "135°"]
    grey = camera[::2, ::2] - 128.0
    answers = [np.maximum(correlate2d(grey, kernel, "valid"), 0) for kernel in kernels]
    show_images(kernels, titles, "Stripes at four angles.", symmetric=True, height=2.5)
    show_images(
        answers, titles, "Each kernel picks out lines at its own angle.", height=2.7
    )

# %% [markdown]
# A simple cell is choosy: shift the stripes by half a wavelength and it falls silent, although a person still sees the same stripes. Move them:

# %%
bar = np.exp(-(np.sum((np.mgrid[:21, :21] - 10.0) ** 2, axis=0)) / 32) * stripes(
    21, 8, 0.0, 0.0
)
slide(lambda step: draw_stripes_and_kernel(bar, 8, step), label="shift", stop=8, value=0)

# %% [markdown]
# Other cells in V1, the **complex cells**, do not mind the shift. A model: take a pair of simple cells with phases 0 and 90°, square both answers, add. As $\cos^2 + \sin^2 = 1$, the shift drops out. This sum is called the **energy**. It is the first example of *pooling*: giving up knowledge of the exact place for reliability. Max pooling in Unit 5 does the same more roughly.

# %% [markdown] exercise="complex_cell"
# Compute the energy at every place.


# %% answer="complex_cell"
def complex_cell(image, even, odd):
    """Energy of a pair of filters: the sum of their squared answers (without reversal, mode valid).

    image: array (rows, cols), uint8 or float; even, odd: arrays of one shape.
    Returns a float array of the valid size.
    """
    ### BEGIN SOLUTION
    picture = image.astype(float)
    first, second = (correlate2d(picture, kernel, mode="valid") for kernel in (even, odd))
    return first**2 + second**2
    ### END SOLUTION


# %% test="complex_cell"
check(complex_cell)

# %%
if ready(gabor_kernel, complex_cell):
    even, odd = (gabor_kernel(21, 8, 0, 4, phase) for phase in (0, np.pi / 2))
    shifts = np.linspace(0, 2 * np.pi, 49)
    pictures = [stripes(21, 8, 0.0, shift) for shift in shifts]
    simple = np.array([correlate2d(picture, even, "valid").item() for picture in pictures])
    energy = np.array([complex_cell(picture, even, odd).item() for picture in pictures])
    show(*draw_cells(np.degrees(shifts), simple, energy))
    varies = 100 * (1 - energy.min() / energy.max())
    print(f"the complex cell's answer varies by {varies:.1f} %")

# %% [markdown]
# ## Where will kernels come from?
#
# You made all these kernels by hand. They can also be **learned from pairs**: here is a picture, here is what the filter should answer; which kernel is it? First the smallest case, *one* weight $w$ and *one* bias $b$: from pairs
# $(x, y)$ find the line $y = w x + b$. The error is the mean of $(w x + b - y)^2$. Its slopes are the means of $2 (w x + b - y)\,x$ and of $2 (w x + b - y)$. Step against them, again and again: this is **gradient descent**. A kernel of nine weights is the same with nine numbers $x$, the window. A straight error like this has its best point in closed form, too: **least squares**.

# %% [markdown] exercise="learn_kernel"
# Each place of the answer is one equation: its window times the unknown weights is the number that is wanted. Write all windows as rows of a table (Unit 3), and let `np.linalg.lstsq(table, numbers, rcond=None)[0]` solve it.


# %% answer="learn_kernel"
def learn_kernel(image, wanted, krow, kcol):
    """The kernel whose answer to an image comes nearest to what is wanted (without reversal, mode valid).

    image: float array (rows, cols); wanted: float array (rows − krow + 1, cols − kcol + 1).
    Returns a float array (krow, kcol) with the least sum of squared errors.
    """
    ### BEGIN SOLUTION
    table = sliding_window_view(image, (krow, kcol)).reshape(-1, krow * kcol)
    weights = np.linalg.lstsq(table, wanted.ravel(), rcond=None)[0]
    return weights.reshape(krow, kcol)
    ### END SOLUTION


# %% test="learn_kernel"
check(learn_kernel)

# %%
picture = camera[::4, ::4] / 255
wanted = correlate2d(picture, gx, mode="valid")
if ready(learn_kernel):
    at_once = learn_kernel(picture, wanted, 3, 3).ravel()
    print("by least squares:", at_once.round(2) + 0)  # + 0 makes 0 of −0

windows, kernel = sliding_window_view(picture, (3, 3)).reshape(-1, 9), np.zeros(9)
for step in range(1, 3001):
    wrong = windows @ kernel - wanted.ravel()
    kernel -= 0.1 * 2 * windows.T @ wrong / len(windows)
    if step in (10, 100, 1000, 3000):
        print(f"{step:4d} steps: error {np.mean(wrong**2):.5f}", kernel.round(2))

# %% [markdown]
# **What you should see.** Both find Sobel's kernel, which nobody told them. Least squares does it at once. Gradient descent sees the main thing early and then creeps, because neighbouring pixels are so alike that the data hardly tell their weights apart. Yet it is the way that also works when the error is not a simple square: the next unit trains a whole net with it.

# %% [markdown] exercise="choosy_kernel"
# **Design** a kernel without pairs, from three wishes: it answers to one pattern, not to another, and not to any patch that is grey all over. There are many such kernels.


# %% answer="choosy_kernel"
def choosy_kernel(liked, ignored):
    """A kernel that likes one pattern and ignores another.

    liked, ignored: float arrays (rows, cols), which differ in more than brightness and contrast.
    Returns an array of that shape. Its answer (sum of products) to `liked` is 1 or more; to `ignored`
    and to a patch of ones it is 0, up to 0.01.
    """
    ### BEGIN SOLUTION
    patterns = np.stack([liked, ignored, np.ones(liked.shape)]).reshape(3, -1)
    return np.linalg.lstsq(patterns, [2, 0, 0], rcond=None)[0].reshape(liked.shape)
    ### END SOLUTION


# %% test="choosy_kernel"
check(choosy_kernel)

# %% [markdown]
# ## Summary
#
# - Sobel's Gx without reversal is positive where bright turns dark from left to right, zero where the image is constant.
# - A 3 × 3 kernel in mode valid turns 512 × 512 into 510 × 510. Photographs are bytes: make them floats first.
# - Averages blur, differences find edges. A separable kernel needs 2K products instead of K².
# - A colour filter has weights for every channel: W[i, j, k, l].
# - Gabor kernels model simple cells, the energy of a pair models complex cells and does not depend on the phase.
#
# ## Questions
#
# 1. What does Gx answer to a horizontal edge?
# 2. You use `convolve2d` with Gx by mistake. What do you see?
# 3. Is the kernel [[0, 1, 0], [1, −4, 1], [0, 1, 0]] separable?
# 4. Blur twice with σ = 3. Which single Gaussian does the same (up to cut-off tails)?
# 5. Which of the filters of this unit answer to a uniformly grey image, and how?
#
# <details><summary>Key</summary>
#
# 1. Nothing: within its window all columns are alike.
# 2. The same edges with the opposite sign: Gx flipped is −Gx.
# 3. No. Separable kernels have proportional rows (rank 1); its first two rows are not.
# 4. σ = 3·√2 ≈ 4.24: variances add.
# 5. The averages give the grey back (their weights add up to 1). Sobel, LoG and the colour lines give 0. The even Gabor kernel gives a little, for its weights do not quite cancel.
#
# </details>
#
# ## Open work
#
# No key is given. Each asks for a measurement; keep your numbers.
#
# 1. Add noise to `wanted` before you learn the kernel. How does its error grow with the noise, and how does it fall with the number of windows?
# 2. Which kernel blurs and can be undone best? Blur with uniform and Gaussian kernels, learn a 9 × 9 kernel that gives the original back, and compare the errors.
# 3. A complex cell does not mind a shift. Does it mind a turn, or another wavelength? Draw its answer against both, and find the widths at half height.
#
# ## References
#
# - D. H. Hubel and T. N. Wiesel, *Receptive fields of single neurones in the cat's striate cortex*, Journal of Physiology 148, 1959.
# - I. Sobel and G. Feldman, *An isotropic 3×3 image gradient operator*, presentation at the Stanford AI Project, 1968.
# - D. Marr and E. Hildreth, *Theory of edge detection*, Proceedings of the Royal Society B 207, 1980: the Laplacian of Gaussian.
# - J. G. Daugman, *Uncertainty relation for resolution in space, spatial frequency, and orientation*, Journal of the Optical Society of America A 2, 1985.
# - E. H. Adelson and J. R. Bergen, *Spatiotemporal energy models for the perception of motion*, Journal of the Optical Society of America A 2, 1985.
# - S. Rangan, *Introduction to Machine Learning*, lecture 10, New York University: the Sobel and colour examples.
