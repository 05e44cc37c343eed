"""Decoding in a short-lived process that can reach nothing: `process` drives it, `child` is it, `proof` tries
its limits; what is done with the PCM lives elsewhere.
"""
