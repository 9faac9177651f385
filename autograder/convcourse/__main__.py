"""`python -m convcourse` is the command `convcourse`."""

from convcourse.operations.command_line import main

main()
