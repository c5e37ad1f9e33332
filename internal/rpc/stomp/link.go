// SPDX-License-Identifier: GPL-2.0-or-later

package stomp

import (
	"net"
	"strconv"
	"strings"
	"time"
)

// shortestBeat is the least interval of heart-beats that is agreed on.
const shortestBeat = time.Second

// grace is what is added to the peer's interval before its silence counts:
// a fifth.
func grace(d time.Duration) time.Duration { return d + d/5 }

// link is what both ends of a connection have in common.
type link struct {
	conn   net.Conn
	alive  alive
	reader *Reader
	out    *outbox
}

// Bounds are what may wait for a peer that does not read; then its connection
// is cut. A zero field means the default.
type Bounds struct {
	Frames int // default 10 000
	Bytes  int // default 64 MiB
}

func newLink(conn net.Conn, limits Limits, bounds Bounds) *link {
	if bounds.Frames <= 0 {
		bounds.Frames = 10_000
	}
	if bounds.Bytes <= 0 {
		bounds.Bytes = 64 << 20
	}
	l := &link{conn: conn, out: newOutbox(conn, bounds.Frames, bounds.Bytes)}
	l.alive.conn = conn
	l.reader = NewReader(&l.alive, limits)
	return l
}

// alive reads from a connection and gives up on a peer that is silent for
// longer than limit. It belongs to the goroutine that reads.
type alive struct {
	conn  net.Conn
	limit time.Duration // 0 waits for ever
	renew time.Time     // when the deadline is worth moving on
}

// Read moves the deadline on, but not for every one of many small reads.
func (a *alive) Read(p []byte) (int, error) {
	if a.limit > 0 {
		if now := time.Now(); !now.Before(a.renew) {
			if err := a.conn.SetReadDeadline(now.Add(a.limit)); err != nil {
				return 0, err
			}
			a.renew = now.Add(a.limit / 20)
		}
	}
	return a.conn.Read(p)
}

// within sets the limit of silence; 0 for none.
func (a *alive) within(d time.Duration) error {
	a.limit, a.renew = d, time.Time{}
	return a.conn.SetReadDeadline(time.Time{})
}

// parseHeartBeat reads "x,y" in milliseconds. What is no number is 0, other
// values are at least a second.
func parseHeartBeat(s string) (sends, wants time.Duration) {
	x, y, _ := strings.Cut(s, ",")
	return beatInterval(x), beatInterval(y)
}

func beatInterval(s string) time.Duration {
	ms, err := strconv.ParseUint(strings.TrimSpace(s), 10, 31)
	if err != nil || ms == 0 {
		return 0
	}
	return max(time.Duration(ms)*time.Millisecond, shortestBeat)
}

func formatHeartBeat(sends, wants time.Duration) string {
	return strconv.FormatInt(sends.Milliseconds(), 10) + "," + strconv.FormatInt(wants.Milliseconds(), 10)
}
