"""Copies of calls with names covered, for callers and for disclosure (SUB-2, GOV-3)."""
