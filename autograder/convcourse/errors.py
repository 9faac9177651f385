"""The errors that are not a fault of the program."""


class CourseError(ValueError):
    """A user's request or a file's content cannot be used. The message says what is wrong and what to do.

    The command line prints it in one line. Every other error is a bug and prints a traceback.
    """


class MachineTrouble(CourseError):
    """This machine cannot grade now, whatever the submission: no sandbox starts, or nothing can be written."""
