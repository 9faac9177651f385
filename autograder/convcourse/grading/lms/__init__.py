"""Learning-management systems: what they hand out, and what they import."""
