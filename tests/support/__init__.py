"""What tests stand on: databases, servers and programs of their own, all real."""
