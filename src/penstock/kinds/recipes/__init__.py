"""What turns inputs into outputs: one recipe kind per file."""
