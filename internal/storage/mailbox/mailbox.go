// SPDX-License-Identifier: GPL-2.0-or-later

// Package mailbox is the format in which hosts ask the manager of their pool to
// extend volumes, through files of the master domain. Each host has a box of
// 4096 bytes, at its host id times that size; box 0 says that something has
// changed. A box has 63 messages of 64 bytes. A host writes requests into its
// box of one file, the manager the answers into the same places of the other.
//
// Nothing here does I/O. What is read was written by other hosts: anything is
// possible, and nothing that is not a request is taken for one.
//
// Source: mailbox.py.
package mailbox

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/google/uuid"
)

// Sizes in bytes, and how many messages a box has.
const (
	BoxSize     = 4096
	MessageSize = 64
	Messages    = 63

	checksumSize = 4
)

// MostMiB is the greatest size that can be asked for.
const MostMiB = 1<<32 - 1

// Offset is where the box of a host is.
func Offset(hostID int) int64 { return int64(hostID) * BoxSize }

// prefix is the version of the format and the code of the only request.
const prefix = "1xtnd"

// Extend asks for a volume of a size, or answers such a request with the size
// that it has then; 0 says that it failed.
type Extend struct {
	Domain, Volume string // ids
	MiB            uint64
}

// ErrNotExtend says that a message is no request to extend a volume.
var ErrNotExtend = errors.New("no request to extend a volume")

// Message is the 64 bytes of a message.
type Message [MessageSize]byte

// Encode writes a request or an answer.
func (e Extend) Encode() (Message, error) {
	m := Message(bytes.Repeat([]byte("0"), MessageSize))
	if e.MiB > MostMiB {
		return m, fmt.Errorf("%d MiB are more than can be asked for", e.MiB)
	}
	b := []byte(prefix)
	for _, id := range []string{e.Domain, e.Volume} {
		parsed, err := uuid.Parse(id)
		if err != nil {
			return m, fmt.Errorf("id %q: %w", id, err)
		}
		slices.Reverse(parsed[:]) // the id as a number, its least byte first
		b = append(b, parsed[:]...)
	}
	copy(m[:], fmt.Appendf(b, "%016x", e.MiB))
	return m, nil
}

// Decode reads a message. Anything but a request or its answer is
// [ErrNotExtend].
func Decode(m Message) (Extend, error) {
	rest, ok := bytes.CutPrefix(m[:], []byte(prefix))
	if !ok {
		return Extend{}, ErrNotExtend
	}
	var ids [2]string
	for i := range ids {
		id := uuid.UUID(rest[:16])
		slices.Reverse(id[:])
		ids[i], rest = id.String(), rest[16:]
	}
	size, err := strconv.ParseUint(string(rest[:16]), 16, 64)
	if err != nil || size > MostMiB {
		return Extend{}, fmt.Errorf("%w: size %q", ErrNotExtend, rest[:16])
	}
	return Extend{ids[0], ids[1], size}, nil
}

// Empty reports whether nothing is at the message's place.
func (m Message) Empty() bool { return m == Message{} }

// Clean reports whether the message says that its place was dealt with.
func (m Message) Clean() bool { return m == CleanMessage() }

// CleanMessage is what is written over a message that was dealt with: first by
// the host that has seen the answer, then by the manager over the answer.
func CleanMessage() Message { return Message(bytes.Repeat([]byte{1}, MessageSize)) }

// Box is a host's box.
type Box [BoxSize]byte

// ErrChecksum says that a box was read while it was written, or is damaged: it
// is read again later.
var ErrChecksum = errors.New("mailbox with a wrong checksum")

// Message returns the message at a place from 0 on.
func (b *Box) Message(place int) Message {
	return Message(b[place*MessageSize : (place+1)*MessageSize])
}

// Put writes the message at a place.
func (b *Box) Put(place int, m Message) { copy(b[place*MessageSize:], m[:]) }

// Seal writes the checksum, which requests have and answers do not.
func (b *Box) Seal() {
	binary.LittleEndian.PutUint32(b[BoxSize-checksumSize:], b.sum())
}

// Check is [ErrChecksum] if the checksum is wrong. The box of a host that has
// never asked for anything is all zero, and right.
func (b *Box) Check() error {
	if binary.LittleEndian.Uint32(b[BoxSize-checksumSize:]) != b.sum() {
		return ErrChecksum
	}
	return nil
}

// sum adds the bytes up.
func (b *Box) sum() uint32 {
	var sum uint32
	for _, c := range b[:BoxSize-checksumSize] {
		sum += uint32(c)
	}
	return sum
}

// eventMark is how box 0 begins when somebody has written.
const eventMark = "\x00evt"

// Event returns box 0 for an event: a new id says that something is new.
func Event(id uuid.UUID) Box {
	var b Box
	copy(b[copy(b[:], eventMark):], id[:])
	return b
}

// EventID returns the id of the last event, false if there was none.
func EventID(b *Box) (uuid.UUID, bool) {
	rest, ok := bytes.CutPrefix(b[:], []byte(eventMark))
	if !ok {
		return uuid.UUID{}, false
	}
	return uuid.UUID(rest[:16]), true
}
