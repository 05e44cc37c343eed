"""The demo: a generated contact centre and its calls as recorders write them; nothing of kcc's own work."""
