"""The ordinal method: which joint is nearer, learned from relations alone."""
