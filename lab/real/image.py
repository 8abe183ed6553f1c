#!/usr/bin/env python3
"""image.py BUSYBOX FILE: packs busybox as the images lab.test/box:1 and lab.test/pause:1."""

import hashlib
import io
import json
import subprocess
import sys
import tarfile

IMAGES = {"lab.test/box:1": None, "lab.test/pause:1": ["/bin/sleep", "2147483647"]}


def tar_of(files):
    """A tar archive of {name: (kind, data)}; kinds are "dir", "link" and "file"."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for name, (kind, data) in files.items():
            info = tarfile.TarInfo(name)
            info.mode = 0o755
            if kind == "dir":
                info.type, info.mode = tarfile.DIRTYPE, 0o1777 if name == "tmp" else 0o755
            elif kind == "link":
                info.type, info.linkname = tarfile.SYMTYPE, data
            else:
                info.size = len(data)
            tar.addfile(info, io.BytesIO(data) if kind == "file" else None)
    return buffer.getvalue()


def root_layer(path):
    with open(path, "rb") as file:
        busybox = file.read()
    files = {name: ("dir", None) for name in ("bin", "etc", "tmp", "proc", "sys", "dev")}
    files["bin/busybox"] = ("file", busybox)
    files["etc/passwd"] = ("file", b"root:x:0:0:root:/:/bin/sh\n")
    for applet in subprocess.check_output([path, "--list"], text=True).split():
        if applet != "busybox":
            files["bin/" + applet] = ("link", "busybox")
    return tar_of(files)


def config_of(layer, entrypoint):
    diff_id = "sha256:" + hashlib.sha256(layer).hexdigest()
    return json.dumps(
        {
            "architecture": "amd64",
            "os": "linux",
            "config": {"Entrypoint": entrypoint, "Env": ["PATH=/bin"]},
            "rootfs": {"type": "layers", "diff_ids": [diff_id]},
        }
    ).encode()


def main():
    layer = root_layer(sys.argv[1])
    files, manifest = {"layer.tar": ("file", layer)}, []
    for tag, entrypoint in IMAGES.items():
        config = config_of(layer, entrypoint)
        name = hashlib.sha256(config).hexdigest() + ".json"
        files[name] = ("file", config)
        manifest.append({"Config": name, "RepoTags": [tag], "Layers": ["layer.tar"]})
    files["manifest.json"] = ("file", json.dumps(manifest).encode())
    with open(sys.argv[2], "wb") as out:
        out.write(tar_of(files))


if __name__ == "__main__":
    main()
