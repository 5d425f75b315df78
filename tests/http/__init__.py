"""What pages and REST need alike."""
