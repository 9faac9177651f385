# Fills sockets that nobody reads, in many processes.
import os, socket, time
for _ in range(60):
    if os.fork() == 0:
        pairs = [socket.socketpair() for _ in range(110)]
        for one, _ in pairs:
            one.setblocking(False)
            try:
                while True:
                    one.send(bytes(2**16))
            except BlockingIOError:
                pass
        time.sleep(60)
        os._exit(0)
time.sleep(60)
