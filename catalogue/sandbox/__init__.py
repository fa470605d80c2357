"""Stand-ins for outside services in the demo, started by it and on this machine only. Nothing they do is real."""
