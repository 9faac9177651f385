"""The commands for users: the command line, the doctor, the demo, the report and the benchmarks."""
