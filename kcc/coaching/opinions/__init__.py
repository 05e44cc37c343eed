"""Second opinions (REP-8): asked by the employee, given blind by a second coach, concluded with the first."""
