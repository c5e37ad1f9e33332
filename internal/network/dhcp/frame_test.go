// SPDX-License-Identifier: GPL-2.0-or-later

package dhcp

import (
	"net"
	"net/netip"
	"testing"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
)

// A foreign decoder reads our frames, tagged and not, and finds their checksums
// right.
func TestFrames(t *testing.T) {
	own, other := net.HardwareAddr{2, 0, 0, 0, 0, 1}, net.HardwareAddr{2, 0, 0, 0, 0, 2}
	for _, c := range []struct{ src, dst string }{
		{"192.0.2.70:68", "192.0.2.1:67"}, {"0.0.0.0:68", "255.255.255.255:67"}, {"[fe80::1]:546", "[ff02::1:2]:547"},
	} {
		for _, payload := range []string{"odd", "even"} {
			for _, tag := range []int{0, 4094} {
				frame := ethernet(own, other, tag, datagram(netip.MustParseAddrPort(c.src), netip.MustParseAddrPort(c.dst), []byte(payload)))
				p := gopacket.NewPacket(frame, layers.LayerTypeEthernet, gopacket.Default)
				if wrong, bad := p.VerifyChecksums(); wrong != nil || len(bad) > 0 || p.ErrorLayer() != nil {
					t.Errorf("%s, tag %d: %v %v %v", c.src, tag, wrong, bad, p.ErrorLayer())
				}
				udp, ok := p.TransportLayer().(*layers.UDP)
				if !ok || string(udp.Payload) != payload {
					t.Errorf("%s, tag %d: %v", c.src, tag, p)
				}
				vlan, tagged := p.Layer(layers.LayerTypeDot1Q).(*layers.Dot1Q)
				if tagged != (tag != 0) || tagged && int(vlan.VLANIdentifier) != tag {
					t.Errorf("tag %d: %v", tag, p)
				}
			}
		}
	}
}
