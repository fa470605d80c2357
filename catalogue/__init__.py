"""Mimisbrunn's catalogue: the domain, its stores and its faces."""

__version__ = "0.1.0"
