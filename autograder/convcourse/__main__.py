"""`python -m convcourse` is the command `convcourse`."""

from convcourse.cli import main

main()
