"""The volumetric method: one likelihood per joint and cell of a volume."""
