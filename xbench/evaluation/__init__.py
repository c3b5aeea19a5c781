"""From vectors to scores: ranking, metrics, language bias, the grid of settings. Knows no model and no file."""
