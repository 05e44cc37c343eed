"""Tests of the second factor; here kcc's own default, required, holds."""
