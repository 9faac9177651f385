# A check of one's own.
def check(function):
    return 2.0
