# Kills its process group.
import os, signal
os.killpg(0, signal.SIGKILL)
