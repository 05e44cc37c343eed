"""Planning: selection dates by hand, exceptions to the number, dates that are not announced."""
