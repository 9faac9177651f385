# Closes all files, the judge's connection among them.
import os
os.closerange(3, 256)
