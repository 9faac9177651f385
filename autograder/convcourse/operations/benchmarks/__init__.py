"""What the landmark nets cost in seconds and memory on the machine at hand."""
