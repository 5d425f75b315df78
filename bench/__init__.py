"""Measures of speed and memory beside the peers, on this machine, in one run."""
