# %% [markdown]
# # Unit 21 · Beyond images
#
# **You will be able to**
#
# - say which data a convolution can use, and test it by shuffling;
# - build Kim's sentence net, compare it fairly with a bag of words, and read what its filters look for;
# - turn a sound into a picture, by hand, and let a small net hear the four tones of a syllable;
# - prove that the order of its inputs is all the same to a dense net, and show that it is not to a convolutional one.
#
# **Time** about three hours. **Before this** Unit 8: one layer in Keras, and Unit 10: regularisation.

# %% setup="numpy"
import re
from collections import Counter
from functools import partial

import numpy as np
from IPython.display import Audio, display
from sklearn.linear_model import LogisticRegression

from convcourse.check import check, ready
from convcourse.figures import show
from convcourse.predictions import predict
from convcourse.quiet import quietly
from convcourse.widgets import slide

with quietly():
    import keras
    from keras import layers

    from convcourse.pictures import beyond_images as course

# %% [markdown]
# ## Swap the columns
#
# So far every input was a picture. But nothing in a convolution knows about light. It takes *any* array, slides a small window over it, and hopes that **things close together belong together**. Which data deserve this hope? One of our lectures ends with a rule of thumb:
#
# > If your data is just as useful after swapping any of your columns with each other, then you can't use convolutional neural networks.
#
# Try it with your eyes first. Above: a handwritten digit, the spectrogram of a spoken syllable, twenty customers of a shop with twelve numbers each. Below: the same, with the columns in another order.

# %%
digits, digit_labels, test_digits, test_digit_labels = course.digits_anywhere(seed=7)
table, _ = course.customers(20, seed=0)
show(*course.shuffled_figure(digits[3], table))

# %% [markdown]
# **What you should see.** The digit and the syllable are destroyed. The table is a table as before: "age" may stand left of "visits" or right of it. A sentence is of the first kind. *Not good, just bad* and *not bad, just good* have the same words.
#
# ## 1. Sentences
#
# Here are 10,605 sentences from film reviews. People have rated each from −4 (bad) to 4 (good); we have the mean. Can a net tell praise from blame? We drop the sentences between −0.5 and 0.5, on which people disagree.

# %%
texts, ratings = course.load_reviews()
sentences = [re.findall(r"[a-z0-9]+(?:'[a-z]+)?|[!?]", text.lower()) for text in texts]
labels = (ratings > 0).astype(int)
order = np.random.default_rng(2014).permutation(np.flatnonzero(np.abs(ratings) >= 0.5))
test, validation, train = np.split(order, [2000, 3000])
print(f"{len(texts):,} sentences, {len(order):,} of them clear:", end=" ")
print(f"{len(train):,} to train, {len(validation):,} to choose, {len(test):,} to test")
for n in test[:4]:
    print(f"{ratings[n]:+.1f}  {texts[n][:95]}")

# %% [markdown]
# A net wants numbers, and always the same count. So each known word gets a number, and each sentence becomes an array of a fixed length. **0** means "no word here" (padding), **1** means "a word that I do not know".
#
# *By hand.* With the vocabulary {the: 2, film: 3, is: 4, good: 5, not: 6} and length 7, "the plot is not good" becomes [2, 1, 4, 6, 5, 0, 0]. With length 3 it becomes [2, 1, 4].

# %% [markdown] exercise="encode_words"
# Look up, cut, fill up.


# %% answer="encode_words"
def encode_words(words, vocabulary, length):
    """A sentence as an array of numbers.

    words: list of strings; vocabulary: dict from word to its number, 2 or more.
    length: how many numbers; later words are cut off, missing ones become 0.
    Returns an integer array (length,): the words' numbers, 1 for a word that is not in the vocabulary.
    """
    ### BEGIN SOLUTION
    numbers = [vocabulary.get(word, 1) for word in words[:length]]
    return np.array(numbers + [0] * (length - len(numbers)))
    ### END SOLUTION


# %% test="encode_words"
check(encode_words)

# %% [markdown]
# ### A window over words
#
# The lecture draws a sentence as a picture: positions along one side, *the words of the dictionary* along the other, a 1 where they meet. Is this a picture in our sense? Swap two positions, and the meaning changes. Swap two words of the dictionary, and nothing changes: their order is only a habit. So the rule of thumb tells us how to convolve: **slide along the sentence, never across the dictionary**. A filter must be as high as the whole column.
#
# A column of 8,000 zeros and a single 1 is wasteful. We give each word a short **vector** instead, which is learned like any weight. Suppose that a word had two numbers: *does it negate?* and *does it praise?* Then "not" is (1, 0), "good" is (0, 1), and the others are (0, 0). Move the filter below along the sentence.

# %%
words = ["it", "is", "not", "good", "at", "all"]
vectors = np.array([[0, 0], [0, 0], [1, 0], [0, 1], [0, 0], [0, 0]])
negated_praise = np.array([[1, 0], [0, 1]])  # first word negates, second word praises
slide(lambda n: course.window_figure(words, vectors, negated_praise, -1, n), "place", 4)
show(*course.window_figure(words, vectors, negated_praise, -1, 4))

# %% [markdown]
# **What you should see.** With the bias −1 one match is not enough. Only "not good" has both, and gives 1 + 1 − 1 = 1. The filter is an **and** over two neighbouring words. A bag of words cannot say this: it only knows that "not" and "good" are both somewhere.
#
# With window size $n$, vectors $X[i, d]$ and filter number $f$:
#
# $$Z[i, f] = \max\Big(0,\; b[f] + \sum_{k=0}^{n-1} \sum_d W[k, d, f]\; X[i+k,\, d]\Big)$$

# %% [markdown] exercise="conv_over_words"
# Write it for several filters: without reversal, valid, with the ReLU.


# %% answer="conv_over_words"
def conv_over_words(vectors, kernels, bias):
    """A convolution along a sentence, with ReLU.

    vectors: array (words, dimension), a row for each word.
    kernels: array (size, dimension, filters), size ≤ words; bias: array (filters,).
    Returns a float array (words − size + 1, filters).
    """
    ### BEGIN SOLUTION
    places = len(vectors) - len(kernels) + 1
    total = np.zeros((places, len(bias))) + bias
    for offset, kernel in enumerate(kernels):
        total += vectors[offset : offset + places] @ kernel
    return np.maximum(total, 0)
    ### END SOLUTION


# %% test="conv_over_words"
check(conv_over_words)

# %% [markdown] exercise="design_filter"
# **Design.** "Not good" is caught, "not very good" is not. Set one longer filter by hand that catches both. Several weights and biases will do.


# %% answer="design_filter"
def design_filter(window, dimension, negates, praises):
    """A filter that answers to a praising word soon after a negating one.

    window: words that the filter sees; dimension: numbers of a word's vector. A word's vector is 0
        everywhere, or 1 at one place: at `negates` if it negates, at `praises` if it praises.
    Returns (kernel, bias): array (window, dimension), and a number. With ReLU the answer is over 0.01
    if the window's first word negates and any of the others praises, and else at most 0.001.
    """
    ### BEGIN SOLUTION
    kernel = np.zeros((window, dimension))
    kernel[1:, praises] = 1
    kernel[0, negates] = window - 1  # more than all the others may add up to without it
    return kernel, 1 - window
    ### END SOLUTION


# %% test="design_filter"
check(design_filter)

# %% [markdown]
# ### Max over time
#
# Sentences differ in length, so do the filters' answers. Kim keeps one number of each filter: the largest, wherever it was. Does "not good" occur? One strong place is enough. This is pooling with a window as long as the sentence.
#
# We also want to know *where* the largest answer was: it tells which words the filter liked. Then the padding must not count. In a sentence of 4 words a window of 2 fits at 3 places; at the next place it hangs over into the zeros.

# %% [markdown] exercise="max_over_time"
# Find the largest answer and its place, for a batch of sentences.


# %% answer="max_over_time"
def max_over_time(maps, lengths, window):
    """The largest answer of each filter inside each sentence, and the place where its window begins.

    maps: array (sentences, places, filters), answers for padded sentences; they may be negative.
    lengths: ints (sentences,), the words of each sentence without padding, at least `window`.
    window: words in a filter. Only windows wholly inside the sentence count.
    Returns (values, places): arrays (sentences, filters), the first of floats, the second of ints.
    """
    ### BEGIN SOLUTION
    inside = np.arange(maps.shape[1]) < np.reshape(lengths, (-1, 1)) - window + 1
    maps = np.where(inside[:, :, None], maps, -np.inf)
    return maps.max(axis=1), maps.argmax(axis=1)
    ### END SOLUTION


# %% test="max_over_time"
check(max_over_time)

# %% [markdown]
# ### Kim's net
#
# In 2014 Yoon Kim put this together: filters over 3, 4 and 5 words, 100 of each; max over time; dropout; one dense layer. It fits in ten lines, and on several tasks it equalled or beat far heavier systems.

# %%
show(*course.kim_figure())

# %% [markdown] exercise="kim_parameters"
# Count its parameters: of the embedding (one vector for each word number), of all convolutions together, of the dense layer.


# %% answer="kim_parameters"
def kim_parameters(vocabulary_size, dimension, windows, num_filters, classes):
    """How many parameters the three parts of the sentence net have.

    vocabulary_size: rows of the embedding; dimension: numbers in a word's vector.
    windows: list of window sizes; num_filters: filters of each size; classes: units of the dense layer.
    Returns three ints: embedding (no bias), convolutions, dense layer.
    """
    ### BEGIN SOLUTION
    convolutions = sum((size * dimension + 1) * num_filters for size in windows)
    dense = (len(windows) * num_filters + 1) * classes
    return vocabulary_size * dimension, convolutions, dense
    ### END SOLUTION


# %% test="kim_parameters"
check(kim_parameters)

# %%
if ready(kim_parameters):
    counts = kim_parameters(18_765, 300, [3, 4, 5], 100, 2)
    print("Kim: embedding {:,}, convolutions {:,}, dense {:,}".format(*map(int, counts)))

# %% [markdown]
# Fourteen in fifteen parameters are word vectors. Where do they come from? Kim took vectors that **word2vec** had learned from 100 billion words of news. On film reviews he got 81.0 % with these, and 76.1 % when the vectors started at random. Unit 28 takes such vectors; here we have none, so remember the second number.

# %% [markdown] exercise="kim_net"
# Build the net. Join the maxima in the order of `windows`.


# %% answer="kim_net"
def kim_net(length, vocabulary_size, dimension, windows, num_filters, dropout, classes):
    """Embedding; for each window size Conv1D (valid, ReLU) and max over time; join; dropout; dense.

    length: word numbers in a sentence: the input has shape (length,) and dtype "int32".
    windows: list of at least two sizes; num_filters: of each size; dropout: the rate.
    Returns a keras.Model from word numbers to class probabilities (softmax).
    """
    ### BEGIN SOLUTION
    sentence = keras.Input((length,), dtype="int32")
    vectors = layers.Embedding(vocabulary_size, dimension)(sentence)
    maps = [
        layers.Conv1D(num_filters, size, activation="relu")(vectors) for size in windows
    ]
    joined = layers.Concatenate()([layers.GlobalMaxPooling1D()(each) for each in maps])
    scores = layers.Dense(classes, activation="softmax")(layers.Dropout(dropout)(joined))
    return keras.Model(sentence, scores)
    ### END SOLUTION


# %% test="kim_net"
check(kim_net)

# %% [markdown]
# ### First the simplest thing that works
#
# Before you train a net, find out what a simple method reaches. A **bag of words** keeps, of a sentence, only *which* words occur; logistic regression gives each word a weight. Its regularisation (C) was chosen on the validation part, never on the test part. The second bag also holds pairs of neighbours, such as "not good".

# %%
bags = course.bags_of_words(sentences, labels, train, test)

# %% [markdown]
# ### Train the net
#
# Ours is smaller than Kim's: 16 numbers a word, 32 filters of each size, learned from nothing. Words that occur once in the training part count as unknown. `course.Trainer` trains with Adam from a given seed. The validation part says when to stop.

# %%
occurrences = Counter(word for n in train for word in sentences[n])
known = [word for word, count in occurrences.most_common() if count >= 2]
vocabulary = {word: number for number, word in enumerate(known, start=2)}
size, windows = len(vocabulary) + 2, [3, 4, 5]
text_ready = ready(encode_words, kim_net)
if text_ready:
    numbers = np.array([encode_words(s, vocabulary, 40) for s in sentences], "int32")
    learn, choose, judge = ((numbers[p], labels[p]) for p in (train, validation, test))
    kim = course.Trainer(partial(kim_net, 40, size, 16, windows, 32, 0.5, 2), rate=2e-3)
    curve = kim.run(learn, choose, epochs=5, seeds=[0])
    epochs = int(np.argmax(curve[0])) + 1
    show(*course.curve_figure(kim.losses, curve[0], chosen=epochs))

# %% [markdown]
# **What you should see.** The training loss goes on falling: the net learns the sentences by heart. The validation accuracy is at its best early (with six seeds, after two to four epochs), then it falls a little. We stop where it is best (dotted).
#
# One training proves little, so we train from three seeds. And we try something on each net: it gets the test sentences once more, with their words in random order. A bag of words cannot even notice.
#
# **Predict before you run.** Will the net lose more than 5 points by this, "yes" or "no"?

# %%
guess = None
predict(guess, right="no", why="Most sentences betray themselves by single words.")

# %%
if text_ready:
    generator = np.random.default_rng(1)
    mixed = [list(generator.permutation(sentences[n])) for n in test]
    mixed = np.array([encode_words(words, vocabulary, 40) for words in mixed], "int32")
    results = {"sentence net": [], "sentence net, words shuffled": []}
    for seed in range(3):
        curve = kim.run(learn, judge, epochs, [seed], say=f"seed {seed}")
        results["sentence net"].append(curve[0, -1])
        right = kim.predict(mixed) == labels[test]
        results["sentence net, words shuffled"].append(right.mean())
    results |= {f"bag of {name}": [accuracy] for name, accuracy in bags.items()}
    show(*course.dots_figure(results, "Praise or blame? 2,000 test sentences"))
    net_mean, best_bag = np.mean(results["sentence net"]), bags["words and pairs"]
    print(f"net {net_mean:.1%} on average, bag of words and pairs {best_bag:.1%}")

# %% [markdown]
# **What you should see.** An honest surprise: **the bag wins**, by one or two points on average. With 2,000 test sentences an accuracy has a standard error of about one point, so the lead is small. And the net hardly misses the order of words: with shuffled sentences it does about as well, within the spread. "Not good" is rare.
#
# Kim's own table agrees. From random vectors his net got 76.1 %; bags with pairs, cleverly weighted (Wang and Manning 2012), 79.4 %. What carried the net past them was the word vectors from news. *Always train the simple thing, too.* (Our labels and split are not Kim's, so compare the order, not the digits.)
#
# ### What do the filters look for?
#
# Take the last net. For each filter, go through the training sentences, find its largest answers, and read the words at that place. The dense layer's weights tell whether the filter speaks for praise or for blame: weight of "good" minus weight of "bad".

# %%
if text_ready and ready(max_over_time):
    found = course.favourites(kim.model, sentences, numbers, train, max_over_time)
    display(course.favourites_table(found))
    show(*course.ngrams_figure(found, course.strongest(found)[1]))
    slide(lambda f: course.ngrams_figure(found, f), "filter", 95)

# %% [markdown]
# **What you should see.** Filters with a positive weight like praise, filters with a negative one blame. Look closely: a filter of five words is often set off by *one* strong word, with anything around it. That is a bag of words in disguise, and it explains the result above. You may also meet the name of a bad film: that much has been learned by heart.
#
# ### How much do the settings matter?
#
# Zhang and Wallace trained such nets thousands of times, to learn which settings matter. Their first finding is a warning: the *same* net, trained again, gave results that differed by more than many papers' claims. Here is their study in small: other windows, other numbers of filters, three seeds each.

# %%
if text_ready:
    settings = {"windows 1, 1": ([1, 1], 32), "windows 7, 7": ([7, 7], 32)}
    settings["3, 4, 5; 2 filters"] = ([3, 4, 5], 2)
    spread = {}
    for name, (sizes, count) in settings.items():
        build = partial(kim_net, 40, size, 16, sizes, count, 0.5, 2)
        trainer = course.Trainer(build, rate=2e-3)
        spread[name] = trainer.run(learn, judge, epochs, range(3), say=name)[:, -1]
    spread["3, 4, 5; 32 filters"] = results["sentence net"]
    show(*course.dots_figure(spread, "Other windows, other numbers of filters", best_bag))
    widest = max(np.ptp(values) for values in spread.values())
    print(f"largest difference between two seeds of one setting: {widest:.1%}")

# %% [markdown]
# **What you should see.** The dots of one setting lie about as far apart as most settings do (dashed: the bag of words and pairs). Windows of one word, of seven, of three to five: the differences are no larger than those between two seeds. Only the net with two filters of each size is clearly too small. Whoever trains each setting once will find a "best window size", and it may be luck. Zhang and Wallace did find real differences (the best window depends on the data; max pooling beats the mean), because they repeated everything many times. *Report the spread.*
#
# ## 2. Sounds
#
# In Mandarin the melody of a syllable decides the word: *mā* mother, *má* hemp, *mǎ* horse, *mà* to scold. We make such syllables: a voice with overtones and vibrato, of any pitch, length and place, in noise. The melody is flat, rising, dipping or falling. Listen to one of each.

# %%
sounds, tones = course.spoken_tones(900, seed=1)
test_sounds, test_tones = course.spoken_tones(600, seed=2)
examples = [np.flatnonzero(tones == kind)[0] for kind in range(4)]
display(Audio(np.concatenate(sounds[examples]), rate=course.RATE))

# %% [markdown]
# A sound is a row of 5,120 numbers. Its melody is hard to see there. The **spectrogram** makes a picture of it:
#
# 1. cut it into **frames** of some milliseconds, which overlap: one every `hop` samples;
# 2. multiply each by a **window** that fades in and out, so that the cut makes no click;
# 3. take the **Fourier transform** of each: how strong is each frequency? Keep the magnitude.
#
# For a frame $x$ of $M$ samples, with the window $w$, row $k$ stands for $k/M$ swings a sample:
#
# $$S[k] = \Big|\sum_{n=0}^{M-1} w[n]\,x[n]\;e^{-2\pi i k n / M}\Big|, \qquad k = 0, \dots, M/2.$$
#
# *By hand.* The sound [1, 0, −1, 0, 1, …] swings once in four samples. One frame of four, with a window of ones: k = 0 gives 1 + 0 − 1 + 0 = 0. For k = 1 the factors are 1, −i, −1, i: 1 + 0 + 1 + 0 = 2. For k = 2 they are 1, −1, 1, −1, and the sum is 0. All its strength is in row 1.

# %% [markdown] exercise="spectrogram"
# Make the picture. `np.fft.rfft` computes the sums for k = 0 … M/2 of a real frame.


# %% answer="spectrogram"
def spectrogram(sound, window, hop):
    """Magnitudes of the Fourier transforms of overlapping, windowed frames.

    sound: array of N samples; window: array of M ≤ N numbers, M even; hop: samples from one frame's
        start to the next one's. Frame t begins at t · hop; only frames wholly inside the sound count.
    Returns a float array (M // 2 + 1, number of frames): row 0 is frequency 0.
    """
    ### BEGIN SOLUTION
    starts = np.arange(0, len(sound) - len(window) + 1, hop)
    frames = sound[starts[:, None] + np.arange(len(window))]
    return np.abs(np.fft.rfft(frames * window)).T
    ### END SOLUTION


# %% test="spectrogram"
check(spectrogram)

# %%
hann = np.hanning(513)[:-1]


def log_picture(sound):  # the lowest 1,000 hertz, in logarithms, as we hear
    return np.log1p(spectrogram(sound, hann, 128)[:64]).astype("float32")


if ready(spectrogram):
    one_of_each = [log_picture(sound) for sound in sounds[examples]]
    show(*course.spectrograms_figure(one_of_each, course.TONES))

# %% [markdown]
# **What you should see.** Now the melody is a *shape*: bright lines, one above the other, that bend together. Close points belong together in both directions, in time and in frequency. That is what convolutions want. How long should a frame be? A long one tells frequencies apart, but blurs the time; a short one does the opposite. No choice gives both.

# %%
if ready(spectrogram):
    dipping = partial(course.frames_figure, spectrogram, sounds[examples[2]])
    slide(lambda step: dipping(2 ** (step + 6)), "length", 5, value=3)
    for power in (6, 9, 11):
        show(*dipping(2**power))

# %% [markdown] exercise="melody"
# **Repair.** Follow the melody with numbers: which frequency is loudest in each frame? The function below should say so. But its dots are an octave too high: the brightest line lies below them. Mend it.


# %% answer="melody"
def melody(sound, window, hop, rate):
    """The loudest frequency of each frame, in hertz.

    sound, window, hop: as in `spectrogram`; rate: samples a second.
    Returns a float array, one number for each frame.
    """
    ### BEGIN SOLUTION
    places = np.arange(0, len(sound) - len(window) + 1, hop)
    pieces = sound[places[:, None] + np.arange(len(window))]
    strength = np.abs(np.fft.rfft(pieces * window))
    return strength.argmax(axis=1) * rate / len(window)
    ### END SOLUTION


# %%
rising = sounds[examples[1]]
show(*course.melody_figure(rising, melody(rising, hann, 128, course.RATE)))

# %% test="melody"
check(melody)

# %% [markdown]
# Two simple methods first, both with logistic regression. The *mean spectrum* forgets the time. The *whole picture* gives each pixel a weight. Then a small convolutional net, from three seeds: two convolutions, and the maximum of each map.

# %%
if ready(spectrogram):
    pictures = np.array([log_picture(sound) for sound in sounds]) - 2
    test_pictures = np.array([log_picture(sound) for sound in test_sounds]) - 2
    heard = {}
    views = {"mean spectrum": partial(np.mean, axis=2), "whole picture": course.flat}
    for name, view in views.items():
        fit = LogisticRegression(C=0.01, max_iter=300).fit(view(pictures), tones)
        heard[name] = [fit.score(view(test_pictures), test_tones)]
        print(f"logistic regression, {name}: {heard[name][0]:.1%}")
    ear = course.Trainer(course.sound_net, rate=5e-3, batch_size=32)
    curve = ear.run((pictures, tones), (test_pictures, test_tones), 7, range(3), "net")
    heard["convolutional net"] = curve[:, -1]
    show(*course.dots_figure(heard, "Which of four tones? 600 test syllables"))
    print(f"net {np.mean(curve[:, -1]):.1%} with {ear.model.count_params():,} parameters")

# %% [markdown]
# **What you should see.** A triumph, and an instructive one. A falling line is a falling line at any pitch and at any time: one small filter finds it everywhere. The mean spectrum has lost the time. Logistic regression on all pixels has every number, and even more weights, but it would have to learn each pitch and each moment by itself.
#
# ## 3. The permutation experiment
#
# Back to the rule of thumb. We take digits that stand *anywhere* in a field of 14 × 14, and shuffle them: the **columns**, or **all pixels**. The order is drawn once, and it is the same for every image. No information is lost, since the inverse order, `np.argsort(order)`, brings everything back.

# %% [markdown] exercise="permute_pixels"
# Shuffle all images with one order, which counts the pixels row by row.


# %% answer="permute_pixels"
def permute_pixels(images, order):
    """The same pixels at other places: place k of a flattened image gets the pixel from place order[k].

    images: array (count, rows, cols); order: ints (rows · cols,), each place once.
    Returns an array like `images`.
    """
    ### BEGIN SOLUTION
    flat = images.reshape(len(images), -1)
    return flat[:, order].reshape(images.shape)
    ### END SOLUTION


# %% test="permute_pixels"
check(permute_pixels)

# %%
generator, grid = np.random.default_rng(14), np.arange(14 * 14)
by_columns = grid.reshape(14, 14)[:, generator.permutation(14)].ravel()
orders = {"as they are": grid, "columns shuffled": by_columns}
orders["all pixels shuffled"] = generator.permutation(grid)
if ready(permute_pixels):
    rows = {name: permute_pixels(digits[:8], order) for name, order in orders.items()}
    show(*course.digits_figure(rows))

# %% [markdown]
# What about a **dense** net? Its first layer computes, for each unit, a sum over *all* pixels with one weight each. If the pixels move, the weights can move along, and the sums are the same.
#
# *By hand.* The image [x₀, x₁, x₂, x₃] becomes [x₁, x₂, x₃, x₀]. A unit with weights [1, 2, 3, 4] must now have [2, 3, 4, 1].

# %% [markdown] exercise="permuted_weights"
# Give the weights with which the shuffled images get the old answers.


# %% answer="permuted_weights"
def permuted_weights(weights, order):
    """Weights of a dense layer that give for shuffled images what `weights` gave for the images.

    weights: array (pixels, units); order: as in `permute_pixels`.
    Returns an array (pixels, units).
    """
    ### BEGIN SOLUTION
    return weights[order]
    ### END SOLUTION


# %% test="permuted_weights"
check(permuted_weights)

# %% [markdown]
# So each dense net for the digits has a twin for the shuffled digits. And since the starting weights are random, without regard to place, both are learned equally easily. A convolution has no such twin: its nine weights look at nine *neighbours*, and after the shuffle these are nine strangers.

# %%
if ready(permute_pixels, permuted_weights):
    nets = {"convolutional": (course.conv_net, 4e-3), "dense": (course.dense_net, 2e-3)}
    known, new = (digits, digit_labels), (test_digits, test_digit_labels)
    image_results, trainer = course.over_orders(nets, permute_pixels, orders, known, new)
    # The last net is dense and knows shuffled digits. Its twin, for digits as they are:
    order = orders["all pixels shuffled"]
    before = np.asarray(trainer.model(permute_pixels(test_digits, order)))
    first = next(layer for layer in trainer.model.layers if layer.weights)
    first.kernel.assign(permuted_weights(np.asarray(first.kernel), np.argsort(order)))
    gap = np.abs(np.asarray(trainer.model(test_digits)) - before).max()
    print(f"the dense net and its twin differ by less than 0.00001: {gap < 1e-5}")

# %% [markdown]
# Now the customers: 1,500 made-up people with twelve numbers each, and the question who will buy again. A one-dimensional convolution slides along the columns of this table, a dense net sees them all. The columns are in alphabetical order, then in two random ones.

# %%
people, buys = course.customers(1500, seed=1)
new_people, new_buys = course.customers(1500, seed=2)
shuffles = [np.random.default_rng(seed).permutation(12) for seed in (5, 6)]
columns = {"by name": np.arange(12), "shuffled": shuffles[0], "again": shuffles[1]}
if ready(permute_pixels, permuted_weights):
    nets = {k: (partial(course.table_net, k), 4e-3) for k in ("convolutional", "dense")}
    known, new = (people, buys), (new_people, new_buys)
    table_results, _ = course.over_orders(nets, course.reordered, columns, known, new)
    show(*course.rule_figure(image_results, table_results))

# %% [markdown]
# **What you should see.** The rule of thumb in one picture. Left: the dense line is flat, as we proved. The convolutional net is far above it while neighbours are neighbours, loses when the columns are shuffled (up and down are still in order), and ends *below* the dense net. Right: the dense line is flat again. The convolution wins in no order, and loses a little more where columns that count together ("age" and "clicks") stand far apart. It depends on something that means nothing.
#
# You can even see it before you train anything. Are neighbouring columns more alike than any two columns?

# %%
for name, columns in {"digits": digits.reshape(-1, 14), "customers": people}.items():
    jumbled = columns[:, np.random.default_rng(0).permutation(columns.shape[1])]
    print(f"{name}: {course.alike(columns)}; shuffled: {course.alike(jumbled)}")

# %% [markdown]
# **Not the whole story.** We ran the same experiment on 10,000 pictures of clothes (Unit 9), made smaller to 14 × 14, with three seeds. Hardly any difference! Convolutional or dense, as they are or shuffled, by columns or by pixels: all six means lay within three points of each other. The clothes stand upright in the middle, so each pixel has a meaning of its own, like a column of a table: "ink at the lower left" speaks for trousers. The digits *moved*, and there a net must know that a 7 is a 7 anywhere. So the rule of thumb says when a convolution *cannot* help. Whether it does help is a question for an experiment.
#
# ## Summary
#
# - A convolution bets that **close things belong together**, and that a pattern means the same elsewhere. Pictures, sounds and sentences keep this bet; the columns of a table do not.
# - A sentence is a matrix: a row of numbers for each word. Filters cover n words and the whole vector, and slide in one direction. **Max over time** keeps the largest answer.
# - Kim's net has 360,902 parameters beside its word vectors. Without pretrained vectors a **bag of words** is as good or better. Train the simple thing, too; report the spread over seeds.
# - A **spectrogram** (windowed frames, Fourier transform) turns melody into shape.
# - A dense layer does not care about the order of its inputs: the weights' rows move along. A convolution does.
#
# ## Questions
#
# 1. Word vectors have 300 numbers. You shuffle these 300 columns, the same way for all words. What happens to Kim's net?
# 2. Shuffle the frames (columns) of all spectrograms in one fixed order. Which of the three methods for the tones suffers, and which cannot?
# 3. The weather of 40 cities, one column for each city, sorted by name. May you use a convolution over the columns? What could you do first?
#
# <details><summary>Key</summary>
#
# 1. Nothing. Each filter covers the whole vector, so its weights can move along, as in a dense layer. It slides over words only.
# 2. The convolutional net. The mean spectrum stays exactly the same; logistic regression on the whole picture has a twin, as the dense net has.
# 3. Not as it is: neighbours in the alphabet are not neighbours on the map. Put the cities on a map (a picture), or on a graph; or convolve along time, where neighbours are neighbours.
#
# </details>
#
# ## Open work
#
# - When does the order of words begin to count? Keep only sentences with "not", "but" or "n't". *Measure* net, shuffled net and both bags on these alone, from three seeds.
# - *Measure* the tones from spectrograms with frames of 64 to 2,048 samples, and for voices twice as high as any in the training set. Which change hurts, and why?
# - How many digits does a dense net need? *Measure* both nets on 500, 2,000 and 8,000 digits anywhere, as they are and shuffled.
#
# ## References
#
# - Y. Kim, *Convolutional neural networks for sentence classification*, EMNLP 2014, arXiv 1408.5882.
# - Y. Zhang, B. Wallace, *A sensitivity analysis of (and practitioners' guide to) convolutional neural networks for sentence classification*, IJCNLP 2017, arXiv 1510.03820.
# - S. Wang, C. Manning, *Baselines and bigrams: simple, good sentiment and topic classification*, ACL 2012.
# - B. Pang, L. Lee, *Seeing stars: exploiting class relationships for sentiment categorization with respect to rating scales*, ACL 2005; C. Hutto, E. Gilbert, *VADER: a parsimonious rule-based model for sentiment analysis of social media text*, ICWSM 2014: the sentences and their ratings.
# - Korea University, *Convolutional neural network*, lecture: the rule of thumb, after B. Rohrer, *How convolutional neural networks work*, 2016.
