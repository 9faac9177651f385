"""The units of the course as files, for `convcourse` where there is no clone of the project."""
