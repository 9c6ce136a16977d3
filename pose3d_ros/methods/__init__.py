"""Methods: the families of pose estimators, one folder each."""
