# %% [markdown]
# # Unit 28 · Word vectors
#
# **You will be able to**
#
# - find the words nearest to a word, and say what a difference of two word vectors means and what it does not;
# - say why "good" and "bad" are neighbours, and find the filter that tells them apart;
# - give a net a table of vectors that others learned, keep it, train it, or do both at once;
# - measure from how many sentences on pretrained vectors help, and when they hurt.
#
# **Time** about two hours. **Before this** Unit 21: the sentence net; Unit 17: pretrained features.

# %% setup="numpy"
import numpy as np

from convcourse.check import check, ready
from convcourse.data import load_word_vectors
from convcourse.figures import show
from convcourse.pictures import word_vectors as picture
from convcourse.predictions import predict
from convcourse.quiet import quietly

# %% [markdown]
# ## The second number
# In Unit 21 we built Kim's net, and a bag of words beat it. Kim (2014) had the same trouble. With word vectors that started at random his net was right on **76.1 %** of the film reviews, with vectors that others had learned before on **81.0 %**. You know this from Unit 17: features that were learned on much data help where there is little. Here the features are words.
#
# Where do such vectors come from? From reading, without any label. The idea is from linguistics: "You shall know a word by the company it keeps" (Firth 1957). Whoever reads "the … barked at the mailman" can guess the word. **GloVe** (Pennington and others 2014) counts, for each pair of words, how often they stand near each other in 6 billion words of Wikipedia and of news. Then it learns a vector for each word such that the dot products give the logarithms of these counts, but for a bias of each word. Words that keep the same company must get similar vectors.
#
# We have 100 numbers for each of 9,820 words: those of our film reviews (at least twice there), and some more. Each number is rounded to eighths, so that the file is small.

# %%
words, table = load_word_vectors()
number = {word: row for row, word in enumerate(words)}
print("table:", table.shape, " the first words:", *words[:8])
print("film:", *table[number["film"], :8], "…")
show(*picture.groups_figure(words, table))

# %% [markdown]
# **What you should see.** Nobody told GloVe what an animal or a country is. Yet the animals lie together, the places too, and film words with film words. (A hundred numbers don't fit into a plane. We took the plane in which these words differ most, so some neighbours only seem to be near.)
#
# ## How near are two words?
# By the **angle** between their vectors, as in Unit 17. Its cosine is
#
# $$\cos(u, v) = \frac{u \cdot v}{|u|\,|v|}.$$
#
# *By hand*, with two numbers a word. Cat is (4, 3) and dog is (3, 4), both of length 5. The dot product is 12 + 12 = 24, so the cosine is 24/25 = **0.96**. Pet is (0, 5): 15/25 = 0.60. And "the" is (15, −8), of length 17: the dot product is 60 − 24 = 36, larger than all, but the cosine is only 36/(5 · 17) = **0.42**.

# %%
show(
    *picture.by_hand_figure({"cat": (4, 3), "dog": (3, 4), "pet": (0, 5), "the": (15, -8)})
)

# %% [markdown] exercise="nearest_words"
# **Repair.** The function below finds words that are near to almost everything. The figure under it shows what it finds for "good" and for three other words.


# %% answer="nearest_words"
def nearest_words(query, table, count):
    """The words with the largest cosine to a word.

    query: the word's row in the table; table: array (words, dimension), no row all zeros.
    count: 1 … words − 1. Returns that many row numbers, nearest first, without `query`.
    """
    ### BEGIN SOLUTION
    scores = table @ table[query] / np.linalg.norm(table, axis=1)
    order = np.argsort(-scores)
    return order[order != query][:count]
    ### END SOLUTION


# %%
show(
    *picture.neighbours_figure(
        nearest_words, ["good", "funny", "dull", "paris"], words, table
    )
)

# %% test="nearest_words"
check(nearest_words)

# %% [markdown]
# **What you should see** when it is mended. Sensible lists: "dull" is near "boring" and "dreary". Before, "we", "you" and "my" were near to "good", because their vectors are long.
#
# ## Differences
# Vectors can be subtracted. From a country to its capital: is this always the same way? Look at the plane of eleven countries and their capitals.

# %%
show(*picture.capitals_figure(words, table))

# %% [markdown]
# **What you should see.** The arrows are alike, not equal. If they were, then *king − man + woman* would be "queen" (Mikolov, Yih and Zweig 2013).
#
# *By hand.* Man (3, 4), king (4, 5), woman (0, 5). From man to king it is (1, 1), and from woman the same way leads to (1, 6). Which word lies in this direction? Queen, at (2, 5), has the cosine 32/(√29 · √37) = 0.98. But *woman itself* has 30/(5 · √37) = 0.99! The step was short, so we are still near to where we began. Therefore everyone who does such arithmetic leaves the three given words out of the search. (Rogers and others 2017 looked at what is left of many analogies if one doesn't.)

# %% [markdown] exercise="analogy"
# Find d, so that a is to b as c is to d.


# %% answer="analogy"
def analogy(a, b, c, table):
    """The word nearest to b − a + c.

    a, b, c: rows of three words in the table; table: array (words, dimension), no row all zeros.
    Returns the row of the word with the largest cosine to b − a + c, none of the three given ones.
    """
    ### BEGIN SOLUTION
    scores = table @ (table[b] - table[a] + table[c]) / np.linalg.norm(table, axis=1)
    scores[[a, b, c]] = -np.inf
    return int(np.argmax(scores))
    ### END SOLUTION


# %% test="analogy"
check(analogy)

# %% [markdown]
# Now all pairs of our eleven countries: Paris − France + Italy, and so on, 110 questions. **Predict before you run.** How many of the 110 will still be right if the three given words are *not* left out?

# %%
guess = None
predict(
    guess,
    right=83,
    why="The steps are short: the word where we began is often nearest.",
    close=0.1,
)

# %%
if ready(analogy):
    for a, b, c in (
        ("man", "king", "woman"),
        ("big", "bigger", "small"),
        ("good", "best", "bad"),
    ):
        row = analogy(number[a], number[b], number[c], table)
        print(f"{a} : {b} = {c} : {words[row]}")
    left_out, nothing_left_out = picture.capitals_found(analogy, words, table)
    print(f"capitals: {left_out} of 110, and {nothing_left_out} if nothing is left out")

# %% [markdown]
# **What you should see.** 104 capitals of 110 are right, an astonishing number for vectors that only count company. But "bigger" does not lead to "smaller": "larger" is nearer. And without leaving words out it is 83. The search is also easy here, as it has 9,820 words to choose from; GloVe's own list has 400,000. *Read how a number was measured before you believe it.*
#
# The vectors have also learned **what people write about people**. "Nurse" is nearer to "she", "captain" to "he". Nobody wanted that, it was in the text; and whatever is built on the vectors inherits it (Bolukbasi and others 2016 showed it, and tried to take it out).

# %%
for word in ("nurse", "captain"):
    she, he = (
        picture.cosine(table[number[word]], table[number[who]]) for who in ("she", "he")
    )
    print(f"{word}: cosine with “she” {she:.2f}, with “he” {he:.2f}")

# %% [markdown]
# ## Opposites are neighbours
# We want to tell praise from blame. **Predict before you run.** Which word is nearer to "good": "bad" or "superb"?

# %%
guess = None
predict(guess, right="bad", why="“A … film”: good and bad keep the same company.")

# %%
good, bad = table[number["good"]], table[number["bad"]]
for one, other in (("good", "bad"), ("good", "superb"), ("funny", "boring")):
    near = picture.cosine(table[number[one]], table[number[other]])
    print(f"{one} and {other}: {near:.2f}")

# %% [markdown]
# **What you should see.** "Bad" is much nearer. Opposites answer the same question, so they stand in the same places: *a good film, a bad film.* For a sentence net this sounds fatal. Is it? Near is not equal. A filter over one word computes $k \cdot v + b$, and we may choose $k$.
#
# *By hand.* "Good" is (3, 4) and "bad" (3, 2). What they share, the 3, tells nothing; they differ by $d$ = (0, 2). Take a multiple of $d$ as the kernel. For answers of 1 and −1, $k \cdot d$ must be 2, so $k = 2d / (d \cdot d)$ = (0, 1). Then $k \cdot v$ is 4 and 2, and the bias −3 makes it 1 and −1.

# %% [markdown] exercise="tell_apart"
# **Design.** Find a filter that tells two words apart. Its kernel must be short: a long one answers loudly to all other words as well.


# %% answer="tell_apart"
def tell_apart(one, other):
    """A filter over one word: kernel · vector + bias.

    one, other: two different word vectors, float arrays (dimension,).
    Returns (kernel, bias): an array (dimension,) and a number. The answer to `one` is at least 1, the one
    to `other` at most −1. No kernel that does this is shorter by more than 5 %.
    """
    ### BEGIN SOLUTION
    difference = one - other
    kernel = 2 * difference / (difference @ difference)
    return kernel, -kernel @ (one + other) / 2
    ### END SOLUTION


# %% test="tell_apart"
check(tell_apart)

# %% [markdown]
# Your filter knows two words, "good" and "bad". What does it say of 40 words that it has never seen, 20 of praise and 20 of blame?

# %%
if ready(tell_apart):
    kernel, bias = tell_apart(good, bad)
    lists = {"praise": picture.PRAISE, "blame": picture.BLAME}
    rows = {name: [number[word] for word in some] for name, some in lists.items()}
    scores = {name: table[some] @ kernel + bias for name, some in rows.items()}
    show(*picture.sides_figure(scores, lists))
    right = sum(scores["praise"] > 0) + sum(scores["blame"] < 0)
    print(f"on the right side: {right} of 40")

# %% [markdown]
# **What you should see.** 38 of 40 are on the right side, and only two words of praise are not. So the opposites *are* apart, in a direction of 100. The cosine looks at all directions at once; a filter chooses one. This is why frozen vectors can work at all. But our filter was lucky: it saw words alone, and two good examples. A net must find its directions from sentences.
#
# ## A table for the net
# The net's embedding is a table with a row for each word *number* (Unit 21: 0 is padding, 1 an unknown word). The vectors are a table in another order, and some words are missing there: names, and words that this file leaves out, such as "a" and "i". What should a word without a vector get? Zeros would say "no word here". Random numbers would be noise of some length. We take **the mean of the vectors of the other words in the vocabulary**: a word like any other.
#
# *By hand.* Vocabulary {film: 2, cletis: 3, bad: 4}, with film (4, 0) and bad (0, 3); "cletis" has no vector. The mean is (2, 1.5). So the rows are (0, 0), (2, 1.5), (4, 0), **(2, 1.5)**, (0, 3).
#
# One more thing: the words must be *cut* as the makers of the vectors did it. GloVe cut "isn't" into "is" and "n't". Our file has no "n't", so we write "is not": else the most important word of a sentence would be unknown.

# %% [markdown] exercise="embedding_matrix"
# Bring the vectors into the vocabulary's order.


# %% answer="embedding_matrix"
def embedding_matrix(vocabulary, words, table):
    """The vectors of a vocabulary, as the weights of an embedding.

    vocabulary: dict from word to its number; the numbers are 2, 3, … without a gap, in any order.
    words: the words of the table, in the order of its rows; table: array (words, dimension).
    At least one word of the vocabulary is in `words`.
    Returns a float array (vocabulary + 2, dimension): row 0 zeros; row 1, and the rows of words without
    a vector, the mean of the vectors of the vocabulary's words that have one.
    """
    ### BEGIN SOLUTION
    place = {word: row for row, word in enumerate(words)}
    known = [word for word in vocabulary if word in place]
    vectors = table[[place[word] for word in known]]
    matrix = np.tile(vectors.mean(axis=0), (len(vocabulary) + 2, 1))
    matrix[0] = 0
    matrix[[vocabulary[word] for word in known]] = vectors
    return matrix
    ### END SOLUTION


# %% test="embedding_matrix"
check(embedding_matrix)

# %%
sentences, labels, train, test = picture.reviews()
vocabulary = picture.vocabulary_of(sentences)
without = [word for word in vocabulary if word not in number]
print(f"{len(vocabulary):,} words, {len(without)} without a vector:", *without[:12], "…")
if ready(embedding_matrix):
    matrix = embedding_matrix(vocabulary, words, table).astype("float32")
    inputs = picture.encoded(sentences, vocabulary)
    print("matrix:", matrix.shape, " sentences:", inputs.shape)

# %% [markdown]
# (The vocabulary also holds words of the test sentences. Without labels this is no cheating: a net with a frozen table can use *every* word that has a vector, even if no training sentence has it.)
#
# ## Keep them, train them, or both
# Kim compared four nets. They differ in the embedding only:
#
# | Kim's name | the vectors | his accuracy |
# | --- | --- | --- |
# | CNN-rand | start at random, are trained | 76.1 % |
# | CNN-static | pretrained, **frozen** | 81.0 % |
# | CNN-non-static | pretrained, **trained** | 81.5 % |
# | CNN-multichannel | two channels: one frozen, one trained | 81.1 % |
#
# Like the colours of a picture, the two **channels** show the same sentence twice. In the fourth net each filter has *one* kernel, which is applied to both, and the results are added. So, for a place in the sentence,
#
# $$b + \sum W \cdot X_{\text{frozen}} + \sum W \cdot X_{\text{trained}} = b + \sum W \cdot (X_{\text{frozen}} + X_{\text{trained}}).$$
#
# A convolution is linear! Two channels with a shared kernel are one channel: the *sum* of the vectors. At first it is twice the table, and what training changes comes on top. It cannot forget the table altogether, since the frozen half stays.

# %% [markdown] exercise="two_channels"
# Build the sum of the two channels. Both begin as `table`.


# %% answer="two_channels"
with quietly():  # from here on we need TensorFlow
    import keras
    from keras import layers


def two_channels(length, table):
    """The vectors of a sentence in two channels, added.

    length: word numbers in a sentence: the input has shape (length,) and dtype "int32".
    table: array (words, dimension). Both channels begin with it; the first is frozen, the second is trained.
    Returns a keras.Model from word numbers to the sums, shape (length, dimension).
    """
    ### BEGIN SOLUTION
    numbers = keras.Input((length,), dtype="int32")
    frozen = layers.Embedding(*table.shape, weights=[table], trainable=False)(numbers)
    trained = layers.Embedding(*table.shape, weights=[table])(numbers)
    return keras.Model(numbers, layers.Add()([frozen, trained]))
    ### END SOLUTION


# %% test="two_channels"
check(two_channels)

# %% [markdown]
# ## Where does it help?
# `one_channel` gives the other three. Behind the vectors stands Kim's net with 16 filters of each size. We train on 200, 1,000 and all 7,072 sentences, from two seeds each; a seed also draws the sentences. The 2,000 test sentences are always the same.


# %%
def one_channel(length, table, start, trainable):
    """As `two_channels`, but one; it starts with the table if `start`, else at random."""
    numbers = keras.Input((length,), dtype="int32")
    known = {"weights": [table]} if start else {}
    vectors = layers.Embedding(*table.shape, trainable=trainable, **known)(numbers)
    return keras.Model(numbers, vectors)


# %% [markdown]
# **Predict before you run.** With *all* sentences: will the net with the frozen table be better than the one that starts at random, "yes" or "no"?

# %%
guess = None
predict(
    guess, right="no", why="7,072 sentences teach the words of praise and blame themselves."
)

# %%
if ready(embedding_matrix, two_channels):
    size = picture.LENGTH, matrix
    nets = {
        "random": lambda: one_channel(*size, start=False, trainable=True),
        "frozen": lambda: one_channel(*size, start=True, trainable=False),
        "trained": lambda: one_channel(*size, start=True, trainable=True),
        "two channels": lambda: two_channels(*size),
    }
    epochs = {200: 30, 1000: 8, 7072: 2}  # few sentences are shown more often
    known, new = (inputs[train], labels[train]), (inputs[test], labels[test])
    results, learned = {}, {}
    for name, channels in nets.items():
        results[name], learned[name] = picture.accuracies(
            channels, known, new, epochs, range(2)
        )
    picture.print_ranges(results)
    show(*picture.results_figure(results))

# %% [markdown]
# **What you should see.** Read the figure from left to right; your numbers may differ a little. We ran it from six seeds, and these are the lowest and the highest accuracies in percent:
#
# | sentences | 200 | 1,000 | 7,072 |
# | --- | --- | --- | --- |
# | random | 59.9 – 62.6 | 67.0 – 69.5 | **75.7 – 77.3** |
# | frozen | **63.4 – 66.7** | 66.7 – 70.6 | 71.2 – 73.9 |
# | trained | **64.0 – 67.6** | 67.8 – 71.2 | 74.1 – 76.2 |
# | two channels | 61.7 – 65.1 | 67.6 – 68.6 | 71.6 – 73.8 |
#
# With **200 sentences** each run with pretrained vectors, frozen or trained, beat each run without. Five of six different words of the test sentences (and every third, if each is counted) are in none of the 200 sentences, and only the table knows them. With **1,000** the ranges overlap. With **all** the net that starts at random is best, and from each seed the frozen table is 3 to 5 points behind. The likely reason: the words of praise and blame occur often enough now to be learned, and a frozen table keeps them as near to each other as they were. Training the table wins back most of it.
#
# Kim's order is another one: there the frozen vectors won by 5 points, with somewhat more sentences. His vectors were learned from more text and have 300 numbers, and his net has 100 filters of each size. What makes the difference? We don't know, so it is an open question below. In one thing we agree with him: two channels are no better than one that is trained.
#
# ## What training does to neighbours
# Take the net that trained its table on all sentences. Which words are nearest to "bad" before, and which after?

# %%
if ready(nearest_words, embedding_matrix, two_channels):
    after = learned["trained"].layers[1].get_weights()[0]
    picture.print_neighbours(["bad", "good"], vocabulary, nearest_words, matrix, after)

# %% [markdown]
# **What you should see.** "Good" is no longer among the nearest words of "bad". Training pushed the two apart, since it is paid for that. But the vectors moved little, and most neighbours stayed: two passes over the sentences are few, and the table's vectors are long. Short random vectors are soon rewritten. In Kim's table 3 the same happened: at first "good" was the word nearest to "bad", after training it was "terrible".
#
# ## Summary
# - A **word vector** is learned from the company that a word keeps. Near in angle means: used in the same places.
# - **Differences** carry meaning, roughly. In analogies the given words are left out of the search; without that many fail.
# - **Opposites are neighbours.** A filter can still tell them apart, by the direction in which they differ.
# - An embedding takes a given table, **frozen or trained**. Words without a vector need a decision, and so does how words are cut.
# - Two channels with shared kernels are the **sum** of their vectors: a table that can change but not forget.
# - Pretrained vectors help **where sentences are few**. Measure it, over seeds, beside the net that starts at random.
#
# ## Questions
# 1. Someone multiplies the vector of each word by a number of its own, larger than 0. Which of your first two functions, `nearest_words` and `analogy`, may now give other words?
# 2. In the second net, which parameters are trained, and how many numbers of the embedding?
# 3. A word occurs in the test sentences but in no training sentence. What do the nets "random", "frozen" and "trained" know of it?
#
# <details><summary>Key</summary>
#
# 1. `analogy`: in a sum the lengths count. The cosine of two words does not change.
# 2. The kernels and biases of the convolutions, and the dense layer. Of the embedding, none.
# 3. Random: nothing, its vector is as it started. Frozen: its neighbours, as the table has them, so filters that like them like it too. Trained: the same, but the neighbours that were trained have moved away from it.
#
# </details>
#
# ## Open work
# - Why is our order with all sentences another one than Kim's? Change one thing at a time: 100 filters, more epochs, the table divided by 10, another rate. *Measure* "random", "frozen" and "trained" from three seeds each, and choose on sentences that are neither trained nor tested on.
# - What should unknown words get? Compare the mean, zeros, and random numbers of the usual length. *Measure* the accuracy with 200 sentences over ten seeds, also on the test sentences with two unknown words or more.
# - Does the word order count now? Shuffle the test sentences' words, as in Unit 21. *Measure* the loss of the frozen net and of the trained one, from three seeds.
#
# ## References
# - J. R. Firth, *A synopsis of linguistic theory 1930–1955*, in Studies in linguistic analysis, 1957.
# - T. Mikolov, W. Yih, G. Zweig, *Linguistic regularities in continuous space word representations*, NAACL 2013.
# - J. Pennington, R. Socher, C. Manning, *GloVe: global vectors for word representation*, EMNLP 2014: our vectors.
# - Y. Kim, *Convolutional neural networks for sentence classification*, EMNLP 2014, arXiv 1408.5882: the four nets, table 2; neighbours before and after, table 3.
# - T. Bolukbasi, K.-W. Chang, J. Zou, V. Saligrama, A. Kalai, *Man is to computer programmer as woman is to homemaker? Debiasing word embeddings*, NeurIPS 2016.
# - A. Rogers, A. Drozd, B. Li, *The (too many) problems of analogical reasoning with word vectors*, \*SEM 2017: what happens if nothing is left out.
