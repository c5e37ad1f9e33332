// SPDX-License-Identifier: GPL-2.0-or-later

// Package libvirt is the daemon's one connection to libvirtd and the only
// package that touches the C binding. It promises:
//
//   - One connection, kept up. When libvirtd goes away the handler hears
//     Disconnected, calls answer ErrUnavailable at once, and the client dials
//     again with growing pauses until Connected comes.
//   - One event stream. Whatever libvirt tells arrives in order, as plain Go
//     values, from one goroutine.
//   - No call hangs its caller. Every call takes a context and a deadline. A
//     call that libvirt does not answer is abandoned: its caller gets
//     ErrTimeout, and the slot it holds stays taken until libvirt does answer.
//   - Nothing of the binding gets out. Objects of the C library live inside
//     one call and are freed there; Close reports those that were not.
//
// The library is opened at run time (build tag libvirt_dlopen), so a machine
// without libvirt can build and start the daemon; dialling then fails with the
// loader's words.
package libvirt
