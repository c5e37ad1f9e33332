// SPDX-License-Identifier: GPL-2.0-or-later

package mailbox

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"os"
	"testing"

	"github.com/google/uuid"
)

// golden is what the original writes.
type golden struct {
	Request struct {
		Input struct {
			Domain string `json:"domainID"`
			Volume string `json:"volumeID"`
			MiB    uint64 `json:"size_mib"`
		}
		Hex string
	}
	Failed struct{ Hex string } `json:"reply_failed"`
	Clean  string               `json:"clean_message"`
	Box    struct {
		Messages []string
		Sum      string `json:"checksum_hex"`
		SHA256   string `json:"mailbox_sha256"`
	} `json:"host_mailbox"`
	Event struct {
		ID    uuid.UUID `json:"uuid"`
		Bytes string    `json:"first_24_hex"`
	} `json:"event_block"`
}

func load(t *testing.T) (g golden) {
	t.Helper()
	b, err := os.ReadFile("testdata/mailbox.json")
	if err == nil {
		err = json.Unmarshal(b, &g)
	}
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func message(t *testing.T, text string) Message {
	t.Helper()
	b, err := hex.DecodeString(text)
	if err != nil || len(b) != MessageSize {
		t.Fatal(text, err)
	}
	return Message(b)
}

func TestMessages(t *testing.T) {
	g := load(t)
	in := g.Request.Input
	for want, e := range map[string]Extend{
		g.Request.Hex: {in.Domain, in.Volume, in.MiB},
		g.Failed.Hex:  {in.Domain, in.Volume, 0},
	} {
		m, err := e.Encode()
		if err != nil || hex.EncodeToString(m[:]) != want {
			t.Errorf("%+v is %x, %v; want %s", e, m, err, want)
		}
		if back, err := Decode(message(t, want)); err != nil || back != e {
			t.Errorf("%s is %+v, %v", want, back, err)
		}
	}
	if !message(t, g.Clean).Clean() || !new(Message).Empty() {
		t.Error("clean or empty messages are not seen")
	}
}

func TestBox(t *testing.T) {
	g := load(t)
	var b Box
	if err := b.Check(); err != nil {
		t.Error("an empty box:", err)
	}
	for place, text := range g.Box.Messages {
		b.Put(place, message(t, text))
		if b.Message(place) != message(t, text) {
			t.Error("another message than was put there")
		}
	}
	if err := b.Check(); !errors.Is(err, ErrChecksum) {
		t.Error("without a checksum:", err)
	}
	b.Seal()
	sum := sha256.Sum256(b[:])
	if hex.EncodeToString(b[BoxSize-4:]) != g.Box.Sum || hex.EncodeToString(sum[:]) != g.Box.SHA256 || b.Check() != nil {
		t.Errorf("checksum %x of a box with SHA-256 %x", b[BoxSize-4:], sum)
	}
}

func TestEvent(t *testing.T) {
	g := load(t)
	b := Event(g.Event.ID)
	if hex.EncodeToString(b[:24]) != g.Event.Bytes {
		t.Errorf("%x", b[:24])
	}
	if id, ok := EventID(&b); !ok || id != g.Event.ID {
		t.Error(id, ok)
	}
	if _, ok := EventID(new(Box)); ok {
		t.Error("an event in an empty box")
	}
}

func TestRefused(t *testing.T) {
	id := uuid.NewString()
	for _, e := range []Extend{{"", id, 1}, {id, "x", 1}, {id, id, MostMiB + 1}} {
		if _, err := e.Encode(); err == nil {
			t.Errorf("%+v", e)
		}
	}
	good, err := Extend{id, id, 1}.Encode()
	if err != nil {
		t.Fatal(err)
	}
	for place, c := range map[int]byte{0: '2', 1: 'y', 37: 'f', 38: ' ', 52: '-'} {
		bad := good
		bad[place] = c
		if e, err := Decode(bad); !errors.Is(err, ErrNotExtend) {
			t.Errorf("byte %d is %q: %+v, %v", place, c, e, err)
		}
	}
}
