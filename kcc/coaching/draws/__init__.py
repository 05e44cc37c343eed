"""Draws that anybody may check: the employee's phrase, the proof, and who sees which part of it (SAM-3).

Drawing itself lives in kcc.coaching (freezing, revealing, replacing).
"""
