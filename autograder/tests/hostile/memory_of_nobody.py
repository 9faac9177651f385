# Takes shared memory, lets go of its pages, and keeps them all the same.
import mmap, os
page = os.sysconf("SC_PAGESIZE")
held = [mmap.mmap(-1, 2**29) for _ in range(3)]
for memory in held:
    memory[::page] = b"1" * (2**29 // page)
    memory.madvise(mmap.MADV_DONTNEED)
