"""Models in: text -> vectors, behind one protocol."""
