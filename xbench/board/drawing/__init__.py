"""Pictures as SVG: a value of numbers and names in, a string out, the same for the same value. Knows no result."""
