"""Telling people what kcc did that concerns them."""
