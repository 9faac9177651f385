"""Convolution to ConvNets: courseware with exercises that are checked while you work."""

import os
import platform

__version__ = "0.1.0"

# oneDNN makes training up to twice as fast. TensorFlow uses it by itself only on x86 processors with AVX-512; it reads
# this at its import, so it is set before. On other processors TensorFlow's own default stays.
if platform.machine().lower() in ("x86_64", "amd64"):
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")
