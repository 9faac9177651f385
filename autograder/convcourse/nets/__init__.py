"""The landmark nets, one file each: the paper's table as data, its block, and a builder that reads the table."""
