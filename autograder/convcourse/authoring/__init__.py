"""Build notebooks, a book and instructors' own courses from the authors' sources."""
