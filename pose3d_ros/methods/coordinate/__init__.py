"""The coordinate method: the numbers themselves are regressed; the baseline."""
