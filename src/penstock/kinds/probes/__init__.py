"""What is measured on an object: one probe kind per file."""
