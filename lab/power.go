// SPDX-License-Identifier: GPL-2.0-or-later

package lab

import (
	"errors"
	"fmt"
	"net"

	"govdsm/lab/internal/wire"
)

// powerOn starts a machine and connects its cables.
func (h *Host) powerOn() (*machine, *agent, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.machine != nil {
		return nil, nil, fmt.Errorf("lab: host %s is on already", h.Name)
	}
	p, err := newPlan(h.kit, h.spec.memory(), h.spec.cpus())
	if err != nil {
		return nil, nil, err
	}
	agentConn, agentFD, err1 := p.socket()
	monitorConn, monitorFD, err2 := p.socket()
	if err := errors.Join(err1, err2); err != nil {
		return nil, nil, err
	}
	p.add("-fsdev", "local,id=root,path=/,security_model=none,readonly=on,multidevs=remap",
		"-device", "virtio-9p-pci,fsdev=root,mount_tag=host",
		"-chardev", fmt.Sprintf("socket,id=agent,fd=%d", agentFD),
		"-device", "virtio-serial-pci,max_ports=2", "-device", "virtserialport,nr=1,chardev=agent,name="+wire.Port,
		"-chardev", fmt.Sprintf("socket,id=qmp,fd=%d", monitorFD), "-mon", "chardev=qmp,mode=control")
	cards, err := h.addCards(p)
	if err != nil {
		return nil, nil, err
	}
	if err := h.addDisks(p); err != nil {
		return nil, nil, err
	}
	m, err := p.start(&h.console, &h.complaints)
	if err != nil {
		return nil, nil, err
	}
	h.machine, h.agent = m, newAgent(agentConn, &h.kernelLog)
	for i, link := range h.links {
		go link.serve(cards[i])
	}
	if h.monitor, err = openMonitor(monitorConn); err != nil {
		<-m.gone // the monitor only fails to answer when QEMU does not like its arguments
		h.machine = nil
		return nil, nil, fmt.Errorf("lab: host %s: QEMU %s\n%s", h.Name, m.ended(), h.complaints.tail(5))
	}
	return m, h.agent, h.plugAll()
}

// addCards gives the machine a network card for each link.
func (h *Host) addCards(p *plan) ([]net.Conn, error) {
	var conns []net.Conn
	for i := range h.links {
		conn, fd, err := p.socket()
		if err != nil {
			return nil, err
		}
		conns = append(conns, conn)
		p.add("-netdev", fmt.Sprintf("socket,id=net%d,fd=%d", i, fd),
			"-device", fmt.Sprintf("virtio-net-pci,id=nic%d,netdev=net%d,mac=%s,romfile=", i, i, h.MAC(i)))
	}
	return conns, nil
}

// addDisks gives the machine the host's disks. QEMU's own locks are off: they
// would belong to our descriptor and so survive the machine.
func (h *Host) addDisks(p *plan) error {
	for i, d := range h.spec.Disks {
		file, err := reopen(h.disks[i])
		if err != nil {
			return err
		}
		fd := p.inherit(file)
		p.add("-add-fd", fmt.Sprintf("fd=%d,set=%d", fd, i+1),
			"-blockdev", fmt.Sprintf("driver=file,node-name=disk%d,filename=/dev/fdset/%d,locking=off,discard=unmap", i, i+1),
			"-device", fmt.Sprintf("virtio-blk-pci,drive=disk%d,serial=%s,logical_block_size=%d,physical_block_size=%d",
				i, d.Name, d.block(), d.block()))
	}
	return nil
}

// plugAll tells the new machine's cards about their cables.
func (h *Host) plugAll() error {
	for i, link := range h.links {
		carrier := func(up bool) error {
			return h.monitor.do("set_link", map[string]any{"name": fmt.Sprintf("nic%d", i), "up": up})
		}
		link.network.mu.Lock()
		link.carrier = carrier
		out := link.unplugged
		link.network.mu.Unlock()
		if out {
			if err := carrier(false); err != nil {
				return err
			}
		}
	}
	return nil
}
