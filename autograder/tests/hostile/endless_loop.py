# Never ends, in Python.
while True:
    pass
