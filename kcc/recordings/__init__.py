"""The calls: taking them in, holding, playing and erasing them; knows nothing of coaching or threats."""
