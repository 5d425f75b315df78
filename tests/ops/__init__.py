"""What runs Penstock in containers: rendered and looked at; no container engine is asked."""
