// SPDX-License-Identifier: GPL-2.0-or-later

package rtnl

import (
	"bytes"
	"errors"
	"testing"

	"golang.org/x/sys/unix"
)

func TestAttributes(t *testing.T) {
	b := PutString(nil, 3, "eth0")
	b = PutU32(b, 4, 1500)
	b = PutNested(b, 18, PutU8(nil, 1, 7))
	b = PutU16(b, 5, 4094)
	if len(b)%4 != 0 {
		t.Errorf("%d bytes are not aligned", len(b))
	}
	if s := Text(Find(b, 3)); s != "eth0" {
		t.Errorf("text is %q", s)
	}
	if U32(Find(b, 4)) != 1500 || U32(Find(Find(b, 18), 1)) != 7 || U32(Find(b, 5)) != 4094 || Find(b, 9) != nil {
		t.Errorf("attributes are %x", b)
	}
	if kept := Keep(b, 4); !bytes.Equal(kept, PutU32(nil, 4, 1500)) {
		t.Errorf("kept %x", kept)
	}
}

// FuzzAttrs reads what no kernel sends.
func FuzzAttrs(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte{3, 0, 1, 0})
	f.Add([]byte{255, 255, 1, 0, 9})
	f.Add(PutString(PutU32(nil, 1, 2), 3, "x"))
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, v := range Attrs(b) {
			_, _ = U32(v), Text(v)
		}
		h, body, rest, ok := next(b)
		if ok && len(body)+len(rest) > len(b) {
			t.Error("more than there is")
		}
		_ = verdict(h, body)
	})
}

// TestVerdicts: every request of a batch has its own, and those behind a
// refused one are carried out.
func TestVerdicts(t *testing.T) {
	c, err := Dial()
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	ask := func(name string) Message {
		return Message{Type: unix.RTM_GETLINK, Body: PutString(LinkHeader(unix.AF_UNSPEC, 0, 0, 0), unix.IFLA_IFNAME, name)}
	}
	var batch []Message
	for range 300 { // more than one system call's worth
		batch = append(batch, ask("lo"), ask("surely-not"))
	}
	results, err := c.Do(t.Context(), batch)
	if err != nil {
		t.Fatal(err)
	}
	for i, r := range results {
		if i%2 == 0 && (r.Err != nil || len(r.Reply) != 1) || i%2 == 1 && !errors.Is(r.Err, unix.ENODEV) {
			t.Fatalf("result %d is %v with %d answers", i, r.Err, len(r.Reply))
		}
	}
}
