# %% [markdown]
# # Unit 27 · Real photographs
#
# **You will be able to**
#
# - search a photograph for things of any size, with windows of one size;
# - build a detector from few examples, on the features of a net that others trained;
# - say why a classifier that is right on 38 of 40 windows can be a bad detector, and teach it with its own errors;
# - read a box off the maps of a net that has never seen a box, and measure it.
#
# **Time** about two hours. **Before this** Unit 17: pretrained features; Unit 22: boxes, suppression, nets that slide.

# %% setup="numpy"
import numpy as np
from scipy import ndimage

from convcourse.check import check, ready
from convcourse.figures import show
from convcourse.predictions import predict
from convcourse.quiet import quietly

with quietly():
    import keras

    from convcourse.pictures import real_photographs as picture

# %% [markdown]
# ## What the paper form did not ask
# In Unit 22 a net found digits on a form. All digits had one size, the paper was white, and there were thousands of training windows. In a photograph, a face may be 60 or 300 pixels large. The background is a flag, a space suit, a cat. And here we have **100 faces** to learn from, no more.
#
# They come from *Labeled Faces in the Wild*, press photographs of the web. scikit-image brings 100 windows with a face and 100 without, all of 25 × 25 pixels.

# %%
show(*picture.patches_figure())

# %% [markdown]
# ## Features that others learned
# 200 windows are not enough to train a net from random weights. So we do as Girshick and others did in 2014 (*R-CNN*). They took a net that was trained for ImageNet's classes, and set a small *linear* classifier onto its features. It learned from windows, and from its own errors.
#
# We take the first layers of SqueezeNet (Unit 16), up to the pooling after its module fire 3. The windows are cut to 24 × 24 and enlarged 3 times, since the maps make steps of 8 pixels. Without the rim, where padding was at work, a window has 6 × 6 places with 128 numbers: 4,608 features. Each window is shown five times, a little moved, turned, scaled and mirrored.

# %%
windows, labels, test_windows, test_labels = picture.patches(seed=0)
features = picture.features_of(windows)
test_features = picture.features_of(test_windows)
kernel, bias = picture.learn(features, labels)  # logistic regression
right = (np.tensordot(test_features, kernel.ravel(), 1) + bias >= 0) == test_labels
print("windows and features:", features.shape, " kernel:", kernel.shape)
print(f"right on {right.sum()} of {len(right)} windows that it has not seen")

# %% [markdown]
# From five seeds, 38 to 40 of 40 are right. Are we done? The classifier is linear: one weight for each of 6 · 6 · 128 numbers. You know since Unit 12 what that is: **a convolution with a kernel of 6 × 6**. It slides.


# %%
def score_map(maps, kernel, bias):
    """A score for each window: maps (rows, cols, 128) -> (rows − 5, cols − 5)."""
    one_filter = kernel[..., None].astype("float32")
    return np.asarray(keras.ops.conv(maps[None], one_filter))[0, ..., 0] + bias


# %% [markdown]
# ## How many sizes?
# A window of one size finds things of about this size. For the others we shrink the *photograph*, several times: a **pyramid**. When it is shrunk to a fifth, a window of 24 pixels covers 120 of the photograph. How many sizes do we need? Let a square thing have side $a$, and a window with the same middle side $w$. The smaller lies in the larger, so
#
# $$\text{IoU} = \frac{\min(a, w)^2}{\max(a, w)^2}.$$
#
# *By hand.* At least 0.64 is asked. A window of 20 gives it for things from 20 · 0.8 = **16** to 20 / 0.8 = **25** pixels, as 0.8² = 0.64. For things up to 39, a second window begins where the first ends: its side is 25 / 0.8 = 31.25, and it serves things up to 39.06.

# %% [markdown] exercise="window_sides"
# **Design.** Choose sides such that every square thing has the IoU that is asked with one of the windows. Each size costs a pass through the net: use as few as possible. (More than one choice is right.)


# %% answer="window_sides"
def window_sides(smallest, largest, least):
    """Sides of the windows for square things of all sizes between two.

    smallest, largest: sides of the things in pixels, 0 < smallest < largest; real numbers.
    least: the IoU that each of them must have with one window of the same middle, 0.5 to 0.8.
    Returns an array of real numbers > 0, as few as possible.
    """
    ### BEGIN SOLUTION
    count = int(np.ceil(np.log(largest / smallest) / -np.log(least)))
    return smallest / np.sqrt(least) * least ** -np.arange(float(count))
    ### END SOLUTION


# %% test="window_sides"
check(window_sides)

# %%
designed = ready(window_sides)
if designed:
    sides = window_sides(60, 300, 0.8)
    print("window sides:", *np.round(sides))
    show(*picture.sides_figure(sides, 60, 300, 0.8))

# %% [markdown]
# **What you should see.** Eight sizes are enough for things of 60 to 300 pixels. The curve never falls below 0.8. (Between two places of the map some IoU is lost too; a hit needs only 0.5.)
# ## Back to the photograph
# The map of a shrunk photograph has a score at each place. Now go back, in three steps. Place → pixel of the shrunk photograph: times `step`. Begin → end: plus `side`. Shrunk → photograph: divided by `shrink`. *By hand.* The photograph is shrunk to a quarter, windows have 24 pixels and are 4 pixels apart. Place (1, 0) is the window (4, 0, 28, 24) there, and the box **(16, 0, 112, 96)** in the photograph. Its neighbour, place (1, 1), is (16, 16, 112, 112).

# %% [markdown] exercise="boxes_in_photograph"
# Find the windows whose score reaches the threshold, and give their boxes in the photograph's own pixels.


# %% answer="boxes_in_photograph"
def boxes_in_photograph(scores, threshold, step, side, shrink):
    """The windows that reach the threshold, as boxes of the photograph.

    scores: array (rows, cols), one for each window of the shrunk photograph; at least one is high enough.
    Window (r, c) begins at pixel (r · step, c · step) there, and has side × side pixels; step is real.
    shrink: the shrunk photograph has so many times the photograph's rows and columns.
    Returns boxes, a float array (n, 4): top, left, bottom, right, not rounded; and their scores (n,).
    Both row by row, as the windows lie in the map.
    """
    ### BEGIN SOLUTION
    begins = step * np.argwhere(scores >= threshold)
    return np.hstack([begins, begins + side]) / shrink, scores[scores >= threshold]
    ### END SOLUTION


# %% test="boxes_in_photograph"
check(boxes_in_photograph)

# %% [markdown]
# Now the search. Below is `search`, the whole detector but for suppression. It also notes *where* each window was found (level, row, column), so that we can get at its features later. Then comes `best_boxes`, with the suppression of Unit 22.


# %%
def search(levels, kernel, bias, threshold):
    """Boxes (n, 4), scores (n,), places (n, 3) of all windows that reach the threshold."""
    boxes, scores, places = [], [], []
    for level, (shrink, maps) in enumerate(levels):
        score = score_map(maps, kernel, bias)
        if score.max() < threshold:
            continue
        size = picture.STEP, picture.SIDE, shrink
        found = boxes_in_photograph(score, threshold, *size)
        where = np.argwhere(score >= threshold)
        boxes.append(found[0])
        scores.append(found[1])
        places.append(np.insert(where, 0, level, axis=1))
    if not boxes:
        return np.empty((0, 4)), np.empty(0), np.empty((0, 3), int)
    return tuple(np.concatenate(parts) for parts in (boxes, scores, places))


# %%
def best_boxes(pyramids, kernel, bias):
    """For each photograph the boxes that stay, best first, and their scores."""
    found = {}
    for name, levels in pyramids.items():
        boxes, scores, _ = search(levels, kernel, bias, 0)
        kept = picture.suppressed(boxes, scores)
        found[name] = boxes[kept], scores[kept]
    return found


# %% [markdown]
# We search five photographs: an astronaut, a cat, a temple, a rocket and galaxies. In all of them there is **one human face**. The photograph of the astronaut has about 8,500 windows, of all sizes together. **Predict before you run.** Suppose that a classifier is right on 99 of 100 windows without a face. How many false alarms does it raise in one such photograph?

# %%
guess = None
predict(guess, right=85, why="One of a hundred, 8,500 times.", close=0.1)

# %%
searching = designed and ready(boxes_in_photograph)
if searching:
    pyramids = {name: picture.pyramid(name, sides) for name in picture.SEARCHED}
    before = best_boxes(pyramids, kernel, bias)
    picture.print_found("at first", before)
    show(*picture.astronaut_figure({"at first": before["astronaut"]}))

# %% [markdown]
# **What you should see.** A disaster: hundreds of boxes, in every photograph. On the windows the classifier was nearly perfect! Two things come together. First, **rare things are hard**. Among more than 40,000 windows a handful are right, and they all show one face. An error of 1 % is small in a table and huge in a photograph. Second, the 100 windows without a face are mostly dark and smooth. Eyes of cats, badges and roofs of temples are not among them. *A test set shows how good a net is on examples like those in it.*
#
# The dashed box was drawn by hand. If a box has an IoU of at least 0.5 with it, it is blue. Even then, other boxes have higher scores: with our sides and five seeds, the face was number 3 to 6. (With other sides it was missed in one run.) With one true box the **average precision** of Unit 22 is 1 / rank of the right box.
#
# ## Learning from errors
# Where do we get better examples of "no face"? There are billions of windows without a face, and nearly all of them teach nothing: blank wall, sky. The good ones are those that **this** classifier takes for a face. So: search photographs that have no face in them. *Everything found there is an error.* Add the worst errors to the training windows, as "no face"; learn again; repeat. This is **hard negative mining** (Sung and Poggio 1998 for faces; Dalal and Triggs 2005 for people; Girshick and others 2014).
#
# One of our six photographs for this is the cameraman, whose head is seen from the side. His head is no good example of "no face". So leave out whatever overlaps a true face with an IoU of 0.3 or more, the limit of R-CNN. *By hand.* The face is (0, 0, 10, 10). Four windows: (0, 0, 10, 10) with score 3.0, the face itself: out. (0, 5, 10, 15) with 2.0, IoU 50/150 = 0.33: out. (0, 6, 10, 16) with 1.0, IoU 40/160 = 0.25: a window with less than half a face, it stays. (50, 50, 60, 60) with 1.5 stays. Best first: the fourth, then the third.

# %% [markdown] exercise="hard_negatives"
# Choose the worst errors. `picture.overlaps(boxes, truth)` gives the IoU of each box with each true box, as an array (n, m).


# %% answer="hard_negatives"
def hard_negatives(boxes, scores, truth, count):
    """The windows of the highest scores among those that are background for certain.

    boxes: array (n, 4), n ≥ 1; scores: array (n,), no two alike.
    truth: array (m, 4), the true faces; m may be 0. An IoU of 0.3 or more with one of them: no background.
    Returns the indices of at most `count` boxes, best score first; fewer if there are not so many.
    """
    ### BEGIN SOLUTION
    background = (picture.overlaps(boxes, truth) < 0.3).all(axis=1)
    order = np.argsort(-scores)
    return order[background[order]][:count]
    ### END SOLUTION


# %% test="hard_negatives"
check(hard_negatives)

# %% [markdown]
# Two rounds, with at most 200 windows of each photograph. We also take windows that only came close to an error (score ≥ −1). No photograph that we learn from is among those that we search.

# %%
mining = searching and ready(hard_negatives)
if mining:
    teachers = {name: picture.pyramid(name, sides) for name in picture.LEARNED_FROM}
    results = {"at first": before}
    for turn in ("after one round", "after two rounds"):
        for name, levels in teachers.items():
            boxes, scores, places = search(levels, kernel, bias, -1)
            if len(boxes):
                truth = picture.faces_in(name)
                worst = np.asarray(hard_negatives(boxes, scores, truth, 200), int)
                new = picture.features_at(levels, places[worst])
                features = np.concatenate([features, new])
                labels = np.append(labels, np.zeros(len(new), int))
        kernel, bias = picture.learn(features, labels)
        results[turn] = best_boxes(pyramids, kernel, bias)
        picture.print_found(turn, results[turn])
    show(*picture.astronaut_figure({n: found["astronaut"] for n, found in results.items()}))
    right = (test_features @ kernel.ravel() + bias >= 0) == test_labels
    print(f"still right on {right.sum()} of the {len(right)} windows of before")

# %% [markdown]
# **What you should see.** Two rounds take away nearly all false alarms. In eight runs, five seeds with our sides and three runs with others, 329 to 460 boxes stayed at first, 36 to 71 after one round, and 8 to 11 after two. *In each run the face was number 1 after the first round.* The forty windows show nothing of this gain: at first at most 2 of them were wrong, in the end at most 3. Whoever had only these windows would keep the first detector. The boxes that are left are mostly in the astronaut's photograph.
#
# One face is little to measure by, and our faces are all from press photographs. Viola and Jones (2004) learned from 4,916 faces. Who is in the training set decides who is found: Buolamwini and Gebru (2018) measured three commercial programs that name the gender of a face. They were wrong on up to 35 % of darker-skinned women, and on less than 1 % of lighter-skinned men. **Always measure each group by itself.**
#
# ## Boxes without boxes
# For a detector someone has to draw boxes, thousands of them. SqueezeNet was trained with class names alone. Yet it knows more. Its last layer, conv10, has **one map for each of the 1,000 classes**; the class's score is the mean of its map (Unit 13). So the map says *where* the evidence lies. Zhou and others (2016) make a box of it:
#
# 1. a place is *warm* if it has at least 20 % of the largest value of the map;
# 2. warm places that share a side belong to one *region*; take the region with the most places;
# 3. the box goes around this region, in the photograph's pixels.
#
# *By hand*, a map of 4 × 6 for a photograph of 40 × 60 pixels:
#
# | 0 | 8 | 9 | 0 | 0 | 0 |
# |---|---|---|---|---|---|
# | 0 | 7 | 8 | 0 | 0 | 0 |
# | 0 | 6 | 1 | 0 | 0 | 0 |
# | 0 | 0 | 0 | 0 | 0 | **9.5** |
#
# Warm is what has 1.9 or more. There are two regions, of 5 places and of 1. The larger has the rows 0 to 2 and the columns 1 and 2. Each place has 10 × 10 pixels, so the box is **(0, 10, 30, 30)**: row 2 *ends* at pixel 30. The second region has the largest value, but it is small.

# %% [markdown] exercise="box_from_heat"
# **Repair.** The function below draws its boxes into a corner of the photograph. That is one fault. The other one shows in the last photograph, once the first is mended. `ndimage.label(warm)` gives a map with the number of each region (0 where it is cold), and how many there are.


# %% answer="box_from_heat"
def box_from_heat(heat, share, rows, cols):
    """The box around the largest warm region of a map.

    heat: array (r, c), each ≥ 0, its largest value > 0: one number for each part of the photograph.
    share: warm are values of at least this share of the largest. No two largest regions have equally many places.
    rows, cols: size of the photograph in pixels.
    Returns an array of 4 real numbers: top, left, bottom, right, in pixels of the photograph.
    """
    ### BEGIN SOLUTION
    regions, _ = ndimage.label(heat >= share * heat.max())
    largest = 1 + np.bincount(regions.ravel())[1:].argmax()
    places = np.argwhere(regions == largest)
    size = np.array([rows / heat.shape[0], cols / heat.shape[1]])
    return np.concatenate([places.min(axis=0) * size, (places.max(axis=0) + 1) * size])
    ### END SOLUTION


# %%
show(*picture.heat_figure(box_from_heat, 0.2))

# %% test="box_from_heat"
check(box_from_heat)

# %% [markdown]
# **What you should see** when it is mended. IoU 0.85 for the cat, 0.83 for the coffee, 0.70 for the motorcycle and 0.51 for the dahlia: four hits at a threshold of 0.5, without one box in the training. Look at the names. ImageNet has no class for motorcycles and none for dahlias, so SqueezeNet says *motor scooter* and *brain coral*. *The name is wrong, and yet the place is right.* The share matters: with 0.4 the IoUs are 0.52, 0.33, 0.13 and 0.81. Then the largest region of the motorcycle is its front wheel, while the whole dahlia looks like coral. And the boxes are coarse, since each place of the map is about 23 pixels wide in the cat's photograph.
#
# ## Summary
# - A **pyramid** of shrunk photographs turns windows of one size into windows of all sizes. IoU is a ratio, so the sizes grow by a factor.
# - A **linear classifier on pretrained features** needs few examples, and it slides as a convolution.
# - Among tens of thousands of windows one is right. Rates of errors that look small in a table are many **false alarms** in a photograph.
# - **Hard negatives** are a detector's own errors on pictures without the thing. They are the examples worth having.
# - A net that ends in a mean over maps knows **where**, though nobody told it. The largest warm region gives a box.
#
# ## Questions
# 1. Things of 50 to 200 pixels, IoU at least 0.5 with a window of the same middle. How many sizes?
# 2. A detector finds the only face at rank 4, and then nothing more. What is its AP? What if a second round of mining moves it to rank 1, and doubles the number of false alarms with lower scores?
# 3. Someone mines hard negatives in the photographs that are searched afterwards. What is wrong with the numbers?
#
# <details><summary>Key</summary>
#
# 1. Each window serves a factor of 1 / 0.5 = 2 in size, and 200 / 50 = 4: two.
# 2. 1/4, then 1. AP does not see false alarms below the last right box. Say at which threshold a detector is used, and count them there.
# 3. The detector has learned these very errors. The photographs are training examples now; new ones must measure it.
#
# </details>
#
# ## Open work
# - Do the pretrained features matter? Use the 576 grey values of each window, or layers with random weights, with everything else as it is. *Measure* the rank of the face and the number of boxes, from five seeds.
# - The price of mining: lower the threshold below 0, or give the faces more weight in the regression. *Measure* the faces that are found among the 40 windows, and the false alarms, from five seeds.
# - How many faces does it take? Learn from 10, 20, 40 and 80. *Measure* the same.
# - Coins: scikit-image's `coins` shows 24 of them. Draw 24 boxes by hand. Learn from the upper half, search the lower. *Measure* AP at IoU 0.5 and 0.75.
# - Which share is best for the box around the heat? Try 0.1 to 0.6 on photographs of your own. *Measure* the mean IoU with boxes drawn by hand, and choose the share on other photographs than those that you report.
#
# ## References
# - K.-K. Sung, T. Poggio, *Example-based learning for view-based human face detection*, IEEE TPAMI 20(1), 1998.<br>H. Rowley, S. Baluja, T. Kanade, *Neural network-based face detection*, the same volume.<br>P. Viola, M. Jones, *Robust real-time face detection*, IJCV 57(2), 2004.
# - N. Dalal, B. Triggs, *Histograms of oriented gradients for human detection*, CVPR 2005.<br>R. Girshick, J. Donahue, T. Darrell, J. Malik, *Rich feature hierarchies for accurate object detection and semantic segmentation*, CVPR 2014.
# - B. Zhou, A. Khosla, A. Lapedriza, A. Oliva, A. Torralba, *Learning deep features for discriminative localization*, CVPR 2016.
# - F. Iandola and others, *SqueezeNet*, arXiv 1602.07360, 2016.
# - G. Huang, M. Ramesh, T. Berg, E. Learned-Miller, *Labeled faces in the wild*, University of Massachusetts, report 07-49, 2007.
# - J. Buolamwini, T. Gebru, *Gender shades: intersectional accuracy disparities in commercial gender classification*, FAT* 2018.
