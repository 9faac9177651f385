"""Plug-ins and tools for nbgrader. Only nbgrader's gradebook stores grades."""
