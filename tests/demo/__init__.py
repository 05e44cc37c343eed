"""Tests of the generated contact centre; what kcc does with its calls is tested elsewhere."""
