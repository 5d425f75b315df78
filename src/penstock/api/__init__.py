"""REST: one route for every use case that programs call, at /api/v1, and the other end of the same wire."""
