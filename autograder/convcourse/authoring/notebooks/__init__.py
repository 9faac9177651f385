"""From percent scripts to notebooks: the only way that anything in course/ is made."""
