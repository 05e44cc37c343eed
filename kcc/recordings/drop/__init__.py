"""Folders in which recorders leave calls: watching, claiming, handing over; what becomes of the refused."""
