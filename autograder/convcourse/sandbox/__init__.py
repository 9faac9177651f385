"""Run a student's code at grading in a fork of a warm process, isolated from everything else."""
