# Returns something that can be iterated for ever.
import itertools
def conv1d_full(signal, kernel):
    return itertools.count()
