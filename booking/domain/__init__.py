"""Rules: pure functions and frozen values, of the standard library only."""
