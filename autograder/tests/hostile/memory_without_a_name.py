# Takes memory that belongs to no process and to no file system.
import os
held = [os.memfd_create("x") for _ in range(30)]
for file in held:
    os.write(file, bytes(120 * 2**20))
