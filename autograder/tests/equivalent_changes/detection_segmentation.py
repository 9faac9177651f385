"""Changes of right answers of unit 22 that are right too."""

from __future__ import annotations

from tests.equivalent_changes import ALIAS, INDEPENDENT, ONE_AXIS, POOL_STEPS, PRODUCT_ONLY, SAME_AXIS, SYMMETRIC

FOUR = "a box has four numbers"
NAN_TOO = "0 / 0 is nan too"
NEGATIVE_SIDE = "reshape works out a negative side by itself"
READS_FOUR = "iou_many reads the first four numbers only"
AS_ITS_STEPS = "a kernel as large as its steps needs no frame"
SET_AT_FLATTEN = "the size is set at the Flatten layer"

SAME_LENGTH = "both are as long"

EQUIVALENT: dict[str, dict[str, str]] = {
    "halved_labels": {
        "blocks = labels.reshape(rows // 2, 2, cols // 2, 2)  →  blocks = labels.reshape(rows // -2, 2, cols // 2, 2)": NEGATIVE_SIDE,
        "blocks = labels.reshape(rows // 2, 2, cols // 2, 2)  →  blocks = labels.reshape(rows // 2, 2, cols // -2, 2)": NEGATIVE_SIDE,
        "votes = [(blocks == number).sum(axis=(1, 3)) for number in range(classes)]  →  votes = [(blocks == number).mean(axis=(1, 3)) for number in range(classes)]": "a mean of four is a fourth of the votes",
        "votes = [(blocks == number).sum(axis=(1, 3)) for number in range(classes)]  →  votes = [(blocks == number).sum(axis=(1, 3)) for number in range(classes + 1)]": "no pixel has the class that is too many",
    },
    "iou_many": {
        "overlap = np.minimum(box[2:4], boxes[:, 2:4]) - np.maximum(box[:2], boxes[:, :2])  →  overlap = np.minimum(box[2:5], boxes[:, 2:4]) - np.maximum(box[:2], boxes[:, :2])": FOUR,
        "overlap = np.minimum(box[2:4], boxes[:, 2:4]) - np.maximum(box[:2], boxes[:, :2])  →  overlap = np.minimum(box[2:4], boxes[:, 2:5]) - np.maximum(box[:2], boxes[:, :2])": FOUR,
        "area = np.prod(box[2:4] - box[:2])  →  area = np.prod(box[:2] - box[2:4])": "two signs cancel",
        "area = np.prod(box[2:4] - box[:2])  →  area = np.prod(box[2:5] - box[:2])": FOUR,
        "areas = np.prod(boxes[:, 2:4] - boxes[:, :2], axis=1)  →  areas = np.prod(boxes[:, :2] - boxes[:, 2:4], axis=1)": "two signs cancel",
        "areas = np.prod(boxes[:, 2:4] - boxes[:, :2], axis=1)  →  areas = np.prod(boxes[:, 2:5] - boxes[:, :2], axis=1)": FOUR,
    },
    "precision_recall": {
        "fits = iou_many(box[:4], truth[:, :4]) * free * (truth[:, 4] == box[4])  →  fits = iou_many(box, truth[:, :4]) * free * (truth[:, 4] == box[4])": READS_FOUR,
        "fits = iou_many(box[:4], truth[:, :4]) * free * (truth[:, 4] == box[4])  →  fits = iou_many(box[:5], truth[:, :4]) * free * (truth[:, 4] == box[4])": READS_FOUR,
        "fits = iou_many(box[:4], truth[:, :4]) * free * (truth[:, 4] == box[4])  →  fits = iou_many(box[:4], truth) * free * (truth[:, 4] == box[4])": READS_FOUR,
        "fits = iou_many(box[:4], truth[:, :4]) * free * (truth[:, 4] == box[4])  →  fits = iou_many(box[:4], truth[:, :5]) * free * (truth[:, 4] == box[4])": READS_FOUR,
        "free[fits.argmax()] = 0  →  free[fits.argmax()] = -1": "a used box reaches no threshold",
        "return (right / len(found), right / len(truth))  →  return (right / len(found), right / len(free))": SAME_LENGTH,
        "return (right / len(found), right / len(truth))  →  return (right / len(found), right / len(fits))": SAME_LENGTH,
    },
    "average_precision": {
        "precision = np.cumsum(right) / np.arange(1, len(right) + 1)  →  precision = np.cumsum(right, axis=0) / np.arange(1, len(right) + 1)": ONE_AXIS,
        "precision = np.cumsum(right) / np.arange(1, len(right) + 1)  →  precision = np.cumsum(right, axis=-1) / np.arange(1, len(right) + 1)": ONE_AXIS,
        "return np.sum(raised * right) / wanted  →  return np.sum(raised * right, axis=0) / wanted": ONE_AXIS,
        "return np.sum(raised * right) / wanted  →  return np.sum(raised * right, axis=-1) / wanted": ONE_AXIS,
        "return np.sum(raised * right) / wanted  →  return np.sum(raised @ right) / wanted": "the sum of the products, summed again",
    },
    "transposed_conv": {
        "size = (rows * stride + max(krow - stride, 0), cols * stride + max(kcol - stride, 0))  →  size = (rows * stride + max(0, krow - stride), cols * stride + max(kcol - stride, 0))": SYMMETRIC,
        "size = (rows * stride + max(krow - stride, 0), cols * stride + max(kcol - stride, 0))  →  size = (rows * stride + max(krow - stride, 0), cols * stride + max(0, kcol - stride))": SYMMETRIC,
    },
    "class_iou": {
        "each = np.full(classes, np.nan)  →  each = np.full(classes, np.nan + 1)": "still nan",
        "each = np.full(classes, np.nan)  →  each = np.full(classes, np.nan - 1)": "still nan",
        "for number in range(classes):  →  for number in range(classes + 1):": "no pixel has that number, and its nan is not stored",
        "true, claimed = (truth == number, predicted == number)  →  true, claimed = (predicted == number, truth == number)": SYMMETRIC,
        "if (true | claimed).any():  →  if (classes | claimed).any():": NAN_TOO,
        "if (true | claimed).any():  →  if (true | classes).any():": NAN_TOO,
        "if (true | claimed).any():  →  each[number] = np.sum(true & claimed) / np.sum(true | claimed)": NAN_TOO,
    },
    "fully_convolutional": {
        "x, size = (images, (1, 1))  →  x, size = (images, (2, 1))": SET_AT_FLATTEN,
        "x, size = (images, (1, 1))  →  x, size = (images, (0, 1))": SET_AT_FLATTEN,
        "x, size = (images, (1, 1))  →  x, size = (images, (-1, 1))": SET_AT_FLATTEN,
        "x, size = (images, (1, 1))  →  x, size = (images, (1, 2))": SET_AT_FLATTEN,
        "x, size = (images, (1, 1))  →  x, size = (images, (1, 0))": SET_AT_FLATTEN,
        "x, size = (images, (1, 1))  →  x, size = (images, (1, -1))": SET_AT_FLATTEN,
        "conv.set_weights([weights.reshape(conv.kernel.shape), bias])  →  size = (1, 1)": INDEPENDENT,
    },
    "up_block": {
        "x = layers.Conv2DTranspose(filters, 2, strides=2)(x)  →  x = layers.Conv2DTranspose(filters, 2, strides=2, padding='same')(x)": "kernel and stride are alike, so nothing is cut",
    },
    "unet": {
        "x = layers.MaxPooling2D(2)(x)  →  x = layers.MaxPooling2D(2, padding='same')(x)": "the sides are even, so no zeros are needed",
        "return keras.Model(images, layers.Conv2D(classes, 1, activation='softmax')(x))  →  return keras.Model(images, layers.Conv2D(classes, 1, activation='softmax', padding='same')(x))": "a 1 × 1 kernel with stride 1 needs no zeros",
    },
}

EQUIVALENT_OF_OTHERS = {
    "average_precision": {
        "total, best = (0.0, 0.0)  →  total, best = (0.0, -1.0)": "no precision is below 0",
    },
    "anchor_targets": {
        "best, chosen = (-1.0, None)  →  best, chosen = (-2.0, None)": "below any IoU",
        "best, chosen = (-1.0, None)  →  best, chosen = (-0.0, None)": "below any IoU",
        "high, wide = (min(bottom, box[2]) - max(top, box[0]), min(right, box[3]) - max(left, box[1]))  ⇄": PRODUCT_ONLY,
        "shared = max(high, 0) * max(wide, 0)  →  shared = high * max(wide, 0)": "one factor bounded is enough: below 0 no box is nearest",
        "shared = max(high, 0) * max(wide, 0)  →  shared = max(high, -1) * max(wide, 0)": "one factor bounded is enough: below 0 no box is nearest",
        "shared = max(high, 0) * max(wide, 0)  →  shared = max(high, 0) * wide": "one factor bounded is enough: below 0 no box is nearest",
        "shared = max(high, 0) * max(wide, 0)  →  shared = max(high, 0) * max(wide, -1)": "one factor bounded is enough: below 0 no box is nearest",
        "if shared / areas > best:  →  if shared / areas >= best:": "no two IoUs are equal, as the text says",
        "shared = np.minimum(anchors[:, None, 2:], truth[:, 2:]) - np.maximum(anchors[:, None, :2], truth[:, :2])  →  shared = np.minimum(anchors[:, None, -2:], truth[:, 2:]) - np.maximum(anchors[:, None, :2], truth[:, :2])": SAME_AXIS,
        "shared = np.minimum(anchors[:, None, 2:], truth[:, 2:]) - np.maximum(anchors[:, None, :2], truth[:, :2])  →  shared = np.minimum(anchors[:, None, 2:], truth[:, 2:]) - np.maximum(anchors[:, None, :-2], truth[:, :2])": SAME_AXIS,
        "best = np.argmax(shared / (a_sides.prod(axis=1)[:, None] + t_sides.prod(axis=1) - shared), axis=1)  →  best = np.argmax(shared / (a_sides.prod(axis=1)[:, None] + t_sides.prod(axis=1) + shared), axis=1)": "s / (A + B) is in the order of s / (A + B − s)",
        "best = np.argmax(shared / (a_sides.prod(axis=1)[:, None] + t_sides.prod(axis=1) - shared), axis=1)  →  best = np.argmax(shared / (a_sides.prod(axis=1)[:, None] + t_sides.prod(axis=1)), axis=1)": "s / (A + B) is in the order of s / (A + B − s)",
    },
    "precision_recall": {
        "if not same:  →  shared = iou_by_loop(box, truth[same][:, :4])": "what is worked out is not used there",
        "shared = iou_by_columns(box[:4], truth[:, :4])  →  shared = iou_by_columns(box, truth[:, :4])": "the library reads the first four",
        "shared = iou_by_columns(box[:4], truth[:, :4])  →  shared = iou_by_columns(box[:5], truth[:, :4])": "the library reads the first four",
        "shared[taken | (truth[:, 4] != box[4])] = -1  →  shared[taken | (truth[:, 4] != box[4])] = -2": "below any threshold",
        "shared[taken | (truth[:, 4] != box[4])] = -1  →  shared[taken | (truth[:, 4] != box[4])] = -0": "below any threshold",
    },
    "transposed_conv": {
        "for m in range(channels):  →  for m in range(_):": ALIAS,
        "spread = np.zeros((rows * stride, cols * stride, channels))  →  spread = np.zeros((rows * stride, cols * stride, _))": ALIAS,
        "planes = [sum((convolve2d(spread[..., m], kernel[..., f, m]) for m in range(channels))) for f in range(filters)]  →  planes = [sum((convolve2d(spread[..., m], kernel[..., f, m]) for m in range(_))) for f in range(filters)]": ALIAS,
    },
    "class_iou": {
        "np.add.at(table, (truth.ravel(), predicted.ravel()), 1)  →  np.add.at(table, (predicted.ravel(), truth.ravel()), 1)": SYMMETRIC,
        "np.add.at(table, (truth.ravel(), predicted.ravel()), 1)  →  np.add.at(table, (truth.ravel(), predicted.ravel()), 2)": "a quotient has no common factor",
        "np.add.at(table, (truth.ravel(), predicted.ravel()), 1)  →  np.add.at(table, (truth.ravel(), predicted.ravel()), -1)": "a quotient has no common factor",
        "with np.errstate(invalid='ignore'):  →  with np.errstate():": "a warning is no error",
        "a, b = (set(np.flatnonzero(labels == number)) for labels in (truth, predicted))  →  a, b = (set(np.flatnonzero(labels == number)) for labels in (predicted, truth))": SYMMETRIC,
        "known = [value for value in each if value == value]  →  known = [value for value in each if value == value]": "nothing is left to leave out",
    },
    "halved_labels": {
        "for top in range(0, len(labels), 2):  →  for top in range(0, len(labels) - 1, 2):": "even, so that the last pair begins two before the end",
        "for left in range(0, labels.shape[1], 2):  →  for left in range(0, labels.shape[1] - 1, 2):": "even, so that the last pair begins two before the end",
        "votes = np.eye(classes)[labels]  →  votes = np.eye(classes + 1)[labels]": "a class without a pixel",
    },
    "fully_convolutional": {
        "net, rows, cols = (keras.Sequential([keras.Input((None, None, model.input_shape[-1]))]), 1, 1)  →  net, rows, cols = (keras.Sequential([keras.Input((None, None, model.input_shape[-1]))]), -1, 1)": SET_AT_FLATTEN,
    },
    "up_block": {
        "x = layers.Conv2DTranspose(filters, (2, 2), strides=(2, 2), padding='same')(x)  →  x = layers.Conv2DTranspose(filters, (2, 2), strides=(2, 2))(x)": AS_ITS_STEPS,
        "x = layers.Conv2DTranspose(filters, (2, 2), strides=(2, 2), padding='same')(x)  →  x = layers.Conv2DTranspose(filters, (2, 2), strides=(2, 2), padding='valid')(x)": AS_ITS_STEPS,
        "x = layers.Conv2DTranspose(filters, 2, 2, kernel_initializer='he_normal')(x)  →  x = layers.Conv2DTranspose(filters, 2, 2, kernel_initializer='he_normal', padding='same')(x)": AS_ITS_STEPS,
        "x = layers.Conv2DTranspose(filters, 2, 2, kernel_initializer='he_normal')(x)  →  x = layers.Conv2DTranspose(filters, 2, 2)(x)": "how weights begin is left open",
    },
    "unet": {
        "below = level(layers.MaxPooling2D()(x), widths[1:])  →  below = level(layers.MaxPooling2D(strides=2)(x), widths[1:])": POOL_STEPS,
    },
}
