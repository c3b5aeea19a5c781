"""The result file, what lies beside it, and how others write the same. Knows no model and no task data."""
