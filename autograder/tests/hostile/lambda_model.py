# Returns a Keras model that runs code of its own where it is rebuilt.
import keras
def conv1d_full(signal, kernel):
    return keras.Sequential([keras.Input((8,)), keras.layers.Lambda(lambda x: x, output_shape=(8,))])
