// SPDX-License-Identifier: GPL-2.0-or-later

package doctor

import (
	"context"
	"net"
	"os"

	"golang.org/x/sys/unix"
)

// loopback: guests' consoles and the daemon's own tools go through it.
func (h *Host) loopback(context.Context) []Finding {
	lo, err := net.InterfaceByName("lo")
	switch {
	case err != nil:
		return []Finding{{State: Failure, Text: "lo: " + err.Error()}}
	case lo.Flags&net.FlagUp == 0:
		return []Finding{{State: Failure, Text: "lo is down", Next: "ip link set lo up"}}
	}
	return ok("lo is up")
}

// clock: leases, certificates and migrations compare the clocks of hosts.
func (h *Host) clock(context.Context) []Finding {
	const next = "timedatectl set-ntp true"
	var t unix.Timex
	state, err := unix.Adjtimex(&t)
	switch {
	case err != nil:
		return []Finding{{State: Unknown, Text: "adjtimex: " + err.Error()}}
	case state == unix.TIME_ERROR || t.Status&unix.STA_UNSYNC != 0:
		return []Finding{{State: Warning, Text: "the clock is not kept by anything (NTP)", Next: next}}
	}
	return ok("kept in time, error below %d ms", t.Maxerror/1000+1)
}

// kvm boots a guest: the device is there on some machines whose guests do not
// run, or run slower than emulated ones.
func (h *Host) kvm(ctx context.Context) []Finding {
	if _, err := os.Stat(h.KVM); err != nil {
		return []Finding{{
			State: Warning,
			Text:  h.KVM + " is not there: guests are emulated, which is slow",
			Next:  "modprobe -a kvm_intel kvm_amd; if both fail, turn virtualization on in the firmware",
		}}
	}
	switch result := h.Boot(ctx); {
	case result.Usable:
		return ok("%s runs guests", h.KVM)
	case ctx.Err() != nil:
		return []Finding{{State: Unknown, Text: result.Reason}}
	default:
		return []Finding{{State: Warning, Text: "guests are emulated, which is slow: " + result.Reason, Next: "dmesg | grep -i kvm"}}
	}
}
