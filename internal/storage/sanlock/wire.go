// SPDX-License-Identifier: GPL-2.0-or-later

package sanlock

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"strings"
)

// Sizes and numbers of the protocol. The structures are those of C, in memory
// order of the machine; testdata/layout.c prints them. Source: sanlock.h,
// sanlock_admin.h, sanlock_resource.h and src/sanlock_sock.h of sanlock.
const (
	headerMagic = 0x04282010
	protocol    = 1

	headerSize    = 32
	diskSize      = 1040
	resourceSize  = 128
	optionsSize   = 56
	lockspaceSize = 1104
	hostSize      = 32
	eventSize     = 32

	nameSize = 48
	pathSize = 1024
	maxDisks = 4
)

// command is a number of the protocol.
type command uint32

const (
	cmdRegister           command = 1
	cmdAddLockspace       command = 2
	cmdRemoveLockspace    command = 3
	cmdAcquire            command = 7
	cmdRelease            command = 8
	cmdInquire            command = 9
	cmdRequest            command = 11
	cmdAlign              command = 12
	cmdInquireLockspace   command = 16
	cmdWriteLockspace     command = 18
	cmdWriteResource      command = 19
	cmdReadLockspace      command = 20
	cmdReadResource       command = 21
	cmdGetLockspaces      command = 22
	cmdGetHosts           command = 23
	cmdReadResourceOwners command = 24
	cmdSetLVB             command = 25
	cmdGetLVB             command = 26
	cmdVersion            command = 28
	cmdRegisterEvent      command = 30
	cmdEndEvent           command = 31
	cmdSetEvent           command = 32
)

func (c command) String() string {
	name := map[command]string{
		cmdRegister: "register", cmdAddLockspace: "add_lockspace", cmdRemoveLockspace: "rem_lockspace",
		cmdAcquire: "acquire", cmdRelease: "release", cmdInquire: "inquire", cmdRequest: "request",
		cmdAlign: "align", cmdInquireLockspace: "inq_lockspace", cmdWriteLockspace: "write_lockspace",
		cmdWriteResource: "write_resource", cmdReadLockspace: "read_lockspace",
		cmdReadResource: "read_resource", cmdGetLockspaces: "get_lockspaces", cmdGetHosts: "get_hosts",
		cmdReadResourceOwners: "read_resource_owners", cmdSetLVB: "set_lvb", cmdGetLVB: "get_lvb",
		cmdVersion: "version", cmdRegisterEvent: "reg_event", cmdEndEvent: "end_event", cmdSetEvent: "set_event",
	}[c]
	if name == "" {
		return fmt.Sprintf("command %d", uint32(c))
	}
	return name
}

// header begins each message.
type header struct {
	cmd         command
	flags       uint32
	length      uint32 // of the whole message
	data, data2 uint32
}

var order = binary.NativeEndian

func (h header) append(b []byte) []byte {
	for _, n := range []uint32{headerMagic, protocol, uint32(h.cmd), h.flags, h.length, 0, h.data, h.data2} {
		b = order.AppendUint32(b, n)
	}
	return b
}

func parseHeader(b []byte) (header, error) {
	if m := order.Uint32(b); m != headerMagic {
		return header{}, fmt.Errorf("not sanlock: the answer begins with %#x", m)
	}
	h := header{
		cmd: command(order.Uint32(b[8:])), flags: order.Uint32(b[12:]),
		length: order.Uint32(b[16:]), data: order.Uint32(b[24:]), data2: order.Uint32(b[28:]),
	}
	if h.length < headerSize {
		return header{}, fmt.Errorf("not sanlock: a message of %d bytes", h.length)
	}
	return h, nil
}

// text writes s into a field of fixed size that NULs fill up.
func text(b []byte, field, s string, limit int) ([]byte, error) {
	if len(s) > limit || strings.ContainsRune(s, 0) {
		return nil, fmt.Errorf("sanlock: %s %q is longer than %d bytes or has a NUL", field, s, limit)
	}
	return append(b, s...), nil
}

func untext(b []byte) string {
	if end := bytes.IndexByte(b, 0); end >= 0 {
		b = b[:end]
	}
	return string(b)
}

func (d Disk) append(b []byte) ([]byte, error) {
	start := len(b)
	if d.Offset < 0 {
		return nil, fmt.Errorf("sanlock: offset %d of %s", d.Offset, d.Path)
	}
	b, err := text(b, "path", d.Path, pathSize-1) // C wants a NUL after it
	if err != nil {
		return nil, err
	}
	b = order.AppendUint64(pad(b, start+pathSize), uint64(d.Offset))
	return pad(b, start+diskSize), nil
}

func parseDisk(b []byte) Disk {
	return Disk{untext(b[:pathSize]), int64(order.Uint64(b[pathSize:]))}
}

func (l Lockspace) append(b []byte) ([]byte, error) {
	start := len(b)
	b, err := text(b, "lockspace", l.Name, nameSize)
	if err != nil {
		return nil, err
	}
	b = order.AppendUint64(pad(b, start+nameSize), l.HostID)
	b = order.AppendUint32(b, l.Geometry.flags())
	return l.Disk.append(pad(b, start+64))
}

func parseLockspace(b []byte) Lockspace {
	flags := order.Uint32(b[56:])
	return Lockspace{
		Name: untext(b[:nameSize]), HostID: order.Uint64(b[nameSize:]), Geometry: geometryOf(flags),
		Disk: parseDisk(b[64:]), Adding: flags&flagAdding != 0, Removing: flags&flagRemoving != 0,
	}
}

// append writes the resource without its disks.
func (r Resource) append(b []byte) ([]byte, error) {
	start := len(b)
	if len(r.Disks) > maxDisks {
		return nil, fmt.Errorf("sanlock: resource %s on %d disks", r.Name, len(r.Disks))
	}
	b, err := text(b, "lockspace", r.Lockspace, nameSize)
	if err != nil {
		return nil, err
	}
	if b, err = text(pad(b, start+nameSize), "resource", r.Name, nameSize); err != nil {
		return nil, err
	}
	b = order.AppendUint64(pad(b, start+2*nameSize), r.Version)
	b = order.AppendUint32(pad(b, start+120), r.flags())
	return order.AppendUint32(b, uint32(len(r.Disks))), nil
}

func (r Resource) appendWithDisks(b []byte) ([]byte, error) {
	b, err := r.append(b)
	for _, d := range r.Disks {
		if err == nil {
			b, err = d.append(b)
		}
	}
	return b, err
}

// parseResource reads a resource; its disks are not part of any answer.
func parseResource(b []byte) Resource {
	flags := order.Uint32(b[120:])
	return Resource{
		Lockspace: untext(b[:nameSize]), Name: untext(b[nameSize : 2*nameSize]),
		Version: order.Uint64(b[2*nameSize:]), Geometry: geometryOf(flags), Shared: flags&flagShared != 0,
	}
}

func parseHost(b []byte) Host {
	return Host{
		ID: order.Uint64(b), Generation: order.Uint64(b[8:]), Timestamp: order.Uint64(b[16:]),
		IOTimeout: order.Uint32(b[24:]), Status: HostStatus(order.Uint32(b[28:]) & 0xf),
	}
}

func (e Event) append(b []byte) []byte {
	for _, n := range []uint64{e.HostID, e.Generation, e.Event, e.Data} {
		b = order.AppendUint64(b, n)
	}
	return b
}

func pad(b []byte, to int) []byte { return append(b, make([]byte, to-len(b))...) }
