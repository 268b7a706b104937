"""The outside: small protocols in domain words, with a real class and a memory twin each."""
