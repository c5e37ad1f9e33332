// SPDX-License-Identifier: GPL-2.0-or-later

package lab

import (
	"bufio"
	"encoding/binary"
	"io"
	"math/rand/v2"
	"net"
	"sync"
	"time"
)

// maxFrame is the largest Ethernet frame that a link takes, in bytes.
const maxFrame = 1 << 16

// queueLength is how many frames wait for a host that does not read before the
// next ones are dropped, as a switch would.
const queueLength = 1024

// Network is a switch in the test's own process: nothing of it exists in the
// machine's kernel. It learns addresses and floods what it does not know.
// Unlike a bridge it also passes the reserved addresses (LLDP, LACP), so that
// two hosts are neighbours as if on one cable.
type Network struct {
	mu    sync.Mutex
	links []*Link
	table map[[6]byte]*Link
}

func newNetwork() *Network { return &Network{table: make(map[[6]byte]*Link)} }

// attach adds a port to the switch.
func (n *Network) attach() *Link {
	l := &Link{network: n, queue: make(chan frame, queueLength)}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.links = append(n.links, l)
	return l
}

// frame is an Ethernet frame on its way and the moment it may be delivered.
type frame struct {
	bytes []byte
	due   time.Time
}

// forward hands a frame that came from one link to those it is for.
func (n *Network) forward(from *Link, b []byte) {
	if len(b) < 14 {
		return
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if !from.lets() {
		return
	}
	source, target := [6]byte(b[6:12]), [6]byte(b[:6])
	if source[0]&1 == 0 {
		n.table[source] = from
	}
	due := time.Now().Add(from.delay)
	if to := n.table[target]; to != nil && target[0]&1 == 0 {
		if to != from {
			to.offer(b, due)
		}
		return
	}
	for _, to := range n.links {
		if to != from {
			to.offer(b, due)
		}
	}
}

// forget makes the switch learn again where the addresses behind a link are.
func (n *Network) forget(l *Link) {
	for address, link := range n.table {
		if link == l {
			delete(n.table, address)
		}
	}
}

// Link is the cable between a host's network card and the switch.
type Link struct {
	network *Network
	queue   chan frame
	carrier func(up bool) error // tells the card; nil while there is no machine

	// Guarded by network.mu.
	unplugged bool
	loss      float64
	delay     time.Duration
}

// lets decides whether a frame passes the link. network.mu is held.
func (l *Link) lets() bool {
	return !l.unplugged && (l.loss == 0 || rand.Float64() >= l.loss)
}

// offer queues a frame for the host. network.mu is held.
func (l *Link) offer(b []byte, due time.Time) {
	if !l.lets() {
		return
	}
	select {
	case l.queue <- frame{b, due.Add(l.delay)}:
	default:
	}
}

// Unplug pulls the cable: the host's card loses its carrier and no frame
// passes. Unplugging twice is no error.
func (l *Link) Unplug() error { return l.plug(false) }

// Plug puts the cable back.
func (l *Link) Plug() error { return l.plug(true) }

func (l *Link) plug(in bool) error {
	l.network.mu.Lock()
	l.unplugged = !in
	l.network.forget(l)
	carrier := l.carrier
	l.network.mu.Unlock()
	if carrier == nil {
		return nil
	}
	return carrier(in)
}

// Cut keeps the carrier but lets nothing pass, like a switch that went mad
// somewhere on the way. Heal ends it, and any loss and delay.
func (l *Link) Cut() { l.Drop(1) }

// Drop loses that fraction of the frames, 0 to 1, in each direction.
func (l *Link) Drop(fraction float64) {
	l.network.mu.Lock()
	defer l.network.mu.Unlock()
	l.loss = fraction
}

// Delay holds every frame back for d, in each direction.
func (l *Link) Delay(d time.Duration) {
	l.network.mu.Lock()
	defer l.network.mu.Unlock()
	l.delay = d
}

// Heal ends loss and delay.
func (l *Link) Heal() {
	l.Drop(0)
	l.Delay(0)
}

// Send puts a frame onto the cable towards the host, as if the switch itself
// had sent it. That is how a test plays an LLDP neighbour.
func (l *Link) Send(b []byte) {
	l.network.mu.Lock()
	defer l.network.mu.Unlock()
	l.offer(b, time.Now())
}

// serve carries frames between the switch and a card until the card's machine
// is gone. QEMU puts the length before each frame, four bytes, high byte first.
func (l *Link) serve(conn net.Conn) {
	done := make(chan struct{})
	var writer sync.WaitGroup
	writer.Go(func() { l.deliver(conn, done) })
	in := bufio.NewReaderSize(conn, maxFrame)
	for {
		var head [4]byte
		if _, err := io.ReadFull(in, head[:]); err != nil {
			break
		}
		size := binary.BigEndian.Uint32(head[:])
		if size > maxFrame {
			break
		}
		b := make([]byte, size)
		if _, err := io.ReadFull(in, b); err != nil {
			break
		}
		l.network.forward(l, b)
	}
	close(done)
	conn.Close()
	writer.Wait()
}

func (l *Link) deliver(conn net.Conn, done <-chan struct{}) {
	for {
		select {
		case <-done:
			return
		case f := <-l.queue:
			if wait := time.Until(f.due); wait > 0 {
				select {
				case <-time.After(wait):
				case <-done:
					return
				}
			}
			b := binary.BigEndian.AppendUint32(make([]byte, 0, 4+len(f.bytes)), uint32(len(f.bytes)))
			if _, err := conn.Write(append(b, f.bytes...)); err != nil {
				return
			}
		}
	}
}
