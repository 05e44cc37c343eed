"""The pages of whoever oversees the audit: searching, taking out, judging, checkpoints."""
