"""The constant method: a T-pose, whatever the picture shows."""
