"""One step of Prepare per file."""
