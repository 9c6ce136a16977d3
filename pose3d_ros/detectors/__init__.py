"""Detectors: what proposes where people may be."""
