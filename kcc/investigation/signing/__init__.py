"""Putting a case forward, signing it, and ending it: pages and forms."""
