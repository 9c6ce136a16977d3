"""The papers' ablations: methods trained on the same batches, measured side by side."""
