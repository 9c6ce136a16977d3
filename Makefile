# `make` alone lists what can be made. Every target does its own set-up; the first takes minutes.
SHELL := bash
VENV := .venv/bin
# Where a ROS 2 is sourced, our messages are sourced on top of it; ROS 2 from PyPI finds them.
ROS := $(if $(ROS_DISTRO),source .venv/local_setup.bash &&)

# For `make demo`: a video file or the number of a camera, and the estimator to use.
VIDEO ?=
CAMERA ?=
ESTIMATOR ?=

# For `make compare`: a folder with labels.json and photographs, or clips; the other's environment.
MEDIA ?=
PEER := build/mediapipe

.PHONY: help setup demo teleop-demo compare test check test-training test-tensorrt bench-mediapipe lint clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-15s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## Make .venv: ROS 2 (the sourced one, or from PyPI), our messages, all libraries
	@tools/setup.sh

demo: setup ## Camera, node and listener as three processes; VIDEO=file, CAMERA=0, ESTIMATOR=name
	@$(ROS) $(VENV)/pose3d demo $(if $(VIDEO),--video '$(VIDEO)') \
		$(if $(CAMERA),--camera $(CAMERA)) $(if $(ESTIMATOR),--estimator '$(ESTIMATOR)')

teleop-demo: setup ## A simulated robot follows a person while everything around it fails
	@$(ROS) $(VENV)/pose3d teleop-demo

test: setup ## All tests but those that need torch
	$(ROS) $(VENV)/python -m pytest -m 'not training'

check: setup lint ## Style, types, rules of direction and the fast tests, in under a minute
	$(ROS) $(VENV)/python -m pytest -q -m 'not training and not ros and not slow'

compare: setup ## This package and MediaPipe Pose on the same images, in one table; MEDIA=folder adds yours
	@test -x $(PEER)/bin/python || $(VENV)/python -m venv $(PEER)
	@$(PEER)/bin/python -m pip install -q --disable-pip-version-check mediapipe==0.10.21
	@$(ROS) $(VENV)/python tools/compare.py $(PEER)/bin/python $(if $(MEDIA),--media '$(MEDIA)')

lint:
	$(VENV)/ruff check
	$(VENV)/ruff format --check
	$(VENV)/mypy
	$(VENV)/lint-imports --no-logo

test-training: ## Install torch and run the tests that need it
	@tools/setup.sh training
	$(ROS) $(VENV)/python -m pytest -m training

test-tensorrt: setup ## Parse and build the models with NVIDIA's own TensorRT for RTX; needs no GPU
	@tools/test_tensorrt.sh

bench-mediapipe: setup ## Install MediaPipe beside and measure both, image by image
	@test -x $(PEER)/bin/python || $(VENV)/python -m venv $(PEER)
	@$(PEER)/bin/python -m pip install -q --disable-pip-version-check mediapipe==0.10.21
	@$(VENV)/pose3d bench --against mediapipe

clean: ## Remove what was made
	rm -rf .venv build out install log *.egg-info
