"""Questions: SELECTs named for their answer; they never write."""
