"""From result files to words and numbers for people: tests, comparisons, tables, citations, the layouts of others."""
