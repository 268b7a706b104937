"""What pages and API share: who asks, errors, headers."""
