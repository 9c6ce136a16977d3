# The node with TensorRT on a Jetson. Written against JetPack 6.2 and 7; not built or run by us.
#
# JetPack 6.2, ROS 2 Humble:
#   docker build -f docker/jetson.Dockerfile -t pose3d_ros .
# JetPack 7, ROS 2 Jazzy: add
#   --build-arg BASE=ubuntu:24.04 --build-arg ROS_DISTRO=jazzy
# Run; the driver and TensorRT come from the host, and engines are kept in a volume:
#   bindings=$(python3 -c 'import tensorrt; print(tensorrt.__path__[0])')
#   docker run --rm -it --runtime nvidia --network host --ipc host \
#     -v pose3d_engines:/root/.cache/pose3d_ros -v $bindings:/opt/tensorrt/tensorrt:ro \
#     pose3d_ros ros2 launch pose3d_ros pose3d.launch.py runtime:=tensorrt
ARG BASE=ubuntu:22.04
FROM ${BASE}
ARG ROS_DISTRO=humble
ENV DEBIAN_FRONTEND=noninteractive LANG=C.UTF-8 LC_ALL=C.UTF-8 ROS_DISTRO=${ROS_DISTRO}
SHELL ["/bin/bash", "-eo", "pipefail", "-c"]

RUN apt-get update \
 && apt-get install -y --no-install-recommends ca-certificates curl gnupg \
 && curl -fsSL https://raw.githubusercontent.com/ros/rosdistro/master/ros.key \
      -o /usr/share/keyrings/ros-archive-keyring.gpg \
 && . /etc/os-release \
 && echo "deb [signed-by=/usr/share/keyrings/ros-archive-keyring.gpg] http://packages.ros.org/ros2/ubuntu ${UBUNTU_CODENAME} main" \
      > /etc/apt/sources.list.d/ros2.list \
 && apt-get update \
 && apt-get install -y --no-install-recommends build-essential python3-colcon-common-extensions \
      python3-pip python3-rosdep ros-${ROS_DISTRO}-ros-base \
 && rosdep init && rosdep update --rosdistro ${ROS_DISTRO} \
 && rm -rf /var/lib/apt/lists/*

COPY . /ws/src/pose3d_ros
WORKDIR /ws
RUN apt-get update \
 && . /opt/ros/${ROS_DISTRO}/setup.bash \
 && rosdep install --from-paths src --ignore-src -y \
 && (pip3 install --no-cache-dir onnxruntime \
     || pip3 install --no-cache-dir --break-system-packages onnxruntime) \
 && colcon build --merge-install --cmake-args -DCMAKE_BUILD_TYPE=Release -DBUILD_TESTING=OFF \
 && rm -rf build log /var/lib/apt/lists/*

# The bindings of the host, see above; its libraries are mounted by the NVIDIA runtime.
ENV PYTHONPATH=/opt/tensorrt
RUN printf '#!/bin/bash\nset -e\n. /opt/ros/%s/setup.bash\n. /ws/install/setup.bash\nexec "$@"\n' "${ROS_DISTRO}" \
      > /entrypoint && chmod +x /entrypoint
ENTRYPOINT ["/entrypoint"]
CMD ["ros2", "launch", "pose3d_ros", "pose3d.launch.py", "runtime:=tensorrt"]
