"""Checks of the example plugin."""
