# Never ends when it is called.
def conv1d_full(signal, kernel):
    while True:
        pass
