"""Changes of right answers of unit 19 that are right too."""

from __future__ import annotations

from tests.equivalent_changes import ONE_AXIS, SAME_AXIS, SYMMETRIC

EQUIVALENT: dict[str, dict[str, str]] = {
    "linear_attack": {
        "change = -epsilon * label * np.sign(weights)  →  change = -epsilon / label * np.sign(weights)": "the label is 1 or −1",
        "before = label * (weights @ image + bias)  →  before = label * (image @ weights + bias)": SYMMETRIC,
        "return (change, before, label * (weights @ (image + change) + bias))  →  return (change, before, label * ((image + change) @ weights + bias))": SYMMETRIC,
    },
    "input_gradient": {
        "pixels = tf.cast(tf.convert_to_tensor(images), tf.float32)  →  pixels = tf.cast(images, tf.float32)": "tf.cast makes a tensor of an array",
    },
    "fast_gradient_sign": {
        "return np.clip(images + epsilon * np.sign(gradients), 0, 255)  →  return np.clip(0, images + epsilon * np.sign(gradients), 255)": SYMMETRIC,
    },
    "attack_scores": {
        "was_right = clean.argmax(axis=1) == labels  →  was_right = clean.argmax(axis=-1) == labels": SAME_AXIS,
        "is_right = attacked.argmax(axis=1) == labels  →  is_right = attacked.argmax(axis=-1) == labels": SAME_AXIS,
        "rate = fooled.sum() / was_right.sum() if was_right.any() else 0.0  →  rate = fooled.sum() / was_right.sum() if was_right.any(axis=0) else 0.0": ONE_AXIS,
        "rate = fooled.sum() / was_right.sum() if was_right.any() else 0.0  →  rate = fooled.sum() / was_right.sum() if was_right.any(axis=-1) else 0.0": ONE_AXIS,
        "rate = fooled.sum() / was_right.sum() if was_right.any() else 0.0  →  rate = fooled.sum() / was_right.sum() if fooled.any() else 0.0": "none fooled: a rate of 0",
        "rate = fooled.sum() / was_right.sum() if was_right.any() else 0.0  →  rate = fooled.sum(axis=0) / was_right.sum() if was_right.any() else 0.0": ONE_AXIS,
        "rate = fooled.sum() / was_right.sum() if was_right.any() else 0.0  →  rate = fooled.sum(axis=-1) / was_right.sum() if was_right.any() else 0.0": ONE_AXIS,
        "rate = fooled.sum() / was_right.sum() if was_right.any() else 0.0  →  rate = fooled.sum() / was_right.sum(axis=0) if was_right.any() else 0.0": ONE_AXIS,
        "rate = fooled.sum() / was_right.sum() if was_right.any() else 0.0  →  rate = fooled.sum() / was_right.sum(axis=-1) if was_right.any() else 0.0": ONE_AXIS,
        "return (was_right.mean(), is_right.mean(), rate)  →  return (was_right.mean(axis=0), is_right.mean(), rate)": ONE_AXIS,
        "return (was_right.mean(), is_right.mean(), rate)  →  return (was_right.mean(axis=-1), is_right.mean(), rate)": ONE_AXIS,
        "return (was_right.mean(), is_right.mean(), rate)  →  return (was_right.mean(), is_right.mean(axis=0), rate)": ONE_AXIS,
        "return (was_right.mean(), is_right.mean(), rate)  →  return (was_right.mean(), is_right.mean(axis=-1), rate)": ONE_AXIS,
    },
    "equal_lengths": {
        "squares = np.sum(gradients ** 2, axis=(1, 2, 3), keepdims=True)  →  squares = np.sum(gradients ** 2, axis=(2, 1, 3), keepdims=True)": SYMMETRIC,
        "squares = np.sum(gradients ** 2, axis=(1, 2, 3), keepdims=True)  →  squares = np.sum(gradients ** 2, axis=(3, 2, 1), keepdims=True)": SYMMETRIC,
        "squares = np.sum(gradients ** 2, axis=(1, 2, 3), keepdims=True)  →  squares = np.sum(gradients ** 2, axis=(1, 3, 2), keepdims=True)": SYMMETRIC,
        "squares = np.sum(gradients ** 2, axis=(1, 2, 3), keepdims=True)  →  squares = np.sum(gradients ** 2, axis=(1, -2, 3), keepdims=True)": SAME_AXIS,
    },
    "attack_step": {
        "moved = np.clip(moved, originals - epsilon, originals + epsilon)  →  moved = np.clip(originals - epsilon, moved, originals + epsilon)": SYMMETRIC,
        "return np.clip(moved, 0, 255)  →  return np.clip(0, moved, 255)": SYMMETRIC,
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
