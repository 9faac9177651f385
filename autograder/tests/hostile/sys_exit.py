# Leaves politely.
import sys
sys.exit(0)
