"""Summaries for the appraisal cycle (REP-10): written, checked, read first, passed on, erased."""
