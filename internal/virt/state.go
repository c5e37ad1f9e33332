// SPDX-License-Identifier: GPL-2.0-or-later

package virt

import (
	"time"

	"govdsm/api"
)

// state is what changes in the life of a VM.
type state struct {
	stored     api.VmStatus // what the transitions below are about
	cpuStopped bool         // libvirt says that the guest's CPUs stand still

	guest   api.VmStatus // the guest's last change: powering up or down, reboot
	guestAt time.Time    // when it happened

	startTime  time.Time
	pauseCode  string  // NOERR, EIO, ENOSPC, EOTHER; "" when not set
	pauseTime  float64 // s of the monotonic clock; 0 when not paused by an error
	timeOffset *int64  // s between the guest's clock and the host's

	clientIP string // of the console's user, "" when there is none
	watchdog *api.WatchdogEvent

	destroyOnReboot  bool
	destroyRequested bool
	silent           bool      // the last call about this VM timed out
	sampledSince     time.Time // since when samples are expected; zero for not

	reason *api.VmExitReason // why it will end, when that is known beforehand
	exit   exit              // once Down
}

// trigger is what makes a VM change its status.
type trigger int

const (
	launched  trigger = iota // QEMU runs
	paused                   // somebody paused it
	resumed                  // somebody resumed it
	releasing                // it is being ended
	ended                    // QEMU is gone and everything is given back
)

// transitions are the status changes there are. A trigger that is not listed
// for a status changes nothing. Down is final.
//
// Migration and hibernation will add theirs here: Up and Paused to Migration
// Source or Saving State and back.
var transitions = map[trigger]map[api.VmStatus]api.VmStatus{
	launched: {
		api.VmStatusWaitForLaunch: api.VmStatusUp,
	},
	paused: {
		api.VmStatusWaitForLaunch: api.VmStatusPaused, // found so after a restart
		api.VmStatusUp:            api.VmStatusPaused,
		api.VmStatusPaused:        api.VmStatusPaused,
	},
	resumed: {
		api.VmStatusUp:     api.VmStatusUp,
		api.VmStatusPaused: api.VmStatusUp,
	},
	releasing: {
		api.VmStatusUp: api.VmStatusPoweringDown,
	},
	ended: {
		api.VmStatusWaitForLaunch:        api.VmStatusDown,
		api.VmStatusUp:                   api.VmStatusDown,
		api.VmStatusPaused:               api.VmStatusDown,
		api.VmStatusPoweringDown:         api.VmStatusDown,
		api.VmStatusMigrationSource:      api.VmStatusDown,
		api.VmStatusMigrationDestination: api.VmStatusDown,
		api.VmStatusSavingState:          api.VmStatusDown,
		api.VmStatusRestoringState:       api.VmStatusDown,
	},
}

// move takes the transition that the trigger makes from the stored status, and
// reports whether there is one.
func (s *state) move(t trigger) bool {
	to, ok := transitions[t][s.stored]
	if ok {
		s.stored = to
	}
	return ok
}

// last is the status that lists of VMs show: the stored one, except that a
// guest whose CPUs stand still is Paused, whoever stopped them.
func (s *state) last() api.VmStatus {
	switch s.stored {
	case api.VmStatusUp, api.VmStatusPoweringDown, api.VmStatusRebootInProgress:
		if s.cpuStopped {
			return api.VmStatusPaused
		}
	}
	return s.stored
}

// How long a change of the guest shows, from lib/vdsm/virt/vm.py.
const (
	guestEventShows   = 60 * time.Second
	poweringDownShows = 5 * guestEventShows
	guestClockTrouble = -time.Second // a guest event from the future is none
)

// shown is the status that statistics and events show: an Up guest is Powering
// up for a minute after its start, unless something tells better.
func (s *state) shown(now time.Time) api.VmStatus {
	last := s.last()
	if last != api.VmStatusUp || s.guest == "" {
		return last
	}
	since := now.Sub(s.guestAt)
	switch {
	case since < guestClockTrouble:
		return last
	case s.guest == api.VmStatusPoweringDown && since < poweringDownShows:
		return s.guest
	case since < guestEventShows:
		return s.guest
	}
	return last
}

// guestChange notes what the guest is up to.
func (s *state) guestChange(to api.VmStatus, at time.Time) { s.guest, s.guestAt = to, at }

// because notes why the VM is going to end, unless that is known already.
func (s *state) because(reason api.VmExitReason) {
	if s.reason == nil {
		s.reason = &reason
	}
}
