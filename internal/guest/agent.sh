#!/bin/busybox sh
# A guest agent of the few commands that a host asks a guest first: it speaks
# the protocol of QEMU's, one JSON object a line, on its channel.
B=/bin/busybox
port=
for p in /sys/class/virtio-ports/*; do
    [ -e "$p/name" ] && read -r name <"$p/name" && [ "$name" = org.qemu.guest_agent.0 ] && port=/dev/${p##*/}
done
[ -n "$port" ] || exit 0
exec 3<>"$port"

answer() { echo "{\"return\": $1}" >&3; }

offer() { # the commands of guest-info
    list=
    for name in guest-sync guest-ping guest-info guest-get-host-name guest-get-osinfo \
        guest-fsfreeze-freeze guest-fsfreeze-thaw guest-shutdown; do
        list="$list${list:+, }{\"name\": \"$name\", \"enabled\": true, \"success-response\": true}"
    done
    echo "$list"
}

while :; do
    # Nothing comes while nobody is at the other end.
    if ! read -r line <&3; then
        $B sleep 1
        continue
    fi
    # The name of the command is what follows "execute".
    command=${line#*\"execute\"}
    command=${command#*\"}
    command=${command%%\"*}
    case $command in
    guest-sync)
        id=${line#*\"id\"}
        id=${id#*:}
        id=${id# }
        answer "${id%%[!0-9]*}"
        ;;
    guest-ping) answer '{}' ;;
    guest-info) answer "{\"version\": \"0.1\", \"supported_commands\": [$(offer)]}" ;;
    # It has no file system that outlives it, so none stands still.
    guest-fsfreeze-freeze | guest-fsfreeze-thaw) answer 0 ;;
    guest-get-host-name) answer '{"host-name": "govdsm-guest"}' ;;
    guest-get-osinfo)
        answer "{\"id\": \"busybox\", \"name\": \"busybox\", \"pretty-name\": \"busybox on Linux\", \
\"kernel-release\": \"$($B uname -r)\", \"machine\": \"$($B uname -m)\"}"
        ;;
    guest-shutdown)
        echo "guest: asked to shut down, good-bye" >/dev/console
        case $line in
        *\"reboot\"*) $B reboot -f ;;
        *) $B poweroff -f ;;
        esac
        ;;
    *) echo '{"error": {"class": "CommandNotFound", "desc": "The command is not known"}}' >&3 ;;
    esac
done
