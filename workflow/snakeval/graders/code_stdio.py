"""Programs that read standard input and write standard output: LiveCodeBench-Pro's format."""
