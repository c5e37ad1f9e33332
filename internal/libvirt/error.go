// SPDX-License-Identifier: GPL-2.0-or-later

package libvirt

import (
	"errors"
	"fmt"

	binding "libvirt.org/go/libvirt"
)

// Errors of the client itself, as against those libvirt answers.
var (
	// ErrUnavailable says that there is no connection to libvirtd now.
	ErrUnavailable = errors.New("libvirt is not connected")
	// ErrTimeout says that libvirt has not answered in time. The call may
	// still take effect.
	ErrTimeout = errors.New("libvirt does not answer")
	// ErrBusy says that all slots are taken by calls that libvirt has not
	// answered yet.
	ErrBusy = errors.New("too many calls to libvirt are waiting")
	// ErrNotFreed says that objects of the C library were left behind, which
	// is a fault of this package.
	ErrNotFreed = errors.New("objects of libvirt were not freed")
)

// Code is an error number of libvirt (virErrorNumber). It is an error, so that
// errors.Is(err, NoDomain) asks for it.
type Code int

// The codes that decide something here; libvirt/virterror.h has them all.
const (
	InternalError     = Code(binding.ERR_INTERNAL_ERROR)
	NoSupport         = Code(binding.ERR_NO_SUPPORT)
	OperationFailed   = Code(binding.ERR_OPERATION_FAILED)
	SystemError       = Code(binding.ERR_SYSTEM_ERROR)
	RPC               = Code(binding.ERR_RPC)
	NoDomain          = Code(binding.ERR_NO_DOMAIN)
	NoNetwork         = Code(binding.ERR_NO_NETWORK)
	OperationInvalid  = Code(binding.ERR_OPERATION_INVALID)
	OperationTimeout  = Code(binding.ERR_OPERATION_TIMEOUT)
	NoMetadata        = Code(binding.ERR_NO_DOMAIN_METADATA)
	AgentUnresponsive = Code(binding.ERR_AGENT_UNRESPONSIVE)

	AgentCommandFailed = Code(binding.ERR_AGENT_COMMAND_FAILED)
)

// Error makes a bare code an error.
func (c Code) Error() string { return fmt.Sprintf("libvirt error %d", int(c)) }

// Error is what libvirt answered to a call.
type Error struct {
	Code    Code
	Message string // libvirt's own words: "Domain not found: no domain with …"
}

// Error returns libvirt's words alone: managers show them to people.
func (e *Error) Error() string { return e.Message }

// Unwrap makes the code findable.
func (e *Error) Unwrap() error { return e.Code }

// plain turns an error of the binding into one of ours.
func plain(err error) error {
	var b binding.Error
	if errors.As(err, &b) {
		return &Error{Code: Code(b.Code), Message: b.Message}
	}
	return err
}

// isCode reports whether the binding's error has one of the numbers.
func isCode(err error, codes ...binding.ErrorNumber) bool {
	var b binding.Error
	if !errors.As(err, &b) {
		return false
	}
	for _, c := range codes {
		if b.Code == c {
			return true
		}
	}
	return false
}
