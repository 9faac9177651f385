# Makes a user of its own who may do everything, and mounts what it wants.
import ctypes
libc = ctypes.CDLL(None)
assert libc.unshare(0x10000000 | 0x00020000) == 0
assert libc.mount(b"tmpfs", b"/tmp", b"tmpfs", 0, None) == 0
