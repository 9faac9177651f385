# Kills its parent.
import os, signal
os.kill(os.getppid(), signal.SIGKILL)
