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
		{"192.0.2.70:2068", "192.0.2.1:2067"}, {"0.0.0.0:2068", "255.255.255.255:2067"}, {"[fe80::1]:2546", "[ff02::1:2]:2547"},
	} {
		for _, payload := range []string{"odd", "even"} {
			for _, tag := range []int{0, 4094} {
				frame := ethernet(own, other, tag, datagram(netip.MustParseAddrPort(c.src), netip.MustParseAddrPort(c.dst), []byte(payload)))
				p := gopacket.NewPacket(frame, layers.LayerTypeEthernet, gopacket.Default)
				udp, ok := p.TransportLayer().(*layers.UDP)
				if !ok || string(udp.Payload) != payload {
					t.Fatalf("%s, tag %d: %v", c.src, tag, p)
				}
				if err := udp.SetNetworkLayerForChecksum(p.NetworkLayer()); err != nil {
					t.Fatal(err)
				}
				if wrong, bad := p.VerifyChecksums(); wrong != nil || len(bad) > 0 || p.ErrorLayer() != nil {
					t.Errorf("%s, tag %d: %v %v %v", c.src, tag, wrong, bad, p.ErrorLayer())
				}
				vlan, tagged := p.Layer(layers.LayerTypeDot1Q).(*layers.Dot1Q)
				if tagged != (tag != 0) || tagged && int(vlan.VLANIdentifier) != tag {
					t.Errorf("tag %d: %v", tag, p)
				}
			}
		}
	}
}
