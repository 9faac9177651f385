"""A standing grader: grade and give feedback on what arrives, until it is stopped."""
