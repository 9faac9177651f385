"""Benchmarks of grading, notebooks and landmark nets on this machine."""
