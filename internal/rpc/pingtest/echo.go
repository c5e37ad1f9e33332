// SPDX-License-Identifier: GPL-2.0-or-later

package pingtest

import (
	"crypto/tls"
	"net"
)

// Echo serves what comes back as it came, until the listener is closed. With a
// configuration it speaks TLS.
func Echo(l net.Listener, config *tls.Config) {
	for {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		if config != nil {
			conn = tls.Server(conn, config)
		}
		go echo(conn)
	}
}

func echo(conn net.Conn) {
	defer conn.Close()
	buf := make([]byte, 4<<10)
	for {
		n, err := conn.Read(buf)
		if err != nil {
			return
		}
		if _, err := conn.Write(buf[:n]); err != nil {
			return
		}
	}
}
