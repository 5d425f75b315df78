"""The Flow document: a project described for people, object by object."""
