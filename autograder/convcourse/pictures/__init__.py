"""Drawings that belong to one unit each, kept out of the notebooks so that these stay about ideas."""
