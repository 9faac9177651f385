# Takes all memory.
hoard = []
while True:
    hoard.append(bytearray(2**27))
