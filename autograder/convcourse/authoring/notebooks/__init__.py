"""Build notebooks from percent scripts. All files in course/ are made this way."""
