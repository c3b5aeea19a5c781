"""Studies of published runs: nothing is made, what others measured is read. Knows published runs; no run of ours."""
