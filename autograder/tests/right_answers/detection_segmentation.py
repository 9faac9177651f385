"""Unit 22: other right answers, as students write them."""

import keras
import numpy as np
from keras import layers

from convcourse.pictures.detection_segmentation import double_conv


def iou_by_loop(box, boxes):
    result = []
    for top, left, bottom, right in boxes:
        height = max(0, min(box[2], bottom) - max(box[0], top))
        width = max(0, min(box[3], right) - max(box[1], left))
        shared = height * width
        union = (box[2] - box[0]) * (box[3] - box[1]) + (bottom - top) * (right - left) - shared
        result.append(shared / union)
    return result


def iou_by_columns(box, boxes):
    t, left, b, r = np.asarray(boxes, dtype=np.float32).T
    shared = np.clip(np.minimum(b, box[2]) - np.maximum(t, box[0]), 0, None)
    shared = shared * np.clip(np.minimum(r, box[3]) - np.maximum(left, box[1]), 0, None)
    return shared / ((box[2] - box[0]) * (box[3] - box[1]) + (b - t) * (r - left) - shared)


def nms_by_shrinking(boxes, scores, threshold):
    left, kept = np.argsort(scores)[::-1], []
    while len(left):
        best, left = left[0], left[1:]
        kept.append(best)
        left = left[iou_by_columns(boxes[best], boxes[left]) <= threshold]
    return kept


def nms_by_flags(boxes, scores, threshold):
    dropped, kept = [False] * len(boxes), []
    for i in sorted(range(len(boxes)), key=lambda n: scores[n], reverse=True):
        if dropped[i]:
            continue
        kept.append(i)
        for j, shared in enumerate(iou_by_loop(boxes[i], boxes)):
            if shared > threshold:
                dropped[j] = True
    return np.array(kept)


def slides_by_copies(model):
    images = keras.Input((None, None, model.input_shape[-1]))
    x, shape, given = images, None, []
    for layer in model.layers:
        if isinstance(layer, layers.Flatten):
            shape = layer.input.shape[1:]
            continue
        weights = layer.get_weights()
        if isinstance(layer, layers.Dense):
            rows, cols, channels = shape or (1, 1, weights[0].shape[0])
            x = layers.Conv2D(layer.units, (rows, cols), activation=layer.activation)(x)
            weights = [np.reshape(weights[0], (rows, cols, channels, layer.units)), weights[1]]
            shape = None
        else:
            x = layer.__class__.from_config(layer.get_config())(x)
        given += weights
    net = keras.Model(images, x)
    net.set_weights(given)
    return net


def slides_by_sequence(model):
    net, rows, cols = keras.Sequential([keras.Input((None, None, model.input_shape[-1]))]), 1, 1
    for layer in model.layers:
        if layer.__class__.__name__ == "Flatten":
            rows, cols = layer.input.shape[1], layer.input.shape[2]
        elif layer.__class__.__name__ == "Dense":
            act = keras.activations.serialize(layer.activation)
            net.add(layers.Conv2D(layer.units, (rows, cols), activation=act))
            net.layers[-1].set_weights([layer.get_weights()[0].reshape(rows, cols, -1, layer.units), layer.get_weights()[1]])
            rows = cols = 1
        else:
            net.add(layer)
    return net


def scores_by_a_list(found, truth, threshold):
    left, right = list(range(len(truth))), 0
    for *box, kind in found:
        same = [n for n in left if truth[n][4] == kind]
        if not same:
            continue
        shared = iou_by_loop(box, truth[same][:, :4])
        if max(shared) >= threshold:
            left.remove(same[int(np.argmax(shared))])
            right += 1
    return [right / len(found), right / len(truth)]


def scores_by_taken(found, truth, threshold):
    taken = np.zeros(len(truth), dtype=bool)
    for box in found:
        shared = iou_by_columns(box[:4], truth[:, :4])
        shared[taken | (truth[:, 4] != box[4])] = -1
        n = np.argmax(shared)
        taken[n] |= shared[n] >= threshold
    return np.array([taken.sum() / len(found), taken.mean()])


def stamps_by_channels(maps, kernel, stride):
    rows, cols, channels = maps.shape
    krow, kcol, filters, _ = kernel.shape
    result = np.zeros((rows * stride + max(krow - stride, 0), cols * stride + max(kcol - stride, 0), filters), dtype=np.float32)
    for r in range(rows):
        for c in range(cols):
            for f in range(filters):
                for m in range(channels):
                    result[r * stride : r * stride + krow, c * stride : c * stride + kcol, f] += (
                        maps[r, c, m] * kernel[:, :, f, m]
                    )
    return result


def stamps_by_taps(maps, kernel, stride):
    (rows, cols, _), (krow, kcol, filters, _) = maps.shape, kernel.shape
    result = np.zeros((rows * stride + max(krow - stride, 0), cols * stride + max(kcol - stride, 0), filters))
    for i in range(krow):
        for j in range(kcol):
            last_row, last_col = i + (rows - 1) * stride + 1, j + (cols - 1) * stride + 1
            result[i:last_row:stride, j:last_col:stride] += maps @ kernel[i, j].T
    return result


def ious_by_confusion(truth, predicted, classes):
    table = np.zeros((classes, classes))
    np.add.at(table, (truth.ravel(), predicted.ravel()), 1)
    with np.errstate(invalid="ignore"):
        each = np.diag(table) / (table.sum(axis=0) + table.sum(axis=1) - np.diag(table))
    return each, np.nanmean(each)


def ious_by_sets(truth, predicted, classes):
    each = []
    for number in range(classes):
        a, b = (set(np.flatnonzero(labels == number)) for labels in (truth, predicted))
        each.append(len(a & b) / len(a | b) if a | b else float("nan"))
    known = [value for value in each if value == value]
    return each, sum(known) / len(known)


def up_by_functions(x, skip, filters):
    x = layers.Conv2DTranspose(filters, (2, 2), strides=(2, 2), padding="same")(x)
    x = x if skip is None else keras.ops.concatenate([skip, x], axis=-1)
    return double_conv(x, filters)


def up_written_out(x, skip, filters):
    x = layers.Conv2DTranspose(filters, 2, 2, kernel_initializer="he_normal")(x)
    if skip is not None:
        x = layers.concatenate([skip, x])
    for _ in range(2):
        x = layers.Conv2D(filters, (3, 3), padding="same", use_bias=False)(x)
        x = layers.Activation("relu")(layers.BatchNormalization()(x))
    return x


def unet_recursive(input_shape, classes, widths, skips):
    def level(x, widths):
        x = double_conv(x, widths[0])
        if len(widths) == 1:
            return x
        below = level(layers.MaxPooling2D()(x), widths[1:])
        return up_by_functions(below, x if skips else None, widths[0])

    images = keras.Input(shape=input_shape)
    return keras.Model(images, layers.Softmax()(layers.Conv2D(classes, 1)(level(images, widths))))


def unet_by_indices(input_shape, classes, widths, skips):
    images = keras.Input(input_shape)
    x, downs = images, []
    for n, width in enumerate(widths):
        x = double_conv(x, width)
        downs.append(x)
        if n < len(widths) - 1:
            x = layers.MaxPool2D((2, 2))(x)
    for n in range(len(widths) - 2, -1, -1):
        x = up_written_out(x, downs[n] if skips else None, widths[n])
    return keras.Model(inputs=images, outputs=layers.Conv2D(classes, (1, 1), activation="softmax")(x))


def stamps_by_convolution(maps, kernel, stride):
    from scipy.signal import convolve2d

    (rows, cols, channels), (krow, kcol, filters, _) = maps.shape, kernel.shape
    spread = np.zeros((rows * stride, cols * stride, channels))
    spread[::stride, ::stride] = maps
    size = rows * stride + max(krow - stride, 0), cols * stride + max(kcol - stride, 0)
    planes = [sum(convolve2d(spread[..., m], kernel[..., f, m]) for m in range(channels)) for f in range(filters)]
    return np.stack([plane[: size[0], : size[1]] for plane in planes], axis=-1)


def dropper_found_by_trying(threshold):
    shift = 1000
    while (1000 - shift) / (1000 + shift) <= threshold:
        shift -= 1
    return [[0, n * shift, 1000, n * shift + 1000] for n in range(3)]


def dropper_down_the_page(threshold):
    shift = 0.9 * (1 - threshold) / (1 + threshold)
    return np.array([[n * shift, 5, n * shift + 1, 9] for n in range(3)], "float32")


def halved_by_counting(labels, classes):
    result = []
    for top in range(0, len(labels), 2):
        result.append([])
        for left in range(0, labels.shape[1], 2):
            votes = np.bincount(labels[top : top + 2, left : left + 2].ravel())
            result[-1].append(int(votes.argmax()))
    return result


def halved_by_one_hot(labels, classes):
    votes = np.eye(classes)[labels]
    votes = votes[::2, ::2] + votes[1::2, ::2] + votes[::2, 1::2] + votes[1::2, 1::2]
    return votes.argmax(axis=-1)


def anchors_with_a_loop(anchors, truth):
    rows = []
    for top, left, bottom, right in np.asarray(anchors, float):
        best, chosen = -1.0, None
        for box in np.asarray(truth, float):
            high, wide = min(bottom, box[2]) - max(top, box[0]), min(right, box[3]) - max(left, box[1])
            shared = max(high, 0) * max(wide, 0)
            areas = (bottom - top) * (right - left) + (box[2] - box[0]) * (box[3] - box[1])
            if shared / areas > best:  # in the order of the IoU, which is s / (1 − s)
                best, chosen = shared / areas, box
        h, w = bottom - top, right - left
        down = ((chosen[0] + chosen[2]) - (top + bottom)) / (2 * h)
        aside = ((chosen[1] + chosen[3]) - (left + right)) / (2 * w)
        rows.append([down, aside, np.log((chosen[2] - chosen[0]) / h), np.log((chosen[3] - chosen[1]) / w)])
    return rows


def anchors_all_at_once(anchors, truth):
    shared = np.minimum(anchors[:, None, 2:], truth[:, 2:]) - np.maximum(anchors[:, None, :2], truth[:, :2])
    shared = np.clip(shared, 0, None).prod(axis=2)
    a_sides, t_sides = anchors[:, 2:] - anchors[:, :2], truth[:, 2:] - truth[:, :2]
    best = np.argmax(shared / (a_sides.prod(axis=1)[:, None] + t_sides.prod(axis=1) - shared), axis=1)
    moves = (truth[best, :2] + t_sides[best] / 2 - anchors[:, :2] - a_sides / 2) / a_sides
    return np.hstack([moves, np.log(t_sides[best]) - np.log(a_sides)]).astype(np.float32)


def average_by_loops(right, wanted):
    total, best = 0.0, 0.0
    for n in range(len(right), 0, -1):  # from the end, with the best precision that comes later
        best = max(best, sum(right[:n]) / n)
        total += best if right[n - 1] else 0
    return total / wanted


def average_by_rectangles(right, wanted):
    """The curve as steps: at each rise of the recall a rectangle."""
    hits = np.cumsum(right)
    precision, recall = hits / (np.arange(len(right)) + 1), np.concatenate([[0], hits]) / wanted
    highest = [precision[n:].max() for n in range(len(right))]
    return np.float32(np.dot(np.diff(recall), highest))


RIGHT_ANSWERS = {
    "average_precision": (average_by_loops, average_by_rectangles),
    "anchor_targets": (anchors_with_a_loop, anchors_all_at_once),
    "dropped_dropper": (dropper_found_by_trying, dropper_down_the_page),
    "halved_labels": (halved_by_counting, halved_by_one_hot),
    "iou_many": (iou_by_loop, iou_by_columns),
    "non_max_suppression": (nms_by_shrinking, nms_by_flags),
    "fully_convolutional": (slides_by_copies, slides_by_sequence),
    "precision_recall": (scores_by_a_list, scores_by_taken),
    "transposed_conv": (stamps_by_channels, stamps_by_taps, stamps_by_convolution),
    "class_iou": (ious_by_confusion, ious_by_sets),
    "up_block": (up_by_functions, up_written_out),
    "unet": (unet_recursive, unet_by_indices),
}
