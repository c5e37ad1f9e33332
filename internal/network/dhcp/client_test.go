// SPDX-License-Identifier: GPL-2.0-or-later

package dhcp

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"govdsm/internal/network/netlink"
)

// server is a protocol whose answers a test decides, and the surroundings of a
// client without a kernel. It writes down what is asked, and when.
type server struct {
	mu     sync.Mutex
	began  time.Time
	log    []string
	silent bool
	refuse bool
	next   int // last number of the address that it gives
	kept   *record
}

func (s *server) say(what string) {
	s.log = append(s.log, fmt.Sprintf("%v %s", time.Since(s.began).Round(time.Second), what))
}

func (s *server) answer(ctx context.Context, what string) (Lease, error) {
	s.mu.Lock()
	s.say(what)
	silent, refuse, n := s.silent, s.refuse, s.next
	s.mu.Unlock()
	switch {
	case silent:
		<-ctx.Done()
		return Lease{}, ended(ctx, ctx.Err())
	case refuse:
		return Lease{}, errRefused
	}
	l := Lease{Address: netip.PrefixFrom(netip.AddrFrom4([4]byte{192, 0, 2, byte(n)}), 24), Obtained: time.Now(), Valid: 8000 * time.Second}
	l.bounded()
	return l, nil
}

func (s *server) acquire(ctx context.Context, _ netlink.Link, hint netip.Addr) (Lease, error) {
	return s.answer(ctx, strings.TrimSuffix("acquire "+hint.String(), " invalid IP"))
}
func (s *server) confirm(ctx context.Context, _ netlink.Link, _ Lease) (Lease, error) {
	return s.answer(ctx, "confirm")
}
func (s *server) renew(ctx context.Context, _ netlink.Link, _ Lease) (Lease, error) {
	return s.answer(ctx, "renew")
}
func (s *server) rebind(ctx context.Context, _ netlink.Link, _ Lease) (Lease, error) {
	return s.answer(ctx, "rebind")
}
func (s *server) release(Spec, netlink.Link, string, Lease) error { return nil }

func (s *server) usable(ctx context.Context, _ Spec) (netlink.Link, context.Context, context.CancelFunc, error) {
	session, end := context.WithCancel(ctx)
	return netlink.Link{Address: net.HardwareAddr{2, 0, 0, 0, 0, 1}}, session, end, ctx.Err()
}

func (s *server) keep(_ context.Context, c *client, link netlink.Link, l Lease) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.say("keep " + l.Address.Addr().String())
	s.kept = &record{Spec: c.spec, MAC: link.Address.String(), Lease: l}
	c.record = s.kept
	return nil
}

func (s *server) drop(_ context.Context, c *client) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.say("drop " + c.record.Lease.Address.Addr().String())
	c.record, s.kept = nil, nil
}

// play runs a client against a server for a time, which passes at once. The
// story is what happened.
func play(t *testing.T, s *server, known *record, length time.Duration, events map[time.Duration]func(s *server)) (story []string) {
	synctest.Test(t, func(t *testing.T) {
		s.began, s.next = time.Now(), 50
		if known != nil {
			known.Lease.Obtained = time.Now().Add(-known.Lease.Renew / 2)
		}
		c := &client{
			spec: Spec{Key: Key{"eth0", IPv4}}, protocol: s, owner: s, record: known,
			pace: pace{}.orDefaults(), log: slog.New(slog.DiscardHandler),
		}
		ctx, cancel := context.WithTimeout(t.Context(), length)
		defer cancel()
		for at, do := range events {
			time.AfterFunc(at, func() { s.mu.Lock(); do(s); s.mu.Unlock() })
		}
		c.run(ctx)
		synctest.Wait()
	})
	return s.log
}

func expect(t *testing.T, got []string, want ...string) {
	t.Helper()
	if strings.Join(got, ", ") != strings.Join(want, ", ") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// A lease is renewed after half of its time.
func TestRenewed(t *testing.T) {
	t.Parallel()
	expect(t, play(t, &server{}, nil, 9000*time.Second, nil),
		"0s acquire", "0s keep 192.0.2.50", "1h6m40s renew", "1h6m40s keep 192.0.2.50",
		"2h13m20s renew", "2h13m20s keep 192.0.2.50")
}

// A server that never answers again: asked at T1, and less and less long before
// T2; then all servers; in the end the address goes, on time.
func TestServerDies(t *testing.T) {
	t.Parallel()
	log := play(t, &server{}, nil, 8001*time.Second, map[time.Duration]func(*server){
		time.Second: func(s *server) { s.silent = true },
	})
	renewed, rebound := 0, 0
	for _, line := range log {
		at, what, _ := strings.Cut(line, " ")
		when, err := time.ParseDuration(at)
		if err != nil {
			t.Fatal(err)
		}
		switch what {
		case "renew":
			renewed++
			if when < 4000*time.Second || when > 7000*time.Second {
				t.Error(line)
			}
		case "rebind":
			rebound++
			if when < 7000*time.Second {
				t.Error(line)
			}
		}
	}
	if renewed < 3 || renewed > 10 || rebound < 3 || rebound > 10 {
		t.Errorf("renewed %d, rebound %d times:\n%s", renewed, rebound, strings.Join(log, "\n"))
	}
	if got := strings.Join(log[len(log)-2:], ", "); got != "2h13m20s drop 192.0.2.50, 2h13m20s acquire 192.0.2.50" {
		t.Errorf("ends with %s", got)
	}
}

// A server that refuses to renew ends the lease at once, and a new one is got.
func TestRefusedRenewal(t *testing.T) {
	t.Parallel()
	expect(t, play(t, &server{}, nil, 4100*time.Second, map[time.Duration]func(*server){
		3999 * time.Second: func(s *server) { s.refuse, s.next = true, 51 },
		4001 * time.Second: func(s *server) { s.refuse = false },
	})[:4], "0s acquire", "0s keep 192.0.2.50", "1h6m40s renew", "1h6m40s drop 192.0.2.50")
}

// A server that renews with another address is believed.
func TestOtherAddress(t *testing.T) {
	t.Parallel()
	expect(t, play(t, &server{}, nil, 4100*time.Second, map[time.Duration]func(*server){
		time.Second: func(s *server) { s.next = 77 },
	}), "0s acquire", "0s keep 192.0.2.50", "1h6m40s renew", "1h6m40s keep 192.0.2.77")
}

func known() *record {
	l := Lease{Address: netip.MustParsePrefix("192.0.2.40/24"), Valid: 8000 * time.Second}
	l.bounded()
	return &record{Spec: Spec{Key: Key{"eth0", IPv4}}, MAC: "02:00:00:00:00:01", Lease: l}
}

// After a restart the server is asked; if it keeps silent, the lease is used to
// its end; if it refuses, it is given up; one of another card is, too.
func TestResumed(t *testing.T) {
	t.Parallel()
	expect(t, play(t, &server{}, known(), 100*time.Second, nil), "0s confirm", "0s keep 192.0.2.50")
	expect(t, play(t, &server{silent: true}, known(), 100*time.Second, nil), "0s confirm", "10s keep 192.0.2.40")
	log := play(t, &server{refuse: true}, known(), 5*time.Second, nil)
	expect(t, log, "0s confirm", "0s drop 192.0.2.40", "0s acquire")
	other := known()
	other.MAC = "02:00:00:00:00:02"
	expect(t, play(t, &server{}, other, 5*time.Second, nil), "0s drop 192.0.2.40", "0s acquire", "0s keep 192.0.2.50")
	over := known()
	over.Lease.Valid = time.Second
	expect(t, play(t, &server{}, over, 5*time.Second, nil)[:2], "0s drop 192.0.2.40", "0s acquire 192.0.2.40")
}
