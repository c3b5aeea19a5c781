"""From a corpus and a recipe to a trained encoder. Never imports evaluate or board."""
