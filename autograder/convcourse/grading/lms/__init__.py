"""Learning-management systems: the files that they give, and the files that they import."""
