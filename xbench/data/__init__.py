"""Data in: files found and verified, readers of tasks and loaders of corpora, and what they give. Knows no model."""
