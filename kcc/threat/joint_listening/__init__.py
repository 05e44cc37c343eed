"""Employee and team lead hear a reported call together, one transport for two screens (THR-2)."""
