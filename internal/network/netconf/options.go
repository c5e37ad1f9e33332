// SPDX-License-Identifier: GPL-2.0-or-later

package netconf

import (
	"time"

	"govdsm/api"
)

// defaultTimeout is how long the manager has to be heard from again.
const defaultTimeout = 4 * time.Second

// Connectivity tells whether a set-up must hear from the manager to be kept,
// and how long it waits. No time at all means one look.
func Connectivity(o api.SetupNetworkOptions) (check bool, timeout time.Duration) {
	check, timeout = true, defaultTimeout
	if o.ConnectivityCheck != nil {
		check = bool(*o.ConnectivityCheck)
	}
	if o.ConnectivityTimeout != nil {
		timeout = max(0, min(time.Duration(*o.ConnectivityTimeout), longestTimeout)) * time.Second
	}
	return check, timeout
}

// longestTimeout is the most seconds that a set-up waits for the manager.
const longestTimeout = 24 * 60 * 60

// Commits tells whether a set-up that succeeds becomes what the next boot
// restores.
func Commits(o api.SetupNetworkOptions) bool { return truth(o.CommitOnSuccess) }

// InRollback tells whether a set-up undoes another one: it is not verified and
// not undone.
func InRollback(o api.SetupNetworkOptions) bool { return truth(o.InRollback) }
