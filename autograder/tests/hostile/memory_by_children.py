# Takes much memory in many processes, each of which keeps to its own limit.
import os, time
for _ in range(6):
    if os.fork() == 0:
        held = bytearray(900 * 2**20)
        held[::4096] = b"1" * len(held[::4096])
        time.sleep(60)
        os._exit(0)
time.sleep(60)
