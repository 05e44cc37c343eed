"""What happened: one committed line per act and refusal; knows no domain."""
