"""What happens: the use cases, knowing only core."""
