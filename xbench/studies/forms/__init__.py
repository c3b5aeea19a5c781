"""The forms that a report is written in, one module each: a function from a report to text."""
