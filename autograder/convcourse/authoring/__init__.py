"""What authors write becomes notebooks, a book, and courses of their own."""
