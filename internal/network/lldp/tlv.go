// SPDX-License-Identifier: GPL-2.0-or-later

package lldp

import (
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"
)

// ErrMalformed is returned for a frame that the standard forbids: one that is
// cut short, or does not begin with the chassis, the port and the time to live.
// IEEE 802.1AB 9.2.7.7 says to drop such.
var ErrMalformed = errors.New("malformed LLDP frame")

// Announcement is what one frame says.
type Announcement struct {
	Chassis, Port string        // raw bytes that tell neighbours apart
	TTL           time.Duration // how long it holds; 0 when the neighbour leaves
	TLVs          []TLV         // those that managers know, in their order
}

// Decode decodes the payload of a frame. TLVs whose values are not what their
// types promise are left out, as they are when nobody knows them.
func Decode(b []byte) (*Announcement, error) {
	a := &Announcement{}
	for i := 0; ; i++ {
		if len(b) == 0 && i > typeTTL { // the end may be left out
			break
		}
		if len(b) < 2 {
			return nil, fmt.Errorf("%w: no TLV number %d", ErrMalformed, i+1)
		}
		header := binary.BigEndian.Uint16(b)
		kind, size := uint8(header>>9), int(header&0x1ff)
		if len(b) < 2+size {
			return nil, fmt.Errorf("%w: TLV number %d is cut short", ErrMalformed, i+1)
		}
		value := b[2 : 2+size]
		b = b[2+size:]
		if i < typeTTL && int(kind) != i+1 {
			return nil, fmt.Errorf("%w: TLV number %d has type %d", ErrMalformed, i+1, kind)
		}
		if kind == typeEnd {
			break // whatever follows is padding
		}
		if err := a.add(i, kind, value); err != nil {
			return nil, err
		}
	}
	return a, nil
}

// add takes TLV number i, counted from 0.
func (a *Announcement) add(i int, kind uint8, value []byte) error {
	switch {
	case kind >= typeChassisID && kind <= typeTTL && i >= typeTTL:
		return fmt.Errorf("%w: type %d comes twice", ErrMalformed, kind)
	case kind == typeChassisID:
		a.Chassis = string(value)
	case kind == typePortID:
		a.Port = string(value)
	case kind == typeTTL:
		if len(value) < 2 {
			return fmt.Errorf("%w: no time to live", ErrMalformed)
		}
		a.TTL = time.Duration(binary.BigEndian.Uint16(value)) * time.Second
	}
	t := TLV{Type: kind}
	if kind == typeOrganization {
		if len(value) < 4 {
			return nil
		}
		t.OUI, t.Subtype = uint32(value[0])<<16|uint32(value[1])<<8|uint32(value[2]), value[3]
		value = value[4:]
	}
	if t.Name = name(t.Type, t.OUI, t.Subtype); t.Name == "" {
		return nil
	}
	var ok bool
	if t.Properties, ok = properties(t, value); ok {
		a.TLVs = append(a.TLVs, t)
	} else if i < typeTTL {
		return fmt.Errorf("%w: %s without a value", ErrMalformed, strings.ToLower(t.Name))
	}
	return nil
}

// printable makes text of what a stranger sent: it ends up in a manager's
// pages and in logs.
func printable(b []byte) string {
	b, _, _ = cutZero(b)
	text := strings.Map(func(r rune) rune {
		if r == utf8.RuneError || r < ' ' && r != '\n' && r != '\t' || r == 0x7f {
			return '?'
		}
		return r
	}, string(b))
	return strings.TrimSpace(text)
}

func cutZero(b []byte) (before, after []byte, found bool) {
	for i, c := range b {
		if c == 0 {
			return b[:i], b[i+1:], true
		}
	}
	return b, nil, false
}
