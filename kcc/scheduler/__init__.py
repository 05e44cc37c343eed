"""What runs when: every job on one page, and the runner that keeps a record of each run."""
