"""Planning: dates by hand, other numbers of calls, dates that are not announced."""
