"""The one kind of error that is not a fault of the program."""


class CourseError(ValueError):
    """What somebody asked for, or what a file holds, cannot be used. The message says all: what, and what to do.

    The command line prints it in one line. Every other error is a bug, and shows as one.
    """
