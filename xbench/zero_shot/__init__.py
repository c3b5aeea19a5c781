"""What an encoder's training data mean for its scores on a task. Knows specs, corpora and texts; no encoder."""
