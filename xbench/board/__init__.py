"""Results in, pages out. Reads result files only."""
