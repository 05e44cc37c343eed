"""Scoring a drawn call: its pages, and what they send and say; the verbs are coaching's own."""
