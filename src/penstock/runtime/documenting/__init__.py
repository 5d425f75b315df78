"""Chapters about a project: what can be derived, block by block, with what it stands on. Wiki, Flow document and model
document are made of them."""
