#!/bin/sh
# Runs the packed bench on this machine's GPU: ./run.sh [--quick] [--only WORD] [--json FILE]. The driver's own ICD is
# taken where there is one, else the one packed here; VK_DRIVER_FILES in the environment goes before both.
here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
for icd in /usr/share/vulkan/icd.d/nvidia_icd.json /etc/vulkan/icd.d/nvidia_icd.json \
  /usr/local/nvidia/share/vulkan/icd.d/nvidia_icd.json "$here/icd/nvidia_icd.json"; do
  [ -e "$icd" ] && break
done
export VK_DRIVER_FILES="${VK_DRIVER_FILES:-$icd}"
export VK_ICD_FILENAMES="$VK_DRIVER_FILES"
export LD_LIBRARY_PATH="$here/lib:/usr/local/nvidia/lib64:/usr/local/nvidia/lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
export XDG_RUNTIME_DIR="${XDG_RUNTIME_DIR:-/tmp}"
exec "$here/bin/node" --disable-warning=ExperimentalWarning "$here/run.mjs" "$@"
