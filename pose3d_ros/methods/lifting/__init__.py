"""The lifting method: from joints in the image to joints in space."""
