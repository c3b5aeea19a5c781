"""Hard negatives for a corpus: found by an encoder, written as a corpus of its own."""
