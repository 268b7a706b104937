"""Writes that many verbs share; the session comes in, nothing is committed."""
