"""TensorRT, 10.3 to 11.x: the runtime for NVIDIA's GPUs.

`runtime` is what the pipeline sees, `library` finds TensorRT, `build` makes a plan of a model
file, `session` runs it.
"""
