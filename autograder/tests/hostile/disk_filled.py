# Fills the disk.
with open("/tmp/full", "wb") as file:
    while True:
        file.write(b"0" * 2**24)
