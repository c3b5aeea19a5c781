"""Numbers that others printed, with their source. Never mixed with measured ones."""
