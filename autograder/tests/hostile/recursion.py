# Calls itself until the stack is full.
import sys
sys.setrecursionlimit(10**9)
def down():
    return down() + 1
down()
