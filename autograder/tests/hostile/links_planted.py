# Replaces files in /tmp by links to the system.
import os
os.symlink("/etc/passwd", "/tmp/02_convolution_1d.ipynb")
os.symlink("/", "/tmp/root")
