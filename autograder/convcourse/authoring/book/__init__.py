"""The course as a book: `convcourse site OUT` writes web pages with the outputs of all units, but without answers."""
