// SPDX-License-Identifier: GPL-2.0-or-later

package linkapply

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"golang.org/x/sys/unix"

	"govdsm/internal/network/rtnl"
)

// meddling does something to the network before the kernel gets the request of
// that number.
type meddling struct {
	conn
	at     int
	meddle func()
	count  *int
}

func (m meddling) Do(ctx context.Context, requests []rtnl.Message) ([]rtnl.Result, error) {
	var all []rtnl.Result
	for _, r := range requests {
		if *m.count++; *m.count == m.at {
			m.meddle()
		}
		result, err := m.conn.Do(ctx, []rtnl.Message{r})
		if all = append(all, result...); err != nil {
			return all, err
		}
	}
	return all, nil
}

// meddleAt makes the next changes be disturbed.
func (b *bench) meddleAt(at int, meddle func()) {
	count := 0
	b.o.dial = func() (conn, error) {
		c, err := rtnl.Dial()
		return meddling{c, at, meddle, &count}, err
	}
}

// TestVanishingCard pulls the card out of the machine before every step. The
// rest is as before, and the error names the card.
func TestVanishingCard(t *testing.T) {
	inside(t, func(b *bench) {
		b.ip(`addr add 192.0.2.10/24 dev eth0
			route add default via 192.0.2.1 dev eth0`)
		for at := 1; ; at++ {
			gone := false
			b.meddleAt(at, func() { gone = true; b.ip("link del eth0") })
			c, err := b.Begin(b.t.Context(), document(b.t, management), nil)
			if !gone {
				c.conn = c.conn.(meddling).conn // undoing is not to be disturbed
				if err != nil {
					b.t.Fatal(err)
				}
				if err := c.Undo(b.t.Context(), nil); err != nil {
					b.t.Fatal(err)
				}
				return
			}
			if err == nil {
				// The kernel needed the card no more: what is verified shows it.
				b.t.Fatalf("vanished before request %d, and nobody noticed", at)
			}
			if !strings.Contains(err.Error(), "eth0") {
				b.t.Errorf("vanished before request %d: error is %v", at, err)
			}
			if out := b.output("sh", "-c", "ip -br link; ip rule"); strings.Contains(out, "ovirtmgmt") || strings.Contains(out, "3200") {
				b.t.Fatalf("vanished before request %d: left are\n%s", at, out)
			}
			os.Remove(b.o.Journal + ".failed")
			b.o.dial = func() (conn, error) { return rtnl.Dial() }
			b.ip(`link add eth0 address 52:54:00:00:00:10 type veth peer name peer0
				link set peer0 up
				link set eth0 up
				addr add 192.0.2.10/24 dev eth0
				route add default via 192.0.2.1 dev eth0`)
		}
	})
}

// TestNameTaken lets somebody else take the bridge's name at the last moment.
// Theirs stays.
func TestNameTaken(t *testing.T) {
	inside(t, func(b *bench) {
		before := b.text()
		var err error
		for at := 1; at < 4 && err == nil; at++ {
			b.meddleAt(at, func() { b.ip("link add ovirtmgmt type bridge") })
			if _, err = b.Begin(b.t.Context(), document(b.t, management), nil); err == nil {
				b.t.Fatal("the other one's bridge was taken")
			}
		}
		if !errors.Is(err, unix.EEXIST) {
			b.t.Errorf("error is %v", err)
		}
		b.o.dial = func() (conn, error) { return rtnl.Dial() }
		b.shows("ip -br link", "ovirtmgmt")
		b.ip("link del ovirtmgmt")
		if after := b.text(); after != before {
			b.t.Errorf("after:\n%s\nbefore:\n%s", after, before)
		}
	})
}

// TestOthersAtWork makes and undoes changes while another program keeps
// changing things of its own, which must come to no harm.
func TestOthersAtWork(t *testing.T) {
	inside(t, func(b *bench) {
		b.ip("link add theirs type bridge\naddr add 10.77.0.1/24 dev theirs\nlink set theirs up")
		ctx, stop := context.WithCancel(b.t.Context())
		var working sync.WaitGroup
		working.Go(func() {
			for i := 0; ctx.Err() == nil; i++ {
				script := fmt.Sprintf("link add other%d type bridge\naddr add 10.78.%d.1/24 dev theirs\nlink del other%d\naddr del 10.78.%d.1/24 dev theirs\n", i%7, i%200, i%7, i%200)
				cmd := exec.CommandContext(ctx, "ip", "-batch", "-")
				cmd.Stdin = strings.NewReader(script)
				if out, err := cmd.CombinedOutput(); err != nil && ctx.Err() == nil {
					b.t.Errorf("ip: %v\n%s", err, out)
					return
				}
			}
		})
		for range 10 {
			c, err := b.Begin(b.t.Context(), document(b.t, management), nil)
			if err != nil {
				b.t.Fatal(err)
			}
			if err := c.Undo(b.t.Context(), nil); err != nil {
				b.t.Fatal(err)
			}
		}
		stop()
		working.Wait()
		b.shows("ip addr show dev theirs", "10.77.0.1/24", "state ")
		if out := b.output("ip", "-br", "link"); strings.Contains(out, "ovirtmgmt") {
			b.t.Errorf("something is left:\n%s", out)
		}
	})
}

// TestFullDisk has no room for the journal, or for its progress. Nothing is
// done, or everything is undone.
func TestFullDisk(t *testing.T) {
	inside(t, func(b *bench) {
		disk := filepath.Join(b.dir, "disk")
		if err := os.Mkdir(disk, 0o700); err != nil {
			b.t.Fatal(err)
		}
		if err := unix.Mount("tmpfs", disk, "tmpfs", 0, "size=32k,mode=755"); err != nil {
			b.t.Fatal(err)
		}
		b.t.Cleanup(func() { _ = unix.Unmount(disk, unix.MNT_DETACH) })
		b.o.Journal = filepath.Join(disk, "journal")
		before := b.text()
		full := 0
		for filler := 0; filler <= 32; filler += 4 {
			if err := os.WriteFile(filepath.Join(disk, "filler"), make([]byte, filler<<10), 0o600); err != nil {
				break // no room for more filler: every case was there
			}
			c, err := b.Begin(b.t.Context(), document(b.t, management), nil)
			if err == nil {
				err = c.Undo(b.t.Context(), nil)
				if err != nil {
					b.t.Fatal(err)
				}
				continue
			}
			full++
			if !errors.Is(err, unix.ENOSPC) {
				b.t.Errorf("with %d KiB taken: %v", filler, err)
			}
			if after := b.text(); after != before {
				b.t.Fatalf("with %d KiB taken:\n%s\nbefore:\n%s", filler, after, before)
			}
			if _, err := os.Stat(b.o.Journal); err == nil {
				b.t.Error("a journal is left")
			}
		}
		if full == 0 {
			b.t.Error("the disk was never full")
		}
	})
}

// TestCancelled ends a change whose caller has gone.
func TestCancelled(t *testing.T) {
	inside(t, func(b *bench) {
		before := b.text()
		ctx, cancel := context.WithCancelCause(b.t.Context())
		why := errors.New("the caller has gone")
		b.meddleAt(3, func() { cancel(why) })
		if _, err := b.Begin(ctx, document(b.t, management), nil); !errors.Is(err, why) {
			b.t.Errorf("error is %v", err)
		}
		if after := b.text(); after != before {
			b.t.Errorf("after:\n%s\nbefore:\n%s", after, before)
		}
	})
}

// TestJournalThatNobodyWrote is set aside.
func TestJournalThatNobodyWrote(t *testing.T) {
	b := newBench(t, t.TempDir())
	for _, text := range []string{"", "{", `{"journal":9}` + "\n", `{"journal":1,"steps":1}` + "\n", `{"journal":1,"steps":1}` + "\n" + `{"step":"rm -rf","data":{}}` + "\n"} {
		if err := os.WriteFile(b.o.Journal, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := b.Recover(t.Context(), nil); err == nil {
			t.Errorf("%q was taken for a journal", text)
		}
		if _, err := os.Stat(b.o.Journal); err == nil {
			t.Errorf("%q is still in the way", text)
		}
	}
}
