"""Studies: a research question in, an honest report out; plan, run, status and report of a grid of runs."""
