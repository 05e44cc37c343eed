"""How recorders describe a call: one module per kind of metadata, each giving a CallMetadata."""
