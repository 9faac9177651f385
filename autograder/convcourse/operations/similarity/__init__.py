"""Alike answers of a unit: in the class, beside the published solutions, and beside an earlier class. A question, no proof."""
