"""The model document: what a version of a model says, under the names of templates, and the document made of it."""
