# Tries to become root and to undo the mounts.
import ctypes, os
libc = ctypes.CDLL(None)
assert libc.umount2(b"/tmp", 2) == 0 or libc.mount(b"none", b"/", None, 32 | 4096, None) == 0 or libc.setuid(0) == 0
