"""Tests of the conversation about a report."""
