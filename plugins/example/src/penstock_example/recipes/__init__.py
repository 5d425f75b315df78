"""Recipes of the example plugin."""
