# %% [markdown]
# # Unit 23 · GPU and scale
#
# **You will be able to**
#
# - measure a training step honestly, and read a table of benchmarks like a detective;
# - say from two counts, operations and bytes, whether a layer is limited by arithmetic or by memory;
# - use mixed precision, XLA, prefetching and several devices, and say what each of them is good for;
# - compute which batch fits into memory, which learning rate belongs to it, and what a training costs.
#
# **Time** about two and a half hours. **Before this** Unit 12: VGG, and Unit 16: efficient nets.

# %% setup="numpy"
import time

import numpy as np
import pandas as pd

from convcourse.check import check, ready
from convcourse.figures import show
from convcourse.predictions import predict
from convcourse.quiet import quietly
from convcourse.widgets import slide

with quietly():
    import keras
    import tensorflow as tf
    from keras import layers
    from convcourse.pictures import gpu_and_scale as course
FULL_RUN = False  # True: some steps of every landmark net also without a GPU (an hour)
course.split_the_cpu()  # into two virtual devices, for later
devices = course.devices()  # {"CPU": …}, and "GPU" where there is one
fastest = list(devices)[-1]
print(course.greeting())

# %% [markdown]
# ## Three lines of an old table
# In our lectures there is a table of about 2014. Somebody trained the winner of ImageNet 2012, AlexNet, on a CPU and on a GPU, a Tesla K40, with batches of three sizes.

# %%
lecture_cpu, lecture_gpu = np.array([64.0, 124.0, 257.0]), np.array([7.5, 14.5, 28.5])
show(*course.old_table_figure([64, 128, 256], lecture_cpu, lecture_gpu))

# %% [markdown]
# **How many times as fast** is the new way? Divide the old time by the new one. *By hand:* 9 s instead of 2 s are 4.5 times as fast. From 3 s to 4 s the speed-up is 0.75: it became slower.

# %% [markdown] exercise="speedup"
# Compute it for each row of a table.


# %% answer="speedup"
def speedup(seconds_before, seconds_after):
    """How many times as fast the new way is, row by row.

    seconds_before, seconds_after: arrays of N times (integers or floats), all above 0.
    Returns a float array of N ratios; 1 means equally fast, below 1 slower.
    """
    ### BEGIN SOLUTION
    return np.asarray(seconds_before) / np.asarray(seconds_after)
    ### END SOLUTION


# %% test="speedup"
check(speedup)

# %%
if ready(speedup):
    speeds = np.round(speedup(lecture_cpu, lecture_gpu), 2)
    print("speed-ups", speeds, "on the slide 8.5 8.5 9.0")

# %% [markdown]
# The middle one is 8.55; the slide cuts it to 8.5. But *what* took 7.5 seconds? The slide does not say. Let us find out. One image costs AlexNet about 0.72 billion multiply-adds forward (Unit 11), two operations each; training needs about three times the forward work. And a K40 has 2,880 cores, each of which can do one multiply-add in each tick of 745 MHz.

# %%
k40_peak, image_work = 2_880 * 2 * 745e6, 3 * 2 * 0.72e9
print(f"K40: {k40_peak / 1e12:.2f} teraflops (1,000 billion operations a second)")
for steps in (1, 20):
    rate = steps * 64 / 7.5
    share = rate * image_work / k40_peak
    print(f"7.5 s for {steps:2d} steps:", end=" ")
    print(f"{rate:5.1f} images a second, {share:.1%} of the peak")
minwa = 36 * 4  # GPUs of the supercomputer Minwa, in another lecture; 12 GB each
print(f"Minwa: {minwa * k40_peak / 1e15:.2f} petaflops, {minwa * 12 / 1000:.1f} TB")

# %% [markdown]
# With one step the GPU would have been idle 99 % of the time. With 20 steps it is at 17 %, a good value for the software of that year. So the times are most likely those of 20 steps. **A time without its unit of work says nothing**: always ask how many images, of what size, forward only or training, and what was left out. The last line is a test of our peak: another lecture has a supercomputer of 36 nodes with four K40 each, "about 0.6 petaflops" and 1.7 TB. It agrees.
# ## Your own table
# Three rules for timing a step. **Warm up**: the first step traces and compiles the net, and may take seconds. **Fetch the result**: a GPU gets its orders in advance and works on its own, so the call returns before the work is done. **Repeat**. And then: images a second are *all* images over *all* seconds. *By hand:* batches of 32, steps of 5.0, 0.5, 0.25 and 0.25 s, of which the first is warm-up: 96 images in 1.0 s.

# %% [markdown] exercise="images_per_second"
# Compute the rate from the times of single steps.


# %% answer="images_per_second"
def images_per_second(seconds, batch_size, warmup):
    """Images a second over all steps but the first ones.

    seconds: array, the time of each step; batch_size: images in a step. The first `warmup`
    steps do not count (at least one step is left). Returns a float.
    """
    ### BEGIN SOLUTION
    counted = np.asarray(seconds)[warmup:]
    return batch_size * len(counted) / counted.sum()
    ### END SOLUTION


# %% test="images_per_second"
check(images_per_second)


# %% [markdown]
# Here is one training step, written out, and a stop watch. `tf.function` turns the step into a graph when it is called first. The net is a small one, for Fashion-MNIST: two convolutions (32 and 64 filters of 3 × 3), each with max pooling, and two dense layers.


# %%
def training_step(net, jit_compile=False):
    optimizer = keras.optimizers.SGD(0.01, momentum=0.9)
    optimizer.build(net.trainable_variables)
    loss_of = keras.losses.SparseCategoricalCrossentropy()

    @tf.function(jit_compile=jit_compile, reduce_retracing=True)
    def step(images, labels):
        with tf.GradientTape() as tape:
            loss = loss_of(labels, net(images, training=True))
        gradients = tape.gradient(loss, net.trainable_variables)
        optimizer.apply(gradients, net.trainable_variables)
        return loss

    return step


def stop_watch(step, *data, steps):
    data, seconds = [tf.constant(part) for part in data], []
    for _ in range(steps):
        start = time.perf_counter()
        np.asarray(step(*data))  # fetched: now it is done
        seconds.append(time.perf_counter() - start)
    return np.array(seconds)


# %%
images, labels = course.clothes()
batches = [1, 4, 16, 64, 256]
if ready(images_per_second):
    table = pd.DataFrame(index=pd.Index(batches, name="batch"))
    for name, place in devices.items():
        with tf.device(place):
            step = training_step(course.small_net())
            runs = [stop_watch(step, images[:n], labels[:n], steps=7) for n in batches]
        table[f"{name}, ms a step"] = [1e3 * np.median(run[2:]) for run in runs]
        rates = map(images_per_second, runs, batches, [2] * 5)
        table[f"{name}, images a second"] = list(rates)
    print(table.round(1))

# %%
if ready(images_per_second):
    show(*course.batches_figure(table))
    for name in devices:
        one, four, *_, many, most = table[f"{name}, ms a step"]
        start, slope = one - (four - one) / 3, (most - many) / (256 - 64)
        print(f"{name}: {start:.2f} ms a step, {slope:.3f} ms an image in large batches")

# %% [markdown]
# **What you should see.** The time of a step is nearly a straight line: a fixed price (starting some hundred small computations, reading the weights) and a price for each image. With one image you pay mostly the fixed price; with many, the rate approaches 1 / slope. On a CPU it may fall again at the end, when the maps of a large batch no longer fit into the caches. On a GPU the slope is tiny and the fixed price is not: with small batches it is *launch-bound*, it waits for orders, and a CPU may win. If your table has both, look for the batch at which the GPU overtakes.
# ## Why a GPU is quick

# %%
show(*course.chips_figure())

# %% [markdown]
# A CPU has a few cores that each do anything quickly. A GPU has thousands that do the same thing at the same time, and a much wider way to its memory. Which of the two helps *your* layer? Count two things: the operations, and the bytes that go to and from memory. Their ratio is the **arithmetic intensity**. Take a convolution with stride 1 and "same" padding, on a batch. It reads the maps and, once for the whole batch, the weights; it writes the result. A multiply-add is *two* operations. *By hand:* one image of 2 × 3 with one channel, two filters of 1 × 1, float32. Operations: 2 · 6 · 1 · 2 = 24. Numbers: 6 + 2 + 12 = 20, in bytes 80. Intensity: 24 / 80 = 0.3. A dense layer is the same with rows = cols = kernel = 1.

# %% [markdown] exercise="arithmetic_intensity"
# Count, and divide. Biases are left out.


# %% answer="arithmetic_intensity"
def arithmetic_intensity(batch, rows, cols, channels, filters, kernel, bytes_per_number):
    """Operations for each byte of a convolution with stride 1, padding "same", no bias.

    batch: images; rows, cols, channels: shape of one input; kernel: its side.
    bytes_per_number: 4 for float32, 2 for float16. Each number is moved once.
    Returns a float. A multiply-add is two operations.
    """
    ### BEGIN SOLUTION
    places, window = batch * rows * cols, kernel**2 * channels
    numbers = places * channels + window * filters + places * filters
    return 2 * places * window * filters / (numbers * bytes_per_number)
    ### END SOLUTION


# %% test="arithmetic_intensity"
check(arithmetic_intensity)

# %% [markdown]
# ### The roof
# A device has two limits: `peak`, operations a second, and `bandwidth`, bytes a second. It moves and computes at the same time, so the slower one decides. With $I$ operations for each byte, the best possible rate is
#
# $$\min(\text{peak},\ \text{bandwidth} \cdot I).$$
#
# Drawn over $I$ this is a roof. It bends at peak / bandwidth; to the left of the bend memory is the limit, to the right arithmetic. A K40 has 288 GB/s, so its roof bends at 4,290 / 288 = 14.9 operations a byte.

# %% [markdown] exercise="roofline"
# Compute the roof, and say for each intensity whether memory is the limit.


# %% answer="roofline"
def roofline(intensity, peak, bandwidth):
    """The best rate that a device can reach.

    intensity: array of N numbers, operations for each byte; peak: operations a second;
    bandwidth: bytes a second. Returns a tuple: the rates, a float array of N numbers, and a
    boolean array, True where memory is the limit.
    """
    ### BEGIN SOLUTION
    from_memory = bandwidth * np.asarray(intensity)
    return np.minimum(from_memory, peak), from_memory < peak
    ### END SOLUTION


# %% test="roofline"
check(roofline)

# %% [markdown]
# **Predict before you run.** A dense layer of VGG16 has 25,088 inputs and 4,096 outputs. With one image, how many of its 4,290 gigaflops can a K40 reach?

# %%
guess, n, m = None, 25_088, 4_096  # below: 288 GB/s times the intensity
best = 288 * 2 * n * m / (4 * (n + n * m + m))
predict(guess, round(best), "Each weight is read for two operations only.", close=0.2)

# %%
if ready(arithmetic_intensity, roofline):
    print(course.known_layers(arithmetic_intensity, roofline).to_string(index=False))

# %% [markdown]
# **What you should see.** Convolutions use each weight at thousands of places: they are limited by arithmetic even for one image. Depthwise convolutions (Unit 16) do so little with each number that memory is the limit, whatever the batch. A dense layer uses each weight once an image: half an operation for each byte, and no device can be busy. A batch of 64 uses each weight 64 times. That is the deeper reason for batches. Move the slider (the batch is a power of two). Below it is **your** roof: we measure the peak with a large matrix product, the bandwidth with a long sum, and then time real layers.

# %%
if ready(arithmetic_intensity):
    slide(lambda n: course.roof_figure(2**n, arithmetic_intensity), "2ⁿ, n", 9, value=3)
    show(*course.roof_figure(8, arithmetic_intensity))

# %%
if ready(arithmetic_intensity, roofline):
    peak, bandwidth = course.measured_roof(devices[fastest])
    print(f"{fastest}: {peak / 1e9:,.0f} gigaflops, {bandwidth / 1e9:,.0f} GB a second")
    points = {}
    for name, layer in course.MEASURED_LAYERS.items():
        rate = course.measured_layer(devices[fastest], *layer)
        points[name] = arithmetic_intensity(*layer, 4), rate
    show(*course.roofline_figure(points, peak, bandwidth, fastest))

# %% [markdown]
# **What you should see.** The dense layer with one image lies far down on the slope, the other layers near the top of the roof. A point can lie a little above: caches are faster than memory, and some algorithms for 3 × 3 need fewer products than we count (Winograd). If a point lies far above, another program was busy while we measured the roof: run the cell again. Depthwise convolutions, batch normalisation and ReLU all live on the slope. That is why MobileNet, with a ninth of the work, is not nine times as fast (Unit 16).

# %% [markdown] exercise="busy_dense"
# **Design.** A dense layer is busy when batch, inputs and outputs are large. But more work takes more time. Find three numbers that lift float32 over the bend of a roof with little work.


# %% answer="busy_dense"
def busy_dense(bend, most):
    """A dense layer that is not limited by memory, in few operations.

    bend: operations for each byte, where the roof bends; most: operations allowed.
    Returns three integers from 1 to a million: batch, inputs, outputs. The intensity in float32
    (4 bytes, no bias) is at least bend; 2 · batch · inputs · outputs is at most `most`.
    """
    ### BEGIN SOLUTION
    side = int(np.ceil(6 * bend))
    return side, side, side
    ### END SOLUTION


# %% test="busy_dense"
check(busy_dense)

# %% [markdown]
# ## Mixed precision
# Half as many bytes: twice the intensity, half the memory, and GPUs since 2017 have special units (*tensor cores*) for 16-bit products. But which 16 bits?

# %%
show(*course.formats_figure())
print("          2048 + 1, 300 · 300, 1 / 100,000,000 and 1 + 0.0001:")
for kind in (np.float32, np.float16, tf.bfloat16.as_numpy_dtype):
    one, large, small = kind(1), kind(300), kind(1e-4)
    with np.errstate(over="ignore"):
        results = kind(2048) + one, large * large, kind(1e-8), one + small
    print(f"{kind.__name__:8s}", ", ".join(f"{float(number):.5g}" for number in results))

# %% [markdown]
# **float16** has 11 binary digits but ends at 65,504. **bfloat16** reaches as far as float32 but has 8 digits. And in both a small step is *lost*: the weight does not move at all. So **mixed** precision: the weights and the optimiser stay in float32; copies in 16 bits are used for the products.

# %% [markdown] exercise="small_steps"
# **Repair.** The function makes a step for each gradient. See the figure: the weight stands still. Mend it.


# %% answer="small_steps"
def small_steps(weights, gradients, rate):
    """Weights after one step of gradient descent for each row of gradients.

    weights: float32 array (N,); gradients: float32 array (steps, N); rate: number.
    Returns an array (N,) that has lost no step, in float32 or better.
    """
    ### BEGIN SOLUTION
    for gradient in gradients:
        weights = weights - rate * gradient
    return weights
    ### END SOLUTION


# %%
show(*course.steps_figure(small_steps))

# %% test="small_steps"
check(small_steps)

# %% [markdown]
# With float16 one danger is left: small gradients become 0. The remedy is **loss scaling**: multiply the loss by a large $S$; by the chain rule all gradients grow by $S$; divide by $S$ in float32 before the step. Below are gradients of all maps of our small net after 100 small steps. Move the power of two.

# %%
if ready():
    net = course.small_net()
    step = training_step(net)
    for n in range(0, 1600, 16):
        step(images[n : n + 16], labels[n : n + 16])
    gradients = course.map_gradients(net, images[:256], labels[:256])
    slide(lambda n: course.gradients_figure(gradients, n), "power", 24, value=0)
    show(*course.gradients_figure(gradients, 0))
    show(*course.gradients_figure(gradients, 13))

# %% [markdown]
# **What you should see.** Without scaling, a few gradients become 0 (the title says how many), and most of the others lose digits. A factor of some thousands brings them back, and the right end stays far from 65,504. In Keras all of this is one line, `keras.mixed_precision.set_global_policy("mixed_float16")` (loss scaling is switched on with `compile`), or "mixed_bfloat16", which needs none. The last softmax should stay in float32. The same net in both:

# %%
size = 2048 if "GPU" in devices else 16
policies = ("float32", course.mixed_policy())  # bfloat16 where the device has it
for policy in policies if ready(images_per_second) else ():
    with tf.device(devices[fastest]):
        net = course.small_net(policy)
        run = stop_watch(training_step(net), images[:size], labels[:size], steps=8)
    kept, used = net.layers[0].variable_dtype, net.layers[0].compute_dtype
    rate = images_per_second(run, size, 2)
    print(f"keeps {kept}, uses {used:8s}: {rate:,.0f} images a second")

# %% [markdown]
# On a GPU with tensor cores mixed precision is up to three times as fast for nets that are limited by arithmetic. Some newer CPUs have instructions for bfloat16 and can gain as well; one without has to convert back and forth, and gets *slower*. Measure before you believe.
# ## XLA: one kernel instead of many
# `x * 2 + 1` is two computations: read x, write x · 2, read it again, add, write. With `jit_compile=True` the compiler **XLA** fuses them: each number is read once, stays in a register, and is written once. The intensity grows without any change in the result. The price is compiling, anew for each shape.

# %%
if ready():

    def chain(x):
        for _ in range(6):
            x = x * 0.9 + 0.1
        return tf.reduce_sum(x * (1 - x))

    runs = {}
    with tf.device(devices[fastest]):
        numbers = tf.linspace(0.0, 1.0, 4_000_000)
        for jit in (False, True):
            step = training_step(course.small_net(), jit_compile=jit)
            runs["training step", jit] = stop_watch(step, images[:32], labels[:32], steps=8)
            compiled = tf.function(chain, jit_compile=jit)
            runs["chain", jit] = stop_watch(compiled, numbers, steps=8)
    print(course.compiled_beside_plain(runs).to_string(index=False))

# %% [markdown]
# **What you should see.** The chain of small operations gains most, often several times: it was limited by memory. A net of convolutions gains less. On a CPU it mostly loses, since there XLA's convolutions are no match for the library's. In Keras: `model.compile(..., jit_compile=True)`; Keras chooses it by itself where it expects a gain. With JAX as backend XLA is always on.
# ## Memory
# What has to lie in memory during one training step? *Once*: the weights, their gradients, and what the optimiser remembers for each weight, its **slots** (none for plain gradient descent, 1 for momentum, 2 for Adam); all in float32. *For each image*: the activations of all layers, since backpropagation needs them (Unit 7); in mixed precision with 2 bytes each. *By hand:* 10 parameters, 100 activations, momentum, two images, float32: 10 · (2 + 1) · 4 + 2 · 100 · 4 = 920 bytes.

# %% [markdown] exercise="memory_for_batch"
# Compute the bytes.


# %% answer="memory_for_batch"
def memory_for_batch(parameters, activations, batch_size, bytes_per_number, slots):
    """Bytes that one training step needs.

    parameters: weights of the net; slots: the optimiser's numbers for each of them.
    activations: numbers that the layers hand on, for one image; bytes_per_number: of an
    activation. Weights, gradients and slots have 4 bytes always. Returns a number of bytes.
    """
    ### BEGIN SOLUTION
    once = 4 * parameters * (2 + slots)
    return once + batch_size * activations * bytes_per_number
    ### END SOLUTION


# %% test="memory_for_batch"
check(memory_for_batch)

# %% [markdown] exercise="largest_batch"
# Now turn the question round: which is the largest batch that fits? You may use `memory_for_batch`. Exactly full is allowed.


# %% answer="largest_batch"
def largest_batch(memory, parameters, activations, bytes_per_number, slots):
    """The largest number of images that one training step can take.

    memory: bytes of the device; the rest as in memory_for_batch.
    Returns an integer; 0 where not even one image fits.
    """
    ### BEGIN SOLUTION
    left = memory - memory_for_batch(parameters, activations, 0, bytes_per_number, slots)
    return max(0, left // (activations * bytes_per_number))
    ### END SOLUTION


# %% test="largest_batch"
check(largest_batch)

# %%
if ready(memory_for_batch, largest_batch):
    vgg = 138_357_544, 15_237_608  # parameters, and what its layers hand on (Unit 6)
    print(f"VGG16 with Adam: {memory_for_batch(*vgg, 1, 4, 2) / 1e9:.2f} GB for one image")
    for card, size in {"GTX 580": 3, "K40": 12, "T4": 16, "H100": 80}.items():
        fits = [largest_batch(size * 10**9, *vgg, width, 2) for width in (4, 2)]
        print(f"{card:8s} {size:2d} GB: a batch of {fits[0]}, in mixed precision {fits[1]}")

# %% [markdown]
# Real frameworks need more (copies, work space for convolutions) or less (ReLU done in place), so take this as a first guess. When the batch that you want does not fit: mixed precision, smaller images, several small batches whose gradients you add before a step, or several devices.
# ## The input pipeline
# A quick device is of no use if it waits for images. The disk has to be read, the JPEG decoded, the image cut and turned: `prepare` seconds for a batch. If this takes turns with the device's `compute` seconds, the device is idle in between. With **prefetch** the next batch is prepared *while* the device computes. *By hand:* prepare 2 s, compute 3 s, four steps. In turns: 4 · (2 + 3) = 20 s; the device works 12 of them and is idle 40 %. With prefetch: the first prepare is alone (2 s), then the slower of the two sets the pace (three times 3 s), and the last compute is alone (3 s): 14 s.

# %% [markdown] exercise="pipeline_seconds"
# Compute the seconds of all steps and the idle share of the device. As many batches as you like may wait, prepared.


# %% answer="pipeline_seconds"
def pipeline_seconds(prepare, compute, steps, prefetch):
    """How long some steps take, and how idle the device is.

    prepare: seconds to prepare a batch; compute: seconds of the device for it.
    steps: number of batches, at least 1; prefetch: True if the two overlap.
    Returns a tuple: seconds in all, and the share of them (0 to 1) that the device is idle.
    """
    ### BEGIN SOLUTION
    pace = max(prepare, compute) if prefetch else prepare + compute
    total = prepare + (steps - 1) * pace + compute
    return total, 1 - steps * compute / total
    ### END SOLUTION


# %% test="pipeline_seconds"
check(pipeline_seconds)

# %% [markdown]
# And now really. Our disk is made up: a generator that *waits* for each batch, 0.8 times as long as the device computes. (Waiting costs no computing time, so this works on one core too.) `tf.data` does the rest. Both workers write down when they begin and end.

# %%
if ready(pipeline_seconds):
    step, ways = training_step(course.small_net()), {"in turns": 0, "with prefetch(2)": 2}
    loads = [(images[n : n + 128], labels[n : n + 128]) for n in range(0, 1536, 128)]
    wait = max(0.005, 0.8 * np.median(stop_watch(step, *loads[0], steps=5)[2:]))
    logs = {name: course.train_and_log(step, loads, wait, n) for name, n in ways.items()}
    show(*course.timeline_figure(logs))
    for name, (disk, device) in logs.items():
        spent = [np.mean([stop - start for start, stop in log]) for log in (disk, device)]
        total, idle = pipeline_seconds(*spent, len(device), "prefetch" in name)
        print(f"{name}: {device[-1][1]:.2f} s; computed {total:.2f} s, idle {idle:.0%}")

# %% [markdown]
# **What you should see.** In the upper rows the boxes take turns; in the lower ones the disk runs ahead (by two batches at most), and the device waits much less. One word, `.prefetch(tf.data.AUTOTUNE)`, at the very end of the pipeline. If the input is slower even then, prepare several batches at once: `.map(decode, num_parallel_calls=tf.data.AUTOTUNE)`, and `.cache()` what fits in memory. **If a training is slow, first make the input free** (feed the same batch again and again): if nothing changes, the input is not to blame.
# ## Several devices
# The simplest way to use two devices is **data parallelism**: both have the same weights, each gets half of the batch, and the gradients are averaged (*all-reduce*).

# %%
show(*course.replicas_figure())

# %% [markdown]
# Is that the same as one device with the whole batch? The loss is a mean over images, so its gradient is a mean too; the mean of the means of two *equal* halves is the mean of all. (Batch normalisation is an exception: each device uses the statistics of its own half.) `tf.distribute.MirroredStrategy` does it with one `scope`. Without GPUs we cut the CPU into two *virtual* devices. This must happen before TensorFlow computes anything: the set-up cell did it. (If you see one replica below, restart the kernel.)

# %%
if ready():

    def losses():
        keras.utils.set_random_seed(0)
        net = keras.Sequential([layers.Flatten(), layers.Dense(10, "softmax")])
        net.compile("sgd", "sparse_categorical_crossentropy", jit_compile=False)
        fitted = net.fit(images[:64], labels[:64], 64, epochs=4, shuffle=False, verbose=0)
        return np.array(fitted.history["loss"])

    strategy = tf.distribute.MirroredStrategy(course.two_devices())
    with strategy.scope():
        together = losses()
    alone, replicas = losses(), strategy.num_replicas_in_sync
    print("one device:", alone.round(4), "with the strategy:", together.round(4))
    print(replicas, "replicas, same losses:", np.allclose(alone, together, 1e-4))

# %% [markdown]
# On one processor this gains nothing, of course. With two GPUs write `tf.distribute.MirroredStrategy()`, and the rest stays as it is. With the JAX backend `keras.distribution.DataParallel()` does the same. The price is the traffic. In the usual ring each of $n$ devices sends $2\,(n-1)/n$ times all gradients in each step. For VGG16 on four devices these are 2 · 3/4 · 138,357,544 · 4 bytes = 830 MB: over Minwa's InfiniBand (56 Gb/s, 7 GB/s) 0.12 s a step. ResNet-50 sends 153 MB. Nets with few parameters scale better.
# ### Large batches, large steps
# Eight devices with 256 images each make a batch of 2,048. In an epoch there are now eight times fewer steps. Goyal and others (2017) give a rule: **multiply the learning rate by the same factor** as the batch. As long as the weights move little, eight small steps along eight gradients are nearly one step, eight times as long, along their mean. At the very beginning the weights do not move little, so they **warm up**: the rate rises in a straight line from the old value, at step 0, to the full one, at step `warmup_steps`.

# %% [markdown] exercise="linear_scaling_lr"
# Write the schedule.


# %% answer="linear_scaling_lr"
def linear_scaling_lr(base_rate, base_batch, batch_size, warmup_steps, steps):
    """Learning rate of each step for a large batch, with warm-up.

    base_rate: rate that is right for batches of base_batch; batch_size: the batch now.
    warmup_steps: 0 or more, at most steps. Step 0 has base_rate, step warmup_steps and all
    later ones the full rate; without warm-up all have it. Returns a float array (steps,).
    """
    ### BEGIN SOLUTION
    full = base_rate * batch_size / base_batch
    rising = base_rate + (full - base_rate) * np.arange(warmup_steps) / max(warmup_steps, 1)
    return np.append(rising, np.full(steps - warmup_steps, full))
    ### END SOLUTION


# %% test="linear_scaling_lr"
check(linear_scaling_lr)

# %%
if ready(linear_scaling_lr):
    rates = {n: linear_scaling_lr(0.1, 256, n, 50, 120) for n in (256, 1024, 8192)}
    show(*course.schedule_figure(rates))
    print(f"batch 8,192: rate {rates[8192][-1]:.1f}, as in the paper")

# %% [markdown]
# With this rule ImageNet was trained with batches of 8,192 in one hour, without loss of accuracy. Beyond that the rule breaks: see question 1.
# ## The landmark nets on your device
# With a GPU every net of the course is now trained for some steps, at its published size. Without one, the smallest four on images of 64 × 64. The same measurement, complete with XLA, mixed precision, memory and other libraries' nets: `convcourse bench nets` in a terminal.

# %%
names, size, side = course.nets_for(fastest, FULL_RUN)
rows = []
for name in names if ready(images_per_second, memory_for_batch) else ():
    with tf.device(devices[fastest]):
        net, shape, macs = course.landmark(name, side)
        run = stop_watch(training_step(net), *course.random_batch(size, shape), steps=6)
    rate, numbers = images_per_second(run, size, 2), course.activations_of(net)
    memory = memory_for_batch(net.count_params(), numbers, size, 4, 1) / 1e6
    rows.append((name, shape, run[0], rate, memory, rate * 3 * 2 * macs / peak))
    print(f"{name}: {rate:,.0f} images a second")
if rows:
    columns = ["net", "input", "first step, s", "images a second", "MB", "share of peak"]
    table = pd.DataFrame(rows, columns=columns)
    print(table.round(3).to_string(index=False))
    show(*course.speeds_figure(table, fastest))

# %% [markdown]
# **What you should see.** Speed does not follow the multiply-adds alone: the share of the peak differs a lot from net to net. Large 3 × 3 convolutions with many channels use a device best; depthwise and small layers leave most of it idle. The four small nets all do.
# ## What does it cost?
# The prices below are **examples: put in your own**. The first is the lecture's (a rented GPU for \$0.80 an hour, a workstation for \$2,000); the others are made up. The speeds are inputs too: take them from your own table or from a paper.

# %%
offers = {  # price of an hour, training images a second: change these
    "the lecture's rented GPU": (0.80, 100.0),
    "a newer GPU": (3.00, 1_200.0),
    "eight newer ones": (8 * 3.00, 8 * 1_200.0 * 0.9),
}
for name, (price, rate) in offers.items():
    hours = 90 * 1_281_167 / rate / 3600  # 90 epochs of ImageNet
    print(f"{name:24s} {hours:6.1f} hours, {price * hours:6.2f} dollars")
print(f"buy or rent: $2,000 are {2e3 / 0.8:,.0f} rented hours, {2e3 / 0.8 / 24:.0f} days")

# %% [markdown]
# The device with the higher price may cost less in the end: what counts is dollars for each image, not for each hour. Eight devices are not eight times as fast (the 0.9 above), so the third line buys *time* with money.
#
# ## Summary
# - Warm up, fetch the result, repeat; and say what was counted. The lecture's speed-ups are 8.53, 8.55 and 9.02.
# - A step costs a fixed price and a price for each image. Small batches pay the fixed price: launch-bound.
# - Rate ≤ min(peak, bandwidth · intensity). Convolutions have a high intensity, dense layers only in large batches.
# - Mixed precision: products in 16 bits, weights in 32. float16 needs loss scaling, bfloat16 does not.
# - XLA fuses small operations; the time for compiling must be won back. With prefetch the input is prepared during the computation.
# - Data parallelism averages gradients. A batch k times as large wants k times the rate, after a warm-up.
#
# ## Questions
# 1. Base batch 256, rate 0.1. Which rate does the linear rule give for a batch of 65,536? Why would you not trust it?
# 2. A step takes 40 ms for 8 images and 100 ms for 32. What is the fixed price, and the best possible rate?
# 3. ReLU reads a number and writes one, for one operation. Its intensity in float32? What share of a K40's peak can it reach?
# 4. prepare 30 ms, compute 20 ms. What does prefetch gain in a long training, and what is the device's idle share then?
#
# <details><summary>Key</summary>
#
# 1. 25.6. The rule assumes that weights move little within 256 steps; with such a rate they do not. In the paper the accuracy falls above 8,192.
# 2. 60 ms for 24 images: 2.5 ms an image, 400 images a second at best. The fixed price is 40 − 8 · 2.5 = 20 ms.
# 3. 1/8. At most 288 / 8 = 36 of 4,290: 0.84 %.
# 4. From 50 to 30 ms a step, 1.67 times as fast. The device is idle one third: the input needs more workers.
#
# </details>
#
# ## Open work
# - Where does a step's time go? *Measure* forward pass, backward pass and update of the small net one by one, for batches of 1, 16 and 256. Do they keep the rule "one to two"?
# - What does your device lose in 16 bits? *Measure* seconds and test accuracy of the small net in float32, bfloat16 and float16 with and without loss scaling, from three seeds.
# - Find the batch at which the linear rule breaks for the small net. *Measure* the test accuracy after equally many images for batches of 32 to 2,048, with and without the rule.
#
# ## References
# - S. Williams, A. Waterman and D. Patterson, *Roofline: an insightful visual performance model for multicore architectures*, Communications of the ACM 52 (4), 2009.
# - P. Micikevicius and others, *Mixed precision training*, ICLR 2018, arXiv:1710.03740.
# - P. Goyal and others, *Accurate, large minibatch SGD: training ImageNet in 1 hour*, 2017, arXiv:1706.02677.
# - R. Wu and others, *Deep Image: scaling up image recognition*, 2015, arXiv:1501.02876 (the computer Minwa).
