"""The instructor's report on a unit: one page and one table."""
