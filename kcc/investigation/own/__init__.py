"""What an employee sees of the cases about themselves."""
