"""Named trainings and the calls that are heard in them, with their employees' consent (CAL-2)."""
