"""What people run: the command line, the doctor, the demo, the report and the benchmarks."""
