"""The rules, tested as pure functions: no fixtures, no database."""
