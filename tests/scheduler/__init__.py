"""The scheduler: its jobs, and who leads it."""
