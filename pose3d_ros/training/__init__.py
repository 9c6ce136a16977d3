"""Training, evaluation and export of estimators (torch)."""
