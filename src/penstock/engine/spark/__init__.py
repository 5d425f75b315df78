"""Spark, through Ibis: the process's Spark (`machine`), a session on it, and Ibis's backend where it needs patches."""
