"""Whether an employee lets a call of theirs be used for training or calibration (CAL-1); never for more."""
