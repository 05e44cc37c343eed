"""Coaches score the same call alone, compare, and agree how an item is meant (CAL-3)."""
