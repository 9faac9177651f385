"""Changes of right answers of unit 3 that are right too."""

from tests.equivalent_changes import (
    SAME_SHAPE,
    SYMMETRIC,
    UNDEFINED,
)

EQUIVALENT = {
    "breaks_when_moved": {
        "off = first[:, moved:] - second[:, :second.shape[1] - moved]  →  off = second[:, :second.shape[1] - moved] - first[:, moved:]": SYMMETRIC,
    },
    "normalized_correlation": {
        "products = np.einsum('ijkl,kl->ij', centred, pattern)  →  products = np.einsum('ijkl,kl->ij', windows, pattern)": "one of the two without its mean is enough",
        "products = np.einsum('ijkl,kl->ij', centred, pattern)  →  products = np.einsum('ijkl,kl->ij', centred, template)": "one of the two without its mean is enough",
        "return np.divide(products, lengths, out=np.zeros_like(products), where=lengths > 1e-12)  →  return np.divide(products, lengths, where=lengths > 1e-12)": UNDEFINED,
        "return np.divide(products, lengths, out=np.zeros_like(products), where=lengths > 1e-12)  →  return np.divide(products, lengths, out=products, where=lengths > 1e-12)": "there the product is 0 too",
        "return np.divide(products, lengths, out=np.zeros_like(products), where=lengths > 1e-12)  →  return np.divide(products, lengths, out=np.zeros_like(lengths), where=lengths > 1e-12)": SAME_SHAPE,
    },
    "locate_digit": {
        "tops.append((i, j))  →  tops.extend((i, j))": "the reshape makes pairs of them",
        "return np.array(tops, dtype=int).reshape(-1, 2)  →  return np.array(tops, dtype=int)": "an empty list of pairs is right too",
    },
}

EQUIVALENT_OF_OTHERS = {
    "conv2d_valid": {
        "weights = np.rot90(kernel, 2) if reversal else kernel  →  weights = np.rot90(kernel, -2) if reversal else kernel": "half a turn, either way round",
        "whole = full_by_fourier(image, weights)  →  whole = full_by_fourier(weights, image)": SYMMETRIC,
    },
    "local_mean": {
        "for j in range(image.shape[1]):  →  result.append(row)": "the row is in the result already, and is filled afterwards",
        "return scipy.signal.correlate2d(image, np.ones((size, size)), mode='same') / np.outer(high, wide)  →  return scipy.signal.convolve2d(image, np.ones((size, size)), mode='same') / np.outer(high, wide)": "a kernel of ones is the same both ways round",
    },
    "conv2d_full": {
        "shape = [a + b - 1 for a, b in zip(image.shape, kernel.shape, strict=True)]  →  shape = [a + b - 1 for a, b in zip(kernel.shape, image.shape, strict=True)]": SYMMETRIC,
    },
    "conv_output_size": {
        "return np.floor((size + 2 * padding - kernel) / stride) + 1  →  return np.floor((size + 2 * padding - kernel) // stride) + 1": "it is rounded down anyway",
    },
    "breaks_when_moved": {
        "return np.array([not np.allclose(a, b) for a, b in zip(maps[0][steps // stride:], maps[1], strict=False)])  →  return np.array([not np.allclose(a, b) for a, b in zip(maps[1], maps[0][steps // stride:], strict=False)])": "both end with the shorter one, and the comparison is symmetric",
    },
    "normalized_correlation": {
        "scores[i, j] = (window * pattern).sum() / length if length > 1e-09 else 0.0  →  scores[i, j] = (window * template).sum() / length if length > 1e-09 else 0.0": "the mean is taken from the window already, so the pattern's does not count",
        "spread = np.maximum((windows ** 2).sum(axis=(2, 3)) - windows.sum(axis=(2, 3)) ** 2 / n, 0)  →  spread = (windows ** 2).sum(axis=(2, 3)) - windows.sum(axis=(2, 3)) ** 2 / n": "rounding alone makes it negative, and the root's argument has its own bound",
        "spread = np.maximum((windows ** 2).sum(axis=(2, 3)) - windows.sum(axis=(2, 3)) ** 2 / n, 0)  →  spread = np.maximum((windows ** 2).sum(axis=(2, 3)) - windows.sum(axis=(2, 3)) ** 2 / n, -1)": "rounding alone makes it negative, and the root's argument has its own bound",
        "return np.where(spread > 1e-06, products / np.sqrt(np.maximum(spread, 1e-06) * (pattern ** 2).sum()), 0)  →  return np.where(n > 1e-06, products / np.sqrt(np.maximum(spread, 1e-06) * (pattern ** 2).sum()), 0)": "where the spread is 0 the product is 0 too",
        "return np.where(spread > 1e-06, products / np.sqrt(np.maximum(spread, 1e-06) * (pattern ** 2).sum()), 0)  →  return np.where(spread + 1 > 1e-06, products / np.sqrt(np.maximum(spread, 1e-06) * (pattern ** 2).sum()), 0)": "where the spread is 0 the product is 0 too",
        "return np.where(spread > 1e-06, products / np.sqrt(np.maximum(spread, 1e-06) * (pattern ** 2).sum()), 0)  →  return np.where(spread > -0.999999, products / np.sqrt(np.maximum(spread, 1e-06) * (pattern ** 2).sum()), 0)": "where the spread is 0 the product is 0 too",
        "return np.where(spread > 1e-06, products / np.sqrt(np.maximum(spread, 1e-06) * (pattern ** 2).sum()), 0)  →  return np.where(spread > -1e-06, products / np.sqrt(np.maximum(spread, 1e-06) * (pattern ** 2).sum()), 0)": "where the spread is 0 the product is 0 too",
        "return np.where(spread > 1e-06, products / np.sqrt(np.maximum(spread, 1e-06) * (pattern ** 2).sum()), 0)  →  return np.where(spread > 1e-06, products / np.sqrt(spread * (pattern ** 2).sum()), 0)": "what the bound keeps away is not taken",
        "return np.where(spread > 1e-06, products / np.sqrt(np.maximum(spread, 1e-06) * (pattern ** 2).sum()), 0)  →  return np.where(spread > 1e-06, products / np.sqrt(np.maximum(spread, -0.999999) * (pattern ** 2).sum()), 0)": "what the bound keeps away is not taken",
        "return np.where(spread > 1e-06, products / np.sqrt(np.maximum(spread, 1e-06) * (pattern ** 2).sum()), 0)  →  return np.where(spread > 1e-06, products / np.sqrt(np.maximum(spread, -1e-06) * (pattern ** 2).sum()), 0)": "what the bound keeps away is not taken",
        "scores[i, j] = np.corrcoef(window.ravel(), template.ravel())[0, 1]  →  scores[i, j] = np.corrcoef(template.ravel(), window.ravel())[0, 1]": SYMMETRIC,
        "scores[i, j] = np.corrcoef(window.ravel(), template.ravel())[0, 1]  →  scores[i, j] = np.corrcoef(window.ravel(), template.ravel())[1, 0]": SYMMETRIC,
    },
    "locate_digit": {
        "return np.transpose(np.nonzero((scores >= best) & (scores >= threshold)))  →  return np.transpose(np.nonzero((scores >= best) & (best >= threshold)))": "where they are chosen both are the same",
        "return np.argwhere((scores == best) & (scores >= threshold))  →  return np.argwhere((scores == best) & (best >= threshold))": "where they are chosen both are the same",
    },
}
