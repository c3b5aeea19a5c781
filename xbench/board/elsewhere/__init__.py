"""Published runs on the board: read, ordered within their source, shown apart from what was measured here."""
