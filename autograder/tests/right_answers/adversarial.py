"""Unit 19: other right answers, as students write them."""

import keras
import numpy as np
import tensorflow as tf


def linear_by_norm(weights, bias, image, label, epsilon):
    margin = label * (np.dot(weights, image) + bias)
    change = np.where(label * weights > 0, -epsilon, epsilon) * (weights != 0)
    return change, margin, margin - epsilon * np.linalg.norm(weights, 1)


def linear_by_loop(weights, bias, image, label, epsilon):
    change, before, after = [], label * bias, label * bias
    for w, x in zip(weights, image, strict=True):
        move = 0.0 if w == 0 else -epsilon if w * label > 0 else epsilon
        change.append(move)
        before += label * w * x
        after += label * w * (x + move)
    return [change, before, after]


def gradient_with_variable(model, images, labels):
    pixels = tf.Variable(images.astype("float32"))
    with tf.GradientTape() as tape:
        probabilities = model(pixels, training=False)
        chosen = tf.gather(probabilities, labels, axis=1, batch_dims=1)
        loss = tf.reduce_sum(-tf.math.log(chosen))
    return tape.gradient(loss, pixels).numpy()


def gradient_by_categorical(model, images, labels):
    pixels = tf.constant(images, dtype=tf.float32)
    targets = tf.one_hot(labels, model.output_shape[-1])
    loss_of = keras.losses.CategoricalCrossentropy(reduction="sum")
    with tf.GradientTape() as tape:
        tape.watch(pixels)
        loss = loss_of(targets, model(pixels))
    return tape.gradient(loss, pixels)


def sign_by_where(images, gradients, epsilon):
    result = images.astype(np.float64)
    result[gradients > 0] += epsilon
    result[gradients < 0] -= epsilon
    return np.minimum(np.maximum(result, 0), 255)


def sign_by_tensorflow(images, gradients, epsilon):
    return tf.clip_by_value(tf.cast(images, tf.float32) + epsilon * tf.sign(gradients), 0.0, 255.0)


def scores_by_counting(labels, clean, attacked):
    right = fooled = right_after = 0
    for label, before, after in zip(labels, clean, attacked, strict=True):
        was, now = np.argmax(before) == label, np.argmax(after) == label
        right, right_after, fooled = right + was, right_after + now, fooled + (was and not now)
    return right / len(labels), right_after / len(labels), fooled / right if right else 0


def scores_by_selection(labels, clean, attacked):
    was = np.argmax(clean, 1) == labels
    now = np.argmax(attacked, 1) == labels
    rate = np.mean(~now[was]) if was.any() else 0.0
    return np.array([was.mean(), now.mean(), rate])


def step_by_minimum(images, originals, gradients, step, epsilon, targeted):
    originals = originals.astype("float32")
    direction = -np.sign(gradients) if targeted else np.sign(gradients)
    moved = np.minimum(np.maximum(images + step * direction, originals - epsilon), originals + epsilon)
    return moved.clip(0, 255)


def step_by_perturbation(images, originals, gradients, step, epsilon, targeted):
    sign = (1 - 2 * targeted) * np.sign(gradients)
    change = np.clip(images - originals + step * sign, -epsilon, epsilon)
    return np.clip(originals + change, 0, 255)


def iterated_by_perturbation(model, originals, labels, epsilon, step, steps, targeted):
    change = np.zeros_like(originals)
    for _ in range(steps):
        gradient = gradient_with_variable(model, originals + change, labels)
        change = change + (-step if targeted else step) * np.sign(gradient)
        change = np.clip(change, -epsilon, epsilon)
        change = np.clip(originals + change, 0, 255) - originals
    return originals + change


def iterated_in_tensorflow(model, originals, labels, epsilon, step, steps, targeted):
    images = tf.constant(originals)
    for _ in range(steps):
        with tf.GradientTape() as tape:
            tape.watch(images)
            loss = keras.losses.sparse_categorical_crossentropy(labels, model(images))
            if targeted:
                loss = -loss
        images = images + step * tf.sign(tape.gradient(loss, images))
        images = tf.clip_by_value(images, originals - epsilon, originals + epsilon)
        images = tf.clip_by_value(images, 0.0, 255.0)
    return images


def mixed_in_nested_tapes(model, images, labels, epsilon, alpha):
    cost = keras.losses.SparseCategoricalCrossentropy()
    images = tf.convert_to_tensor(images)
    with tf.GradientTape() as outer:
        with tf.GradientTape() as inner:
            inner.watch(images)
            clean = cost(labels, model(images))
        noise = tf.stop_gradient(tf.sign(inner.gradient(clean, images)))
        attacked = cost(labels, model(tf.clip_by_value(images + epsilon * noise, 0, 255)))
        loss = alpha * clean + (1 - alpha) * attacked
    return outer.gradient(loss, model.trainable_weights)


def mixed_one_after_the_other(model, images, labels, epsilon, alpha):
    def slopes(x):
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(keras.losses.sparse_categorical_crossentropy(labels, model(x)))
        return tape.gradient(loss, model.trainable_variables)

    moved = np.clip(images + epsilon * np.sign(gradient_with_variable(model, images, labels)), 0, 255)
    return tuple(alpha * a + (1 - alpha) * b for a, b in zip(slopes(images), slopes(moved), strict=True))


def few_one_after_the_other(weights, bias, image, most):
    pixels = [float(pixel) for pixel in image]
    for _ in range(most):
        gains = [w * (p if w > 0 else p - 255) for w, p in zip(weights, pixels, strict=True)]
        best = gains.index(max(gains))
        pixels[best] = 0.0 if weights[best] > 0 else 255.0
    return pixels


def few_in_float32(weights, bias, image, most):
    goal = np.where(weights > 0, 0, 255).astype("float32")
    gain = weights * (image - goal)
    largest = np.argpartition(gain, -most)[-most:]
    return np.where(np.isin(np.arange(len(image)), largest), goal, image)


def lengths_in_a_loop(gradients, length):
    result = []
    for gradient in gradients:
        size = sum(g * g for g in gradient.ravel()) ** 0.5
        result.append((length / size * gradient).tolist())
    return result


def lengths_of_rows(gradients, length):
    flat = gradients.reshape(len(gradients), -1).astype("float32")
    return (length * flat / np.linalg.norm(flat, axis=1)[:, None]).reshape(gradients.shape)


RIGHT_ANSWERS = {
    "linear_attack": (linear_by_norm, linear_by_loop),
    "few_pixels": (few_one_after_the_other, few_in_float32),
    "equal_lengths": (lengths_in_a_loop, lengths_of_rows),
    "input_gradient": (gradient_with_variable, gradient_by_categorical),
    "fast_gradient_sign": (sign_by_where, sign_by_tensorflow),
    "attack_scores": (scores_by_counting, scores_by_selection),
    "attack_step": (step_by_minimum, step_by_perturbation),
    "iterated_attack": (iterated_by_perturbation, iterated_in_tensorflow),
    "adversarial_gradients": (mixed_in_nested_tapes, mixed_one_after_the_other),
}
