// SPDX-License-Identifier: GPL-2.0-or-later

package supervdsm

import (
	"context"
	"log/slog"
	"path"

	"golang.org/x/sys/unix"

	"govdsm/internal/config"
	"govdsm/internal/network/lldp"
	"govdsm/internal/network/netlink"
)

// neighbours hears what switches announce, beside serving.
type neighbours struct {
	service *lldp.Service
	kernel  *netlink.Kernel
	cancel  context.CancelFunc
	done    chan struct{}
}

// listenToNeighbours starts hearing, unless the configuration has it off. What
// does not work is logged: nothing else depends on it.
func listenToNeighbours(ctx context.Context, root string, log *slog.Logger) (*neighbours, error) {
	kernel, err := netlink.Open("")
	if err != nil {
		return nil, err
	}
	c, _ := config.Load(root)
	self := lldp.NewListener(lldp.ListenerOptions{
		Kernel: kernel,
		Card:   func(l *netlink.Link) bool { return isCard(l, c.Vars.FakeNICs) },
		Log:    log,
	})
	n := &neighbours{
		service: &lldp.Service{
			Kernel: kernel, Self: self, Log: log,
			Daemons: []lldp.Daemon{lldp.Lldpad{}, lldp.Lldpd{}},
		},
		kernel: kernel,
		done:   make(chan struct{}),
	}
	ctx, n.cancel = context.WithCancel(ctx)
	go func() {
		defer close(n.done)
		if !c.Vars.EnableLLDP {
			return
		}
		if err := n.service.Run(ctx); err != nil && ctx.Err() == nil {
			log.WarnContext(ctx, "LLDP: neighbours are not heard", "err", err)
		}
	}()
	return n, nil
}

func (n *neighbours) stop() {
	n.cancel()
	<-n.done
	n.kernel.Close()
}

// isCard reports whether a switch may be at the other end of a link: it is
// hardware, or looks like it in a test.
func isCard(l *netlink.Link, fake []string) bool {
	if l.Kind == "" {
		return l.Type == unix.ARPHRD_ETHER
	}
	for _, pattern := range fake {
		if ok, err := path.Match(pattern, l.Name); ok && err == nil {
			return true
		}
	}
	return false
}
