"""Changes of right answers of unit 19 that are right too."""

from __future__ import annotations

from tests.equivalent_changes import SAME_AXIS, SYMMETRIC

EQUIVALENT: dict[str, dict[str, str]] = {
    "linear_attack": {
        "change = -epsilon * label * np.sign(weights)  →  change = -epsilon / label * np.sign(weights)": "the label is 1 or −1",
    },
    "input_gradient": {
        "pixels = tf.cast(tf.convert_to_tensor(images), tf.float32)  →  pixels = tf.cast(images, tf.float32)": "tf.cast makes a tensor of an array",
    },
    "attack_scores": {
        "rate = fooled.sum() / was_right.sum() if was_right.any() else 0.0  →  rate = fooled.sum() / was_right.sum() if fooled.any() else 0.0": "none fooled: a rate of 0",
    },
}

ONE_ZERO = "a single 0 is as good as an image of zeros"
BOTH_HOLD = "the originals lie in both bounds, so these may change places"

EQUIVALENT_OF_OTHERS = {
    "linear_attack": {
        "change = np.where(label * weights > 0, -epsilon, epsilon) * (weights != 0)  →  change = np.where(label * weights >= 0, -epsilon, epsilon) * (weights != 0)": "a weight of 0 is left out beside",
        "change = np.where(label * weights > 0, -epsilon, epsilon) * (weights != 0)  →  change = np.where(label / weights > 0, -epsilon, epsilon) * (weights != 0)": "a quotient has the sign of the product",
        "move = 0.0 if w == 0 else -epsilon if w * label > 0 else epsilon  →  move = 0.0 if w == 0 else -epsilon if w * label >= 0 else epsilon": "a weight of 0 is left out beside",
        "move = 0.0 if w == 0 else -epsilon if w * label > 0 else epsilon  →  move = 0.0 if w == 0 else -epsilon if w / label > 0 else epsilon": "a quotient has the sign of the product",
    },
    "fast_gradient_sign": {
        "result[gradients > 0] += epsilon  →  result[gradients < 0] -= epsilon": SYMMETRIC,
        "return tf.clip_by_value(tf.cast(images, tf.float32) + epsilon * tf.sign(gradients), 0.0, 255.0)  →  return tf.clip_by_value(images + epsilon * tf.sign(gradients), 0.0, 255.0)": "TensorFlow makes the tensor's type of an array",
    },
    "attack_scores": {
        "return (right / len(labels), right_after / len(labels), fooled / right if right else 0)  →  return (right / len(labels), right_after / len(labels), fooled / right if fooled else 0)": "where one is 0 the other's share is 0",
        "was = np.argmax(clean, 1) == labels  →  was = np.argmax(clean, -1) == labels": SAME_AXIS,
        "now = np.argmax(attacked, 1) == labels  →  now = np.argmax(attacked, -1) == labels": SAME_AXIS,
    },
    "input_gradient": {
        "probabilities = model(pixels, training=False)  →  probabilities = model(pixels)": "a model that is called does not train where nothing is said",
        "chosen = tf.gather(probabilities, labels, axis=1, batch_dims=1)  →  chosen = tf.gather(probabilities, labels, batch_dims=1)": "the axis behind the batch is meant where none is named",
        "loss = tf.reduce_sum(-tf.math.log(chosen))  →  loss = -tf.math.log(chosen)": "the tape adds up several losses",
        "return tape.gradient(loss, pixels).numpy()  →  return tape.gradient(loss, pixels)": "a tensor is as good as an array",
        "pixels = tf.constant(images, dtype=tf.float32)  →  pixels = tf.constant(images, dtype=float)": "TensorFlow takes float for float32",
        "targets = tf.one_hot(labels, model.output_shape[-1])  →  targets = tf.one_hot(labels, model.output_shape[--1])": SAME_AXIS,
    },
    "iterated_attack": {
        "change = np.zeros_like(originals)  →  change = np.zeros_like(epsilon)": ONE_ZERO,
        "change = np.zeros_like(originals)  →  change = np.zeros_like(step)": ONE_ZERO,
        "change = np.zeros_like(originals)  →  change = np.zeros_like(steps)": ONE_ZERO,
        "change = np.zeros_like(originals)  →  change = np.zeros_like(targeted)": ONE_ZERO,
        "change = np.clip(change, -epsilon, epsilon)  →  change = np.clip(originals + change, 0, 255) - originals": BOTH_HOLD,
        "images = tf.clip_by_value(images, originals - epsilon, originals + epsilon)  →  images = tf.clip_by_value(images, 0.0, 255.0)": BOTH_HOLD,
        "images = tf.clip_by_value(images, originals - epsilon, originals + epsilon)  →  images = tf.clip_by_value(originals + epsilon, originals - epsilon, images)": SYMMETRIC,
    },
    "adversarial_gradients": {
        "noise = tf.stop_gradient(tf.sign(inner.gradient(clean, images)))  →  noise = tf.sign(inner.gradient(clean, images))": "no slope runs through a sign",
    },
}
