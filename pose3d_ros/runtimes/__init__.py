"""Runtimes: what runs a model file."""
