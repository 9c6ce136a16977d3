"""Rendered people with exact labels: body, poses, clothes, light, camera, composition."""
