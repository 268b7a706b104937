"""Connectors, each held to one contract with its memory twin."""
