// SPDX-License-Identifier: GPL-2.0-or-later

// Package stomp speaks the subset of STOMP 1.2 that VDSM and its clients use.
//
// The codec (Frame, Append, Reader) is shared by both ends of a connection.
// Reader never allocates what a peer merely announces: every part of a frame
// has a limit, and memory grows only with bytes that have arrived.
//
// Server is the broker inside the daemon: one table of destinations and
// subscriptions over all its connections. What clients send to a request queue
// goes to a handler; Publish sends to every subscription of a destination.
// Each connection has a bounded queue of outgoing frames, so that a client that
// does not read is cut off and never delays another.
//
// Client is the other end of a connection.
//
// Frames are written one at a time, each with a single Write: the manager's
// client treats what one read returns as one frame.
package stomp
