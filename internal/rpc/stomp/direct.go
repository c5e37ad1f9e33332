// SPDX-License-Identifier: GPL-2.0-or-later

package stomp

import (
	"errors"
	"net"
	"syscall"

	"golang.org/x/sys/unix"
)

// direct writes what a socket takes at once. It saves an idle connection the
// hand-over to the goroutine that writes, which costs more than the writing.
// Its user sees to it that nobody else writes meanwhile.
type direct struct {
	socket syscall.RawConn // nil where there is no plain socket, as with TLS
	try    func(fd uintptr) bool
	frame  []byte
	wrote  int
}

func newDirect(conn net.Conn) *direct {
	d := new(direct)
	plain, ok := conn.(syscall.Conn)
	if !ok {
		return d
	}
	socket, err := plain.SyscallConn()
	if err != nil {
		return d
	}
	d.socket = socket
	d.try = func(fd uintptr) bool {
		n, err := unix.Write(int(fd), d.frame)
		for errors.Is(err, unix.EINTR) {
			n, err = unix.Write(int(fd), d.frame)
		}
		d.wrote = max(n, 0)
		return true // done, whatever it took; false would wait
	}
	return d
}

// write returns what is left of a frame: all of it where there is no socket,
// or an error that the goroutine that writes will meet as well.
func (d *direct) write(frame []byte) []byte {
	if d.socket == nil {
		return frame
	}
	d.frame, d.wrote = frame, 0
	err := d.socket.Write(d.try)
	d.frame = nil
	if err != nil {
		return frame
	}
	return frame[d.wrote:]
}
