#!/usr/bin/env bash
# boot_root.sh FOLDER TIMES: inside new namespaces, creates a copy-on-write root of this computer's,
# runs FOLDER/user-data in it, and leaves the changed files in FOLDER/disk.
set -euo pipefail
folder=$1 times=$2
space=$folder/space
root=$space/root

mkdir -p "$space"
mount -t tmpfs tmpfs "$space"
mkdir "$space"/{upper,work,root}
# Restores the files of this machine's last boot.
cp -a "$folder/disk/." "$space/upper/"
mount -t overlay overlay -o "lowerdir=/,upperdir=$space/upper,workdir=$space/work" "$root"
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
for place in run tmp opt; do mount -t tmpfs tmpfs "$root/$place"; done
mkdir "$root"/opt/{record,shims}
mount --bind "$folder/record" "$root/opt/record"
mount --bind "$folder/shims" "$root/opt/shims"
cp "$folder/user-data" "$root/opt/user-data"

# The host names that user data uses, and the CA of their certificates here.
for name in hosts certificates; do touch "$root/opt/$name"; done
echo "127.0.0.1 localhost github.com ssm.us-east-1.amazonaws.com" >"$root/opt/hosts"
cat /etc/ssl/certs/ca-certificates.crt "$folder/tls/ca.pem" >"$root/opt/certificates"
mount --bind "$root/opt/hosts" "$root/etc/hosts"
mount --bind "$root/opt/certificates" "$root/etc/ssl/certs/ca-certificates.crt"

# The image has no K3s, even if this computer has; and no proxy.
[ -e "$folder/disk/usr/local/bin/k3s" ] || rm -f "$root/usr/local/bin/k3s"
path=/opt/shims:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
code=0
for ((i = 0; i < times; i++)); do
  chroot "$root" /usr/bin/env -i "PATH=$path" HOME=/root bash /opt/user-data || code=$?
done
if [ -d "$root/run/nodenap" ]; then
  (cd "$root" && find run/nodenap -maxdepth 1 -printf '%m /%p\n' | sort -k 2)
fi >"$folder/record/run"
rm -rf "$folder/disk"
cp -a "$space/upper" "$folder/disk"
exit "$code"
