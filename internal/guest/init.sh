#!/bin/busybox sh
# The first and only program of the guest. Its standard output is the serial
# console.
B=/bin/busybox
$B mount -t devtmpfs dev /dev
exec </dev/console >/dev/console 2>&1
$B mount -t proc proc /proc
$B mount -t sysfs sys /sys
say() { echo "guest: $*"; }
seconds() { read -r up _ </proc/uptime; echo "${up%%.*}"; }

say "Linux $($B uname -r) on $($B uname -m), up after $(seconds) s"
for module in /modules/*; do
    [ -e "$module" ] && { $B insmod "$module" || say "cannot load $module"; }
done
# The power button: busybox runs the file named after the event.
$B acpid -f -l /dev/null &
/bin/busybox sh /agent &
say "ready; the power button shuts me down"
while :; do
    read -r load _ </proc/loadavg
    free=$($B awk '/^MemAvailable:/ { print int($2 / 1024) }' /proc/meminfo)
    say "up $(seconds) s, load $load, $free MiB free"
    $B sleep 2
done
