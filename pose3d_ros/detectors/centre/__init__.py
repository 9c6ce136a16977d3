"""The centre detector: a small network that sees where people are in a full frame."""
