"""Which time to trust: before anything is destroyed, and for whoever wants in."""
