"""Consents, calibration sessions and trainings."""
