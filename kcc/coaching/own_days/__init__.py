"""An employee's own selection days: what is coming, other numbers of calls, not being told beforehand."""
