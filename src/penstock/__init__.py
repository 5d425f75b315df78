"""Penstock: build, score, evaluate, notice drift, retrain, ship and document, in one Python product."""
