"""A copy of a threat's call for the police: sealed, signed, delivered once, checkable by anybody (THR-5)."""
