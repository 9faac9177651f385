# %% [markdown]
# # Unit 2 · Convolution in one dimension
#
# **You will be able to**
#
# - compute a convolution by hand, and write it in a few lines of Python;
# - tell convolution *with* reversal from convolution *without* reversal, and say which one a library means;
# - choose between the modes *full*, *valid* and *same*, and know the length of each result;
# - find a known pattern in a noisy signal with a matched filter.
#
# **Time** about two and a half hours. **Before this** Unit 1: a unit answers most strongly to the input it is tuned to.

# %% setup="numpy"
import numpy as np

from convcourse.check import check, ready
from convcourse.data import load_ecg
from convcourse.figures import BLUE, GREY, LINE, ORANGE, RED, draw_stems, new_figure, show
from convcourse.pictures.convolution_1d import draw_all_steps, draw_step
from convcourse.predictions import predict
from convcourse.widgets import slide

# %% [markdown]
# ## A question from the hospital
#
# Below is a real electrocardiogram: the voltage that a heart makes on the skin, 1,024 samples long. We have added noise, more than even a cheap sensor would: its deviation, 60, is a quarter of the height of a beat. With less noise a bare threshold would
# find the beats, and nobody would need a filter. **Where does the heart beat?**

# %%
ecg = load_ecg()
noisy = ecg + np.random.default_rng(12).normal(scale=60, size=len(ecg))

figure, axes = new_figure(height=2.6)
axes.plot(noisy, color=GREY, linewidth=0.8)
axes.set(xlabel="sample", ylabel="recorder's units")
axes.set_title("An electrocardiogram with noise: where are the beats?")
show(figure, "A noisy curve with three tall peaks, at about samples 190, 518 and 848.")

# %% [markdown]
# Your eye sees them at once. It does not look at single samples: it looks for a *shape*, everywhere along the curve.
# A program can do the same. It lays a short template on the signal, asks "how well does it fit here?", moves one step
# on, and asks again. That is all that convolution is: **one small set of weights, used at every place**.
#
# In this unit you build it from nothing, and in the end it finds the beats.
#
# ## Four numbers and two numbers
#
# Take a signal $x = [1, 2, 3, 4]$ with $N = 4$ samples and a **kernel** $w = [1, 2]$ with $K = 2$ samples.
# Their convolution is
#
# $$z[n] = \sum_{k=0}^{K-1} w[k]\; x[n-k].$$
#
# Where $n - k$ points outside the signal, $x$ counts as 0. Let us do it by hand.
#
# | n | w[0]·x[n] + w[1]·x[n−1] | z[n] |
# |---|---|---|
# | 0 | 1·1 + 2·0 | **1** |
# | 1 | 1·2 + 2·1 | **4** |
# | 2 | 1·3 + 2·2 | **7** |
# | 3 | 1·4 + 2·3 | **10** |
# | 4 | 1·0 + 2·4 | **8** |
#
# Five results from four samples: the last one comes from the kernel's tail, which still lies on the 4. In general the result has **N + K − 1** numbers.

# %% [markdown]
# ### Why x[n − k]? An echo, two dice, and two polynomials
#
# Read $w$ as an **echo**: a sound of strength 1 is heard at once with 1, and one step later again with 2. Each number of the signal starts such an echo, and you hear their sum:
#
# | echo of | n = 0 | 1 | 2 | 3 | 4 |
# |---|---|---|---|---|---|
# | the 1 at place 0 | 1·1 | 1·2 | | | |
# | the 2 at place 1 | | 2·1 | 2·2 | | |
# | the 3 at place 2 | | | 3·1 | 3·2 | |
# | the 4 at place 3 | | | | 4·1 | 4·2 |
# | **sum** | **1** | **4** | **7** | **10** | **8** |
#
# So a convolution is a **sum of scaled, shifted copies** of the kernel. What you hear now, at $n$, with the weight $w[k]$, was played $k$ steps *ago*: $x[n-k]$. That is the whole reason for the minus.
# The same sum appears wherever two things add up to $n$: the chance that two dice show $n$ together is $\sum_k p[k]\,p[n-k]$, and the power $n$ in a product of polynomials collects all pairs of powers $k$ and $n-k$.

# %%
die = np.full(6, 1 / 6)
print("two dice, chances of 2 to 12, times 36:", (36 * np.convolve(die, die)).round())
print("(1 + 2t + 3t² + 4t³)(1 + 2t):", np.polymul([4, 3, 2, 1], [2, 1])[::-1])

# %% [markdown]
# ### Flip and shift
#
# Now go from the result back to its parts. Look at the indices: while $k$ grows, $n-k$ falls. So the kernel lies under the signal **back to front**.
# The recipe is: flip the kernel, put it under the signal, multiply what stands one above the other, add, move one step on.
# The dotted boxes are the zeros outside the signal.

# %%
x, w = np.array([1, 2, 3, 4]), np.array([1, 2])
show(*draw_all_steps(x, w))

# %% [markdown]
# Move the slider and watch one longer kernel pass by. Before you move on, say the next sum aloud.

# %%
x, w = np.array([2, 0, 1, 3, 1]), np.array([1, 2, -1])
slide(lambda n: draw_step(x, w, n), label="n", stop=6, value=2)

# %% [markdown] exercise="conv1d_full"
# Write the whole convolution. Let the sum run over all places where the kernel touches the signal, also where it hangs over an end.


# %% answer="conv1d_full"
def conv1d_full(signal, kernel):
    """Convolution with reversal, mode full: z[n] = Σ_k kernel[k] · signal[n − k].

    signal: array of N numbers (integers or floats).
    kernel: array of K numbers; K may be larger than N.
    Returns a float array of N + K − 1 numbers. Outside the signal there are zeros.
    """
    ### BEGIN SOLUTION
    size = len(signal)
    z = np.zeros(size + len(kernel) - 1)
    for k, weight in enumerate(kernel):
        z[k : k + size] += weight * signal
    return z
    ### END SOLUTION


# %% test="conv1d_full"
check(conv1d_full)

# %% [markdown]
# The first example in the check is the table above: `conv1d_full([1, 2, 3, 4], [1, 2])` is `[1, 4, 7, 10, 8]`.
#
# ## How much of the border do you want?
#
# At its two ends the whole convolution uses zeros that nobody measured. There are three customs.
#
# | mode | keeps | length | used for |
# |---|---|---|---|
# | **full** | every place where the kernel touches the signal | N + K − 1 | mathematics, sound |
# | **valid** | the places where the kernel lies wholly inside | N − K + 1 | measuring, nets without padding |
# | **same** | the middle, as long as the signal | N | nets that keep the size, pictures |

# %%
signal, kernel = np.array([1, 3, 2, 4, 1, 2]), np.array([1, 1, 1])
whole = np.convolve(signal, kernel)
parts = {
    "full: all 8": slice(0, 8),
    "same: the middle 6": slice(1, 7),
    "valid: the 4 without zeros": slice(2, 6),
}

figure, axes = new_figure(1, 3, width=11, height=2.3)
for place, (name, part) in zip(axes, parts.items()):
    draw_stems(place, whole, name, colour=LINE)
    draw_stems(place, whole[part], name, colour=BLUE, start=part.start)
    place.set_ylim(0, 13)
show(figure, "Eight sums, three times: full keeps all, same the middle six, valid four.")

# %% [markdown] exercise="conv1d_valid"
# Keep only the places where the kernel lies wholly inside the signal. You may use your `conv1d_full`.


# %% answer="conv1d_valid"
def conv1d_valid(signal, kernel):
    """Convolution with reversal, mode valid.

    signal: array of N numbers (integers or floats); kernel: array of K numbers, 1 ≤ K ≤ N.
    Returns a float array of N − K + 1 numbers, none of which uses a zero from outside.
    """
    ### BEGIN SOLUTION
    return conv1d_full(signal, kernel)[len(kernel) - 1 : len(signal)]
    ### END SOLUTION


# %% test="conv1d_valid"
check(conv1d_valid)

# %% [markdown] exercise="conv1d_same"
# Now the result that is as long as the signal. K − 1 numbers of the whole convolution must go: (K − 1) // 2 at the front, the rest at the end.
# For an odd kernel that is the exact middle. For an even one it has to lean to one side; we follow SciPy's custom.


# %% answer="conv1d_same"
def conv1d_same(signal, kernel):
    """Convolution with reversal, mode same.

    signal: array of N numbers (integers or floats); kernel: array of K numbers, 1 ≤ K ≤ N.
    Returns a float array of N numbers: the whole convolution from index (K − 1) // 2 on.
    """
    ### BEGIN SOLUTION
    start = (len(kernel) - 1) // 2
    return conv1d_full(signal, kernel)[start : start + len(signal)]
    ### END SOLUTION


# %% test="conv1d_same"
check(conv1d_same)

# %% [markdown]
# ## What a kernel can say
#
# A kernel is a question put to every place of the signal. Two questions that are asked daily:
#
# - `[1/9, …, 1/9]`: *what is the mean around here?* A **moving average** smooths.
# - `[1, -1]`: *how much have you risen since the sample before?* A **difference** filter answers to change and is silent where nothing happens.
#
# **Predict before you run.** The noise has a deviation of 60. Which deviation is left after a mean of nine samples? (A rough guess will do: a tenth more or less counts as right.)

# %%
guess = None
predict(guess, right=60 / 9**0.5, why="Noise falls with the square root of 9.", close=0.1)

# %%
if ready(conv1d_same):
    mean = np.ones(9) / 9
    before, after = noisy - ecg, conv1d_same(noisy - ecg, mean)
    print(f"deviation before {before.std():.1f}, after {after.std():.1f}")
    figure, axes = new_figure(1, 2, width=11, height=2.5)
    axes[0].plot(noisy[150:260], color=LINE)
    axes[0].plot(conv1d_same(noisy, mean)[150:260], color=BLUE)
    axes[0].set_title("Moving average of 9: the noise shrinks")
    axes[1].plot(conv1d_same(ecg, np.array([1, -1]))[150:260], color=ORANGE)
    axes[1].axhline(0, color="black", linewidth=0.6)
    axes[1].set_title("Difference of the clean signal: steep up, steep down")
    show(figure, "Left a smooth curve through noise; right a spike up and one down.")

# %% [markdown]
# **What you should see.** The mean of nine samples has a third of the noise, but the beat becomes lower and broader too. The difference is near zero except where the beat rises and falls.
#
# ## A kernel against the hum
#
# The wires in the wall add a **hum**, 60 swings a second. At 360 samples a second that is a swing of 6 samples. A kernel can be made so that the hum is gone and a constant signal stays as it is. *By hand:* a hum of 2 samples is +1, −1, +1, −1 …; with `[1/2, 1/2]` each answer is (1 − 1)/2 = 0.

# %% [markdown] exercise="design_hum_filter"
# **Design.** Find such a kernel for any period. Many are right. With as many numbers as the period has samples it is easy; then try three.


# %% answer="design_hum_filter"
def design_hum_filter(period, most):
    """A kernel that takes away a hum and keeps a constant signal.

    period: length of one swing of the hum in samples, an integer ≥ 2; most: longest kernel allowed,
    3 ≤ most or most = period. Returns 1 to `most` numbers between −100 and 100 that add up to 1.
    Of a hum of height 1, wherever its swing begins, at most 0.01 is left.
    """
    ### BEGIN SOLUTION
    if most >= period:
        return np.ones(period) / period
    swing = np.cos(2 * np.pi / period)
    outer = 1 / (2 - 2 * swing)
    return np.array([outer, -2 * swing * outer, outer])
    ### END SOLUTION


# %% test="design_hum_filter"
check(design_hum_filter)

# %%
if ready(conv1d_same, design_hum_filter):
    hum = 60 * np.sin(2 * np.pi * np.arange(len(ecg)) / 6)
    figure, axes = new_figure(1, 3, width=11, height=2.3)
    axes[0].plot((ecg + hum)[150:260], color=GREY)
    axes[0].set_title("Heart and hum")
    for place, most in zip(axes[1:], (6, 3)):
        kernel = np.asarray(design_hum_filter(6, most), dtype=float)
        place.plot(conv1d_same(ecg + hum, kernel)[150:260], color=BLUE)
        place.set_title(f"At most {most} numbers: noise × {np.linalg.norm(kernel):.2f}")
    show(figure, "A beat that trembles; the same beat twice, after a filter, without hum.")

# %% [markdown]
# **What you should see.** Both times the hum is gone. The titles say what each kernel does to *noise*: its deviation is multiplied by $\sqrt{\sum w[k]^2}$. Six equal numbers make noise smaller, the three numbers `[1, −1, 1]` make it larger: a short kernel has its price.

# %% [markdown]
# ## Without reversal
#
# Nobody forces you to flip. Lay the kernel on as it is:
#
# $$z[n] = \sum_{k=0}^{K-1} w[k]\; x[n+k], \qquad 0 \le n \le N-K.$$
#
# This is **convolution without reversal**, also called *sliding correlation*. It is what every deep-learning
# library computes under the name "convolution": the weights are learned anyway, so whether they are stored flipped does not matter to it.
# It matters to you whenever you set a kernel by hand or compare two programs.
#
# | kernel | index | `[1,2,3,4]` and `[1,2]`, valid | who calls it convolution |
# |---|---|---|---|
# | with reversal | x[n − k] | 4, 7, 10 | mathematics, signal processing, NumPy, SciPy |
# | without reversal | x[n + k] | 5, 8, 11 | Keras, PyTorch, JAX and all other deep-learning libraries |

# %%
show(*draw_step(np.array([1, 2, 3, 4]), np.array([1, 2]), 1, reversal=False))

# %% [markdown] exercise="correlate1d"
# Write it for all places where the pattern lies wholly inside (mode valid).


# %% answer="correlate1d"
def correlate1d(signal, pattern):
    """Convolution without reversal, mode valid: z[n] = Σ_k pattern[k] · signal[n + k].

    signal: array of N numbers (integers or floats); pattern: array of K numbers, 1 ≤ K ≤ N.
    Returns a float array of N − K + 1 numbers.
    """
    ### BEGIN SOLUTION
    size = len(pattern)
    places = range(len(signal) - size + 1)
    return np.array([np.sum(pattern * signal[n : n + size]) for n in places], dtype=float)
    ### END SOLUTION


# %% test="correlate1d"
check(correlate1d)

# %% [markdown]
# ## The matched filter
#
# In Unit 1 a unit $w \cdot x$ was largest, among inputs of one length, when $x$ pointed along $w$. Sliding correlation puts this
# unit at every place of the signal. So to find a pattern, **use the pattern itself as the kernel**: the answer is large where the signal looks like it.
#
# Two repairs make it work on real data.
#
# 1. *Take the mean away.* Otherwise the kernel also answers to a high baseline, and hearts drift up and down as the patient breathes.
# 2. *Bring it to length 1*, $\sum_k w[k]^2 = 1$. Then answers of different patterns can be compared, and noise of a given
#    strength comes out at the same strength.
#
# And one for our convolution, which will flip the kernel: **flip it beforehand**, and the two flips cancel.
# Sliding correlation with $w$ is convolution with $w$ reversed. The result is the **matched filter**.
#
# *By hand:* the pattern [1, 2, 6] has mean 3. Centred it is [−2, −1, 3], of length √14. Reversed: [3, −1, −2]/√14.

# %% [markdown] exercise="matched_filter"
# Make the kernel from a pattern: centre, scale, reverse.


# %% answer="matched_filter"
def matched_filter(pattern):
    """The kernel that finds `pattern` when a signal is convolved (with reversal) with it.

    pattern: array of K ≥ 2 numbers (integers or floats) that are not all equal.
    Returns a float array of K numbers: the pattern minus its mean, scaled to Σ w² = 1, reversed.
    """
    ### BEGIN SOLUTION
    centred = pattern - np.mean(pattern)
    return centred[::-1] / np.linalg.norm(centred)
    ### END SOLUTION


# %% test="matched_filter"
check(matched_filter)

# %% [markdown]
# Let us cut one beat out of the clean recording, 21 samples wide, and look for it in the noisy one.

# %%
pattern = ecg[180:201]

if ready(conv1d_same, matched_filter):
    answer = conv1d_same(noisy, matched_filter(pattern))
    figure, axes = new_figure(2, 1, height=4.2)
    axes[0].plot(noisy, color=GREY, linewidth=0.8)
    axes[0].plot(np.arange(180, 201), pattern, color=RED, linewidth=2)
    axes[0].set_title("The noisy signal, and in red the beat that serves as pattern")
    axes[1].plot(answer, color=BLUE, linewidth=0.9)
    axes[1].set_title("The matched filter's answer")
    show(figure, "Above the noisy signal; below the answer with three sharp peaks.")

# %% [markdown]
# Where exactly does the pattern lie? Look for the place where the answer is largest, and draw the pattern there.

# %% [markdown] exercise="pattern_start"
# **Repair.** The function below should return the place where the pattern *begins*. But the red pattern lies behind the beat. Mend it.


# %% answer="pattern_start"
def pattern_start(signal, pattern):
    """The place n at which the pattern fits best: `signal[n : n + K]` looks most like it.

    signal: array of N numbers (integers or floats); pattern: array of K numbers, 2 ≤ K ≤ N, not all equal.
    Returns the integer n, 0 ≤ n ≤ N − K, with the largest Σ_k (pattern[k] − mean) · signal[n + k].
    """
    ### BEGIN SOLUTION
    balanced = pattern - pattern.mean()
    answer = np.convolve(signal, balanced[::-1])[len(pattern) - 1 : len(signal)]
    return int(np.argmax(answer))
    ### END SOLUTION


# %%
place = pattern_start(noisy, pattern)
figure, axes = new_figure(height=2.4)
axes.plot(np.arange(140, 240), noisy[140:240], color=GREY, linewidth=0.8)
axes.plot(np.arange(place, place + len(pattern)), pattern, color=RED, linewidth=2)
axes.set_title(f"The pattern, drawn from place {place} on")
show(figure, "A noisy beat in grey, and the pattern in red; does it lie on the beat?")

# %% test="pattern_start"
check(pattern_start)

# %% [markdown]
# ## Reading off the beats
#
# The answer must become a list of places. A **peak** is a sample that is higher than both its neighbours; we want those above a threshold.

# %% [markdown] exercise="find_peaks_above"
# Return the places of all peaks above the threshold. A flat top is no peak, and the two ends are none.


# %% answer="find_peaks_above"
def find_peaks_above(signal, threshold):
    """Places n with signal[n] > threshold, signal[n] > signal[n − 1] and signal[n] > signal[n + 1].

    signal: array of N ≥ 3 numbers; threshold: a number.
    Returns an array (or list) of increasing indices; the first and the last sample are never peaks.
    """
    ### BEGIN SOLUTION
    middle = signal[1:-1]
    peak = (middle > threshold) & (middle > signal[:-2]) & (middle > signal[2:])
    return np.flatnonzero(peak) + 1
    ### END SOLUTION


# %% test="find_peaks_above"
check(find_peaks_above)

# %%
if ready(conv1d_same, matched_filter, find_peaks_above):
    truth = find_peaks_above(ecg, 150)
    answer = conv1d_same(noisy, matched_filter(pattern))
    beats = find_peaks_above(answer, 0.6 * answer.max())
    print("beats in the clean recording:       ", truth)
    print("found in the noisy one, filtered:   ", beats)
    bare = find_peaks_above(noisy, 0.6 * noisy.max())
    print("found without filter, same threshold:", bare)

    figure, axes = new_figure(height=2.4)
    axes.plot(answer, color=GREY, linewidth=0.8)
    axes.plot(beats, answer[beats], "o", color=RED)
    axes.set_title(f"{len(beats)} beats found")
    show(figure, "The filter's answer with a red dot on each of the three peaks.")

# %% [markdown]
# **What you should see.** The filter finds the three beats, each within a few samples of its true place. The bare threshold on the
# noisy signal reports more "beats" than there are: noise splits a beat into several peaks, and lifts samples between the beats over the threshold.
# Was this luck? Try twenty other noises of the same strength, and some of other strengths.


# %%
def is_right(places):
    return len(places) == 3 and np.abs(places - truth).max() <= 5


if ready(conv1d_same, matched_filter, find_peaks_above):
    for scale in (5, 20, 60, 90):
        right = np.zeros(2, dtype=int)
        for seed in range(20):
            tried = ecg + np.random.default_rng(seed).normal(scale=scale, size=len(ecg))
            answer = conv1d_same(tried, matched_filter(pattern))
            kinds = [find_peaks_above(line, 0.6 * line.max()) for line in (answer, tried)]
            right += [is_right(np.asarray(places)) for places in kinds]
        print(f"noise {scale}: filtered right {right[0]} times of 20, bare {right[1]}")

# %% [markdown]
# **What you should see.** With a noise of 5 nobody needs a filter. With 20 the bare threshold is wrong in a third of the tries or more, with 60 nearly always, and the filter never. With 90 the filter begins to fail, too.
# Radar, sonar, GPS receivers and the first layer of a net that listens all do what you have just done.

# %%
if ready(conv1d_same, matched_filter, find_peaks_above):
    distance = np.diff(beats)
    print("samples between beats:", distance)
    # The file does not give its sampling rate; such recorders commonly take 360 a second.
    print(f"at 360 samples a second: {60 * 360 / distance.mean():.0f} beats a minute")

# %% [markdown]
# ## Two kernels that explain all others
#
# The **delta** is 1 at one place and 0 elsewhere. Convolving with it copies: a 1 at place 0 gives the signal back, a 1 at
# place L gives the signal L steps later. Any kernel is a sum of scaled deltas: here is the sum of scaled, shifted copies again, now copies of the *signal*.

# %% [markdown] exercise="delta"
# Make one.


# %% answer="delta"
def delta(length, place):
    """A delta kernel.

    length: how many numbers; place: an index, 0 ≤ place < length.
    Returns a float array that is 1 at `place` and 0 elsewhere.
    """
    ### BEGIN SOLUTION
    kernel = np.zeros(length)
    kernel[place] = 1
    return kernel
    ### END SOLUTION


# %% test="delta"
check(delta)

# %% [markdown] exercise="shift"
# Now move a signal. Use a delta and `conv1d_full`, or slices: both are right.


# %% answer="shift"
def shift(signal, steps):
    """Move a signal along: by `steps` places to the right, or to the left when `steps` is negative.

    signal: array of N numbers (integers or floats); steps: an integer, |steps| < N.
    Returns a float array of N numbers; freed places hold 0, what leaves at an end is lost.
    """
    ### BEGIN SOLUTION
    size = len(signal)
    if steps >= 0:
        return conv1d_full(signal, delta(steps + 1, steps))[:size]
    return conv1d_full(signal, delta(-steps + 1, 0))[-steps:]
    ### END SOLUTION


# %% test="shift"
check(shift)

# %% [markdown]
# ## Four laws, tried out
#
# With $*$ for convolution with reversal, mode full:
#
# 1. **linear**: $(a x + b y) * w = a\,(x * w) + b\,(y * w)$
# 2. **delta**: $x * \delta = x$
# 3. **shift**: if $x$ comes L steps later, so does $x * w$; nothing else changes. Convolution is **equivariant** to shifts (Unit 1)
# 4. **commutative**: $x * w = w * x$. Signal and kernel may change roles. *Without reversal this law fails.*
#
# The third is the reason for all that follows in this course: a net made of convolutions sees a cat in the corner as it sees it in the middle.

# %%
if ready(conv1d_full, delta, shift):
    random = np.random.default_rng(0)
    x, y, w = random.normal(size=8), random.normal(size=8), random.normal(size=3)
    later = np.append(np.zeros(2), x)
    apart = 2 * conv1d_full(x, w) - 3 * conv1d_full(y, w)
    print("linear:     ", np.allclose(conv1d_full(2 * x - 3 * y, w), apart))
    print("delta:      ", np.allclose(conv1d_full(x, delta(1, 0)), x))
    moved = np.append(np.zeros(2), conv1d_full(x, w))
    print("shift:      ", np.allclose(conv1d_full(later, w), moved))
    print("commutative:", np.allclose(conv1d_full(x, w), conv1d_full(w, x)))

# %% [markdown]
# ## Summary
#
# - Convolution is a sum of scaled, shifted copies. Seen from the result, it slides one small kernel along a signal: flip, multiply, add, move on. `[1,2,3,4] * [1,2] = [1,4,7,10,8]`.
# - full has N + K − 1 numbers, valid N − K + 1, same N.
# - Deep-learning libraries do not flip. Correlation with w is convolution with w reversed.
# - A matched filter is the pattern itself, centred, scaled and reversed.
# - Convolution is linear, commutes, and moves with its input.
#
# ## Questions
#
# 1. A signal has 100 samples, a kernel 7. How long are full, valid and same?
# 2. For which kernels do convolution with and without reversal give the same?
# 3. You smooth twice with `[1/2, 1/2]`. Which single kernel does the same at once?
# 4. Why does a matched filter with its mean removed ignore a constant voltage added to the signal?
#
# <details><summary>Key</summary>
#
# 1. 106, 94 and 100.
# 2. For those that read the same from both ends: `w[k] = w[K − 1 − k]`.
# 3. `[1/2, 1/2] * [1/2, 1/2] = [1/4, 1/2, 1/4]`, because (x * w) * w = x * (w * w).
# 4. A constant c adds c · Σ w[k] to every answer (away from the ends), and Σ w[k] = 0.
#
# </details>
#
# ## Open work
#
# No key is given. Each asks for a measurement; keep your numbers.
#
# 1. How wide should the pattern be? Cut beats of 5, 11, 21, 41 and 81 samples, and find for each the strongest noise at which the filter still finds all three beats in 18 of 20 tries.
# 2. The threshold of 0.6 was our choice. Vary it from 0.3 to 0.9 at noise 90, and draw beats found against false beats. Is there a best one?
# 3. Cut the pattern from one heartbeat and search for a slower or faster one: stretch the pattern by 5, 10, 20 %. How much of the answer's height is lost?
#
# ## References
#
# - G. L. Turin, *An introduction to matched filters*, IRE Transactions on Information Theory 6(3), 1960.
# - A. V. Oppenheim and R. W. Schafer, *Discrete-Time Signal Processing*, Prentice Hall, 1989: chapter 2 for convolution and its laws.
# - S. Rangan, *Introduction to Machine Learning*, lecture 10, New York University: the example [1, 2, 3, 4] * [1, 2].
