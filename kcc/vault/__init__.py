"""Sealed things: the sealing format, sealed text, the key store, the blobs; knows nothing of recordings."""
