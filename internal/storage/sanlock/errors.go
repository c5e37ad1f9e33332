// SPDX-License-Identifier: GPL-2.0-or-later

package sanlock

import (
	"errors"
	"fmt"
	"syscall"
)

// ErrLost: the daemon closed the connection of a registered process. Every
// lease of the process is lost.
var ErrLost = errors.New("the connection to sanlock is lost")

// ErrNoDaemon: nobody listens at the daemon's socket.
var ErrNoDaemon = errors.New("sanlock does not run")

// Error is what the daemon answered to a command. It wraps a [syscall.Errno]
// or a [Code]:
//
//	errors.Is(err, syscall.EINPROGRESS)
//	errors.Is(err, sanlock.LeaderMagic)
type Error struct {
	Command string
	Reason  error
}

func (e *Error) Error() string { return fmt.Sprintf("sanlock %s: %v", e.Command, e.Reason) }

// Unwrap returns the reason.
func (e *Error) Unwrap() error { return e.Reason }

// Code is a number of sanlock's own for what went wrong with a lease, as
// declared in sanlock_rv.h. It is negative.
type Code int32

// The codes that callers act on.
const (
	IOTimeout         Code = -202
	LeaderMagic       Code = -223 // nothing was ever written there, or it was cleared
	LeaderLockspace   Code = -226 // another lockspace is written there
	LeaderResource    Code = -227 // another resource is written there
	LeaderChecksum    Code = -229
	AcquireLockspace  Code = -241
	AcquireIDLive     Code = -243 // held by a host that is alive
	AcquireOwned      Code = -244 // lost to another host that tried at the same time
	AcquireOther      Code = -245 // lost to another host that tried at the same time
	AcquireOwnedRetry Code = -247
	HostIDBusy        Code = -262 // another host uses the id
)

// Error says in our words what the code means; the number follows for those
// who search the manual.
func (c Code) Error() string {
	text := map[Code]string{
		-201:              "failed",
		IOTimeout:         "storage did not answer in time",
		-203:              "the watchdog failed",
		-210:              "cannot read a host's block of the lease",
		-211:              "cannot write a host's block of the lease",
		-212:              "another host acquired the lease in a new ballot",
		-213:              "another host acquired the lease in this ballot",
		-214:              "wrong checksum of a host's block of the lease",
		-220:              "cannot read the lease",
		-221:              "cannot write the lease",
		-222:              "reading the lease twice gave different answers",
		LeaderMagic:       "no lease on storage",
		-224:              "unknown version of the lease",
		-225:              "wrong sector size of the lease",
		LeaderLockspace:   "the lease is of another lockspace",
		LeaderResource:    "the lease is of another resource",
		-228:              "wrong number of hosts of the lease",
		LeaderChecksum:    "wrong checksum of the lease",
		-230:              "the size of the lockspace does not fit",
		-231:              "the host id is out of range",
		-240:              "the lease has another version",
		AcquireLockspace:  "this host is not in the lockspace",
		-242:              "cannot open the lockspace",
		AcquireIDLive:     "another host holds the lease",
		AcquireOwned:      "another host was faster",
		AcquireOther:      "another host was faster",
		-246:              "another host holds the lease alone",
		AcquireOwnedRetry: "another host holds the lease",
		-250:              "the lease changed before its release",
		-251:              "another host owns the lease that was to be released",
		-260:              "another host renewed this host's id",
		-261:              "somebody changed this host's id",
		HostIDBusy:        "another host uses the host id",
	}[c]
	if text == "" {
		text = "unknown failure"
	}
	return fmt.Sprintf("%s (%d)", text, int32(c))
}

// result turns the number of an answer into an error. Numbers down to -200 are
// errno values.
func result(command string, rv int32) error {
	switch {
	case rv >= 0:
		return nil
	case rv > -200:
		return &Error{command, syscall.Errno(-rv)}
	}
	return &Error{command, Code(rv)}
}
