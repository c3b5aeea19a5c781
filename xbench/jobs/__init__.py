"""What a command carries out, from a request to files. Knows everything below; nothing of terminals or pages."""
