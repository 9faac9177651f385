# %% [markdown]
# # Unit 17 · Features from a trained net
#
# **You will be able to**
#
# - prepare any picture for a net that others have trained, and read its answers;
# - take the outputs of hidden layers, and say how sparse they are;
# - turn pictures into vectors, and find those that look alike;
# - train a good classifier on few labelled pictures, and fine-tune a net without losing what it knew.
#
# **Time** about two and a half hours. **Before this** Unit 12: VGG, and Unit 16: SqueezeNet.

# %% setup="numpy"
import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.svm import SVC

from convcourse.check import check, ready
from convcourse.data import load_fashion_mnist
from convcourse.figures import show, show_images
from convcourse.predictions import predict
from convcourse.pretrained import imagenet_names, load_squeezenet_imagenet
from convcourse.quiet import quietly
from convcourse.widgets import slide

with quietly():  # TensorFlow greets with some lines that say nothing to us
    import keras

    from convcourse.pictures import pretrained_features as course

VGG16_WEIGHTS = "imagenet"  # or the path of a local copy; None: never ask the network
FOLDER = None  # a folder with pictures of your own, for the last section

# %% [markdown]
# ## Somebody else has paid
#
# You have 50 labelled pictures a class, one computer and one evening. VGG16 took four graphics cards and two to three weeks, on 1.3 million pictures. You cannot repeat that. **But you can use it.** A trained net is a file. Here are some of those that Keras offers, as a lecture listed them. How large is such a file?

# %%
course.print_trained_nets()

# %% [markdown]
# Four bytes a parameter, and almost nothing else. VGG16 is the largest file but one, and far from the most accurate. We take it because it is plain: 13 convolutions and three dense layers, in a row, with names that papers use. (Slides say it *won* the ImageNet challenge of 2014. It won localisation; in classification GoogLeNet was first, VGG second.)
#
# ## A picture of any shape
#
# VGG16 wants 224 × 224 pixels. Your pictures are not square. There are three ways.

# %%
photographs = course.whole_photographs()
show(*course.ways_figure(photographs["motorcycle"], 224))

# %% [markdown]
# Stretching bends shapes, cutting may lose the very thing. **Padding** loses nothing but size. First make the picture square, then resize it.
#
# *By hand.* 500 × 741: the square has 741 rows, 241 are missing, 241 // 2 = 120 go above and 121 below.

# %% [markdown] exercise="pad_to_square"
# Put the picture in the middle of a square of one colour.


# %% answer="pad_to_square"
def pad_to_square(image, value):
    """The picture in the middle of a square whose side is its longer side.

    image: array (rows, cols, channels) of whole numbers or fractions;
    value: what the border holds, in every channel, a whole number or a fraction.
    Returns an array (side, side, channels). If an odd number of rows (columns) is missing,
    the extra one goes below (to the right).
    """
    ### BEGIN SOLUTION
    rows, cols, channels = image.shape
    side = max(rows, cols)
    top, left = (side - rows) // 2, (side - cols) // 2
    square = np.full((side, side, channels), value, dtype=image.dtype)
    square[top : top + rows, left : left + cols] = image
    return square
    ### END SOLUTION


# %% test="pad_to_square"
check(pad_to_square)

# %% [markdown]
# ## Colours as the net learned them
#
# A trained net expects numbers *as it saw them in training*. VGG16 was trained with a program that reads colours in the order **blue, green, red**. From each channel it subtracted ImageNet's mean: 103.939 from blue, 116.779 from green, 123.68 from red. It never divided by 255. Keras calls this step `preprocess_input`.
#
# *By hand.* One pixel, red 255, green 0, blue 128, becomes (128 − 103.939, 0 − 116.779, 255 − 123.68) = (24.061, −116.779, 131.32).

# %% [markdown] exercise="vgg_preprocess"
# Write it without Keras.


# %% answer="vgg_preprocess"
def vgg_preprocess(images):
    """Pictures as VGG16 wants them.

    images: array (count, rows, cols, 3), from 0 to 255, order red, green, blue.
    Returns a float array of this shape, order blue, green, red, minus the mean colour.
    """
    ### BEGIN SOLUTION
    means = np.array([103.939, 116.779, 123.68], dtype="float32")
    return images[..., ::-1].astype("float32") - means
    ### END SOLUTION


# %% test="vgg_preprocess"
check(vgg_preprocess)

# %%
if ready(pad_to_square, vgg_preprocess):
    squares = [course.resized(pad_to_square(p, 118), 224) for p in photographs.values()]
    x = vgg_preprocess(np.stack(squares))
    by_keras = keras.applications.vgg16.preprocess_input(np.stack(squares))
    same = np.allclose(x, by_keras, atol=1e-3)
    print("a batch of shape", x.shape, "· as Keras does it:", same)

# %% [markdown] exercise="vgg_restore"
# **Repair.** To *see* what a net sees, go the way back. The function below should do that. But its pictures have a tint. Mend it.


# %% answer="vgg_restore"
def vgg_restore(images):
    """From VGG16's numbers back to pictures: the way back of `vgg_preprocess`.

    images: float array (count, rows, cols, 3), order blue, green, red, minus the mean colour.
    Returns a uint8 array of this shape, order red, green, blue: rounded, and cut at 0 and 255.
    """
    ### BEGIN SOLUTION
    means = np.array([103.939, 116.779, 123.68])
    restored = (images + means)[..., ::-1]
    return np.clip(restored.round(), 0, 255).astype(np.uint8)
    ### END SOLUTION


# %%
if ready(pad_to_square, vgg_preprocess):
    alt = "Three photographs after the way to the net and back; are the greys grey?"
    show_images(list(vgg_restore(x[:3])), list(photographs)[:3], alt)

# %% test="vgg_restore"
check(vgg_restore)

# %% [markdown]
# ## From 1,000 numbers to three words
#
# A net for ImageNet answers with 1,000 probabilities. Three classes and their probabilities are what a person wants to see. Keras has `decode_predictions` for it. It fetches the list of names from the network; ours comes with the course.

# %% [markdown] exercise="top_classes"
# Find the likeliest classes of each picture, the best one first.


# %% answer="top_classes"
def top_classes(probabilities, count):
    """The likeliest classes of each picture.

    probabilities: array (pictures, classes), no two equal in a row; count: an int.
    Returns two arrays (pictures, count): class numbers, and their probabilities, falling.
    """
    ### BEGIN SOLUTION
    best = np.argsort(-probabilities, axis=1)[:, :count]
    return best, np.take_along_axis(probabilities, best, axis=1)
    ### END SOLUTION


# %% test="top_classes"
check(top_classes)

# %% [markdown]
# This is how the lecture shows it: ten photographs that a search for "elephant" had found, and VGG16's answers. Look at the first row, then at the sum.

# %%
course.print_elephants()

# %% [markdown]
# Top-1 accuracy is strict here. Which elephant is it? The net wavers, and a *tusker* is any animal with tusks. But "some elephant" has 98 % and more in nine rows of ten. So read three classes, not one.
#
# ## Ask the net
#
# This is the lecture's program:
#
# ```python
# model = VGG16(weights="imagenet")          # downloads 528 MB, the first time
# preds = model.predict(preprocess_input(x))
# decode_predictions(preds, top=3)
# ```
#
# `course.vgg16_with_classes` calls the first line if it finds the file or a connection. If not, it says so, and two stand-ins take over: **SqueezeNet** with real ImageNet classes (Unit 16), and a packaged **VGG16 without its dense layers**. The latter holds ImageNet weights that somebody tuned a little further, to draw edges.

# %%
names = imagenet_names()
prepared = ready(pad_to_square, vgg_preprocess, top_classes)
if prepared:
    vgg16 = course.vgg16_with_classes(VGG16_WEIGHTS) or course.vgg16_base()
    squeezenet = load_squeezenet_imagenet()
    answering = {"SqueezeNet": (squeezenet, 227)}
    if vgg16 is not None and course.has_layer(vgg16, "predictions"):
        answering["VGG16"] = (vgg16, 224)


# %%
def look_at(pictures):
    """The lecture's table for each net, and the pictures with the last net's answers."""
    squares = [pad_to_square(picture, 118) for picture in pictures.values()]
    for title, (net, side) in answering.items():
        batch = np.stack([course.resized(square, side) for square in squares])
        best, shares = top_classes(net.predict(vgg_preprocess(batch), verbose=0), 3)
        said = np.array(names)[best]
        course.print_guesses(title, list(pictures), said, shares)
    show(*course.guesses_figure(pictures, said, shares))


if prepared:
    look_at(photographs)

# %% [markdown]
# **What you should see.** The cat, the cup of espresso and a two-wheeler are found. SqueezeNet is at a loss with the other two: ImageNet has no class "astronaut", and a net that must choose among 1,000 words never says "I don't know".
#
# What if the colours are prepared wrongly? Nothing breaks. That makes it dangerous.
#
# **Predict before you run.** SqueezeNet said "tabby" to the cat. With red in the place of blue, will it be "surer" of that, "less sure", or say "something else"?

# %%
guess = None
predict(guess, right="surer", why="Fur and stripes count here, and the picture stays one.")

# %%
if prepared:
    large = [course.resized(pad_to_square(p, 118), 227) for p in photographs.values()]
    right = vgg_preprocess(np.stack(large))
    ways = {"right": right, "red first": right[..., ::-1]}
    ways["divided by 255"] = np.stack(large) / 255
    for way, images in ways.items():
        best, shares = top_classes(squeezenet.predict(images, verbose=0), 1)
        said = [f"{names[c]} {p:.2f}" for c, p in zip(best[:3, 0], shares[:3, 0])]
        print(f"{way:16}", " · ".join(said))

# %% [markdown]
# **What you should see.** The wrong order loses the cup, and the wrong range finds nothing at all. But with red first the net is even *surer* of the cat, and nearly as sure of the moped. So a good-looking answer is no proof that the preparation is right: read in the net's description how it was trained, and test on many labelled pictures.
#
# ## Hidden layers
#
# The probabilities are the end of a long way. In between are hundreds of maps, and for many tasks they are worth more than the answer. In Keras you build a second model on the same layers; nothing is copied:
#
# ```python
# outputs = [model.get_layer(name).output for name in ["block4_conv2", "fc1"]]
# model_int = Model(inputs=model.input, outputs=outputs)
# ```
#
# `summary` prints all layers with names, shapes and parameters: there you find the names. After a ReLU, much is exactly zero: the unit found nothing. **Sparsity** is the share of zeros. *By hand.* Activations 0, 2, 0, 0: three of four are silent, sparsity 0.75.

# %% [markdown] exercise="sparsity"
# Compute it for each picture, whatever the layer: maps (count, rows, cols, channels) or units (count, units).


# %% answer="sparsity"
def sparsity(activations):
    """The share of activations that are exactly zero, for each picture.

    activations: array (count, …) with any number of further axes; some may be negative.
    Returns a float array (count,).
    """
    ### BEGIN SOLUTION
    return (activations == 0).reshape(len(activations), -1).mean(axis=1)
    ### END SOLUTION


# %% test="sparsity"
check(sparsity)

# %%
if prepared and ready(sparsity):
    hidden = {}
    if vgg16 is not None:
        vgg16.summary(line_length=80)
        wanted = [n for n in ["block4_conv2", "fc1"] if course.has_layer(vgg16, n)]
        outputs = {name: vgg16.get_layer(name).output for name in wanted}
        hidden |= keras.Model(vgg16.input, outputs).predict(x, verbose=0)
    hidden |= course.fire_modules(squeezenet, 227, (3, 5, 9)).predict(right, verbose=0)
    silent = {f"{name} {maps.shape[1:]}": sparsity(maps) for name, maps in hidden.items()}
    course.print_by_layer(silent, list(photographs))
    if "fc1" not in hidden:
        print("fc1 needs VGG16 with its dense layers: it comes with the connection.")

# %%
if prepared and ready(sparsity):
    layer = next(iter(hidden))
    slide(lambda n: course.maps_figure(squares[0], hidden[layer][0], layer, n), "page", 9)
    show(*course.maps_figure(squares[0], hidden[layer][0], layer, 2))

# %% [markdown]
# **What you should see.** Most of the maps are grey. Each channel waits for its own thing, and most things are not in most places. Such a code is handy: what *is* active says a lot. Unit 18 finds out what each channel waits for.
#
# ## image2vec
#
# Words have word2vec; pictures have this: **the activations of a hidden layer are a vector that describes the picture.** Pictures that look alike get vectors that point the same way. The lecture takes a dense layer. Maps do as well if we forget *where* something was seen: the mean over all places leaves one number a channel. Forget a little less with `parts` = 2: cut the map into 2 × 2 cells, and take the mean of each. *By hand.* Two places, two channels: (3, 0) and (3, 8). The mean is (3, 4).

# %% [markdown] exercise="image2vec"
# Write it. Rows and columns at the end that do not fill a cell are left out.


# %% answer="image2vec"
def image2vec(maps, parts):
    """One vector for each picture: the mean of each channel in each of parts × parts cells.

    maps: array (count, rows, cols, channels); parts: an int ≤ rows, cols.
        A cell has rows // parts rows and cols // parts columns.
    Returns a float array (count, parts · parts · channels): all channels of the first cell,
    then those of the cell to its right, and so on, row by row.
    """
    ### BEGIN SOLUTION
    high, wide = maps.shape[1] // parts, maps.shape[2] // parts
    cells = [
        maps[:, i * high : (i + 1) * high, j * wide : (j + 1) * wide].mean(axis=(1, 2))
        for i in range(parts)
        for j in range(parts)
    ]
    return np.concatenate(cells, axis=1)
    ### END SOLUTION


# %% test="image2vec"
check(image2vec)

# %% [markdown]
# "Point the same way" has a number: the **cosine** of the angle, $\cos(u, v) = \dfrac{u \cdot v}{|u|\,|v|}$. It does not care how strong the contrast of a picture is.

# %% [markdown] exercise="nearest_neighbours"
# Find, for each query, the vectors of the gallery with the largest cosine.


# %% answer="nearest_neighbours"
def nearest_neighbours(queries, gallery, count):
    """The most similar vectors, by the cosine.

    queries: array (queries, features); gallery: array (items, features); no zero vectors.
    Returns an int array (queries, count): places in the gallery, the most similar first.
    """
    ### BEGIN SOLUTION
    directions = gallery / np.linalg.norm(gallery, axis=1, keepdims=True)
    return np.argsort(-(queries @ directions.T), axis=1)[:, :count]
    ### END SOLUTION


# %% test="nearest_neighbours"
check(nearest_neighbours)

# %% [markdown]
# Now a task that ImageNet's makers never thought of: Unit 9's clothes. These are centred and of one size, so that pixels can be compared with pixels. Your own pictures will not be so kind. So we make a second, harder set: each piece somewhere on a larger field, every second one mirrored. 100 training images a class, 500 test images.

# %%
clothes = course.Clothes(*load_fashion_mnist())
few = clothes.few  # 50 training images a class, as places among the 100
labels, labels_few, test_labels = clothes.labels, clothes.labels[few], clothes.test_labels


def dressed(side):
    """What makes a batch of clothes ready for the nets, side × side."""
    return lambda images: vgg_preprocess(course.as_photographs(images, side))


# %%
if prepared and ready(image2vec):
    fires = course.fire_modules(squeezenet, 81, (5, 7, 8))
    maps = course.maps_of(fires, clothes.training, dressed(81), "SqueezeNet, training")
    maps_test = course.maps_of(fires, clothes.test, dressed(81), "SqueezeNet, test")

# %%
searched = prepared and ready(image2vec, nearest_neighbours)
if searched:
    pixels = clothes.pixels("shifted")
    fire8 = [image2vec(m["shifted"]["fire8"], 1) for m in (maps, maps_test)]
    fire8_few = fire8[0][few]
    found = {"features": nearest_neighbours(fire8[1], fire8_few, 5)}
    found["pixels"] = nearest_neighbours(pixels[1], pixels[0], 5)
    for name, places in found.items():
        share = np.mean(labels_few[places] == test_labels[:, None])
        print(f"by {name}: {share:.1%} of the five nearest are of the query's kind")
    queries = np.array([0, 2, 3, 5, 7, 8]) * 50 + 3  # six of the ten kinds
    picked = {name: places[queries] for name, places in found.items()}
    show(*course.retrieval_figure(clothes, queries, picked))

# %% [markdown]
# **What you should see.** A *retrieval sheet*: the query on the left, then its five nearest in the gallery, by features and by pixels. Pixels find what lies in the same *place*. Features find the same *kind*, wherever it lies and whichever way it looks. Nobody has told the net a word about these ten classes.

# %% [markdown] exercise="design_gallery"
# **Design.** Each query looks at 500 pictures. Of many sandals that point the same way one would do. Choose a small gallery: with its nearest neighbour in the gallery, each picture must find its own label. Your `nearest_neighbours` may help.


# %% answer="design_gallery"
def design_gallery(vectors, labels, most):
    """Few pictures that stand for all.

    vectors: array (count, features), no zero vectors; labels: ints (count,).
    most: the largest gallery allowed. The vectors lie in `most` tight groups of one label each.
    Returns the places of the chosen vectors, at most `most`: for every vector the chosen one
    with the largest cosine has its label.
    """
    ### BEGIN SOLUTION
    gallery = [0]
    while True:
        nearest = nearest_neighbours(vectors, vectors[gallery], 1)[:, 0]
        wrong = np.flatnonzero(labels[gallery][nearest] != labels)
        if len(wrong) == 0:
            return gallery
        gallery.append(wrong[0])
    ### END SOLUTION


# %% test="design_gallery"
check(design_gallery)

# %% [markdown]
# ## A classifier on borrowed features
#
# One vector for each picture: that is what logistic regression and support vector machines (SVM) are made for. Both want features of one scale: subtract each feature's mean, divide by its standard deviation. Two traps. The numbers must come from the **training set**; the test set may not take part in anything learned. And a unit that is silent on every training picture has deviation 0: divide by 1 there.

# %% [markdown] exercise="standardise"
# Treat both sets with the statistics of the first.


# %% answer="standardise"
def standardise(train, test):
    """Features with mean 0 and standard deviation 1 on the training set.

    train: array (count, features); test: array (other count, features).
    Returns two float arrays of these shapes, both treated with mean and std of
    `train`. A feature that is constant in `train` is divided by 1.
    """
    ### BEGIN SOLUTION
    mean, spread = train.mean(axis=0), train.std(axis=0)
    spread = np.where(spread == 0, 1, spread)
    return (train - mean) / spread, (test - mean) / spread
    ### END SOLUTION


# %% test="standardise"
check(standardise)

# %% [markdown]
# VGG16 at last. Its convolutions take pictures of any size; at 56 × 56 a picture costs a sixteenth of what it costs at 224 × 224. A bar shows the progress.

# %%
if searched and vgg16 is not None:
    vgg_small = course.convolutions(vgg16, 56, "block4_conv1")
    vgg_maps = course.maps_of(vgg_small, clothes.centred, dressed(56), "VGG16")
    block4 = [image2vec(m["block4_conv1"], 2) for m in vgg_maps.values()]

# %%
classified = searched and ready(standardise)
if classified:
    vectors = {("centred", "pixels"): clothes.pixels("centred")}
    if vgg16 is not None:
        vectors["centred", "VGG16 block4"] = block4
    fire5 = [image2vec(m["centred"]["fire5"], 2) for m in (maps, maps_test)]
    vectors["centred", "SqueezeNet fire5"] = fire5
    vectors["shifted", "pixels"] = pixels
    vectors["shifted", "SqueezeNet fire8"] = fire8_few, fire8[1]
    course.one_thread_for_products()  # small: more threads would only wait
    rows, logistic = [], LogisticRegression(C=0.01, max_iter=500)
    for (kind, features), pair in vectors.items():
        a, b = standardise(*pair)
        fits = [
            net.fit(a, labels_few).score(b, test_labels) for net in (logistic, SVC(C=10))
        ]
        rows.append([kind, features, a.shape[1], *fits])
    course.print_scores(rows)

# %% [markdown]
# **What you should see.** On centred clothes the features win by some points. Pixels are good there, because somebody has already put every sleeve in its place. On shifted clothes pixels fall apart; features lose far less. (With 500 test images an accuracy has a standard error of nearly 2 points: a difference below 4 may be chance.)
#
# How many labels do borrowed features save?

# %%
if classified:
    centred = {name: pair for (kind, name), pair in vectors.items() if kind == "centred"}
    counts, own = [2, 5, 10, 20, 50], (labels_few, test_labels)
    scores = course.scores_with_few(centred, *own, counts, standardise, logistic)
    show(*course.learning_figure(counts, scores))

# %% [markdown]
# **What you should see.** Twenty labels a class with features are worth about as much as fifty with pixels, or more.
#
# ## Fine-tuning in two stages
#
# So far the net stayed as it was. It can also go on learning, on *your* pictures. The danger: a new last layer starts with random weights, its first gradients are large and wrong, and they run down through the net and destroy what took weeks to learn. Hence two stages.
#
# 1. **The top alone.** Everything else is *frozen*: gradients do not change it.
# 2. **Then the last block too**, with a small learning rate. The first layers stay frozen: edges and textures are the same everywhere.
#
# A layer is frozen with `layer.trainable = False`, before `compile`.

# %% [markdown] exercise="freeze_up_to"
# Freeze the named layer and all before it; let all after it learn, however they come.


# %% answer="freeze_up_to"
def freeze_up_to(model, name):
    """Freeze a model's layers up to and including the one called `name`; those after it learn.

    model: a keras.Model, a chain of layers; some may come frozen; name: a string.
    Returns the model, or a copy of it with the same weights.
    """
    ### BEGIN SOLUTION
    passed = False
    for layer in model.layers:
        layer.trainable = passed
        passed = passed or layer.name == name
    return model
    ### END SOLUTION


# %% test="freeze_up_to"
check(freeze_up_to)

# %% [markdown]
# What is frozen for good need not be computed twice: we kept the maps of fire7 above. The net that goes on from there has fire8, fire9, the mean over all places, and a new dense layer. The clothes are the shifted ones, 100 a class.


# %%
def train(net, epochs, learning_rate, lines):
    """Train on the maps of fire7; `lines` prints an epoch's accuracies and keeps them."""
    adam = keras.optimizers.Adam(learning_rate)
    net.compile(adam, "sparse_categorical_crossentropy", metrics=["accuracy"])
    net.fit(
        *(maps["shifted"]["fire7"], labels),
        validation_data=(maps_test["shifted"]["fire7"], test_labels),
        **{"epochs": epochs, "batch_size": 50, "callbacks": [lines], "verbose": 0},
    )


if searched and ready(freeze_up_to):
    keras.utils.set_random_seed(0)
    shape = maps["shifted"]["fire7"].shape[1:]
    net, careful = course.last_modules(squeezenet, shape, 10), course.EpochLines()
    for last_frozen, epochs, learning_rate in (("fire9", 3, 3e-3), ("fire7", 4, 5e-4)):
        net = freeze_up_to(net, last_frozen)
        learning = sum(int(np.prod(w.shape)) for w in net.trainable_variables)
        print(f"frozen up to {last_frozen}: {learning:,} of {net.count_params():,} learn")
        train(net, epochs, learning_rate, careful)

# %%
# For comparison: everything learns from the first step. Try the large rate too, 3e-3.
if searched and ready(freeze_up_to):
    keras.utils.set_random_seed(0)
    print("all at once, small rate")
    at_once = course.EpochLines()
    train(course.last_modules(squeezenet, shape, 10), 7, 5e-4, at_once)
    curves = {"in two stages": careful.test, "all at once, small rate": at_once.test}
    show(*course.tuning_figure(curves, 3))

# %% [markdown]
# **What you should see.** With the small rate from the first step, the net ends about where the two stages end. With the large rate it loses the borrowed knowledge in the first epoch, and then has to learn from 1,000 pictures what 1.3 million had taught. So here it is the *small rate* that protects the knowledge; the stages bring a usable net sooner, since the top alone may learn quickly. We ran three seeds. After seven epochs: two stages 73 to 77 %, small rate at once 73 to 75 %, the top alone 71 to 74 %, large rate at once 26 to 72 %. Only the last stands out of the chance of 500 test images.
#
# ## Your own pictures
#
# Set `FOLDER` in the set-up cell to a folder with pictures, run that cell and this one. (In Colab: open the folder sign on the left, drop your pictures there, and set `FOLDER = "/content"`.) Without a folder you see scikit-image's photographs. Look for a picture that every person names at once and the net does not.

# %%
if prepared:
    look_at(course.read_folder(FOLDER) if FOLDER else course.more_photographs())

# %% [markdown]
# ## Summary
#
# - A trained net is a file: four bytes a parameter. Feed it as it was fed in training: size, order of colours, means.
# - Read three classes and their probabilities. A net must choose among its classes, whatever you show it.
# - Hidden layers are sparse: most units are silent on most pictures.
# - **image2vec**: the mean of a layer's maps is a vector; the cosine compares two; neighbours look alike.
# - Logistic regression on such vectors beats pixels, by far where things move, and it needs fewer labels.
# - **Fine-tune** with a small rate, best in two stages: the top with a frozen base, then the last block.
#
# ## Questions
#
# 1. Why does the mean over all places help with shifted clothes, and cost something with centred ones?
# 2. You freeze the base, compile, thaw the last block, and train on. Nothing in the base changes. Why?
# 3. You want to recognise X-ray pictures. Which layers would you borrow?
#
# <details><summary>Key</summary>
#
# 1. The mean forgets where something was seen. For shifted things the place is noise; for centred ones it tells a collar from a hem.
# 2. `trainable` is read when you compile. After each change compile again.
# 3. The early and middle ones: edges, textures, blobs are there too. The late ones have learned dogs and cups. Fine-tune those, or leave them out.
#
# </details>
#
# ## Open work
#
# - Which layer should you borrow? *Measure* the accuracy of logistic regression on fire2 to fire9, for the centred and the shifted clothes, from five draws of 50 pictures a class: mean and range.
# - When does fine-tuning begin to pay? *Measure* the top alone and both stages with 5, 10, 20, 50 and 100 pictures a class, from three seeds.
# - Photograph twenty things at home, ten times each. *Measure* how often the nearest neighbour by features is the same thing: in the same light, in another light, from another side.
#
# ## References
#
# - K. Simonyan, A. Zisserman, *Very deep convolutional networks for large-scale image recognition*, ICLR 2015, arXiv 1409.1556.
# - J. Donahue and others, *DeCAF: a deep convolutional activation feature for generic visual recognition*, ICML 2014.<br>A. S. Razavian and others, *CNN features off-the-shelf: an astounding baseline for recognition*, CVPR workshops 2014.
# - J. Yosinski and others, *How transferable are features in deep neural networks?*, NIPS 2014.
# - F. Iandola and others, *SqueezeNet*, arXiv 1602.07360, 2016.<br>S. Xie, Z. Tu, *Holistically-nested edge detection*, ICCV 2015 (the packaged VGG16 comes from a reimplementation).
# - Lectures: S. Rangan, *Convolutional and deep networks*, New York University, and R. Ptucha, *Convolution neural networks*, RIT 2018, whose VGG16 lab and image2vec are computed here.
