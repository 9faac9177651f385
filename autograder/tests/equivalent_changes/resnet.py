"""Changes of right answers of unit 14 that are right too."""

from __future__ import annotations

from tests.equivalent_changes import INDEPENDENT

EQUIVALENT: dict[str, dict[str, str]] = {
    "zero_residual": {
        "norm.gamma.assign(np.zeros(norm.gamma.shape))  →  norm.beta.assign(np.zeros(norm.beta.shape))": INDEPENDENT,
    },
}
