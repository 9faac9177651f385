# Fills the error stream: no pass, but no fail either.
import sys, warnings
warnings.warn("hm")
print("error", file=sys.stderr)
