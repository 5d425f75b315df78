"""The real-time node: as a process of its own, with its own home and port."""
