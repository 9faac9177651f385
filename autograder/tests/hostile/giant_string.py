# Returns a string of a gigabyte.
def conv1d_full(signal, kernel):
    return "a" * 2**30
