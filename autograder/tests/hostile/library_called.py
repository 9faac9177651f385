# Lets NumPy do the exercise.
import numpy as np
def conv1d_full(signal, kernel):
    return np.convolve(signal, kernel)
