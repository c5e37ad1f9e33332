// SPDX-License-Identifier: GPL-2.0-or-later

// Package wire is what a test and the agent inside a lab host say to each
// other: two gob streams over one virtio serial port, requests going in and
// replies coming out. Many conversations share the port, told apart by ID.
package wire

import "time"

// Port is the name of the virtio serial port that the agent listens on.
const Port = "govdsm.lab"

// ModulesParameter, on the kernel's command line, names the folder of the
// kernel's modules as seen below the machine's own root.
const ModulesParameter = "lab.modules="

// A Request opens a conversation (Setup, Run, Put, Get, Open, Close, Power) or
// adds to one (Input, Signal). Exactly one of its fields besides ID and Space is
// set.
type Request struct {
	ID     uint64
	Space  string // Put and Get mean a file in this space; empty: in the host itself
	Setup  *Setup
	Run    *Run
	Put    *File
	Get    string // path of a file whose content comes back as Out
	Open   string // name of a space to make
	Close  string // name of a space to destroy with everything that runs in it
	Power  bool   // sync and power off, as an administrator would
	Input  *Input
	Signal int // for everything that a Run started; negative kills its control group
}

// Setup is what a host must know about itself.
type Setup struct {
	Name    string
	Address string            // IPv4 with prefix length, for eth0; empty leaves it alone
	Peers   map[string]string // other hosts' names and addresses, for /etc/hosts
}

// Run starts a program.
type Run struct {
	Args  []string
	Env   []string // added to the agent's few variables
	Dir   string
	Space string // run in this space; empty: in the host itself
	Input bool   // Input will follow; otherwise standard input is empty
}

// Input is more of a program's standard input.
type Input struct {
	Data []byte
	EOF  bool
}

// File is a whole file.
type File struct {
	Path string
	Mode uint32
	Data []byte
}

// A Reply is a piece of output or, with Done, the end of a conversation.
// ID 0 carries the kernel's log, which nobody asked for but everybody wants.
type Reply struct {
	ID   uint64
	Out  []byte
	Err  []byte
	Done *Done
}

// Done tells how a conversation ended.
type Done struct {
	Code   int    // exit code, or 128 + signal as shells count
	Error  string // why it could not be done at all; empty if it was
	Lasted time.Duration
}
