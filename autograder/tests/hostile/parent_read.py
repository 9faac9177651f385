# Reads the memory and the environment of other processes.
import glob
assert [p for p in glob.glob("/proc/[0-9]*") if p not in ("/proc/1",)], "nobody else is here"
