# %% [markdown]
# # Unit 22 · Detection and segmentation
#
# **You will be able to**
#
# - say what a convolutional net gives back in seven tasks, from one class to a whole new image;
# - compute intersection over union, suppress double boxes, and measure a detector by precision, recall and mAP;
# - turn a classifier into a net that slides over a page of any size, with exactly the same scores;
# - enlarge maps by transposed convolution, build a U-Net, and judge it by the mean IoU of its classes.
#
# **Time** about four hours. **Before this** Unit 3: the form; Unit 8: Keras; Unit 12: VGG.

# %% setup="numpy"
import numpy as np

from convcourse.check import check, ready
from convcourse.data import digit_form
from convcourse.figures import show
from convcourse.predictions import predict
from convcourse.quiet import quietly
from convcourse.widgets import slide

with quietly():
    import keras
    from keras import layers

    from convcourse.pictures import detection_segmentation as picture
    from convcourse.pictures.detection_segmentation import double_conv

# %% [markdown]
# ## What is where?
# A classifier looks at an image and names one thing. The world is not so tidy. Here is the form of Unit 3 again, with sixty digits on it. There, you slid one template over it and found the threes: 47 of 52 on twelve forms, with 4 false alarms. **Can one net find *all* digits, and say which is which?**

# %%
form, written = digit_form(seed=2)
show(*picture.page_figure(form, "Sixty digits: what is where?"))

# %% [markdown]
# ## Where convolution is at work
# Finding things is only one of the tasks that nets of convolutions do today. Below, one drawn scene goes through seven of them. The first layers do the same work every time; what differs is **the shape of the answer**.

# %%
show(*picture.uses_figure())

# %% [markdown]
# | task | the net gives | a landmark |
# |---|---|---|
# | classification | a probability for each class | Krizhevsky and others 2012 (AlexNet) |
# | retrieval | a vector of features; near vectors are similar images | the same: features of the last hidden layer |
# | detection | boxes, each with a class and a score | Sermanet and others 2013; Girshick and others 2014 |
# | segmentation | a class for each pixel | Cireşan and others 2012; Long and others 2015 |
# | pose | the places of the joints | Toshev and Szegedy 2014 |
# | captioning | words, one after another, by a second net that follows | Vinyals and others 2015; Karpathy and Fei-Fei 2015 |
# | style | an image | Gatys and others 2016 |
#
# Retrieval was in Unit 17, style in Unit 18. This unit is about detection and segmentation.
# ## When is a box right?
# A **box** is four numbers: *top, left, bottom, right*. Bottom and right no longer belong to it, as in a slice `[top:bottom, left:right]`. So it has (bottom − top) · (right − left) pixels. No found box agrees with the true one to the pixel. We need a number that says how well they agree: **intersection over union**, IoU. What both share, divided by what they cover together. It is 1 for equal boxes and 0 for boxes that are apart, and it does not depend on the size of the things. *By hand.* Box (0, 0, 4, 6) has 24 pixels, box (2, 3, 5, 9) has 18. They share the rows 2 and 3 and the columns 3, 4, 5: 6 pixels. IoU = 6 / (24 + 18 − 6) = **1/6**. Move the second box in the drawing. Where is the IoU largest? Can it reach 1?

# %%
show(*picture.iou_figure(3))
slide(picture.iou_figure, label="left", stop=9, value=3)

# %% [markdown] exercise="iou_many"
# A detector compares one box with many. Compute all IoUs; mind boxes that do not meet.


# %% answer="iou_many"
def iou_many(box, boxes):
    """Intersection over union of one box with each of many.

    box: array of 4 real numbers, not only whole ones: top, left, bottom, right (not included).
    boxes: array (count, 4), count ≥ 1. All sides are longer than 0.
    Returns a float array (count,) of numbers from 0 to 1.
    """
    ### BEGIN SOLUTION
    overlap = np.minimum(box[2:4], boxes[:, 2:4]) - np.maximum(box[:2], boxes[:, :2])
    shared = np.prod(np.maximum(overlap, 0), axis=1)
    area = np.prod(box[2:4] - box[:2])
    areas = np.prod(boxes[:, 2:4] - boxes[:, :2], axis=1)
    return shared / (area + areas - shared)
    ### END SOLUTION


# %% test="iou_many"
check(iou_many)

# %% [markdown]
# ## One box for each thing
# A detector that slides finds the same digit again at the next place, one step to the right. **Non-maximum suppression** (NMS) clears up. Keep the box with the highest score. Drop every box whose IoU with it is above a threshold. Go on with the best box that is left.
#
# *By hand*, threshold 0.3, boxes of 10 × 10, best first:
#
# | box | score | IoU with the boxes kept so far | verdict |
# |---|---|---|---|
# | 0: (0, 0, 10, 10) | 0.9 | – | keep |
# | 1: (20, 20, 30, 30) | 0.8 | 0 | keep |
# | 2: (0, 4, 10, 14) | 0.7 | with 0: 60/140 = 0.43 | drop |
# | 3: (21, 21, 31, 31) | 0.6 | with 1: 81/119 = 0.68 | drop |
# | 4: (0, 8, 10, 18) | 0.5 | with 0: 20/180 = 0.11, with 1: 0 | keep |
#
# Box 4 overlaps box 2 by 0.43. But box 2 is gone, and **who is gone drops nobody**.

# %% [markdown] exercise="non_max_suppression"
# Return the indices of the boxes that stay, best first.


# %% answer="non_max_suppression"
def non_max_suppression(boxes, scores, threshold):
    """Which boxes stay: a box is dropped if its IoU with a better one that stays is > threshold.

    boxes: array (count, 4) of real numbers: top, left, bottom, right; count ≥ 1. Any sizes.
    scores: array (count,), no two alike; threshold: a number from 0 to 1.
    Returns an array (or list) of indices into `boxes`, in the order of falling scores.
    """
    ### BEGIN SOLUTION
    kept = []
    for index in np.argsort(-scores):
        if not kept or iou_many(boxes[index], boxes[kept]).max() <= threshold:
            kept.append(index)
    return np.array(kept)
    ### END SOLUTION


# %% test="non_max_suppression"
check(non_max_suppression)

# %% [markdown] exercise="dropped_dropper"
# **Design.** In the table, box 0 saves box 4 because it drops box 2. Find three such boxes for any threshold. The three of the table fit theirs only.


# %% answer="dropped_dropper"
def dropped_dropper(threshold):
    """Three boxes of which the first and the third stay, and the second would drop the third.

    threshold: number from 0.05 to 0.95. Returns an array (3, 4) of real numbers, best score first:
    top, left, bottom, right. IoU of first and second, and of second and third: above the
    threshold; of first and third: not above. All sides are longer than 0.
    """
    ### BEGIN SOLUTION
    limit = (1 - threshold) / (1 + threshold)  # a shift with just this IoU, for sides of 1
    left = 0.75 * limit * np.arange(3)
    return np.stack([0 * left, left, 0 * left + 1, left + 1], axis=1)
    ### END SOLUTION


# %% test="dropped_dropper"
check(dropped_dropper)

# %% [markdown]
# ## From classifier to sliding window
# Now the net. It is a small classifier for windows of 12 × 12 pixels, a little larger than a digit, with **eleven** classes: ten digits and *background*. Background is whatever has no digit in its middle: empty paper, and also a digit that lies 3 pixels or more off. Without these examples the net would shout at every edge. The digits come from the first 898 of scikit-learn; the form was written with the others.

# %%
windows, classes = picture.digit_windows(9_000, seed=0)
show(*picture.windows_figure(windows, classes))

# %% [markdown]
# To search the form we could cut out a window at every second pixel, row by row, and classify each: 251 × 251 = 63,001 windows. But neighbours share most of their pixels, and the net would compute the same products again and again. Convolutions and pooling do not care how large their input is. Only the dense layers do. In Unit 12 you saw the way out: a dense layer after `Flatten` **is** a convolution whose kernel is as large as the map. `Flatten` reads row by row, place by place, and at each place all channels. So its weights, of shape (rows · cols · channels, units), become a kernel by
#
# $$\texttt{weights.reshape(rows, cols, channels, units)},$$
#
# nothing more. A further dense layer sees one place with all channels: a 1 × 1 kernel. Then no layer knows the size of the image, and the net is **fully convolutional**. It gives a *map* of scores: place (r, c) has the scores of the window that begins at pixel (2r, 2c), because the pooling makes a step of 2.

# %% [markdown] exercise="fully_convolutional"
# Turn a trained classifier into the net that slides.


# %% answer="fully_convolutional"
def fully_convolutional(model):
    """The same classifier for images of any size: dense layers become valid convolutions.

    model: a trained keras.Sequential: Conv2D and MaxPooling2D layers (valid), one Flatten,
        then one or more Dense layers; `model.input_shape` is (None, rows, cols, channels).
    Returns a keras.Model with input (None, None, None, channels), with the same weights, biases
        and activations. On an image of the old size it gives one place with the old result.
    """
    ### BEGIN SOLUTION
    images = keras.Input((None, None, model.input_shape[-1]))
    x, size = images, (1, 1)
    for layer in model.layers:
        if isinstance(layer, layers.Flatten):
            size = layer.input.shape[1:3]
        elif isinstance(layer, layers.Dense):
            weights, bias = layer.get_weights()
            conv = layers.Conv2D(layer.units, size, activation=layer.activation)
            x = conv(x)
            conv.set_weights([weights.reshape(conv.kernel.shape), bias])
            size = (1, 1)
        else:
            x = layer(x)
    return keras.Model(images, x)
    ### END SOLUTION


# %% test="fully_convolutional"
check(fully_convolutional)

# %% [markdown]
# Train the classifier on its windows, then let it slide. It has two 3 × 3 convolutions with 16 and 24 filters, max pooling 2, a dense layer of 64 and one of 11. Then search the whole form in both ways, with a stop-watch: first all windows one by one (in batches of 4,096, which is fair to them), then the form at once.

# %%
sliding = ready(fully_convolutional)
if sliding:
    keras.utils.set_random_seed(0)
    classifier = picture.window_classifier()
    picture.train(classifier, windows, classes, 5, 64, 3e-3, "classifier")
    net = fully_convolutional(classifier)
    print("classifier:", classifier.input_shape, "→", classifier.output_shape)
    print("sliding:   ", net.input_shape, "→", net.output_shape)
    scores = picture.both_ways(classifier, net, (form / 16).astype("float32"))

# %% [markdown]
# **The same scores, to rounding, many times faster.** Where does it come from? Count the products. **Predict before you run:** in how many windows does a pixel lie, at most? So often its features were computed.

# %%
guess = None
predict(guess, right=(12 // 2) ** 2, why="12 rows and columns, every second: 6 × 6.")

# %%
picture.print_products()

# %% [markdown]
# **What you should see.** Only the convolutions gain: a pixel lies in up to 36 windows, and its features are now computed once. The dense layers do what they did before. Measured, the gain is often larger than 6.5, since the windows also have to be copied and moved through memory. The more layers before the first dense one, the larger the gain. One condition: no padding inside. A window that is cut out would be padded with zeros at its rim, while the form has neighbours there. With padding, the scores would be similar, not equal.
# ## From scores to boxes

# %%
if sliding:
    best = scores[0, ..., :10].max(axis=-1)
    show(*picture.map_figure(form[64:192, 64:192], best[32:91, 32:91], 0.5))

# %% [markdown]
# Each digit makes a small group of bright places. Place (r, c) of the map is the window whose top left pixel is (2r, 2c). Score map, threshold, suppression: that is the whole detector.


# %%
def detect(net, form, threshold):
    """Boxes that stay (count, 5), class last; their scores; all boxes before."""
    pixels = (form / 16).astype("float32")[None, ..., None]
    digits = np.asarray(net(pixels))[0, ..., :10]  # the eleventh is background
    best, kinds = digits.max(axis=-1), digits.argmax(axis=-1)
    above = best >= threshold
    corners = 2 * np.argwhere(above)
    boxes = np.c_[corners, corners + 12, kinds[above]]
    kept = np.asarray(non_max_suppression(boxes[:, :4], best[above], 0.2), dtype=int)
    return boxes[kept], best[above][kept], boxes


detecting = sliding and ready(iou_many, non_max_suppression)
if detecting:
    found, scores, before = detect(net, form, 0.5)
    print(f"{len(before)} windows ≥ 0.5, {len(found)} boxes stay; {len(written)} digits")
    show(*picture.before_after_figure(form, before, found, 192))

# %% [markdown]
# ## How good is it?
# Two questions, as in Unit 3. **Precision**: how many of the boxes found are right? **Recall**: how many of the true boxes were found? A found box is right if a true box *of the same class* has an IoU of at least 0.5 with it. And **each true box may be used once**: a digit that is reported twice is one hit and one false alarm.

# %% [markdown] exercise="precision_recall"
# Go through the found boxes, best first. Each takes, among the true boxes that are still free and have its class, the one with the largest IoU, if that reaches the threshold.


# %% answer="precision_recall"
def precision_recall(found, truth, threshold):
    """Precision and recall of a detector.

    found: array (n, 5), n ≥ 1: top, left, bottom, right, class; best score first.
    truth: array (m, 5), m ≥ 1, the same for the true boxes; each may be used once. Sides are real.
    threshold: the smallest IoU that counts.
    Returns (precision, recall): two floats.
    """
    ### BEGIN SOLUTION
    free, right = np.ones(len(truth)), 0
    for box in found:
        fits = iou_many(box[:4], truth[:, :4]) * free * (truth[:, 4] == box[4])
        if fits.max() >= threshold:
            free[fits.argmax()] = 0
            right += 1
    return right / len(found), right / len(truth)
    ### END SOLUTION


# %% test="precision_recall"
check(precision_recall)

# %% [markdown]
# One form is not a measurement. We take the twelve of Unit 3, and pretend that they hang one below the other: form *n* begins at row 600·*n*.

# %%
measuring = detecting and ready(precision_recall)
if measuring:
    pages = picture.on_twelve_forms(lambda page: detect(net, page, 0.3))
    found, scores, truth = (np.concatenate(parts) for parts in zip(*pages))
    found, scores = found[np.argsort(-scores)], -np.sort(-scores)
    picture.print_precision_recall(precision_recall, found[scores >= 0.5], truth)

# %% [markdown]
# **What you should see.** Nearly all places are right. The errors are confusions: a digit that looks like another one. On threes alone, the templates of Unit 3 were about as good (0.92 and 0.90): they compare each find with all 898 training digits. The net keeps no digit. It has 29,000 weights, and one pass reads ten classes. The threshold is a dial. Turn it up: fewer boxes, and more of them right. (A box never drops a better one. So the boxes for a higher threshold are simply those of 0.3 that reach it; no second search.)

# %%
if measuring:
    thresholds = [0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 0.99]
    pairs = [precision_recall(found[scores >= t], truth, 0.5) for t in thresholds]
    show(*picture.curve_figure(thresholds, *np.transpose(pairs)))
    here, true = (part - [2400, 0, 2400, 0, 0] for part in (pages[4][0], pages[4][2]))
    right = np.array([precision_recall(box[None], true, 0.5)[0] == 1 for box in here])
    show(*picture.errors_figure(digit_form(seed=5)[0], here, right, true))

# %% [markdown] exercise="average_precision"
# A curve is no number to compare detectors by. Take the area under it, class by class. Go through the found boxes of a class, best first. At each right one note the **precision** so far. Then, from the end on, raise each to the best that comes later: whoever can have a better precision *and* a better recall takes it. Their sum, divided by the number of *true* boxes, is the **average precision**, AP. What was never found adds 0. The mean of all classes is **mAP**, the number in every table of detectors. *By hand*, 4 true boxes, found: right, wrong, right, right, wrong. Precisions at the right ones 1, 2/3, 3/4; raised 1, **3/4**, 3/4. AP = 2.5 / 4 = **0.625**.


# %% answer="average_precision"
def average_precision(right, wanted):
    """The area under the interpolated curve of precision over recall, for one class.

    right: bool array (found,), found ≥ 1: is this box right? Best score first. wanted: the number of true boxes ≥ 1.
    Returns one number from 0 to 1.
    """
    ### BEGIN SOLUTION
    precision = np.cumsum(right) / np.arange(1, len(right) + 1)
    raised = np.maximum.accumulate(precision[::-1])[::-1]
    return np.sum(raised * right) / wanted
    ### END SOLUTION


# %% test="average_precision"
check(average_precision)

# %%
if measuring and ready(average_precision):
    for threshold in (0.5, 0.75):
        right = picture.right_boxes(precision_recall, found, truth, threshold)
        each = [average_precision(*one) for one in right]
        print(f"IoU ≥ {threshold}: mAP {np.mean(each):.3f}, worst class {min(each):.3f}")

# %% [markdown]
# **What you should see.** Whoever asks for an IoU of 0.75 loses nearly half. The net reads the right digit, but it looks at every second pixel only, and a box that is one pixel off both ways has an IoU of 121/167 = 0.72. Hence tables give mAP at several thresholds, or its mean over them (COCO: 0.5, 0.55, …, 0.95).
#
# All windows have one size here, and so have all digits. Detectors for photographs search several sizes: they shrink the image step by step (Sermanet and others, *OverFeat*; Unit 27), classify promising regions (Girshick and others, *R-CNN*), or let each place of the map also predict the sides of its box (Redmon and others, *YOLO*). Score map, IoU and suppression are in all of them.
#
# How does a place predict a box? It has an **anchor**, a box of a fixed size. The net gives four numbers that move and stretch it: $t = \big(\frac{y - y_a}{h_a}, \frac{x - x_a}{w_a}, \ln\frac{h}{h_a}, \ln\frac{w}{w_a}\big)$, with the centre $(y, x)$, height $h$ and width $w$ of the true box, and the same with $a$ of the anchor. Such numbers are small, and they do not depend on the size of things. *By hand.* The anchor (0, 0, 12, 12) should become (3, 0, 15, 24). The centre goes from (6, 6) to (9, 12), the width from 12 to 24: t = (3/12, 6/12, 0, ln 2).

# %% [markdown] exercise="anchor_targets"
# These are the numbers that such a net learns. Compute them for many anchors; each goes to the true box that it overlaps most.


# %% answer="anchor_targets"
def anchor_targets(anchors, truth):
    """What the net should say at each anchor.

    anchors: array (n, 4), truth: array (m, 4), m ≥ 1: top, left, bottom, right, all sides longer than 0.
    An anchor belongs to the true box of largest IoU (each meets one, and no two IoUs are equal).
    Returns an array (n, 4): moves along y and x as shares of the anchor's sides, and both logarithms.
    """
    ### BEGIN SOLUTION
    chosen = truth[[iou_many(anchor, truth).argmax() for anchor in anchors]]
    sides, wanted = (boxes[:, 2:] - boxes[:, :2] for boxes in (anchors, chosen))
    moves = (chosen[:, :2] + chosen[:, 2:] - anchors[:, :2] - anchors[:, 2:]) / 2
    return np.concatenate([moves / sides, np.log(wanted / sides)], axis=1)
    ### END SOLUTION


# %% test="anchor_targets"
check(anchor_targets)

# %% [markdown]
# ## A label for every pixel
# Boxes are coarse. A surgeon or a self-driving car wants to know of **each pixel** what it belongs to. A fully convolutional net gives a map, but a small one, since pooling has shrunk it. We have to grow it again. **Transposed convolution** does so (Unit 8). Each input pixel *stamps* the kernel, times its value, onto a canvas. The next pixel stamps `stride` further on. Where stamps overlap, they add. *By hand*, four pixels and a kernel of 3 × 3, stride 2:

# %%
stamp = np.array([[1, 2, 3], [0, 1, 0], [4, 0, 0]])
show(*picture.stamps_figure(np.array([[1, 10], [0, 2]]), stamp, 2))

# %% [markdown]
# $N$ pixels, stride $S$, kernel $K$: the last stamp begins at $(N-1)S$, so $(N-1)S + K$ pixels are covered; here 2 + 3 = 5. Keras gives each pixel at least $S$ pixels, also when the kernel is smaller. Its result has $N S + \max(K - S, 0)$ pixels (valid) or $N S$ (same). For $K \ge S$ the first is $(N-1)S + K$ again. Let us ask Keras.

# %%
picture.print_sizes()

# %% [markdown] exercise="transposed_conv"
# Scatter by hand, with channels. Keras stores this kernel as (krow, kcol, **filters, channels)**: the other way round than in `Conv2D`.


# %% answer="transposed_conv"
def transposed_conv(maps, kernel, stride):
    """Transposed convolution of one image, as Conv2DTranspose with padding "valid" and no bias.

    maps: array (rows, cols, channels); kernel: array (krow, kcol, filters, channels).
    Pixel (r, c) adds its stamp, Σ_m kernel[..., m] · maps[r, c, m], at (r · stride, c · stride).
    Returns a float array (rows · stride + max(krow − stride, 0), the same for cols, filters).
    """
    ### BEGIN SOLUTION
    (rows, cols, _), (krow, kcol, filters, _) = maps.shape, kernel.shape
    size = rows * stride + max(krow - stride, 0), cols * stride + max(kcol - stride, 0)
    canvas = np.zeros((*size, filters))
    for r, c in np.ndindex(rows, cols):
        top, left = r * stride, c * stride
        canvas[top : top + krow, left : left + kcol] += kernel @ maps[r, c]
    return canvas
    ### END SOLUTION


# %% test="transposed_conv"
check(transposed_conv)

# %%
if ready(transposed_conv):
    picture.print_beside_keras(transposed_conv)

# %% [markdown]
# ## Judging label maps
# For training and test we draw our own images: bright circles, squares and triangles on uneven ground with noise and scratches. The computer draws them, so the true label of every pixel is known.

# %%
images, labels = picture.shape_images(800, seed=1)
test_images, test_labels = picture.shape_images(300, seed=2)
show(*picture.labels_figure(test_images[:8], {"truth": test_labels[:8]}))

# %% [markdown]
# About four pixels in five are background. A net that says "background" everywhere has 80 % of the pixels right and is worthless: its mean IoU is 0.80 / 4 = 0.20. So each class is measured by itself, with the IoU again, this time of pixel sets: pixels that have the class in *both* maps, divided by pixels that have it in *at least one*. The **mean IoU** counts every class once. *By hand.* Truth 0 0 1 1 | 0 0 1 2, predicted 0 **1** 1 1 | 0 0 **2** 2. Class 0: 3 of 4. Class 1: both 2, at least one 4: 2 of 4. Class 2: 1 of 2. Mean (0.75 + 0.5 + 0.5) / 3 = 7/12.

# %% [markdown] exercise="class_iou"
# IoU of each class, and the mean. A class that is in neither map has no IoU: it gets `np.nan`, and the mean leaves it out.


# %% answer="class_iou"
def class_iou(truth, predicted, classes):
    """Intersection over union of each class, over all pixels together, and the mean.

    truth, predicted: integer arrays of one shape with numbers 0 … classes − 1.
    Returns (each, mean): each (classes,) with nan for a class that is in neither; mean of the others.
    """
    ### BEGIN SOLUTION
    each = np.full(classes, np.nan)
    for number in range(classes):
        true, claimed = truth == number, predicted == number
        if (true | claimed).any():
            each[number] = np.sum(true & claimed) / np.sum(true | claimed)
    return each, np.nanmean(each)
    ### END SOLUTION


# %% test="class_iou"
check(class_iou)

# %% [markdown] exercise="halved_labels"
# **Repair.** A net with smaller maps needs smaller labels. The function below halves them. But look at the rims of the orange squares: the blue pixels there are circles, which nobody drew. Mend it.


# %% answer="halved_labels"
def halved_labels(labels, classes):
    """A label map with half the sides: for each 2 × 2 pixels the class that most of them have.

    labels: integer array (rows, cols), both even, numbers 0 … classes − 1.
    Of classes with equally many pixels the smallest number wins.
    Returns an integer array (rows / 2, cols / 2).
    """
    ### BEGIN SOLUTION
    rows, cols = labels.shape
    blocks = labels.reshape(rows // 2, 2, cols // 2, 2)
    votes = [(blocks == number).sum(axis=(1, 3)) for number in range(classes)]
    return np.argmax(votes, axis=0)
    ### END SOLUTION


# %%
show(*picture.halved_figure(test_labels[:6], halved_labels))

# %% test="halved_labels"
check(halved_labels)

# %% [markdown]
# ## The U-Net
# To say *what* a pixel belongs to, a net must look far around it; so it pools. To say *where exactly* the shape ends, it needs fine maps; and pooling has thrown those away. Ronneberger, Fischer and Brox (2015) gave the net both. On the way down keep a copy of each map. On the way up, enlarge, and **put the copy beside it**.

# %%
show(*picture.unet_figure((8, 16, 32), 28))

# %% [markdown]
# At each level are two 3 × 3 convolutions. We give you this part: `double_conv(x, filters)` is, twice, a 3 × 3 convolution with padding and without bias, batch normalisation, ReLU. The paper has no batch normalisation (it was as new as the U-Net) and no padding: its convolutions are valid, the copies are cropped.

# %% [markdown] exercise="up_block"
# One step up: transposed convolution with kernel 2 and stride 2, join with the copy, `double_conv`.


# %% answer="up_block"
def up_block(x, skip, filters):
    """Enlarge by 2, put the skip beside it, convolve twice.

    x: tensor (batch, rows, cols, channels); filters: maps after every convolution in here.
    skip: tensor (batch, 2 · rows, 2 · cols, any), the first of the two in the join; or None: no join.
    Returns a tensor (batch, 2 · rows, 2 · cols, filters). No activation right after the enlargement.
    """
    ### BEGIN SOLUTION
    x = layers.Conv2DTranspose(filters, 2, strides=2)(x)
    if skip is not None:
        x = layers.Concatenate()([skip, x])
    return double_conv(x, filters)
    ### END SOLUTION


# %% test="up_block"
check(up_block)

# %% [markdown] exercise="unet"
# Now the whole U. With `skips=False` nothing is joined on the way up: the same net without its bridges, for comparison. *By hand*, 1 channel, widths (2, 4), 3 classes: down 9·1·2 + 8 + 9·2·2 + 8 = 70 parameters (8 are the batch normalisation's), bottom 248, up 34 + 124, end 2·3 + 3: **485**.


# %% answer="unet"
def unet(input_shape, classes, widths, skips):
    """A U-Net with len(widths) levels.

    input_shape: (rows, cols, channels), both sides divisible by 2 ** (len(widths) − 1).
    Down: for each width but the last, double_conv, then max pooling 2. Bottom: double_conv with the
    last width. Up: up_block with the other widths, backwards; its skip is the map before pooling of
    that level, or None if not `skips`. At the end a 1 × 1 convolution with softmax.
    Returns a keras.Model with output (batch, rows, cols, classes).
    """
    ### BEGIN SOLUTION
    images = x = keras.Input(input_shape)
    kept = []
    for width in widths[:-1]:
        x = double_conv(x, width)
        kept.append(x if skips else None)
        x = layers.MaxPooling2D(2)(x)
    x = double_conv(x, widths[-1])
    for width in reversed(widths[:-1]):
        x = up_block(x, kept.pop(), width)
    return keras.Model(images, layers.Conv2D(classes, 1, activation="softmax")(x))
    ### END SOLUTION


# %% test="unet"
check(unet)

# %%
if ready(unet):
    picture.print_paper(unet((64, 64, 1), 2, (2, 4, 8, 16, 32), True))
    sizes = (28, 28, 1), 4, (8, 16, 32)
    counts = [unet(*sizes, skips).count_params() for skips in (True, False)]
    print("ours: {:,} parameters with skips, {:,} without".format(*counts))

# %%
# Both nets are trained with the same images, steps and learning rates.
segmenting = ready(unet, class_iou)
if segmenting:
    nets = {}
    for name, skips in (("U-Net", True), ("plain", False)):
        keras.utils.set_random_seed(0)
        nets[name] = picture.train(unet(*sizes, skips), images, labels, 4, 10, 8e-3, name)
    predicted, results = {}, {}
    edge = picture.near_edges(test_labels)
    for name, model in nets.items():
        predicted[name] = np.asarray(model(test_images)).argmax(axis=-1)
        results[name], mean = class_iou(test_labels, predicted[name], 4)
        _, of_two = class_iou(test_labels > 0, predicted[name] > 0, 2)  # any shape
        right = predicted[name] == test_labels
        print(f"{name:6} mean IoU {mean:.3f}, of shape and ground alone {of_two:.3f};")
        at, off = right[edge].mean(), right[~edge].mean()
        print(f"       right at edges {at:.1%}, elsewhere {off:.1%}")
    show(*picture.iou_bars_figure(results))
    rows = {"truth": test_labels[:8]} | {name: p[:8] for name, p in predicted.items()}
    show(*picture.labels_figure(test_images[:8], rows))

# %% [markdown]
# **What you should see.** Both nets find where the shapes are. The plain net misses the edges, since it has to guess from maps of 7 × 7 what lay where. The U-Net looks it up in the copy. *Which* shape it is, circle, square or triangle, both nets confuse, and how often is largely a matter of luck.
#
# One training proves little, so we ran six: three seeds, each with and without oneDNN, TensorFlow's library for processors, which adds in another order. The skips helped every time at the edges: 79 to 88 % of the pixels right, against 69 to 76 % without. They helped every time to tell shape from ground: IoU 0.97 to 0.98, against 0.94 to 0.95. The mean IoU of four classes went from 0.66 to 0.82 with skips and from 0.59 to 0.73 without, and with one seed the plain net had the better one. Squares were the hardest shape in all twelve trainings.
#
# ## Summary
# - A **box** is judged by IoU, a **detector** by precision and recall at an IoU threshold, each true box once; **mAP** is the area under their curve, the mean over the classes. A **label map** is judged by the mean IoU of its classes.
# - **Non-maximum suppression** keeps the best box and drops its neighbours. Who is dropped drops nobody.
# - Dense layers are convolutions: reshape to (rows, cols, channels, units). A classifier without padding slides over any page, with the **same scores** as window by window, for a fraction of the work.
# - **Transposed convolution** stamps: N pixels become N·S + max(K − S, 0).
# - A **U-Net** goes down to see what, up to say where, and carries fine maps across.
#
# ## Questions
# 1. Two boxes of equal size share half of each. What is their IoU?
# 2. Two real digits overlap with IoU 0.4. What does suppression with threshold 0.2 do? What would you change?
# 3. We read the best threshold off the curve of the twelve forms. What is wrong with reporting its precision?
#
# <details><summary>Key</summary>
#
# 1. Shared 1/2, together 3/2: 1/3. IoU is a strict measure.
# 2. It drops one of them. Raise the threshold (and get more double boxes), or suppress only within a class if the two are different digits.
# 3. The forms have chosen the threshold, so they no longer measure it fairly. Choose on some forms, report on others.
#
# </details>
#
# ## Open work
# - Digits of several sizes: write a form with digits of 8 to 16 pixels, and search it at several scales. *Measure* precision and recall at each scale alone and together.
# - What is the background for? *Measure* recall and false alarms of classifiers that saw no digits off the middle, or no empty paper, from three seeds.
# - Which skip matters? Join only the first copy, or only the second. *Measure* the pixels that are right at edges and elsewhere, from three seeds.
#
# ## References
# - P. Sermanet and others, *OverFeat: integrated recognition, localization and detection using convolutional networks*, arXiv 1312.6229, 2013.<br>R. Girshick, J. Donahue, T. Darrell, J. Malik, *Rich feature hierarchies for accurate object detection and semantic segmentation*, CVPR 2014.<br>J. Redmon, S. Divvala, R. Girshick, A. Farhadi, *You only look once: unified, real-time object detection*, CVPR 2016.
# - D. Cireşan, A. Giusti, L. Gambardella, J. Schmidhuber, *Deep neural networks segment neuronal membranes in electron microscopy images*, NIPS 2012.<br>J. Long, E. Shelhamer, T. Darrell, *Fully convolutional networks for semantic segmentation*, CVPR 2015.
# - O. Ronneberger, P. Fischer, T. Brox, *U-Net: convolutional networks for biomedical image segmentation*, MICCAI 2015.
# - A. Toshev, C. Szegedy, *DeepPose: human pose estimation via deep neural networks*, CVPR 2014.<br>O. Vinyals and others, *Show and tell: a neural image caption generator*, CVPR 2015.<br>A. Karpathy, L. Fei-Fei, *Deep visual-semantic alignments for generating image descriptions*, CVPR 2015.<br>L. Gatys, A. Ecker, M. Bethge, *Image style transfer using convolutional neural networks*, CVPR 2016.
