"""Cases of weighty reasons: two decide on a named set of calls, for a named time (WGT-1, WGT-2, RET-5)."""
