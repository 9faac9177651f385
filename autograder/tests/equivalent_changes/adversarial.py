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
}
