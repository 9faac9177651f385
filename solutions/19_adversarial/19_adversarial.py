# %% [markdown]
# # Unit 19 · Adversarial examples
#
# **You will be able to**
#
# - explain why many tiny changes add up to a large one, and compute it for a linear model;
# - fool a net that was trained on ImageNet: with one step, with many small steps, and towards a class of your choice;
# - measure an attack honestly: success over ε, noise of the same size as control, transfer to other nets;
# - train a net against such attacks, and say what that buys, what it costs and what it does not promise.
#
# **Time** about three hours. **Before this** Unit 7: backpropagation, and Unit 8: one layer in Keras.

# %% setup="numpy"
import numpy as np
import pandas as pd

from convcourse.check import check, ready
from convcourse.data import load_fashion_mnist
from convcourse.figures import show
from convcourse.predictions import predict
from convcourse.quiet import quietly
from convcourse.widgets import slide

with quietly():  # TensorFlow greets with some lines that say nothing to us
    import keras
    import tensorflow as tf

    from convcourse.pictures import adversarial as course

FULL_RUN = False  # True: three seeds for each net at the end (one or two minutes more)

# %% [markdown]
# ## Can one grey level turn a cat into coffee?
# Here are five photographs and what SqueezeNet says about them. It was trained on the 1.2 million images of ImageNet, and knows 1,000 classes. "Astronaut" is not one of them, so there it has to guess. But it knows the cat, the cup and the motorcycle.

# %%
squeezenet, is_it_a_cat = course.squeezenet_and_cat_question()
show(*course.photographs_figure(squeezenet))

# %% [markdown]
# In 2013 Christian Szegedy and his colleagues asked a strange question. How *little* must one change a photograph so that the net gives another answer? They expected: a lot. It was so little that nobody could see it. At the end of this unit you will change this cat by two grey levels of 255, and the net will be as good as certain that it sees an espresso. First let us find out why that is possible at all.
#
# ## A small case by hand
# A linear model gives the score $w \cdot x + b$ and says "class +1" when it is positive. Take four pixels:
#
# | vector | pixel 0 | pixel 1 | pixel 2 | pixel 3 | score |
# |---|---|---|---|---|---|
# | weights w | 2 | −1 | 3 | −2 | |
# | image x | 1 | 2 | 1 | 0 | 2 − 2 + 3 − 0 = **3** |
# | change η, at most ½ | −½ | +½ | −½ | +½ | −½ · (2 + 1 + 3 + 2) = **−4** |
# | x + η | ½ | 2½ | ½ | ½ | **−1** |
#
# Each pixel moves by ½ only. But each moves *against its own weight*, so all four work together. The best attack that keeps every $|\eta_i| \le \epsilon$ is $\eta = -\epsilon \, \text{sign}(w)$, and it moves the score by
#
# $$w \cdot \eta = -\epsilon \sum_i |w_i| = -\epsilon \, \lVert w \rVert_1 .$$
#
# For a label $y = \pm 1$ the **margin** is $y\,(w \cdot x + b)$: positive means right. The worst change is $\eta = -\epsilon\, y \, \text{sign}(w)$, and the margin always falls by $\epsilon \lVert w \rVert_1$.

# %% [markdown] exercise="linear_attack"
# Find the worst change, and the margin before and after it.


# %% answer="linear_attack"
def linear_attack(weights, bias, image, label, epsilon):
    """The worst change of at most epsilon a pixel, for the score weights · image + bias.

    weights, image: float arrays (pixels,); bias: number; label: +1 or −1; epsilon: number > 0.
    Returns (change, margin before, margin after): an array (pixels,) and two numbers.
    A pixel whose weight is 0 does not change.
    """
    ### BEGIN SOLUTION
    change = -epsilon * label * np.sign(weights)
    before = label * (weights @ image + bias)
    return change, before, label * (weights @ (image + change) + bias)
    ### END SOLUTION


# %% test="linear_attack"
check(linear_attack)

# %% [markdown]
# ### More pixels, larger effect
# Now let the number of pixels grow. ε stays the same, 1 grey level of 255, and the weights keep their typical size. Beside the attack we draw a control: a change of the same size with random signs. **Predict before you run:** a photograph has 150,528 numbers. How many times as much as the random signs does the attack do?

# %%
guess = None
why = "Chosen signs work together: n. Coins cancel: about √n. Their ratio is √n."
predict(guess, right=round(150_528**0.5), why=why, close=0.3)

# %%
sizes = [16, 64, 256, 1024, 4096, 16384, 150528]  # the last: 224 · 224 · 3
if ready(linear_attack):
    generator, attacked, by_chance = np.random.default_rng(0), [], []
    for size in sizes:
        w, x = generator.normal(size=size), generator.uniform(0, 255, size=size)
        _, before, after = linear_attack(w, 0.0, x, 1, 1.0)
        attacked.append(before - after)
        coins = generator.choice([-1, 1], size=(30, size))
        by_chance.append(np.abs(coins @ w).mean())
    show(*course.growth_figure(sizes, attacked, by_chance))
    ratio = attacked[4] / attacked[1]
    print(f"64 times the pixels: {ratio:.0f} times the effect of the attack")
    found, theory = attacked[-1] / by_chance[-1], sizes[-1] ** 0.5
    print(f"a photograph: {found:.0f} times the effect of noise; in theory {theory:.0f}")

# %% [markdown]
# **What you should see.** Two straight lines, one twice as steep as the other. Random signs cancel: their effect grows with $\sqrt{n}$. The attack grows with $n$. So the attack is $\sqrt{n}$ times as strong as noise of the same size: 388 times for a photograph's 150,528 numbers. (The printed number is the mean of thirty draws, so it lies some way off.) No pixel moves visibly; the *number* of pixels does it. This is the explanation of Goodfellow, Shlens and Szegedy (2014): not some wild curvature of deep nets, but **linearity in many dimensions**.
#
# ### On real shoes
# A linear model that tells sneakers (−1) from ankle boots (+1). For such a model we need not even attack: accuracy under the worst change follows from the margins, as the share with margin − ε‖w‖₁ > 0. (Here pixels may leave 0 … 255; that is easily mended, and you will mend it below.)

# %%
train_raw, train_labels, test_raw, test_labels = load_fashion_mnist()
if ready(linear_attack):
    weights, bias, shoes, sides = course.linear_shoes(train_raw, train_labels)
    margins = sides * (shoes @ weights + bias)
    for eps in (0, 2, 4, 8, 16):
        right = np.mean(margins - eps * np.abs(weights).sum() > 0)
        print(f"ε = {eps:2d} grey levels: {right:6.1%} right")
    chosen = [np.flatnonzero(sides == side)[3] for side in (-1, 1)]
    moved = [
        shoes[k] + linear_attack(weights, bias, shoes[k], sides[k], 16)[0] for k in chosen
    ]
    show(*course.linear_figure(weights, shoes[chosen], np.array(moved), 16))

# %% [markdown] exercise="few_pixels"
# **Design.** Another rule: at most `most` pixels may change, but each to any grey from 0 to 255. Make the score negative. Any image that does it is right.


# %% answer="few_pixels"
def few_pixels(weights, bias, image, most):
    """An image with a negative score that differs from the given one in few pixels.

    weights: float array (pixels,), no zeros; bias: number; image: integers (pixels,), 0 … 255.
    most: number of pixels that may differ. Such an image exists.
    Returns an array (pixels,), 0 … 255, with weights · array + bias < 0.
    """
    ### BEGIN SOLUTION
    goal = np.where(weights > 0, 0, 255)
    best = np.argsort(weights * (goal - image))[:most]
    changed = image.astype(float)
    changed[best] = goal[best]
    return changed
    ### END SOLUTION


# %% test="few_pixels"
check(few_pixels)

# %% [markdown]
# ## The same for any net
# A deep net is not linear, but for small steps it almost is: $J(x + \eta) \approx J(x) + \eta \cdot \nabla_x J$. Here $J$ is the loss, and **the gradient with respect to the image** takes the place of w. Backpropagation gives it as easily as the gradient for the weights. The question is only turned round: *not "how must the weights change so that the loss falls?" but "how must the pixels change so that it rises?"*
#
# *By hand.* Two pixels, two classes, scores $s = x W + b$ with $W = \begin{pmatrix}1 & -1\\ 2 & 0\end{pmatrix}$, $b = (-3, 1)$ and $x = (1, 1)$. So $s = (0, 0)$ and $p = (½, ½)$. For label 0 the slope for the scores is $p - y = (-½, ½)$, and for the pixels $W (p - y) = (-1, -1)$. So the loss rises when either pixel *falls*.

# %% [markdown] exercise="input_gradient"
# Write it with TensorFlow's tape. The models end in softmax; the loss is the cross-entropy of the label. Several images come at once, and each wants the gradient of its *own* loss: so the losses are added, not averaged.


# %% answer="input_gradient"
def input_gradient(model, images, labels):
    """The gradient of each image's cross-entropy with respect to its pixels.

    model: a keras.Model from images to class probabilities.
    images: array or tensor (count, rows, cols, channels), floats or whole numbers, 0 … 255.
    labels: ints (count,).
    Returns a tensor (or array) of floats with the shape of images.
    """
    ### BEGIN SOLUTION
    pixels = tf.cast(tf.convert_to_tensor(images), tf.float32)
    with tf.GradientTape() as tape:
        tape.watch(pixels)
        losses = keras.losses.sparse_categorical_crossentropy(labels, model(pixels))
    return tape.gradient(losses, pixels)
    ### END SOLUTION


# %% test="input_gradient"
check(input_gradient)

# %% [markdown]
# Look at it for the cat. ImageNet has five breeds of house cats among its classes, and SqueezeNet wavers between them. So we ask the same net a simpler question: **is it a house cat?** `is_it_a_cat` adds up the probabilities: class 1 for the five breeds, class 0 for all the rest.

# %%
cat = course.cat_photograph()
if ready(input_gradient):
    slopes = np.asarray(input_gradient(is_it_a_cat, cat, np.array([1])))
    show(*course.gradient_figure(cat, slopes))
    print(f"house cat: {is_it_a_cat(cat)[0, 1]:.1%}", end="; ")
    print(f"largest slope: {np.abs(slopes).max():.1g}")

# %% [markdown]
# ## The fast gradient sign
# The slopes are tiny. But there are 154,587 of them, and each pixel may move by ε. As for the linear model, the best use of that allowance is the sign:
#
# $$\tilde x = x + \epsilon \; \text{sign}\big(\nabla_x J(x, y)\big), \quad \text{kept within } 0 \ldots 255.$$
#
# One pass forward, one pass back, one step: hence the name **fast gradient sign method**. We count ε in grey levels throughout. The paper's famous panda has ε = 0.007. That is one grey level too, in the units of that net.

# %% [markdown] exercise="fast_gradient_sign"
# Make the step, from images and gradients.


# %% answer="fast_gradient_sign"
def fast_gradient_sign(images, gradients, epsilon):
    """Images after one step of epsilon along the sign of the gradients.

    images: array of any shape, floats or uint8, from 0 to 255; gradients: the same shape.
    epsilon: number > 0, in grey levels.
    Returns a float array from 0 to 255; where the gradient is 0 the pixel stays.
    """
    ### BEGIN SOLUTION
    return np.clip(images + epsilon * np.sign(gradients), 0, 255)
    ### END SOLUTION


# %% test="fast_gradient_sign"
check(fast_gradient_sign)

# %%
attackable = ready(input_gradient, fast_gradient_sign)
if attackable:
    first = np.array(fast_gradient_sign(cat, slopes, 1))
    show(*course.attack_figure(squeezenet, cat, first, "One step of one grey level"))
    print(f"house cat before: {is_it_a_cat(cat)[0, 1]:.1%}", end=", ")
    print(f"after: {is_it_a_cat(first)[0, 1]:.1%}")

# %% [markdown]
# **What you should see.** A house cat becomes a cheetah, and the net is nearly sure of it. No pixel moved by more than 1, and the left and the right picture look alike. The attack needs no luck with rounding: all its pixels are whole numbers, so you could save it and send it. Move ε. A larger step is not always a better one: the straight line that we follow is true only near the photograph.

# %%
steps = [0, 1, 2, 4, 8, 16, 32]
if attackable:
    tries = [np.array(fast_gradient_sign(cat, slopes, eps)) for eps in steps]
    titles = [f"ε = {eps}" for eps in steps]

    def at(k):
        return course.attack_figure(squeezenet, cat, tries[k], titles[k])

    slide(at, "which ε", len(steps) - 1, value=5)
    show(*at(5))  # the same as a still picture: 16 grey levels can be seen, as fine noise

# %% [markdown]
# ## How well does it work? Count
# One cat proves little. We take two windows of each of the five photographs, and let the net's own answers count as right: so the question is whether the attack *changes* the answer. In general there are labels, and some images are wrong before anybody attacks. These must not count as success.

# %% [markdown] exercise="attack_scores"
# Three numbers say how an attack did.


# %% answer="attack_scores"
def attack_scores(labels, clean, attacked):
    """Accuracy before, accuracy after, and the success rate of an attack.

    labels: ints (count,); clean, attacked: arrays (count, classes), the net's probabilities
        for the images before and after the attack.
    Returns three numbers. Success rate: of the images that were right before, the share that
        is wrong after; 0 when none was right.
    """
    ### BEGIN SOLUTION
    was_right = clean.argmax(axis=1) == labels
    is_right = attacked.argmax(axis=1) == labels
    fooled = was_right & ~is_right
    rate = fooled.sum() / was_right.sum() if was_right.any() else 0.0
    return was_right.mean(), is_right.mean(), rate
    ### END SOLUTION


# %% test="attack_scores"
check(attack_scores)

# %%
epsilons = [1 / 8, 1 / 4, 1 / 2, 1, 2, 4, 8, 16, 32]
countable = attackable and ready(attack_scores)
if countable:
    views = course.crops()
    clean = course.probabilities(squeezenet, views)
    answers = clean.argmax(axis=1)
    view_slopes = input_gradient(squeezenet, views, answers)
    success = {"fast gradient sign": [], "noise of the same size": []}
    for eps in epsilons:
        changed = np.asarray(fast_gradient_sign(views, view_slopes, eps), "float32")
        for name, images in zip(success, (changed, course.random_signs(views, eps))):
            after = course.probabilities(squeezenet, images)
            success[name].append(attack_scores(answers, clean, after)[2])
    title = f"Share of {len(views)} views whose answer changes"
    show(*course.curves_figure(epsilons, success, title, "success", log=True))

# %% [markdown]
# **What you should see.** At one grey level nearly all answers have changed. Noise of the same size changes none; it needs 16 to 32 levels. That gap is the point: the net is robust against *chance* and helpless against *intent*. (A change below ½ would be lost in rounding to bytes. The curve shows how near the border is.)

# %% [markdown] exercise="equal_lengths"
# **Repair.** When the *length* of a change is limited, and not each pixel, then the best change goes along the gradient itself: $\text{length} \cdot g / \lVert g \rVert$. The function below should give each image a change of that length. Where the net is sure the slopes are small: see the bars, for ten made-up images. Mend it.


# %% answer="equal_lengths"
def equal_lengths(gradients, length):
    """Changes along the gradients, each of the same Euclidean length.

    gradients: float array (count, rows, cols, channels), no image's all 0; length: number > 0.
    Returns a float array of the same shape: one change for each image.
    """
    ### BEGIN SOLUTION
    squares = np.sum(gradients**2, axis=(1, 2, 3), keepdims=True)
    return length * gradients / np.sqrt(squares)
    ### END SOLUTION


# %%
uneven = np.geomspace(0.01, 1, 10)[:, None, None, None] * np.ones((10, 8, 8, 3))
show(*course.lengths_figure(np.array(equal_lengths(uneven, 10)), 10))

# %% test="equal_lengths"
check(equal_lengths)

# %% [markdown]
# ## Many small steps
# After one step the gradient is another one. So take small steps and look again each time: the **basic iterative method** (Kurakin, Goodfellow and Bengio 2016), today mostly called *projected gradient descent*. After each step every pixel is brought back into its box: at most ε from the **original**, and within 0 … 255. Walking *down* the loss of a class of your choice makes the attack **targeted**:
#
# | attack | label in the loss | direction |
# |---|---|---|
# | untargeted | the right class | uphill: + step · sign(∇) |
# | targeted | the class that you want | downhill: − step · sign(∇) |

# %% [markdown] exercise="attack_step"
# One step, and back into the box.


# %% answer="attack_step"
def attack_step(images, originals, gradients, step, epsilon, targeted):
    """One step of an iterated attack.

    images: float array, the images so far; originals: the same shape, floats or uint8.
    gradients: the gradient at `images`; step, epsilon: numbers, in grey levels.
    targeted: False: uphill; True: downhill.
    Returns a float array: at most epsilon from originals, and within 0 … 255.
    """
    ### BEGIN SOLUTION
    originals = np.asarray(originals, "float32")
    moved = images + (-step if targeted else step) * np.sign(gradients)
    moved = np.clip(moved, originals - epsilon, originals + epsilon)
    return np.clip(moved, 0, 255)
    ### END SOLUTION


# %% test="attack_step"
check(attack_step)

# %% [markdown] exercise="iterated_attack"
# And the whole walk. Use your `input_gradient` and `attack_step`.


# %% answer="iterated_attack"
def iterated_attack(model, originals, labels, epsilon, step, steps, targeted):
    """An attack in `steps` steps that starts at the originals.

    model: a keras.Model from images to class probabilities.
    originals: float array (count, rows, cols, channels), 0 … 255.
    labels: ints (count,): the right classes, or the wanted ones when targeted is True.
    Returns a float array like originals.
    """
    ### BEGIN SOLUTION
    images = originals
    for _ in range(steps):
        gradients = input_gradient(model, images, labels)
        images = attack_step(images, originals, gradients, step, epsilon, targeted)
    return images
    ### END SOLUTION


# %% test="iterated_attack"
check(iterated_attack)

# %% [markdown]
# Now the promise of the beginning: a cat, two grey levels, and espresso. The result is rounded to whole numbers before the net sees it.

# %%
walkable = countable and ready(attack_step, iterated_attack)
if walkable:
    target = np.array([course.names().index("espresso")])
    walked = np.round(iterated_attack(squeezenet, cat, target, 2, 0.5, 10, True))
    show(*course.attack_figure(squeezenet, cat, walked, "Ten small steps towards espresso"))
    print(f"largest change: {np.abs(walked - cat).max():.0f} grey levels")
    print("espresso above 99 %:", bool(squeezenet(walked)[0, target[0]] > 0.99))

# %% [markdown]
# Any class will do: try "goldfish", "toaster" or "golden retriever" (`course.names()` lists all). And on the views of above, with the same ε, three small steps against one large step:

# %%
if walkable:
    for eps in (1 / 8, 1 / 2):
        small = iterated_attack(squeezenet, views, answers, eps, eps / 2, 3, False)
        _, _, rate = attack_scores(answers, clean, course.probabilities(squeezenet, small))
        once = success["fast gradient sign"][epsilons.index(eps)]
        print(f"ε = {eps:<5}: one step {once:4.0%}, three steps {rate:4.0%}")

# %% [markdown]
# ## Does it work on a net that I do not have?
# All this used the net's own gradient. Somebody who guards a net might say: I keep the weights secret. So attack *another* net and hand the result over. We train three small nets on clothes: A and B are alike but for the seed, C has no convolution at all. Each makes attacks with 16 grey levels, each judges the attacks of all, and noise is the control again.

# %%
images, labels = train_raw[..., None].astype("float32"), train_labels
test, right = test_raw[:500, ..., None].astype("float32"), test_labels[:500]
if walkable:
    nets = {}
    for name, seed, dense in (("A", 0, False), ("B", 1, False), ("C dense", 0, True)):
        net = course.small_net(seed, dense)
        nets[name] = course.fit_plainly(net, images, labels, epochs=4)
        accuracy = np.mean(course.probabilities(net, test).argmax(axis=1) == right)
        print(f"net {name}: {accuracy:.1%} of 500 test images right")

# %%
if walkable:
    attacks = {"none": test, "noise": course.random_signs(test, 16)}
    for name, net in nets.items():
        slopes = input_gradient(net, test, right)
        attacks[f"one step, made on {name}"] = fast_gradient_sign(test, slopes, 16)
        attacks[f"ten steps, made on {name}"] = iterated_attack(
            net, test, right, 16, 4, 10, False
        )
    table = pd.DataFrame(index=list(attacks), columns=list(nets), dtype=float)
    for name, net in nets.items():
        clean = course.probabilities(net, test)
        for kind, moved in attacks.items():
            after = course.probabilities(net, np.asarray(moved, "float32"))
            table.loc[kind, name] = attack_scores(right, clean, after)[1]
    print("accuracy of the net in the column, on images of the row")
    print(table.map("{:.1%}".format).to_string())
    some = [np.flatnonzero(right == c)[1] for c in range(10)]
    shown = [attacks[kind] for kind in ("none", "noise", "one step, made on A")]
    said = [
        course.probabilities(nets["A"], np.asarray(x)[some]).argmax(axis=1) for x in shown
    ]
    clean_ones, noisy, moved = (np.asarray(x)[some] for x in shown)
    show(*course.clothes_figure(clean_ones, moved, noisy, said))

# %% [markdown]
# **What you should see.** Noise costs almost nothing. An attack is strongest on the net that it was made on, but it takes about 20 to 40 points from the others too, even from one without convolutions. Nets that learn the same task from the same images find similar weights, and so share their weak directions. **Secrecy is no defence.** Note also that ten steps beat one step on the net that they were made on. On the other nets they gain almost nothing: what they add fits the one net only.
#
# ## Training against it
# If attacks are so cheap, make them during training and learn from them. Goodfellow and his colleagues mix two losses:
#
# $$\tilde J(\theta, x, y) = \alpha\, J(\theta, x, y) + (1 - \alpha)\, J\big(\theta,\; x + \epsilon\, \text{sign}(\nabla_x J(\theta, x, y)),\; y\big)$$
#
# In each step the attack is made anew, against the weights of this moment. For the gradient with respect to θ the attacked image counts as data: a sign is constant almost everywhere, so no slope runs through it. *By hand,* two pixels and label 0, ε = 10, α = 0.6, with weights such that the clean image gives p = (½, ½) and the attacked one p = (¼, ¾). For the biases the slope is p − y, so (−½, ½) and (−¾, ¾). Mixed: 0.6 · (−½, ½) + 0.4 · (−¾, ¾) = (−0.6, 0.6).

# %% [markdown] exercise="adversarial_gradients"
# Compute the gradients for the weights. The function will run in a compiled training loop, thousands of times, so use TensorFlow's operations only: `tf.sign`, `tf.clip_by_value`, `tf.reduce_mean`. If your `input_gradient` returns a NumPy array, write its tape here again.


# %% answer="adversarial_gradients"
def adversarial_gradients(model, images, labels, epsilon, alpha):
    """The gradients of the mixed loss with respect to the model's weights.

    model: a keras.Model from images to class probabilities.
    images: float tensor or array (count, rows, cols, channels), 0 … 255; labels: ints.
    epsilon: grey levels; attacked images are kept within 0 … 255.
    alpha: share of the clean images. J is the mean cross-entropy over the images.
    It runs compiled: TensorFlow's operations only, no NumPy.
    Returns a list of tensors, one for each of model.trainable_variables, in this order.
    """
    ### BEGIN SOLUTION
    signs = tf.sign(input_gradient(model, images, labels))
    attacked = tf.clip_by_value(images + epsilon * signs, 0.0, 255.0)
    loss_of = keras.losses.SparseCategoricalCrossentropy()  # its mean over the batch
    with tf.GradientTape() as tape:
        clean_part = alpha * loss_of(labels, model(images))
        loss = clean_part + (1 - alpha) * loss_of(labels, model(attacked))
    return tape.gradient(loss, model.trainable_variables)
    ### END SOLUTION


# %% test="adversarial_gradients"
check(adversarial_gradients)

# %% [markdown]
# Net D is built like A and starts from the same weights. It trains for as many epochs, with ε = 16 and α = ½.

# %%
trained = walkable and ready(adversarial_gradients)
if trained:
    hardened = course.small_net(0)
    report = course.epoch_report(hardened, test, right)
    course.train(hardened, adversarial_gradients, images, labels, 4, 16.0, 0.5, report)

# %%
levels = [0, 8, 16, 32]
if trained:
    curves = {}
    for name, net in (("A, plain", nets["A"]), ("D, trained against it", hardened)):
        clean, slopes = course.probabilities(net, test), input_gradient(net, test, right)
        once = [fast_gradient_sign(test, slopes, eps) for eps in levels]
        walks = [iterated_attack(net, test, right, e, e / 4, 10, False) for e in levels[1:]]
        for kind, moved in (("one step", once), ("ten steps", [test, *walks])):
            after = [course.probabilities(net, np.asarray(x, "float32")) for x in moved]
            rates = [attack_scores(right, clean, p)[1] for p in after]
            curves[f"{name}: {kind}"] = rates
    title = "Accuracy under attack, before and after adversarial training"
    show(*course.curves_figure(levels, curves, title, "accuracy"))
    columns = {"clean": 0, "16 levels": 2, "32 levels": 3}
    rows = {name: [rates[k] for k in columns.values()] for name, rates in curves.items()}
    results = pd.DataFrame(rows, index=list(columns)).T
    print(results.map("{:.1%}".format).to_string())
    gain = results.iloc[3] - results.iloc[1]
    print("D is better than A under the ten steps of 16:", bool(gain["16 levels"] > 0.25))

# %% [markdown]
# **What you should see.** Under ten steps of 16 levels the plain net keeps about 30 %, the hardened one twice as much, and at 32 levels about five times as much. It also pays: one to four points on *clean* images. One training proves little, and another machine gives slightly other nets. We ran six: seeds 0 to 2, each with two ways of computing. Clean: 82 to 85 % before, 80 to 82 % after; D was below A in each pair. Under one step: 33 to 36 %, then 63 to 66 %. Under ten steps: 29 to 33 %, then 60 to 63 %. `FULL_RUN` repeats it for three seeds.

# %%
if FULL_RUN and trained:
    walk = {
        "clean": lambda net, x, y: x,
        "one step": lambda net, x, y: fast_gradient_sign(x, input_gradient(net, x, y), 16),
        "ten steps": lambda net, x, y: iterated_attack(net, x, y, 16, 4, 10, False),
    }
    course.print_seeds((images, labels), walk, (test, right), adversarial_gradients)

# %% [markdown]
# ### A look inside
# What does the net think would make a coat less of a coat? Ask its gradient again.

# %%
if trained:
    few = np.array(some)[[1, 3, 4, 5, 7, 8, 9]]
    pairs = {
        name: np.asarray(input_gradient(net, test[few], right[few]))
        for name, net in (("A", nets["A"]), ("D", hardened))
    }
    show(*course.readable_gradients_figure(test[few], pairs))

# %% [markdown]
# **What you should see.** A's gradient is spread in spots that say little. D's can be read: fill the gap between the legs, and it is no pair of trousers any more; put sleeves to the dress; take off the bag's handle; close the sandal. A net that may not trust single pixels must look at shapes. (Tsipras and others, 2019, found this on photographs.)
#
# ## What it does not promise
# D was trained against one kind of attack: one step, 16 levels. What about others?

# %%
if trained:
    longer = iterated_attack(hardened, test, right, 16, 2, 20, False)
    others = {
        "clean": test,
        "one step, 16 levels (as in training)": once[levels.index(16)],
        "ten steps, 16 levels": walks[1],
        "twenty steps, 16 levels": longer,
        "ten steps, 32 levels": walks[2],
        "three pixels to the right": np.roll(test, 3, axis=2),
    }
    for kind, moved in others.items():
        found = course.probabilities(hardened, np.asarray(moved, "float32"))
        print(f"{kind:38s} {np.mean(found.argmax(axis=1) == right):6.1%}")

# %% [markdown]
# - **A stronger attack of the same size** gets a little further: many steps take a few points more than the one step of the training. It can be far worse. A net may learn to *hide* its gradient, so that one step fails and many succeed. So attack with many steps before you believe a good number.
# - **A larger ε** than in training does much more harm.
# - **Another kind of change** was never in the bargain. Three pixels to the right are nothing for a person, and cost D about half of its right answers (and A even more).
# - It is **no proof**. It says that *these* attacks failed on *these* images, not that none exists.
#
# ### And as a regulariser?
# The lecture that this course grew out of calls adversarial training an *effective regulariser*: on MNIST the error fell from 0.94 % to 0.84 %, with dropout. Our ε of 16 costs accuracy instead. We also tried ε = 2, with 12 epochs and three seeds. With adversarial training and without it the three nets had 85 to 86 % of the 2,000 test images right, one pair a little better, another a little worse. So in this small experiment there is *no* effect that stands out from chance. The paper's nets were larger, their data six times as many, and their ε chosen for it. (It does not say how many trainings are behind 0.84 %. For a wider net it gives five seeds: 0.77 % four times and 0.83 % once.)
#
# ## Summary
# - A change of at most ε for each pixel moves a linear score by up to $\epsilon \lVert w \rVert_1$, which grows with the number of pixels; random signs grow with its root only.
# - **Fast gradient sign**: $x + \epsilon\,\text{sign}(\nabla_x J)$. One grey level turns a house cat into a cheetah.
# - **Iterated**: small steps, each brought back into the box around the original. **Targeted**: downhill on the wanted class.
# - Attacks **transfer** between nets. Noise of the same size is the control that every such experiment needs.
# - **Adversarial training** mixes clean and attacked losses. It helps against attacks like those it saw, costs clean accuracy here, and proves nothing about others.
#
# ## Questions
# 1. A linear model has weights of mean magnitude 0.1, and a margin of 30. From how many pixels on does ε = 1 suffice to fool it?
# 2. Why does the attack take the sign of the gradient, and not the gradient, when each pixel may move by ε?
# 3. Your iterated attack clips to ε around the images of the step before. What goes wrong?
# 4. A colleague's net keeps 90 % under one step and 2 % under forty steps of the same ε. What has happened?
# 5. α = 1. What is adversarial training then? And α = 0?
# 6. Why is "the answer changed" a poor measure of success when the net was wrong before?
#
# <details><summary>Key</summary>
#
# 1. From 300 on: the margin falls by ε‖w‖₁ = 1 · 0.1 · n, and 0.1 · 300 = 30.
# 2. The change of the loss is Σ ηᵢ gᵢ. Each pixel has an allowance of its own, so each uses all of it: ηᵢ = ε sign(gᵢ). The gradient itself would be best if the *length* of η were limited.
# 3. Nothing holds it back: after n steps a pixel may be n steps away. The box belongs around the originals.
# 4. The net was trained on one-step attacks and has learned to make that one step useless, by bending its loss near the image. It is not robust; the forty steps say so.
# 5. Ordinary training. With α = 0 the net sees attacked images only.
# 6. A wrong answer that becomes another wrong one does no harm that was not there. Only images that were right can be fooled.
#
# </details>
#
# ## Open work
# - Does an attack survive the world? Blur, crop, turn or save as JPEG the attacked cat and the ten views. *Measure* the success over the strength of each change, for ε = 2, 8 and 16.
# - Which ε should one train with? *Measure* clean accuracy and accuracy under ten steps of 8, 16 and 32 levels for nets that were trained with ε = 4, 8, 16 and 32, from three seeds each.
# - Find one change that fools A on many images at once: add up the signs of its gradients. *Measure* its success on new images, and on B and C, beside noise of the same size.
#
# ## References
# - C. Szegedy, W. Zaremba, I. Sutskever, J. Bruna, D. Erhan, I. Goodfellow, R. Fergus, *Intriguing properties of neural networks*, arXiv 1312.6199, 2013.
# - I. Goodfellow, J. Shlens, C. Szegedy, *Explaining and harnessing adversarial examples*, arXiv 1412.6572, 2014.
# - A. Kurakin, I. Goodfellow, S. Bengio, *Adversarial examples in the physical world*, arXiv 1607.02533, 2016.
# - A. Madry, A. Makelov, L. Schmidt, D. Tsipras, A. Vladu, *Towards deep learning models resistant to adversarial attacks*, ICLR 2018.
# - D. Tsipras and others, *Robustness may be at odds with accuracy*, ICLR 2019: why the gradients of hardened nets can be read.
# - A. Athalye, N. Carlini, D. Wagner, *Obfuscated gradients give a false sense of security*, ICML 2018.
# - T. Berariu, *Convolutional nets*, lecture, Bucharest 2015.
