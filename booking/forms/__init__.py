"""Shapes of the pages' forms."""
