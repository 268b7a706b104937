"""The benchmark: each figure is a ratio to a floor measured beside it, in the same run on the same machine."""
