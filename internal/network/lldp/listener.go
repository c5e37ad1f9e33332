// SPDX-License-Identifier: GPL-2.0-or-later

package lldp

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"sync"
	"time"

	"github.com/mdlayher/packet"

	"govdsm/internal/network/netlink"
)

// etherType marks frames of the protocol.
const etherType = 0x88cc

// groups are the addresses that announcements go to, IEEE 802.1AB table 7-1:
// the nearest bridge, the nearest that is not a two-port relay, and the nearest
// for customers.
func groups() []net.HardwareAddr {
	return []net.HardwareAddr{
		{0x01, 0x80, 0xc2, 0x00, 0x00, 0x0e},
		{0x01, 0x80, 0xc2, 0x00, 0x00, 0x03},
		{0x01, 0x80, 0xc2, 0x00, 0x00, 0x00},
	}
}

// ListenerOptions configure a Listener.
type ListenerOptions struct {
	Kernel *netlink.Kernel
	// Card says which links are listened to.
	Card func(l *netlink.Link) bool
	// Open opens a link for receiving payloads; nil for a packet socket,
	// which takes CAP_NET_RAW.
	Open func(l *netlink.Link) (net.PacketConn, error)
	Log  *slog.Logger
}

// Listener hears the announcements on every card that is up, and follows cards
// that come and go. It sends nothing.
type Listener struct {
	options ListenerOptions

	mu   sync.Mutex
	ears map[int]*ear // by index of the link
	life context.Context
	all  sync.WaitGroup
}

// ear is what listens on one link.
type ear struct {
	name string
	conn net.PacketConn
	neighbours
}

// NewListener returns a Listener, which Run makes hear.
func NewListener(o ListenerOptions) *Listener {
	if o.Open == nil {
		o.Open = open
	}
	return &Listener{options: o, ears: make(map[int]*ear)}
}

func open(l *netlink.Link) (net.PacketConn, error) {
	conn, err := packet.Listen(&net.Interface{
		Index: l.Index, Name: l.Name, MTU: int(l.MTU), HardwareAddr: l.Address,
	}, packet.Datagram, etherType, nil)
	if err != nil {
		return nil, err
	}
	for _, group := range groups() {
		if err := conn.JoinGroup(group); err != nil {
			return nil, errors.Join(err, conn.Close())
		}
	}
	return conn, nil
}

// Run listens until ctx ends.
func (l *Listener) Run(ctx context.Context) error {
	w, err := l.options.Kernel.WatchLinks()
	if err != nil {
		return err
	}
	defer w.Close()
	ctx, cancel := context.WithCancel(ctx)
	defer l.all.Wait()
	defer l.closeAll()
	defer cancel()
	l.life = ctx
	if err := l.lookAround(); err != nil {
		return err
	}
	return w.Run(ctx, func(c netlink.Change) {
		switch {
		case c.Link != nil:
			l.follow(c.Link, c.Gone)
		case c.Lost:
			if err := l.lookAround(); err != nil {
				l.options.Log.WarnContext(ctx, "LLDP: the links are not known", "err", err)
			}
		}
	})
}

// Hear tells what is known of a link by its name.
func (l *Listener) Hear(_ context.Context, device string) (Heard, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, e := range l.ears {
		if e.name == device {
			return Heard{Enabled: true, TLVs: e.tlvs(time.Now())}, nil
		}
	}
	return Heard{}, nil
}

// lookAround brings the ears to the links that there are.
func (l *Listener) lookAround() error {
	links, err := l.options.Kernel.Links(l.life)
	if err != nil {
		return err
	}
	there := make(map[int]bool, len(links))
	for i := range links {
		there[links[i].Index] = true
		l.follow(&links[i], false)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for index := range l.ears {
		if !there[index] {
			l.deafen(index)
		}
	}
	return nil
}

// follow listens to a card that is up, and no more to one that is not.
func (l *Listener) follow(link *netlink.Link, gone bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	e := l.ears[link.Index]
	switch wanted := !gone && link.OperUp() && l.options.Card(link); {
	case e != nil && !wanted:
		l.deafen(link.Index)
	case e != nil:
		e.name = link.Name
	case wanted:
		l.listen(link)
	}
}

func (l *Listener) listen(link *netlink.Link) {
	conn, err := l.options.Open(link)
	if err != nil {
		if !netlink.IsGone(err) {
			l.options.Log.WarnContext(l.life, "LLDP: cannot listen", "link", link.Name, "err", err)
		}
		return
	}
	e := &ear{name: link.Name, conn: conn}
	l.ears[link.Index] = e
	name := link.Name
	l.all.Go(func() { l.hear(name, e) })
}

// hear reads until the connection is closed. A link that goes down ends it,
// too; when the link comes back there is a new ear.
func (l *Listener) hear(name string, e *ear) {
	buffer := make([]byte, 9216) // no frame is longer
	for {
		n, _, err := e.conn.ReadFrom(buffer)
		if err != nil {
			return
		}
		a, err := Decode(buffer[:n])
		if err != nil {
			l.options.Log.DebugContext(l.life, "LLDP: a frame is dropped", "link", name, "err", err)
			continue
		}
		e.neighbours.hear(a, time.Now())
	}
}

// deafen is called with mu held.
func (l *Listener) deafen(index int) {
	l.ears[index].conn.Close() // which ends its reader
	delete(l.ears, index)
}

func (l *Listener) closeAll() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for index := range l.ears {
		l.deafen(index)
	}
}
