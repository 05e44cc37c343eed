"""The administrator's view of people: finding them, and one's course; changing it lives in functions."""
