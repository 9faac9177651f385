"""Where a student's code runs at grading: a fork of a warm process, walled off from everything else."""
