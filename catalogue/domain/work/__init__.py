"""What may wait for somebody at the desk: one small class for each kind of work."""
