"""Report a threat and keep its recording; the coach has no part in it (THR-3)."""
