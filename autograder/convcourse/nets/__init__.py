"""The landmark nets, one file each: the paper's table, its block, and a builder."""
