"""The register of lines: changing it, reading it in from a file, its pages; what a line's kind means is in
kcc.recordings.rules.
"""
