"""Endpoints of API services: predictions, Python functions, SQL queries, lookups."""
