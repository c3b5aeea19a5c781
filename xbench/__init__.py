"""xbench measures, and trains, text encoders for retrieval across languages."""

__version__ = "0.1.0"
